"""Mail waits in a table until it is sent: what asks for a letter never waits for a mail server, nor fails with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from debate.db import now
from debate.models import Letter

MOST_TRIES = 8
HELD_FOR = timedelta(minutes=5)  # by who sends it: longer than a slow server can take for one letter, not for ten


@dataclass(frozen=True)
class Words:
    """A letter without its address: plain text."""

    subject: str
    body: str


@dataclass(frozen=True)
class Taken:
    """Which letter was taken, and when: its number alone may be another's once its row has gone."""

    id: int
    at: datetime


def put(session: Session, address: str, words: Words) -> None:
    """Have a letter sent. Without an address it is thrown away where it would be sent: asking takes as long."""
    at = now(session)
    session.add(Letter(address=address, subject=words.subject, body=words.body, made_at=at, due_at=at))


def take(session: Session) -> tuple[Taken, str, Words] | None:
    """A letter that is due, as (which, address, words), held for who asks: nobody else gets it for five minutes."""
    at = now(session)
    # What was put or taken later than it is now was so by a clock that has gone back: it need not wait until then.
    is_due = (Letter.due_at <= at) | (Letter.made_at > at)
    due = select(Letter).where(is_due).order_by(Letter.due_at, Letter.id).limit(1)
    letter = session.scalar(due.with_for_update(skip_locked=True))
    if letter is None:
        return None
    letter.made_at, letter.due_at, letter.tries = at, at + HELD_FOR, letter.tries + 1
    return Taken(letter.id, at), letter.address, Words(letter.subject, letter.body)


def sent(session: Session, taken: Taken) -> None:
    """It is sent: forget it."""
    session.execute(delete(Letter).where(Letter.id == taken.id, Letter.made_at == taken.at))


def failed(session: Session, taken: Taken) -> bool:
    """It could not be sent: try again later, after twice as long each time. Whether it is given up instead."""
    letter = session.get(Letter, taken.id)
    if letter is None or letter.made_at != taken.at:
        return False
    if letter.tries >= MOST_TRIES:
        session.delete(letter)
        return True
    letter.due_at = now(session) + timedelta(minutes=2**letter.tries)
    return False
