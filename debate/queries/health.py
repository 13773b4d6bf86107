"""How the site fares: what its database holds, what waits, how much is written in an hour. Cheap at any size."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, String, cast, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from debate.models import Item, Reply, Report, Vote
from debate.models.reports import ITEMS

HOURS = 48
MOST = 20_000  # rows looked at, of the newest


@dataclass(frozen=True)
class State:
    """The database's kind and size, how long SQLite's log is (bytes), what waits by kind, when the last reply came."""

    kind: str
    size: int
    log: int
    waiting: dict[str, int]
    newest_reply: datetime | None


@dataclass(frozen=True)
class Rate:
    """How many of something came in each of the last hours, from `start` on.

    `whole` is false where there were more than were counted: then the first hours lack some.
    """

    start: datetime
    counts: tuple[int, ...]
    whole: bool = True

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def most(self) -> int:
        return max(self.counts)

    @property
    def latest(self) -> int:
        """In the hour that is not over yet."""
        return self.counts[-1]

    @property
    def busiest(self) -> datetime:
        """The hour with most."""
        return self.start + timedelta(hours=self.counts.index(self.most))

    @property
    def filled(self) -> list[tuple[datetime, int]]:
        """The hours in which there was any, the newest first."""
        hours = [(self.start + timedelta(hours=hour), count) for hour, count in enumerate(self.counts) if count]
        return hours[::-1]


def rate(found: Mapping[datetime, int], now: datetime, *, whole: bool = True) -> Rate:
    """Counts by hour in a row, up to the hour of `now`."""
    start = first_hour(now)
    return Rate(start, tuple(found.get(start + timedelta(hours=hour), 0) for hour in range(HOURS)), whole)


def first_hour(now: datetime) -> datetime:
    """When the first of the hours began."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)


def state(session: Session) -> State:
    """What there is to know about the database at once."""
    kind = session.get_bind().dialect.name
    size, log = _files(session) if kind == "sqlite" else (session.scalar(_DATABASE_SIZE) or 0, 0)
    newest = select(Reply.made_at).order_by(Reply.id.desc()).limit(1)
    return State(kind, size, log, waiting(session), session.scalar(newest))


_DATABASE_SIZE = text("SELECT pg_database_size(current_database())")


def _files(session: Session) -> tuple[int, int]:
    file = session.get_bind().engine.url.database or ""
    return tuple(os.stat(name).st_size if os.path.exists(name) else 0 for name in (file, f"{file}-wal"))  # type: ignore[return-value]


def waiting(session: Session) -> dict[str, int]:
    """How many items wait for moderators anywhere, by kind."""
    question = select(Item.kind, func.count()).where(Item.closed_at.is_(None)).group_by(Item.kind)
    found: dict[str, int] = {kind: count for kind, count in session.execute(question)}
    return {kind: found.get(kind, 0) for kind in ITEMS}


def rates(session: Session, now: datetime) -> dict[str, Rate]:
    """Replies, votes and reports by the hour."""
    since = first_hour(now)
    return {
        "replies": _newest(session, Reply, now),
        "votes": rate(_by_hour(session, _votes_since(since)), now),
        "reports": _newest(session, Report, now),
    }


def _newest(session: Session, model: type[Reply] | type[Report], now: datetime) -> Rate:
    """Rows have no index by time; but their ids rise with it, and only so many of the last are read."""
    since = first_hour(now)
    last = session.scalar(select(func.max(model.id))) or 0
    hour = _hour(model.made_at)
    question = select(hour, func.count()).where(model.id > last - MOST, model.made_at >= since).group_by(hour)
    found = _by_hour(session, question)
    return rate(found, now, whole=last <= MOST or sum(found.values()) < MOST)


def _votes_since(since: datetime) -> Select[str, int]:
    """The index by account and time holds all that is asked; a million votes take a tenth of a second."""
    hour = _hour(Vote.cast_at)
    return select(hour, func.count()).where(Vote.cast_at >= since).group_by(hour)


def _hour(column: InstrumentedAttribute[datetime]) -> ColumnElement[str]:
    """A time up to its hour, as text: both databases write it alike, in UTC."""
    return func.substr(cast(column, String), 1, len("2027-01-31 10"))


def _by_hour(session: Session, question: Select[str, int]) -> dict[datetime, int]:
    rows = session.execute(question)
    return {datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC): count for hour, count in rows}
