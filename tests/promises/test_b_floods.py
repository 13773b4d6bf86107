"""B: floods of accounts and of words meet limits, which hold for all workers of all nodes, with Redis and without it.

FLOOD of 60 or more tries as many as the catalogue says.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import pytest
from live import KINDS, EssayAt, Page, Remote, Site, filled, free_port, password_hash, site_on
from servers import Redis, a_redis
from sqlalchemy import ColumnElement, func, select

from debate.actions import replies, users
from debate.actions.holding import FIRST_POSTS
from debate.actions.paces import NEW_ON_THE_SITE
from debate.actions.replies import Words
from debate.models import Item, Reply, User
from debate.shared_paces import PAUSE
from debate.text import markup

pytestmark = [pytest.mark.slow, pytest.mark.nodes]

MANY = 200 if int(os.environ.get("FLOOD", "12")) >= 60 else 24  # registrations
numbers = count(1)


@dataclass
class Cluster:
    """Two nodes of four workers on one database, with a Redis between them."""

    nodes: list[Site]
    essay: EssayAt
    redis: Redis

    def people(self, how_many: int, *, is_new: bool = False, role: str = "participant") -> list[Remote]:
        """Accounts, each at a network of its own, at the nodes in turn."""
        made = []
        with self.nodes[0].database() as database:
            for number in [next(numbers) for _ in range(how_many)]:
                name = f"Person{number}"
                database.write(users.add, name, f"{name.lower()}@example.org", password_hash(), role, is_new=is_new)
                made.append(Remote(self.nodes[number % 2], name, f"10.{number // 250}.{number % 250}.1"))
        for person in made:
            person.walk_in()
        return made

    def at_both(self, person: Remote) -> list[Remote]:
        """The same person at each node."""
        both = [Remote(node, person.name, person.address) for node in self.nodes]
        for one in both:
            one.cookies, one.token = dict(person.cookies), person.token
        return both

    def post(self, person: Remote, words: str, place: int = 1, **more: str) -> Page:
        return person.post(f"{self.essay.paragraph(place)}/replies", stance="pro", body=words, **more)

    def held_for(self, where: ColumnElement[bool]) -> list[str | None]:
        """Why each of these replies waits for a moderator; None for one that is visible."""
        question = select(Reply.state, Item.why).outerjoin(Item, (Item.reply_id == Reply.id) & (Item.kind == "held"))
        found = self.nodes[0].rows(question.where(where))
        assert {row.state for row in found} <= {"visible", "held"}
        return [row.why if row.state == "held" else None for row in found]

    def has_stood(self, person: Remote) -> None:
        """As many of somebody's replies are visible as links need: made behind the server's back."""
        question = select(User.id, User.session_version).where(User.name == person.name)
        ((user_id, version),) = self.nodes[0].rows(question)
        with self.nodes[0].database() as database:
            for turn in range(FIRST_POSTS):
                body = f"{person.name} was here before, {turn}."
                words = Words("con", body, markup.render(body))
                database.write(replies.post, f"{user_id}|{version}", self.essay.paragraph_ids[0], None, words)


@pytest.fixture(params=KINDS, scope="module")
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp(f"cluster-{request.param}")
    with a_redis(folder) as redis:
        settings = {"DEBATE_WORKERS": "4", "DEBATE_LIMITS": "on", "DEBATE_PROXIES": "1", "DEBATE_REDIS_URL": redis.url}
        with site_on(request.param, folder / "site", **settings) as site:
            other = Site(site.folder, site.database_url, settings, port=free_port())
            try:
                yield Cluster([site.start(), other.start()], site.add_essay(), redis)
                assert "Traceback" not in site.log, site.log[-3000:]
                assert "database is locked" not in site.log
                assert site.recounts() == "0 differences.\n"
            finally:
                other.kill()


def said(chance: random.Random) -> str:
    """Words that nobody else says."""
    return " ".join("".join(chance.choice("abcdefghiklmnoprstu") for _ in range(7)) for _ in range(9))


class Machine:
    """Registrations by one form that was opened some seconds ago, as machines send them."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        visitor = Remote(cluster.nodes[0], "", "192.0.2.1")
        self.fields = filled(visitor.get("/register").form("/register"), None, {})
        self.cookies = visitor.cookies
        time.sleep(3.1)  # a form that comes at once is a machine's

    def register(self, address: str) -> int:
        return self.registered(address)[1].status

    def registered(self, address: str) -> tuple[Remote, Page]:
        """A browser that asked for an account, in which it is logged in if that was given, and the answer."""
        number = next(numbers)
        visitor = Remote(self.cluster.nodes[number % 2], "", address)
        visitor.cookies = dict(self.cookies)
        name = f"Sudden{number}"
        fields = {"name": name, "email": f"{name}@example.org", "password": "seven lamps on the quay"}
        return visitor, visitor.request("POST", "/register", self.fields | fields)


