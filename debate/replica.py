"""A second PostgreSQL server that follows the first: pages may be read there, if it has all that they may not lack."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, TextClause, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

PATIENCE = 3  # seconds that a page may take to be read there
PAUSE = 5  # seconds for which a replica that was silent is not asked again
# Of everything that its snapshot lacks the transaction has this number, or a higher one.
_LACKS = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
# What two servers have in common if the one is a copy of the other, block by block.
_OF_WHAT = text("SELECT system_identifier, current_database() FROM pg_control_system()")
WATCH = "watch"
Facts = tuple[Any, ...]


class Replica:
    """Reading sessions on the replica, and whether it is worth asking."""

    def __init__(self, reader: Engine, primary: Engine, info: dict[str, Any]) -> None:
        self.reader = reader
        self._primary = primary
        self._info = info
        self._is_copy = False
        self._silent_until = 0.0

    def session(self, statement: str, values: Facts, seen: int, suffices: Callable[[Facts], bool]) -> Session | None:
        """A reading session, if in its one snapshot every transaction below the number `seen` is over and the first row
        of the statement (its holes are `?`) suffices. None if not, or if the replica does not answer."""
        if not self._is_worth_asking():
            return None
        session = Session(self.reader, expire_on_commit=False, info=self._info)
        try:
            session.info[WATCH] = _watch(session)
            row = self._is_a_copy(session) and session.execute(*_question(statement, values)).first()
        except SQLAlchemyError as error:
            end(session)
            self.was_silent(error)
            return None
        self._silent_until = 0.0
        if row and row[-2] and row[-1] >= seen and suffices(tuple(row[:-2])):
            return session
        end(session)
        return None

    def was_silent(self, error: Exception) -> None:
        """It did not answer: it is left alone for a while, so that not every page waits for it."""
        self._silent_until = time.monotonic() + PAUSE
        why = str(getattr(error, "orig", None) or error).partition("\n")[0]
        log.warning("DEBATE_REPLICA_URL: %s; pages are read from DEBATE_DATABASE_URL meanwhile", why)

    def _is_worth_asking(self) -> bool:
        if not self._silent_until:
            return True
        if time.monotonic() < self._silent_until:
            return False
        self._silent_until = time.monotonic() + PAUSE  # this one asks; others do not wait with it
        return True

    def _is_a_copy(self, session: Session) -> bool:
        """Whether it is a copy of the very database that is written to; asked once."""
        if not self._is_copy:
            with self._primary.connect() as primary:
                self._is_copy = primary.execute(_OF_WHAT).one() == session.execute(_OF_WHAT).one()
            session.rollback()  # the snapshot that counts is taken with the next statement
            if not self._is_copy:
                raise NoCopy
        return True


def end(session: Session) -> None:
    """Close a reading session; its server may be gone, and what it has told stands anyway."""
    watch = session.info.pop(WATCH, None)
    if watch is not None:
        watch.cancel()
    try:
        session.close()
    except SQLAlchemyError:
        session.invalidate()


def _watch(session: Session) -> threading.Timer:
    """Hang up after a while: a server that stands still, or is on a machine that does, never answers nor closes."""
    watch = threading.Timer(PATIENCE, _hang_up, [session.connection().connection.driver_connection])
    watch.daemon = True
    watch.start()
    return watch


def _hang_up(connection: Any) -> None:
    # It may be closed by now.
    with suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


class NoCopy(SQLAlchemyError):
    """What stands at DEBATE_REPLICA_URL follows some other server."""

    def __str__(self) -> str:
        return "this is no replica of the database at DEBATE_DATABASE_URL"


def _question(statement: str, values: Facts) -> tuple[TextClause, dict[str, Any]]:
    for number in range(len(values)):
        statement = statement.replace("?", f":value{number}", 1)
    asked = f"SELECT asked.*, pg_is_in_recovery(), {_LACKS} FROM ({statement}) AS asked"  # noqa: S608
    return text(asked), {f"value{number}": value for number, value in enumerate(values)}
