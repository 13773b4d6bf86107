"""`debate serve` as a process: started with wrong settings, stopped in the middle of a request, killed under load.

KILLS is how often it is killed.
"""

import os
import random
import socket
import sqlite3
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from http.client import HTTPException
from pathlib import Path
from threading import Event

import pytest
from live import KINDS, EssayAt, Person, Site, free_port, site_on
from sqlalchemy import create_engine, select, text

from debate.models import Reply

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KILLS", "3"))
WRITERS = 8
PATIENCE = 30  # seconds a stop may take


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with site_on(request.param, tmp_path / "site") as site:
        yield site


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Site]:
    """A folder without anything in it, on SQLite by default: no database address is set."""
    folder = tmp_path / "bare"
    folder.mkdir()
    site = Site(folder, "")
    try:
        yield site
    finally:
        site.kill()


# --- settings


WRONG = {
    "no-database": {"DEBATE_DATABASE_URL": "nothing of the kind"},
    "other-database": {"DEBATE_DATABASE_URL": "mysql://localhost/debate"},
    "memory": {"DEBATE_DATABASE_URL": "sqlite://"},
    "no-such-folder": {"DEBATE_DATABASE_URL": "sqlite:////no/such/folder/debate.db"},
    "nobody-answers": {"DEBATE_DATABASE_URL": "postgresql://postgres@127.0.0.1:1/debate"},
    "short-key": {"DEBATE_SECRET_KEY": "short"},
    "port-word": {"DEBATE_PORT": "http"},
    "port-zero": {"DEBATE_PORT": "0"},
    "port-high": {"DEBATE_PORT": "65536"},
    "port-digits": {"DEBATE_PORT": "٥٠٠٠"},
    "workers": {"DEBATE_WORKERS": "none"},
    "hosts": {"DEBATE_TRUSTED_HOSTS": "https://debate.example"},
    "publishing": {"DEBATE_PUBLISHING": "nobody"},
    "registration": {"DEBATE_REGISTRATION": "maybe"},
    "https": {"DEBATE_HTTPS": "perhaps"},
    "limits": {"DEBATE_LIMITS": "offf"},
    "limits-outside": {"DEBATE_HOST": "0.0.0.0", "DEBATE_LIMITS": "off"},
    "host": {"DEBATE_HOST": "no.such.host.invalid", "DEBATE_LIMITS": "on"},
}


