"""Pages are read from a replica only where it has all that they may not lack: real streaming replication, two nodes."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from threading import Event

import pytest
from live import EssayAt, Person, Site
from replicas import Pair, pair
from sqlalchemy import select, text

from debate import schema
from debate.db import Database
from debate.models import Citation
from debate.queries import versions
from debate.replica import PATIENCE, PAUSE, end
from debate.surfaces import MORE_SURFACES, SURFACES

MARK = "harbourmaster"
STATES = ("hidden", "withdrawn", "erased")
pytestmark = pytest.mark.postgres


@dataclass
class Nodes:
    """Two nodes on one primary and one standby, and who uses them; each person is logged in on both."""

    pair: Pair
    sites: tuple[Site, Site]
    people: dict[str, tuple[Person, Person]]

    def who(self, name: str, node: int = 0) -> Person:
        return self.people[name][node]

    def new(self, *names: str) -> None:
        """More people, logged in on both nodes by the same cookies."""
        for person in self.sites[0].add_people(names):
            there = person.login()
            self.people[there.name] = (there, replace_site(there, self.sites[1]))

    def asked_of_standby(self, who: Person, path: str, status: int = 200) -> int:
        """How many statements a page takes there."""
        before = self.pair.standby.statements()
        assert who.get(path).status == status, path
        return self.pair.standby.statements() - before


def replace_site(person: Person, site: Site) -> Person:
    other = Person(site, person.name)
    other.cookies, other.token = person.cookies, person.token
    return other


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with pair() as servers:
        url = servers.primary.url.replace("postgresql:", "postgresql+psycopg:")
        settings = {
            "DEBATE_REPLICA_URL": servers.standby.url,
            "DEBATE_WORKERS": "1",
            "DEBATE_SECRET_KEY": "the same on both of these nodes",
        }
        first, second = (Site(tmp_path_factory.mktemp(name), url, settings) for name in ("first", "second"))
        with first.database() as database:
            schema.upgrade(database)
        try:
            nodes = Nodes(servers, (first.start(), second.start()), {"": (Person(first), Person(second))})
            nodes.new("Critic", "Stranger")
            for name, role in (("Warden", "moderator"), ("Chief", "admin")):
                person = first.add_people([name], role)[0].login()
                nodes.people[name] = (person, replace_site(person, second))
            yield nodes
        finally:
            first.kill()
            second.kill()


@pytest.fixture
def essay(nodes: Nodes) -> EssayAt:
    return nodes.sites[0].add_essay()


def reply(who: Person, essay: EssayAt, body: str, to: int | None = None, stance: str = "pro") -> int:
    at = f"/replies/{to}" if to else essay.paragraph(1)
    return who.post(f"{at}/replies", body=body, stance=stance).reply_id


def pages_of(essay: EssayAt, made: int) -> tuple[str, ...]:
    return (
        essay.path, f"{essay.path}?open={essay.keys[0]}", essay.paragraph(1), f"{essay.path}/tree",
        f"{essay.path}/sources", f"/replies/{made}", "/", f"/search?q={MARK}", "/users/Critic", "/moderation/log",
        "/moderation/locks", f"{essay.path}/revisions",
    )  # fmt: skip


def test_pages_are_read_from_the_replica_and_what_is_ones_own_from_the_primary(nodes: Nodes, essay: EssayAt) -> None:
    made = reply(nodes.who("Critic"), essay, f"{MARK} one")
    nodes.pair.wait()
    for name in ("", "Stranger", "Critic"):
        for path in pages_of(essay, made):
            assert nodes.asked_of_standby(nodes.who(name), path), (name, path)
    for path in ("/notices", "/settings", "/display", f"{essay.path}/p/{essay.keys[0]}/replies", "/moderation"):
        assert not nodes.asked_of_standby(nodes.who("Warden"), path), path
    before = nodes.pair.standby.statements()
    assert nodes.who("Stranger").post(f"/replies/{made}/vote", value="1").status == 303
    assert nodes.pair.standby.statements() == before


def test_what_was_just_said_is_there_at_once_for_all(nodes: Nodes, essay: EssayAt) -> None:
    quiet = nodes.sites[0].add_essay()
    with nodes.pair.apart():
        made = reply(nodes.who("Critic"), essay, f"{MARK} a brand-new argument")
        for node in (0, 1):
            for name in ("Critic", "Stranger", ""):
                for path in pages_of(essay, made)[1:9]:
                    said = nodes.who(name, node).get(path).words
                    assert "brand-new argument" in said or path in ("/", f"{essay.path}/sources"), (name, path)
            assert nodes.asked_of_standby(nodes.who("Stranger", node), quiet.path), "what did not change is read there"
            assert not nodes.asked_of_standby(nodes.who("Critic", node), quiet.path), (
                "who wrote must find it everywhere"
            )
    nodes.pair.wait()
    assert nodes.asked_of_standby(nodes.who("Critic"), essay.path)


def scene(nodes: Nodes, essay: EssayAt, mark: str) -> dict[str, str]:
    """A reply with a mark in all its parts between two others; what fills in the paths of debate/surfaces.py."""
    above = reply(nodes.who("Stranger"), essay, "Above it.")
    about = reply(
        nodes.who("Critic"), essay, f"{mark} quarrelsome [{mark}](https://{mark}.example/)", to=above, stance="con"
    )
    fields = {"url": f"https://{mark}.example/source", "quote": f"{mark} quote"}
    assert nodes.who("Critic").post(f"/replies/{about}/citations", **fields).status == 303
    below = reply(nodes.who("Stranger"), essay, "Below it.", to=about, stance="con")
    cited = nodes.sites[0].rows(select(Citation.id, Citation.source_id).where(Citation.reply_id == about))[0]
    return {
        "essay": essay.path, "slug": essay.slug, "key": essay.keys[0], "mark": "quarrelsome", "writer": "Critic",
        "about": str(about), "below": str(below), "above": str(above), "ruling": "0",
        "citation": str(cited.id), "source": str(cited.source_id),
    }  # fmt: skip


def remove(nodes: Nodes, state: str, about: str) -> None:
    note = {"reason": "insult", "note": "It names somebody."}
    answer = {
        "hidden": lambda: nodes.who("Warden").post(f"/replies/{about}/hide", **note),
        "withdrawn": lambda: nodes.who("Critic").post(f"/replies/{about}/withdraw"),
        "erased": lambda: nodes.who("Chief").post(f"/replies/{about}/erase", **note),
    }[state]()
    assert answer.status == 303, answer.words[:300]


# Who asks which node, and for what: all ask for all of it in `make check-full`, else for what a replica is read for.
IS_FULL = os.environ.get("FULL") == "1"
READERS = [("", 0), ("Stranger", 1)] + ([("", 1), ("Stranger", 0)] if IS_FULL else [])


@pytest.mark.parametrize("state", STATES)
def test_what_was_taken_away_is_never_shown_again(nodes: Nodes, essay: EssayAt, state: str) -> None:
    mark = f"xyzzy{state}"
    where = scene(nodes, essay, mark)
    every = [path.format(**where) for path in (*SURFACES.values(), *MORE_SURFACES)]
    paths = [path for path in every if IS_FULL or versions.of(path.partition("?")[0])]
    assert len(paths) > 30
    nodes.pair.wait()
    before = nodes.pair.standby.statements()
    warm = [nodes.who(name, node).get(path).text for name, node in READERS for path in paths]
    assert sum(mark in said for said in warm) > 30
    assert nodes.pair.standby.statements() > before + 100
    with nodes.pair.apart():
        remove(nodes, state, where["about"])
        for name, node in READERS:
            shown = {path: nodes.who(name, node).get(path) for path in paths}
            assert all(answer.status < 500 for answer in shown.values())
            assert [path for path, answer in shown.items() if mark in answer.text.lower()] == [], (node, name)
    nodes.pair.wait()
    for path in paths:
        assert mark not in nodes.who("Stranger").get(path).text.lower()


def test_while_all_goes_on_nothing_comes_late_or_back(nodes: Nodes, essay: EssayAt) -> None:
    elsewhere = nodes.sites[0].add_essay()
    at = reply(nodes.who("Critic"), elsewhere, "Voted on all the time.")
    over = Event()

    def go_on() -> None:
        for number in count():
            if over.is_set():
                return
            nodes.who("Warden").post(f"/replies/{at}/vote", value=str(1 - number % 2))
            time.sleep(0.01)

    before = nodes.pair.standby.statements()
    with ThreadPoolExecutor(1) as busy:
        going = busy.submit(go_on)
        try:
            for number in range(int(os.environ.get("RACES", "2"))):
                made = reply(nodes.who("Critic", number % 2), essay, f"Quicksilver {number} runs.")
                pages = [path for path in pages_of(essay, made)[1:9] if path not in ("/", f"{essay.path}/sources")]
                pages[-2] = "/search?q=quicksilver"
                for is_there in (True, False):
                    for path in pages:
                        for name, node in (("Critic", 0), ("Critic", 1), ("", 0), ("Stranger", 1)):
                            said = nodes.who(name, node).get(path).words
                            assert (f"Quicksilver {number} runs" in said) == is_there, (name, node, path)
                    if is_there:
                        assert nodes.who("Critic", number % 2).post(f"/replies/{made}/withdraw").status == 303
        finally:
            over.set()
        going.result()
    assert nodes.pair.standby.statements() > before


def test_locks_bans_and_roles_hold_from_the_very_next_request_on(nodes: Nodes, essay: EssayAt) -> None:
    nodes.new("Brawler", "Deputy")
    made = reply(nodes.who("Brawler"), essay, "Before all that.")
    with nodes.pair.apart():
        assert nodes.who("Warden").post(f"{essay.path}/lock", reason="Too hot by far.").status == 303
        for node in (0, 1):
            assert "Too hot by far." in nodes.who("Stranger", node).get(essay.paragraph(1)).text
            answer = nodes.who("Stranger", node).post(f"{essay.paragraph(1)}/replies", body="Still.", stance="pro")
            assert answer.status == 423
        assert nodes.who("Warden").post(f"{essay.path}/unlock", reason="Cool again.").status == 303
        ban = {"bar": "ban", "reason": "insult", "note": "Again and again."}
        assert nodes.who("Warden").post("/users/Brawler/suspend", **ban).status == 303
        assert nodes.who("Chief").post("/users/Deputy/role", role="moderator").status == 303
        for node in (0, 1):
            answer = nodes.who("Brawler", node).post(f"{essay.paragraph(1)}/replies", body="But.", stance="pro")
            assert answer.status == 403
            assert f"#moderate-{made}" in nodes.who("Deputy", node).get(f"/replies/{made}").text


def test_without_the_replica_pages_come_from_the_primary_and_with_it_from_there_again(
    nodes: Nodes, essay: EssayAt
) -> None:
    made = reply(nodes.who("Critic"), essay, f"{MARK} said")
    paths = pages_of(essay, made)
    nodes.pair.wait()
    took: list[float] = []

    def read(number: int) -> None:
        began = time.monotonic()
        answer = nodes.who(("", "Critic", "Stranger")[number % 3], number % 2).get(paths[number % len(paths)])
        took.append(time.monotonic() - began)
        assert answer.status == 200

    with ThreadPoolExecutor(4) as readers:
        asked = [readers.submit(read, number) for number in range(120)]
        time.sleep(0.2)
        nodes.pair.standby.stop()
        for one in asked:
            one.result()
    for number in range(24):
        read(number)
    assert max(took) < 5, sorted(took)[-5:]
    nodes.pair.standby.start()
    nodes.pair.wait()
    is_used_again(nodes, essay)


def is_used_again(nodes: Nodes, essay: EssayAt) -> None:
    at_most = time.monotonic() + PAUSE + 10
    while not all(nodes.asked_of_standby(nodes.who("Stranger", node), essay.path) for node in (0, 1)):
        assert time.monotonic() < at_most
        time.sleep(0.5)


def test_a_replica_that_stands_still_holds_up_nobody_for_long(nodes: Nodes, essay: EssayAt) -> None:
    nodes.pair.wait()
    assert nodes.asked_of_standby(nodes.who("Stranger"), essay.path)
    nodes.pair.standby.send(signal.SIGSTOP)
    try:
        for most in (PATIENCE + 2, 2, 2):
            began = time.monotonic()
            assert nodes.who("Stranger").get(essay.path).status == 200
            assert time.monotonic() - began < most
    finally:
        nodes.pair.standby.send(signal.SIGCONT)
    is_used_again(nodes, essay)


def test_a_replica_that_takes_calls_and_says_nothing_is_waited_for_once(nodes: Nodes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"postgresql+psycopg://postgres@127.0.0.1:{mute.getsockname()[1]}/postgres"
        database = Database(nodes.sites[0].database_url, 2, url)
        assert database.replica is not None
        began = time.monotonic()
        assert database.replica.session("SELECT 1", (), 0, bool) is None
        assert time.monotonic() - began < 4
        began = time.monotonic()
        assert database.replica.session("SELECT 1", (), 0, bool) is None
        assert time.monotonic() - began < 0.1
        database.dispose()


def test_what_was_read_stands_though_the_connection_is_lost_at_its_end(nodes: Nodes) -> None:
    database = Database(nodes.sites[0].database_url, 2)
    for _ in range(2):
        session = database.session()
        number = session.scalar(text("SELECT pg_backend_pid()"))
        assert nodes.pair.primary.ask(f"SELECT pg_terminate_backend({number})")
        end(session)
    with database.reading() as session:
        assert session.scalar(select(1)) == 1
    database.dispose()


def test_a_server_that_follows_another_is_not_read_from(nodes: Nodes, new_postgres, caplog) -> None:
    database = Database(nodes.sites[0].database_url, 2, new_postgres("other"))
    assert database.replica is not None
    assert database.replica.session("SELECT 1", (), 0, bool) is None
    assert "this is no replica" in caplog.text
    database.dispose()
