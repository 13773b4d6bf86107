"""A race: twenty who write at once to one essay, and somebody who closes it meanwhile.

RACES is how often each race is run (`make check-full` sets 50).
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event

from live import EssayAt, Person, Site, site_on
from sqlalchemy import select

from debate.models import Lock, Reply

ROUNDS = int(os.environ.get("RACES", "2"))
LONG = 50  # rounds of the long run
CLIENTS = 20
ABOVE = 6  # levels between the lock and where the clients write
VALUES = ("1", "-1", "0")
REFUSALS = 3  # how often a client is refused before it stops

# What a client does on its n-th turn: a path and the fields to send there.
Act = Callable[[Person, int], tuple[str, dict[str, str]]]


@dataclass
class Ring:
    """A running site with twenty participants and a moderator, all logged in."""

    site: Site
    people: list[Person]
    moderator: Person


@dataclass(frozen=True)
class Attempt:
    """One request of a client: when it began, what came of it."""

    began: float
    status: int
    location: str
    words: str


@contextmanager
def running_ring(kind: str, folder: Path) -> Iterator[Ring]:
    """A site of two processes on a kind of database; at its end nothing may be miscounted, nor anything have failed."""
    with site_on(kind, folder, DEBATE_WORKERS="2") as site:
        people = site.add_people([f"Racer{number:02}" for number in range(CLIENTS)])
        (moderator,) = site.add_people(["Warden"], role="moderator")
        site.start()
        for person in (*people, moderator):
            person.walk_in()
        yield Ring(site, people, moderator)
        assert site.recounts() == "0 differences.\n"
        assert site.stop() == 0, site.log
        assert "Traceback" not in site.log
        assert "database is locked" not in site.log


def each_round(kinds: int = 1) -> range:
    """The rounds of a race that is one of several kinds: in the short run they share them, in the long one each has
    all."""
    return range(-(-ROUNDS // (kinds if ROUNDS < LONG else 1)))


def chain(ring: Ring, essay: EssayAt, length: int) -> list[int]:
    """Replies one beneath the other, by two participants in turn."""
    made: list[int] = []
    for depth in range(length):
        path = f"/replies/{made[-1]}/replies" if made else f"{essay.paragraph(1)}/replies"
        answer = ring.people[depth % 2].post(path, stance="con", body=f"Link {depth} of the chain.")
        made.append(answer.reply_id)
    return made


def until_refused(person: Person, act: Act) -> list[Attempt]:
    """Act again and again until the same refusal has come a few times."""
    attempts: list[Attempt] = []
    refused = 0
    end = time.monotonic() + 60
    while refused < REFUSALS:
        assert time.monotonic() < end, Counter(attempt.status for attempt in attempts)
        path, fields = act(person, len(attempts))
        began = time.monotonic()
        answer = person.post(path, **fields)
        attempts.append(Attempt(began, answer.status, answer.location, fields.get("body", "")))
        refused += answer.status != 303
    return attempts


def until_over(person: Person, act: Act, over: Event) -> list[Attempt]:
    """Act again and again, until it is over."""
    attempts: list[Attempt] = []
    while not over.is_set():
        path, fields = act(person, len(attempts))
        began = time.monotonic()
        answer = person.post(path, **fields)
        attempts.append(Attempt(began, answer.status, answer.location, fields.get("body", "")))
    return attempts


def run(ring: Ring, acts: list[Act], closer: Person, path: str, **fields: str) -> tuple[list[list[Attempt]], float]:
    """Let each client act until it is refused, and close the place meanwhile; when that was answered comes second."""
    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        running = [pool.submit(until_refused, person, act) for person, act in zip(ring.people, acts, strict=True)]
        time.sleep(random.uniform(0.3, 0.8))
        status = closer.post(path, **fields).status
        closed = time.monotonic()
        assert status == 303
        return [future.result() for future in running], closed


def check(attempts: list[list[Attempt]], closed: float, refusal: int) -> None:
    """Only success and the refusal; no success for what began after the close was answered; both happened."""
    flat = [attempt for mine in attempts for attempt in mine]
    assert set(Counter(attempt.status for attempt in flat)) == {303, refusal}
    late = [attempt for attempt in flat if attempt.status == 303 and attempt.began > closed]
    assert not late, late[:3]
    for mine in attempts:  # nor does a success follow a refusal: what is closed stays closed
        statuses = [attempt.status for attempt in mine]
        assert statuses == sorted(statuses), statuses


def poster(parent: str, mark: str) -> Act:
    """Posts to `parent` (the path of a reply or a paragraph), each time in other words."""

    def act(person: Person, number: int) -> tuple[str, dict[str, str]]:
        words = f"{mark}: {person.name} says it the {number}th time."
        return f"{parent}/replies", {"stance": random.choice(("pro", "con")), "body": words, "key": words}

    return act


def editor(reply_id: int) -> Act:
    return lambda _, turn: (f"/replies/{reply_id}/edit", {"body": f"Edited the {turn}th time."})


def citer(reply_id: int) -> Act:
    return lambda person, turn: (
        f"/replies/{reply_id}/citations",
        {"url": f"https://{person.name.lower()}.example/{turn}"},
    )


def voter(reply_id: int) -> Act:
    return lambda _, turn: (f"/replies/{reply_id}/vote", {"value": VALUES[turn % 3]})


def posted(ring: Ring, essay: EssayAt, mark: str) -> dict[int, tuple[str, datetime]]:
    """The replies of one race: id to words and time, as the database has them."""
    statement = select(Reply.id, Reply.body, Reply.made_at).where(
        Reply.essay_id == essay.id, Reply.body.startswith(mark)
    )
    return {row.id: (row.body, row.made_at) for row in ring.site.rows(statement)}


def all_stored(attempts: list[list[Attempt]], there: dict[int, tuple[str, datetime]]) -> None:
    """What was answered is what is stored: nothing more, nothing less, in the words that were sent."""
    answered = {
        int(attempt.location.rpartition("#reply-")[2]): attempt.words
        for mine in attempts
        for attempt in mine
        if attempt.status == 303
    }
    assert answered == {reply_id: words for reply_id, (words, _) in there.items()}


def lock_of(ring: Ring, essay: EssayAt) -> datetime:
    return ring.site.rows(select(Lock.placed_at).where(Lock.essay_id == essay.id, Lock.lifted_at.is_(None)))[
        0
    ].placed_at