@pytest.mark.parametrize("settings", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it(bare: Site, settings: dict[str, str]) -> None:
    done = bare.run("serve", **settings)
    assert done.returncode == 2, done.stderr
    assert not done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    named = "DEBATE_LIMITS" if len(settings) == 2 and settings["DEBATE_LIMITS"] == "off" else next(iter(settings))
    assert named in done.stderr


def test_an_instance_folder_that_cannot_be_made_is_one_line(bare: Site) -> None:
    (bare.folder / "file").write_text("")
    done = bare.run("serve", DEBATE_INSTANCE=str(bare.folder / "file" / "beneath"))
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_a_port_in_use_is_one_line(bare: Site) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", bare.port))
        taken.listen()
        began = time.monotonic()
        done = bare.run("serve")
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert str(bare.port) in done.stderr
    assert time.monotonic() - began < 5


def test_a_setting_that_nobody_reads_is_named(bare: Site) -> None:
    bare.settings["DEBATE_PROT"] = "5001"
    bare.start()
    assert "DEBATE_PROT" in bare.log


def test_the_first_start_makes_all_that_is_needed(bare: Site) -> None:
    bare.start()
    key = bare.folder / "secret_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) >= 32
    assert (bare.folder / "debate.db").exists()
    assert sorted(file.name for file in bare.folder.glob("secret_key*")) == ["secret_key"]
    assert Person(bare).get("/").status == 200
    assert Person(bare).get("/livez").status == 200
    kept = key.read_text()
    assert bare.stop() == 0
    bare.start()
    assert key.read_text() == kept


def test_a_session_outlives_a_restart(site: Site) -> None:
    (person,) = site.add_people(["Stayer"])
    person.site.start()
    person.login()
    assert site.stop() == 0
    site.start()
    assert person.get("/").forms("/logout")


def test_a_host_that_is_not_ours_is_refused(bare: Site) -> None:
    bare.start()
    assert Person(bare).get("/", Host="evil.example").status == 400
    assert Person(bare).get("/", Host=f"localhost:{bare.port}").status == 200


def groups_of_children(parent: int) -> list[int]:
    """The process groups of a process's children."""
    groups = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                groups.append(int(fields[2]))
    return groups


def test_its_workers_stay_in_its_process_group(bare: Site) -> None:
    bare.settings["DEBATE_WORKERS"] = "3"
    bare.start()
    assert bare.process is not None
    end = time.monotonic() + 20
    while len(children := groups_of_children(bare.process.pid)) < 3:  # the first answers before the last is there
        assert time.monotonic() < end, bare.log
    assert children == [bare.process.pid] * 3


# --- stopped


@contextmanager
def held(site: Site, essay: EssayAt) -> Iterator[Event]:
    """What every write beneath an essay waits for, held from outside until the event is set or the block ends."""
    done = Event()
    if site.database_url.startswith("sqlite"):
        with closing(sqlite3.connect(site.folder / "debate.db", isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield done
            connection.execute("ROLLBACK")
        return
    engine = create_engine(site.database_url)
    try:
        with engine.connect() as connection, connection.begin():
            connection.execute(text("SELECT id FROM essays WHERE id = :id FOR UPDATE"), {"id": essay.id})
            yield done
    finally:
        engine.dispose()


def test_a_stop_lets_running_requests_finish(site: Site) -> None:
    essay = site.add_essay()
    people = site.add_people([f"Late{number}" for number in range(4)])
    site.start()
    for person in people:
        person.login()
    assert site.process is not None
    path = f"{essay.paragraph(1)}/replies"
    with ThreadPoolExecutor(len(people)) as pool:
        with held(site, essay):
            running = [
                pool.submit(person.post, path, stance="pro", body=f"{person.name}, just in time.") for person in people
            ]
            time.sleep(1.5)  # all of them are inside now, waiting
            assert not any(future.done() for future in running)
            began = time.monotonic()
            site.process.terminate()
            time.sleep(1)
            assert site.process.poll() is None
        answers = [future.result() for future in running]
    assert [answer.status for answer in answers] == [303] * len(people)
    assert site.process.wait(PATIENCE) == 0, site.log
    assert time.monotonic() - began < PATIENCE
    stored = {row.id for row in site.rows(select(Reply.id).where(Reply.essay_id == essay.id))}
    assert stored == {answer.reply_id for answer in answers}
    with pytest.raises(OSError, match="refused"):
        Person(site).get("/livez")


# --- killed


def post_until_the_end(person: Person, paragraph: str, number: int) -> dict[int, str]:
    """Post until no answer comes; the ids and words that were answered with success."""
    answered: dict[int, str] = {}
    turn = 0
    while True:
        turn += 1
        words = f"Round {number}, {person.name}, turn {turn}."
        try:
            answer = person.post(f"{paragraph}/replies", stance=random.choice(("pro", "con")), body=words)
        except (OSError, HTTPException):
            return answered
        assert answer.status == 303, (answer.status, answer.words[:300])
        answered[answer.reply_id] = words


def test_what_was_answered_outlives_a_kill(site: Site) -> None:
    essay = site.add_essay()
    people = site.add_people([f"Writer{number}" for number in range(WRITERS)])
    answered: dict[int, str] = {}
    for number in range(KILLS):
        site.start()
        if number == 0:
            for person in people:
                person.login()
        with ThreadPoolExecutor(WRITERS) as pool:
            running = [pool.submit(post_until_the_end, person, essay.paragraph(1), number) for person in people]
            time.sleep(random.uniform(0.6, 1.8))
            site.kill()
            wait(running, 60)
            now = [future.result() for future in running]
        for mine in now:
            answered |= mine
        if site.database_url.startswith("sqlite"):
            with closing(sqlite3.connect(site.folder / "debate.db")) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        stored = {row.id: row.body for row in site.rows(select(Reply.id, Reply.body))}
        assert answered.items() <= stored.items()
        # beyond those at most the request of each writer that was under way
        assert len(stored) - len(answered) <= WRITERS * (number + 1)
        assert site.recounts() == "0 differences.\n"
    assert answered
    site.start()
    page = Person(site).get(f"{essay.path}/tree?depth=all")
    assert {f"reply-{reply_id}" for reply_id in answered} <= {node.id for node in page.all("article.reply")}


def test_a_worker_that_dies_is_replaced(site: Site) -> None:
    site.start()
    assert site.process is not None
    end = time.monotonic() + 20
    workers: list[str] = []
    while len(workers) < 2:  # the first answers before the second is there
        assert time.monotonic() < end, site.log
        workers = Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children").read_text().split()
    os.kill(int(workers[0]), 9)
    while True:
        now = Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children").read_text().split()
        if len(now) == 2 and workers[0] not in now:
            break
        assert time.monotonic() < end, site.log
        time.sleep(0.1)
    for _ in range(10):
        assert Person(site).get("/readyz").status == 200


def test_two_starts_at_once_on_an_empty_folder(bare: Site) -> None:
    other = Site(bare.folder, "", port=free_port())
    try:
        with ThreadPoolExecutor(2) as pool:
            for started in [pool.submit(bare.start), pool.submit(other.start)]:
                started.result()
        (person,) = bare_person(bare)
        assert Person(other, person.name).login().token
        person.login()
        twin = Person(other, person.name)
        twin.cookies = dict(person.cookies)
        assert twin.get("/").forms("/logout")  # one secret key: a session of the one is good at the other
    finally:
        other.kill()


def bare_person(site: Site) -> list[Person]:
    """An account on a site whose database is where it is by default."""
    return Site(site.folder, f"sqlite:///{site.folder / 'debate.db'}", port=site.port).add_people(["Both"])
