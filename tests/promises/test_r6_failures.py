"""R6: while disk, database or Redis fail, what can be read is read, writes are refused whole, and all recovers."""

import os
import re
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
from clocks import DAY, HOUR, Clock, a_clock
from crowd import workers
from live import EssayAt, Page, Person, Site, lacking, site_on
from servers import Postgres, a_postgres, a_redis
from sqlalchemy import select

from debate import schema
from debate.models import Reply, ReplyEdit, Vote
from debate.shared_paces import PAUSE

pytestmark = pytest.mark.slow

TYPED = "Words that took an hour to type."
GONE = 20.0 if os.environ.get("FULL") == "1" else 1.0  # seconds
RECOVERS = 5  # seconds, promised; a busy machine is given more before it fails
GIVEN = 30


@dataclass
class Stage:
    """A running site with an essay, a writer and a reply to vote on."""

    site: Site
    essay: EssayAt
    writer: Person
    target: int

    def write(self, words: str = TYPED) -> Page:
        return self.writer.post(f"{self.essay.paragraph(1)}/replies", stance="pro", body=words, key=words)

    def pages(self) -> dict[str, int]:
        """What a visitor and the writer get."""
        found = {}
        for person in (Person(self.site), self.writer):
            for path in ("/", self.essay.path, self.essay.paragraph(1), f"/replies/{self.target}", "/search?q=wall"):
                page = person.get(path)
                assert page.status in (200, 503), (path, page.status)
                assert page.status == 200 or int(page.headers["Retry-After"]) > 0
                found[f"{person.name} {path}"] = page.status
        return found

    def refuses(self) -> None:
        """A write is refused with 503, a time, and the words; more than once, by every worker."""
        for _ in range(4):
            answer = self.write()
            assert answer.status == 503, (answer.words[:300], self.site.log[-6000:])
            assert int(answer.headers["Retry-After"]) > 0
            assert TYPED in answer.text
            assert "/login?next=" not in answer.text, "the writer is logged in, which nobody could look up"
            assert self.writer.post(f"/replies/{self.target}/vote", value="1").status == 503
            cited = self.writer.post(f"/replies/{self.target}/citations", url="https://a.example/")
            assert cited.status == 503

    def fill(self) -> list[str]:
        """Write until it is refused; the words that were taken."""
        taken = []
        while len(taken) < 2000 and self.write(f"Before the end, {len(taken)}.").status == 303:
            taken.append(f"Before the end, {len(taken)}.")
        return taken

    def recovers(self, *before: str) -> None:
        """Nobody does anything, and soon all is as it was; `before`: what was posted until the failure."""
        began = time.monotonic()
        while set(self.pages().values()) != {200} or self.write().status != 303:
            assert time.monotonic() - began < GIVEN, self.site.log[-3000:]
            time.sleep(0.2)
        took = time.monotonic() - began
        print(f"recovered in {took:.1f} s (promised: {RECOVERS})")
        for number in range(8):  # whoever answers
            assert self.write(f"Afterwards, {number}.").status == 303
        said = [row.body for row in self.site.rows(select(Reply.body).order_by(Reply.id))]
        assert said == ["Vote on this.", *before, TYPED, *(f"Afterwards, {number}." for number in range(8))]
        assert self.site.recounts() == "0 differences.\n"
        assert "database is locked" not in self.site.log


@contextmanager
def staged(site: Site) -> Iterator[Stage]:
    essay = site.add_essay()
    writer, other = site.add_people(["Writer", "Other"])
    site.start()
    for person in (writer, other):
        person.walk_in()
    answer = other.post(f"{essay.paragraph(1)}/replies", stance="con", body="Vote on this.")
    yield Stage(site, essay, writer, answer.reply_id)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with site_on("sqlite", tmp_path / "site") as site, staged(site) as stage:
        yield stage


def write_no_more(site: Site, *, full: bool) -> None:
    """Let no file of the workers' grow, or let them again: what a full disk does to their writes."""
    for pid in workers(site):
        hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1 if full else hard, hard))


