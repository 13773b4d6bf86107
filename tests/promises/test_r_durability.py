"""R: what was answered is stored, whatever happens to the processes, the disk, the database or Redis afterwards.

KILLS is how often processes are killed (`make check-full` sets 50).
"""

import os
import random
import re
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from threading import Barrier, Event

import crowd as crowds
import pytest
from crowd import Crowd, all_is_there, figures, kill_some, under_load, workers
from live import KINDS, EssayAt, Page, Person, Site, free_port, lacking, site_on
from ring import CLIENTS, Ring, each_round
from sqlalchemy import create_engine, make_url, select, text

from debate import backups, schema
from debate.models import Reply

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KILLS", "3"))
SECONDS = 60 if KILLS >= 50 else 2
PATIENCE = 30  # seconds a stop may take
STOPS = 20 if KILLS >= 50 else 1
BY_MASTER = 10  # of so many kills one is of the whole server, which is started again


@pytest.fixture(params=KINDS, scope="module")
def crowd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    with crowds.crowd_on(request.param, tmp_path_factory.mktemp(f"crowd-{request.param}")) as crowd:
        yield crowd
        assert "database is locked" not in crowd.site.log
        assert "Traceback" not in crowd.site.log, crowd.site.log[-3000:]


def only(crowd: Crowd, *statuses: int) -> None:
    """Nothing else was answered so far; what was is told."""
    print(figures(crowd))
    assert {status for told in crowd.told for status in told.statuses} == set(statuses)
    assert set(crowd.readers) == {200}


def test_r1_what_32_writers_were_answered_is_there_while_32_read(crowd: Crowd) -> None:
    cut = under_load(crowd, lambda: time.sleep(SECONDS))
    only(crowd, 303)
    assert cut == 0
    all_is_there(crowd)


def upkeep(crowd: Crowd, folder: Path) -> None:
    """A backup, a checkpoint and an upgrade that has nothing to do."""
    url = make_url(crowd.site.database_url)
    with crowd.site.database() as database:
        if database.is_sqlite:
            backups.back_up(Path(url.database or ""), folder / f"{random.random()}.zip")
            with closing(sqlite3.connect(url.database or "", timeout=30)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("SET statement_timeout = 0"))  # others, too, use this server and its disk
                connection.execute(text("VACUUM ANALYZE"))
                connection.execute(text("CHECKPOINT"))
            dump = folder / f"{random.random()}.dump"
            plain = crowd.site.database_url.replace("+psycopg", "")
            subprocess.run(["pg_dump", "--format=custom", f"--file={dump}", plain], check=True)
            subprocess.run(["pg_restore", "--exit-on-error", "--file=/dev/null", dump], check=True)  # reads all of it
        schema.upgrade(database)


def test_r2_nor_does_upkeep_meanwhile_cost_an_answer(crowd: Crowd, tmp_path: Path) -> None:
    if not crowd.site.database_url.startswith("sqlite") and shutil.which("pg_dump") is None:
        lacking("pg_dump is missing: apt-get install postgresql-client")

    def meanwhile() -> None:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            upkeep(crowd, tmp_path)

    cut = under_load(crowd, meanwhile)
    only(crowd, 303)
    assert cut == 0
    all_is_there(crowd)


def test_r3_what_was_answered_outlives_every_kill(crowd: Crowd) -> None:
    killed = 0

    def meanwhile() -> None:
        nonlocal killed
        for number in range(KILLS):
            time.sleep(random.uniform(0.3, 1.2))
            if number % BY_MASTER == BY_MASTER - 1 or number == KILLS - 1:
                crowd.site.kill()
                crowd.site.start()
                killed += 1
            else:
                killed += kill_some(crowd.site)

    under_load(crowd, meanwhile)
    print(f"{KILLS} times, {killed} processes")
    only(crowd, 303)
    all_is_there(crowd)
    end = time.monotonic() + 30
    while len(workers(crowd.site)) < 4:
        assert time.monotonic() < end, crowd.site.log
        time.sleep(0.1)


# --- stopped


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with site_on(request.param, tmp_path / "site") as site:
        yield site


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


def test_r4_a_stop_lets_running_requests_finish(site: Site) -> None:
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


def keeps_alive(site: Site, over: Event) -> list[str]:
    """Ask again and again on one connection, as long as it is kept; what went wrong, but for an announced end."""
    wrong: list[str] = []
    while not over.is_set():
        connection = HTTPConnection("127.0.0.1", site.port, timeout=30)
        try:
            connection.connect()
        except OSError:
            return wrong  # nobody listens any more
        try:
            while not over.is_set():
                connection.request("GET", "/livez")
                answer = connection.getresponse()
                answer.read()
                if answer.getheader("Connection") == "close":
                    break
                time.sleep(0.01)
        except (OSError, HTTPException) as error:
            wrong.append(repr(error))
        finally:
            connection.close()
    return wrong


