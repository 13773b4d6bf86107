"""A crowd at a running site: writers who remember what they were answered, readers, and a look whether it is all there.

A connection that is cut is no answer: what was asked for on it may be there or not, but whole.
"""

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from threading import Event

from live import EssayAt, Page, Person, Site, site_on
from sqlalchemy import func, select

from debate.models import Citation, Reply, ReplyEdit, Vote

WRITERS = READERS = 32
ESSAYS = 3


@dataclass
class Told:
    """What one writer was answered: and since the last answer about a thing, what was asked for without one."""

    replies: dict[int, str] = field(default_factory=dict)
    votes: dict[int, list[int]] = field(default_factory=dict)  # the value answered last, then those without an answer
    bodies: list[str] = field(default_factory=list)  # the same for the reply of one's own that one edits
    edits: int = 0
    urls: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    cut: int = 0
    took: list[float] = field(default_factory=list)  # seconds


@dataclass
class Crowd:
    """A site, essays in it, writers with a reply of their own each, replies to vote on; what they were told so far."""

    site: Site
    essays: list[EssayAt]
    writers: list[Person]
    own: list[int]
    targets: list[int]
    told: list[Told] = field(default_factory=list)
    readers: Counter[int] = field(default_factory=Counter)
    reads: list[float] = field(default_factory=list)
    unread: int = 0  # pages that a cut connection kept from readers

    @property
    def cut(self) -> int:
        """How many connections were cut so far, of writers and of readers."""
        return self.unread + sum(told.cut for told in self.told)


@contextmanager
def crowd_on(kind: str, folder: Path, **settings: str) -> Iterator[Crowd]:
    """A crowd at a site of four workers; what it says at the end is checked by those who use it."""
    with site_on(kind, folder, DEBATE_WORKERS="4", **settings) as site:
        essays = [site.add_essay() for _ in range(ESSAYS)]
        writers = site.add_people([f"Writer{number:02}" for number in range(WRITERS)])
        (warden,) = site.add_people(["Warden"], role="moderator")
        site.start()
        for person in (*writers, warden):
            person.walk_in()
        targets = [
            warden.post(f"{essay.paragraph(1)}/replies", stance="con", body=f"Vote on this, {number}.").reply_id
            for number, essay in enumerate(essays)
        ]
        own, told = [], []
        for number, person in enumerate(writers):
            body = f"{person.name}'s own, to edit."
            path = f"{essays[number % ESSAYS].paragraph(2)}/replies"
            own.append(person.post(path, stance="pro", body=body).reply_id)
            told.append(Told(replies={}, bodies=[body]))
        yield Crowd(site, essays, writers, own, targets, told)


def write(crowd: Crowd, number: int, over: Event) -> None:
    """Post, vote, edit and cite in turn, until it is over; note what was answered."""
    person, told, chance = crowd.writers[number], crowd.told[number], random.Random()
    while not over.is_set():
        turn = sum(told.statuses.values()) + told.cut
        essay = crowd.essays[(number + turn) % ESSAYS]
        words = f"{person.name}, turn {turn}, {chance.random()}."
        kind = ("reply", "vote", "edit", "cite")[turn % 4]
        if kind == "reply":
            answer = sent(crowd, told, person, f"{essay.paragraph(3)}/replies", stance="con", body=words, key=words)
            if answer is not None:
                told.replies[answer.reply_id] = words
        elif kind == "vote":
            target, value = chance.choice(crowd.targets), chance.choice((1, -1, 0))
            answer = sent(crowd, told, person, f"/replies/{target}/vote", value=str(value))
            told.votes[target] = [value] if answer else [*told.votes.get(target, [0]), value]
        elif kind == "edit":
            answer = sent(crowd, told, person, f"/replies/{crowd.own[number]}/edit", body=words)
            told.bodies = [words] if answer else [*told.bodies, words]
            told.edits += answer is not None
        else:
            url = f"https://{person.name.lower()}.example/{turn}"
            if sent(crowd, told, person, f"/replies/{chance.choice(crowd.own)}/citations", url=url):
                told.urls.add(url)


def sent(crowd: Crowd, told: Told, person: Person, path: str, **fields: str) -> Page | None:
    """The answer, if it was one and said that it was done."""
    began = time.monotonic()
    try:
        answer = person.post(path, **fields)
    except (OSError, HTTPException):
        told.cut += 1
        time.sleep(0.1)
        return None
    told.took.append(time.monotonic() - began)
    told.statuses[answer.status] += 1
    return answer if answer.status == 303 else None