def test_r6_on_a_full_disk_reading_goes_on_and_no_write_is_there_in_part(stage: Stage) -> None:
    assert set(stage.pages().values()) == {200}
    write_no_more(stage.site, full=True)
    try:
        stage.refuses()
        assert set(stage.pages().values()) == {200}
        with closing(sqlite3.connect(stage.site.folder / "debate.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("SELECT count(*) FROM replies").fetchone() == (1,)
    finally:
        write_no_more(stage.site, full=False)
    stage.recovers()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A folder that holds 24 MB; yields a file on it that takes up what is left."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        lacking("a disk can be mounted by root alone")
    try:
        yield folder / "filler"
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.full
def test_r6_on_a_disk_without_room_what_was_answered_is_there_and_the_rest_is_given_back(tmp_path: Path) -> None:
    """SQLite meets another error here than where a file may not grow; until its log has to grow it goes on."""
    folder = tmp_path / "site"
    with small_disk(folder) as filler, site_on("sqlite", folder) as site, staged(site) as stage:
        with filler.open("wb", buffering=0) as out, suppress(OSError):
            while out.write(bytes(2**16)):
                pass
        taken = stage.fill()
        stage.refuses()
        assert set(stage.pages().values()) == {200}
        filler.unlink()
        stage.recovers(*taken)


def write_version(file: Path, version: int) -> None:
    """The byte of the file's head that says who may write to it: SQLite takes a higher one for read only."""
    with file.open("r+b") as out:
        out.seek(18)
        out.write(bytes([version]))


def test_r6_a_database_that_may_only_be_read_is_read_and_written_to_again_when_it_may_be(stage: Stage) -> None:
    file = stage.site.folder / "debate.db"
    assert stage.site.stop() == 0
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    write_version(file, 3)
    stage.site.start()
    assert set(stage.pages().values()) == {200}
    stage.refuses()
    write_version(file, 2)
    stage.recovers()


def test_r6_without_redis_writes_go_on_under_the_databases_own_limits(tmp_path: Path) -> None:
    with a_redis(tmp_path) as redis:
        settings = {"DEBATE_REDIS_URL": redis.url, "DEBATE_LIMITS": "on"}
        with site_on("sqlite", tmp_path / "site", **settings) as site, staged(site) as stage:
            assert stage.write("With Redis.").status == 303
            redis.kill()
            answers = [stage.write(f"Without, {number}.").status for number in range(14)]
            assert answers == [303] * 10 + [429] * 4, "ten a minute, as the database counts"
            assert set(stage.pages().values()) == {200}
            redis.start()
            time.sleep(PAUSE + 0.1)
            answers = [stage.write(f"Again, {number}.").status for number in range(12)]
            assert answers == [303] * 10 + [429] * 2, "as the new Redis counts"


def test_r6_a_redis_that_is_silent_holds_up_few(tmp_path: Path) -> None:
    with a_redis(tmp_path) as redis:
        settings = {"DEBATE_REDIS_URL": redis.url, "DEBATE_LIMITS": "on", "DEBATE_WORKERS": "1"}
        with site_on("sqlite", tmp_path / "site", **settings) as site, staged(site) as stage:
            assert redis.process is not None
            redis.process.send_signal(signal.SIGSTOP)
            took = []
            for number in range(9):
                began = time.monotonic()
                assert stage.write(f"Into silence, {number}.").status == 303
                took.append(time.monotonic() - began)
            redis.process.send_signal(signal.SIGCONT)
            assert sum(seconds > 0.4 for seconds in took) <= 3, took


@contextmanager
def on_a_server_of_its_own(folder: Path) -> Iterator[tuple[Postgres, Stage]]:
    with a_postgres() as server:
        site = Site(folder, server.url)
        with site.database() as database:
            schema.upgrade(database)
        try:
            with staged(site) as stage:
                assert set(stage.pages().values()) == {200}
                yield server, stage
        finally:
            site.kill()


@pytest.mark.postgres
def test_r6_while_postgresql_is_gone_all_is_503_and_comes_back_by_itself(tmp_path: Path) -> None:
    with on_a_server_of_its_own(tmp_path) as (server, stage):
        server.kill()
        stage.refuses()
        assert set(stage.pages().values()) == {503}
        assert Person(stage.site).get("/livez").status == 200
        assert Person(stage.site).get("/readyz").status == 503
        time.sleep(GONE)
        server.start()
        stage.recovers()


@pytest.mark.postgres
def test_r6_a_postgresql_that_may_only_be_read_is_read_and_written_to_again_when_it_may_be(tmp_path: Path) -> None:
    with on_a_server_of_its_own(tmp_path) as (server, stage):
        server.become_standby(yes=True)
        time.sleep(0.5)
        stage.pages()  # connections that were cut are let go
        assert set(stage.pages().values()) == {200}
        stage.refuses()
        assert set(stage.pages().values()) == {200}
        server.become_standby(yes=False)
        stage.recovers()


# --- a clock that jumps

JUMPS = (-HOUR, 2 * DAY, 0)  # seconds from the truth, one after the other
WHOSE = [
    "sqlite",
    pytest.param("the node's", marks=[pytest.mark.postgres, pytest.mark.full]),
    pytest.param("the node's and PostgreSQL's", marks=[pytest.mark.postgres, pytest.mark.full]),
]


@contextmanager
def site_by(clock: Clock, whose: str, folder: Path, **settings: str) -> Iterator[Site]:
    """A site that goes by a clock, and with it the database or not; not started."""
    settings |= clock.settings
    if whose != "the node's and PostgreSQL's":
        with site_on("sqlite" if whose == "sqlite" else "postgresql", folder, **settings) as site:
            yield site
        return
    with a_postgres(**clock.settings) as server:
        folder.mkdir()
        site = Site(folder, server.url, settings)
        with site.database() as database:
            schema.upgrade(database)
        try:
            yield site
        finally:
            site.kill()


@pytest.mark.parametrize("whose", WHOSE)
def test_r6_a_clock_that_jumps_loses_nothing_and_ends_no_session(tmp_path: Path, whose: str) -> None:
    with ExitStack() as stack:
        clock = stack.enter_context(a_clock())
        site = stack.enter_context(site_by(clock, whose, tmp_path / "site"))
        (warden,) = site.add_people(["Warden"], role="moderator")
        late, steady = site.add_people(["Late", "Steady"])
        stage = stack.enter_context(staged(site))
        essay, writer, target = stage.essay, stage.writer, f"/replies/{stage.target}"
        steady.walk_in()
        warden.login()  # by the form, as people do
        closed, rests, own = essay.paragraph(2), essay.paragraph(3), stage.write("Mine.").reply_id
        assert warden.post(f"{closed}/lock", reason="Until it is lifted.", votes="1").status == 303
        over, said = Event(), ["Mine."]

        def go_on() -> list[tuple[str, Page]]:
            """Somebody writes and reads all the while, also at the very moment of a jump."""
            answers = []
            while not over.wait(0.2):
                words = f"Meanwhile, {len(answers)}."
                path = f"{essay.paragraph(4)}/replies"
                answers.append((words, steady.post(path, stance="con", body=words, key=words)))
                answers.append(("", steady.get(essay.path)))
            return answers

        with ThreadPoolExecutor(1) as pool:
            meanwhile = pool.submit(go_on)
            try:
                for turn, seconds in enumerate(JUMPS):
                    clock.jump(seconds)
                    for number in range(3):
                        said.append(f"In turn {turn}, {number}.")
                        assert stage.write(said[-1]).status == 303, (seconds, site.log[-6000:])
                    assert writer.post(f"/replies/{own}/edit", body=f"Mine, {turn}.").status == 303
                    assert writer.post(f"{target}/vote", value="1" if turn % 2 else "-1").status == 303
                    assert writer.post(f"{closed}/replies", stance="con", body="No.").status == 423
                    assert warden.post(f"{rests}/lock", reason=f"Rest {turn}.").status == 303
                    assert writer.post(f"{rests}/replies", stance="con", body="No.").status == 423
                    assert warden.post(f"{rests}/unlock").status == 303
                    said.append(f"Open again, {turn}.")
                    assert writer.post(f"{rests}/replies", stance="con", body=said[-1]).status == 303
                    assert set(stage.pages().values()) == {200}
                    assert all(one.get("/").forms("/logout") for one in (writer, steady, warden)), seconds
                    Person(site, late.name).login()
            finally:
                over.set()
        answers = meanwhile.result()
        assert len(answers) >= 2 * len(JUMPS)
        assert {page.status for words, page in answers if not words} == {200}
        assert {page.status for words, page in answers if words} == {303}
        said[0] = f"Mine, {len(JUMPS) - 1}."
        said += ["Vote on this.", *(words for words, _ in answers if words)]
        assert sorted(row.body for row in site.rows(select(Reply.body))) == sorted(said)
        edits = site.rows(select(ReplyEdit.number, ReplyEdit.body).order_by(ReplyEdit.number))
        assert [row.body for row in edits] == ["Mine.", *(f"Mine, {turn}." for turn in range(len(JUMPS) - 1))]
        assert site.rows(select(Vote.value)) == [(-1,)]
        assert site.rows(select(Reply.ups, Reply.downs).where(Reply.id == stage.target)) == [(0, 1)]
        assert re.match(r"7 entries, the chain is whole\.", site.run("log", "verify").stdout)
        assert site.recounts() == "0 differences.\n"
        assert "Traceback" not in site.log