def test_r4_a_stop_under_load_cuts_nobody_off(site: Site) -> None:
    essay = site.add_essay()
    people = site.add_people([f"Busy{number}" for number in range(8)])
    answered: dict[int, str] = {}
    for number in range(STOPS):
        site.start()
        over = Event()

        def post(person: Person, number: int = number, over: Event = over) -> list[str]:
            wrong: list[str] = []
            for turn in count():
                if over.is_set():
                    return wrong
                words = f"{person.name}, {turn} of {number}."
                try:
                    answer = person.post(f"{essay.paragraph(1)}/replies", stance="pro", body=words)
                    answered[answer.reply_id] = words
                except ConnectionRefusedError:
                    return wrong  # nobody listens any more
                except (OSError, HTTPException) as error:
                    wrong.append(repr(error))
            return wrong

        for person in people:
            person.walk_in()
        with ThreadPoolExecutor(16) as pool:
            running = [pool.submit(post, person) for person in people]
            running += [pool.submit(keeps_alive, site, over) for _ in range(8)]
            time.sleep(random.uniform(0.5, 1.5))
            assert site.stop(PATIENCE) == 0, site.log
            over.set()
            wrong = [words for one in running for words in one.result()]
        assert wrong == []
    stored = {row.id: row.body for row in site.rows(select(Reply.id, Reply.body))}
    assert stored == answered


class Balanced(Person):
    """A person behind a balancer: what one node does not take is sent to the other, and again until one does."""

    def __init__(self, nodes: list[Site], name: str) -> None:
        super().__init__(nodes[0], name)
        self.nodes = nodes

    def request(
        self, method: str, path: str, fields: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> Page:
        for attempt in range(20):
            self.site = self.nodes[(attempt + random.randrange(2)) % 2]
            try:
                return super().request(method, path, fields, headers)
            except (OSError, HTTPException):
                time.sleep(0.05 * attempt)
        raise TimeoutError(path)


@pytest.mark.full  # in make check tests/test_nodes.py shows it, behind nginx
def test_r5_of_two_nodes_restarted_in_turn_one_always_answers_and_nothing_is_there_twice(site: Site) -> None:
    essay = site.add_essay()
    nodes = [site, Site(site.folder, site.database_url, port=free_port())]
    site.add_people([f"Roller{number}" for number in range(6)])
    try:
        for node in nodes:
            node.start()
        people = [Balanced(nodes, f"Roller{number}") for number in range(6)]
        for person in people:
            person.walk_in()
        over, answered = Event(), Counter[str]()

        def use(person: Balanced) -> None:
            while not over.is_set():
                words = f"{person.name} says {random.random()}."
                fields = {"stance": "con", "body": words, "key": words}
                answered[words] += person.post(f"{essay.paragraph(1)}/replies", **fields).reply_id > 0
                assert person.get(essay.path).status == 200

        with ThreadPoolExecutor(6) as pool:
            running = [pool.submit(use, person) for person in people]
            for node in nodes * (2 if KILLS >= 50 else 1):
                time.sleep(0.5)
                assert node.stop(PATIENCE) == 0
                node.start()
            over.set()
            for one in running:
                one.result()
    finally:
        nodes[1].kill()
    assert Counter(row.body for row in site.rows(select(Reply.body))) == answered


# --- sent again


def test_r7_one_form_sent_ten_times_at_once_is_one_reply(ring: Ring) -> None:
    for number in each_round():
        essay = ring.site.add_essay()
        person = ring.people[number % CLIENTS]
        action = f"{essay.paragraph(2)}/replies"
        key = person.get(essay.paragraph(2)).form(action).css_first("input[name=key]").attributes["value"] or ""
        start = Barrier(10)

        def send(person: Person = person, action: str = action, key: str = key, start: Barrier = start) -> str:
            start.wait(30)
            answer = person.post(action, stance="con", body="Once is enough.", key=key, source_url="https://a.example/")
            assert answer.status == 303, (answer.status, answer.words[:300])
            return answer.location

        with ThreadPoolExecutor(10) as pool:
            locations = {future.result() for future in [pool.submit(send) for _ in range(10)]}
        assert len(locations) == 1
        assert len(ring.site.rows(select(Reply.id).where(Reply.essay_id == essay.id))) == 1


def test_r1_readers_see_whole_states_while_others_write(ring: Ring) -> None:
    """Pages read meanwhile are never an error, and counts on a page are what it shows and has left."""
    essay = ring.site.add_essay()
    over = Event()

    def read() -> int:
        pages = 0
        visitor = Person(ring.site)
        while not over.is_set():
            page = visitor.get(essay.paragraph(1))
            assert page.status == 200
            shown = sum(node.attributes["data-stance"] == "pro" for node in page.all("article.reply"))
            left = int((re.findall(r"\d+", page.one(f"#more-pro-{essay.keys[0]}").text()) or ["0"])[-1])
            assert page.one(f"#c-pro-{essay.keys[0]}").text() == str(shown + left)
            pages += 1
        return pages

    def write(person: Person) -> None:
        for number in range(5):
            body = f"{person.name} for the {number}th time."
            assert person.post(f"{essay.paragraph(1)}/replies", stance="pro", body=body).status == 303

    with ThreadPoolExecutor(14) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        try:
            list(pool.map(write, ring.people[:10]))
        finally:
            over.set()
        assert all(reader.result() for reader in readers)