def read(crowd: Crowd, number: int, over: Event) -> None:
    """Read page after page as a visitor or as a writer, until it is over."""
    reader = Person(crowd.site)
    if number % 4 == 0:
        reader.cookies = dict(crowd.writers[number].cookies)
    chance = random.Random()
    while not over.is_set():
        essay = chance.choice(crowd.essays)
        places = ("/", essay.path, essay.paragraph(3), f"{essay.path}/tree", f"/replies/{chance.choice(crowd.targets)}")
        began = time.monotonic()
        try:
            crowd.readers[reader.get(chance.choice(places)).status] += 1
        except (OSError, HTTPException):
            crowd.unread += 1
            time.sleep(0.1)
        else:
            crowd.reads.append(time.monotonic() - began)


def under_load(crowd: Crowd, meanwhile: Callable[[], None]) -> int:
    """Let all of them go on while something is done; whatever failed among them fails here. Returns how many of their
    connections were cut."""
    over, before = Event(), crowd.cut
    with ThreadPoolExecutor(WRITERS + READERS) as pool:
        running = [pool.submit(write, crowd, number, over) for number in range(WRITERS)]
        running += [pool.submit(read, crowd, number, over) for number in range(READERS)]
        try:
            meanwhile()
        finally:
            over.set()
        for one in running:
            one.result()
    return crowd.cut - before


def workers(site: Site) -> list[int]:
    """The processes that answer."""
    assert site.process is not None
    children = Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children")
    return [int(pid) for pid in children.read_text().split()]


def kill_some(site: Site) -> int:
    """SIGKILL to one worker or more; how many."""
    there = workers(site)
    chosen = random.sample(there, random.randint(1, len(there))) if there else []
    for pid in chosen:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(chosen)


def all_is_there(crowd: Crowd) -> None:
    """Every answer's deed is stored as it was sent, nothing is stored half or twice, and all sums are right."""
    site = crowd.site
    if site.database_url.startswith("sqlite"):
        with closing(sqlite3.connect(site.folder / "debate.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    stored = {row.id: row for row in site.rows(select(Reply.id, Reply.body, Reply.edits, Reply.ups, Reply.downs))}
    votes = {
        (row.reply_id, row.user_id): row.value for row in site.rows(select(Vote.reply_id, Vote.user_id, Vote.value))
    }
    people = {
        row.author_id: row.id for row in site.rows(select(Reply.id, Reply.author_id).where(Reply.id.in_(crowd.own)))
    }
    of_reply = {reply_id: user_id for user_id, reply_id in people.items()}
    urls = {row.url for row in site.rows(select(Citation.url))}
    kept = dict(map(tuple, site.rows(select(ReplyEdit.reply_id, func.count()).group_by(ReplyEdit.reply_id))))
    for told, own in zip(crowd.told, crowd.own, strict=True):
        assert told.replies.items() <= {number: row.body for number, row in stored.items()}.items()
        assert told.urls <= urls
        assert stored[own].body in told.bodies
        assert stored[own].edits == kept.get(own, 0) >= told.edits
        for target, values in told.votes.items():
            assert votes.get((target, of_reply[own]), 0) in values
    bodies = Counter(row.body for row in stored.values())
    assert [body for body, count in bodies.items() if count > 1] == []
    answered = sum(len(told.replies) for told in crowd.told)
    assert answered + sum(told.cut for told in crowd.told) >= len(stored) - len(crowd.own) - len(crowd.targets)
    for number, row in stored.items():
        assert row.ups - row.downs == sum(value for (reply_id, _), value in votes.items() if reply_id == number)
    assert site.recounts() == "0 differences.\n"


def figures(crowd: Crowd) -> str:
    """How many answers of which kind, and how long they took."""
    statuses = sum((told.statuses for told in crowd.told), Counter[int]())
    cut = sum(told.cut for told in crowd.told)
    took, reads = sorted(second for told in crowd.told for second in told.took), sorted(crowd.reads)
    crowd.reads.clear()
    for told in crowd.told:
        told.took.clear()
    return (
        f"writes {dict(statuses)}, {cut} cut, p50 {_at(took, 0.5)} p99 {_at(took, 0.99)}; "
        f"reads {dict(crowd.readers)}, {crowd.unread} cut, p50 {_at(reads, 0.5)} p99 {_at(reads, 0.99)}"
    )


def _at(took: list[float], share: float) -> str:
    return f"{took[int(len(took) * share)] * 1000:.0f} ms" if took else "-"
