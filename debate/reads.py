"""Which server a page is read from: the replica only where it would say nothing else than the primary.

So a page never tells by what it shows where it was read, and what is kept of it is as good as any.
"""

from typing import Any

from sqlalchemy.orm import Session

from debate.db import Database
from debate.queries import versions

_ANYTHING = versions.Asked("SELECT 1")


def on_replica(database: Database, path: str, wrote: int) -> Session | None:
    """A session on the replica for the page at a path, or None: there is no replica, or it lacks something.

    `wrote` is Database.mark() after the reader's last write. Ask for what admins have set before, not after: what is
    kept of pages is kept by that.
    """
    asked = versions.of(path) if database.replica is not None else None
    try:
        return _session(database, asked, wrote) if asked is not None else None
    except Exception:  # the primary does not answer: whoever reads the page from there meets it too
        return None


def _session(database: Database, asked: versions.Asked, wrote: int) -> Session | None:
    if database.replica is None:
        return None
    if asked.statement == versions.OF_SITE:
        # Its version is a sum, and two sums may be one: here nothing at all may be missing.
        return database.replica.session(*_ANYTHING, max(wrote, database.mark()), bool)
    known = database.peek(asked.statement, *asked.values)
    return database.replica.session(*asked, wrote, lambda there: _is_as_new(there, known)) if known else None


def _is_as_new(there: tuple[Any, ...], known: tuple[Any, ...]) -> bool:
    """Whether an essay's version there is the known one, or a later one."""
    return there[0] == known[0] and all(one >= other for one, other in zip(there[1:], known[1:], strict=True))