def test_b1_of_many_registrations_from_one_network_five_succeed(cluster: Cluster) -> None:
    machine = Machine(cluster)
    for net in (lambda n: f"198.51.100.{n % 250}", lambda n: f"2001:db8:0:7::{n:x}"):  # a /24, a /64
        before = cluster.nodes[0].rows(select(func.count(User.id)))[0][0]
        with ThreadPoolExecutor(8) as pool:
            statuses = Counter(pool.map(machine.register, [net(number) for number in range(1, MANY // 2 + 1)]))
        assert statuses == {303: 5, 429: MANY // 2 - 5}
        assert cluster.nodes[0].rows(select(func.count(User.id)))[0][0] == before + 5


def test_b1_an_admin_closes_registration_or_asks_for_approval_at_once_everywhere(cluster: Cluster) -> None:
    (admin,) = cluster.people(1, role="admin")
    machine = Machine(cluster)
    for number, (way, expected) in enumerate((("closed", 403), ("approval", 303), ("open", 303))):
        assert admin.post("/moderation/settings", registration=way).status == 303
        came = [machine.registered(f"203.0.{10 * number + turn}.1") for turn in range(4)]
        assert [answer.status for _, answer in came] == [expected] * 4, way
        waits = way == "approval"
        for visitor, _ in came if expected == 303 else ():
            assert ("A moderator has to let your account in first" in visitor.get("/").words) == waits, way
            token = filled(visitor.get("/").form("/logout"), None, {})["csrf_token"]
            said = {"stance": "pro", "body": f"Let in while it is {way}? {visitor.address}", "csrf_token": token}
            answer = visitor.request("POST", f"{cluster.essay.paragraph(1)}/replies", said)
            assert answer.status == (403 if waits else 303), way


def test_b2_links_among_an_accounts_first_posts_wait_and_more_than_two_do_in_its_first_days(cluster: Cluster) -> None:
    """Before the cap on what new accounts post is used up: by that anything of theirs would wait."""
    new, stood = cluster.people(2, is_new=True)
    (used,) = cluster.people(1)
    link, two = "See https://lamps.example/{0} for it.", "See https://a.example/{0} and https://b.example/{0}."

    def held_for(person: Remote, words: str, place: int = 1, **more: str) -> list[str | None]:
        words = words.format(person.name)
        assert cluster.post(person, words, place, **more).status == 303
        return cluster.held_for(Reply.body == words)

    assert held_for(new, "{0} names nothing.") == [None]
    assert held_for(new, link) == ["links"]
    assert held_for(new, "{0} with a source.", 2, source_url="https://lamps.example/") == ["links"]
    cluster.has_stood(stood)
    assert held_for(stood, two) == [None]
    assert held_for(stood, f"{two} {link}") == ["links"]
    assert held_for(stood, f"{two} And a source.", 2, source_url="https://lamps.example/") == ["links"]
    assert held_for(used, link) == [None]
    assert held_for(used, two) == [None]


def test_b1_what_many_new_accounts_post_together_stays_under_a_cap(cluster: Cluster) -> None:
    people = cluster.people(NEW_ON_THE_SITE.most // 3 + 4, is_new=True)

    def post(person: Remote) -> list[int]:
        chance = random.Random(person.name)
        return [cluster.post(person, f"capped {said(chance)}", turn + 1).status for turn in range(3)]

    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(status for mine in pool.map(post, people) for status in mine)
    assert statuses == {303: 3 * len(people)}
    reasons = Counter(cluster.held_for(Reply.body.startswith("capped ")))
    assert set(reasons) == {None, "many"}
    assert sum(reasons.values()) == 3 * len(people)
    # a few were posted by the tests before
    assert NEW_ON_THE_SITE.most - 20 <= reasons[None] <= NEW_ON_THE_SITE.most


def test_b3_the_same_words_again_are_409_and_from_many_are_held_and_never_refused(cluster: Cluster) -> None:
    chance = random.Random()
    same = said(chance)
    people = cluster.people(5)
    first, again = cluster.at_both(people[0])
    made = cluster.post(first, same).reply_id
    refused = cluster.post(again, same)
    assert refused.status == 409
    assert f"reply-{made}" in refused.text
    assert same in refused.text
    for person in people[1:]:
        assert cluster.post(person, same).status == 303
    assert Counter(cluster.held_for(Reply.body == same)) == {None: 3, "alike": 2}


def ten_a_minute(cluster: Cluster, person: Remote) -> None:
    """Forty at once at both nodes: ten are taken, the others given back with a time."""
    both, chance = cluster.at_both(person), random.Random()
    words = [said(chance) for _ in range(40)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda at: cluster.post(both[at % 2], words[at], at % 7 + 1), range(40)))
    assert Counter(answer.status for answer in answers) == {303: 10, 429: 30}
    for answer, typed in zip(answers, words, strict=True):
        if answer.status == 429:
            assert int(answer.headers["Retry-After"]) > 0
            assert typed in answer.text
    assert len(cluster.nodes[0].rows(select(Reply.id).where(Reply.body.in_(words)))) == 10


def test_b4_ten_replies_a_minute_are_ten_for_all_workers_of_both_nodes(cluster: Cluster) -> None:
    ten_a_minute(cluster, cluster.people(1)[0])


def test_b4_nor_are_they_more_while_redis_is_gone_and_nobody_gets_an_error(cluster: Cluster) -> None:
    (person, after) = cluster.people(2)
    cluster.redis.kill()
    try:
        ten_a_minute(cluster, person)
    finally:
        cluster.redis.start()
    time.sleep(PAUSE + 0.1)
    ten_a_minute(cluster, after)
