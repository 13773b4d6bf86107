"""The database: engines, one reading session a request, and the one way to write."""

import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, func, make_url, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import DateTime, TypeDecorator

from debate.kept import Kept
from debate.replica import Replica

P = ParamSpec("P")
R = TypeVar("R")

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
TRIES = 4
# The network that the request comes from, as a digest; empty for commands.
asked_from: ContextVar[str] = ContextVar("asked_from", default="")
REMOVED = "removed"
TEXT_BYTES = 32 * 2**20
KEPT_OPEN = 3  # connections to an SQLite file, for each of reading and writing
LOG_BYTES = 16 * 2**20  # SQLite's log, past which it is made short again
LOG_REST = 5  # seconds between two tries of that
# serialization failure, deadlock, lock not available in time
PASSING_STATES = {"40001", "40P01", "55P03", "25P03"}  # the last: cut off between two statements
ONE_SNAPSHOT: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
STALE_SIGNS = ("readonly database", "disk I/O error")
# PostgreSQL's words for a write where all may only be read, and for a transaction that says that it will write.
READ_ONLY = {"25006", "0A000"}
# So that nobody waits long for a server whose machine is gone, and closed nothing. Seconds, but for the last.
PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}


class Busy(Exception):
    """The database could not take the write within a few tries; nothing was stored."""


class Base(DeclarativeBase):
    """What every model stands on."""

    metadata = MetaData(naming_convention=NAMES)


class Moment(TypeDecorator[datetime]):
    """A time in UTC, aware on the way in and out, on databases that keep zones and on those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """One database: `reading()` sessions that never write, and `write()` for everything else."""

    def __init__(self, url: str, pool_size: int = 10, replica_url: str = "") -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url, pool_size, reads=False) if self.is_sqlite else _postgresql(url, pool_size)
        self._writer = self.engine.execution_options(writes=True)
        if self.is_sqlite:
            # Connections of their own: to turn writing off and on again makes SQLite forget its prepared statements.
            self.reader = self._peeker = _sqlite(url, pool_size, reads=True)
        else:
            # One snapshot for a whole page, as SQLite gives anyway: a count and the list it counts agree.
            self.reader = self.engine.execution_options(writes=False, **ONE_SNAPSHOT)
            self._peeker = _postgresql(
                url, pool_size, isolation_level="AUTOCOMMIT", pool_pre_ping=False, pool_reset_on_return=None
            )
        # What sessions find in their `info`: texts that never change, kept by queries/texts.py.
        # The app adds whether there are limits, and where they are counted (actions/paces.py).
        self.info: dict[str, Any] = {"texts": Kept(TEXT_BYTES), "limits": False}
        # What is told of writes that were tried again, or given up: a name, counted by debate/figures.py.
        self.count: Callable[[str], None] = lambda _: None
        self.replica = _replica(replica_url, pool_size, self.engine, self.info) if replica_url else None
        # Called after the commit of a write that took words away (see `removed`).
        self.after_removal: Callable[[], None] = lambda: None
        # SQLite's busy handler is unfair; one writer a process at a time waits its turn here instead.
        self._turn = threading.Lock()
        self._shortened = 0.0  # when the log was, or was to be (monotonic)

    def session(self) -> Session:
        """A session for reading: deferred on SQLite, where writing through it is refused, read only on PostgreSQL."""
        return Session(self.reader, expire_on_commit=False, info=self.info)

    def peek(self, statement: str, *values: str | int) -> tuple[Any, ...] | None:
        """One row, at once and outside of any session: for what is asked with every request. Its holes are `?`."""
        connection = self._peeker.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(statement if self.is_sqlite else statement.replace("?", "%s"), values)
            row = cursor.fetchone()
            cursor.close()
            return row and tuple(row)
        except Exception:
            connection.invalidate()
            raise
        finally:
            connection.close()

    @property
    def engines(self) -> list[Engine]:
        """Each that has connections of its own."""
        return [self.engine, self._peeker, *([self.replica.reader] if self.replica else [])]  # `reader` is of these

    @property
    def log_bytes(self) -> int:
        """How long SQLite's log is; 0 where there is none."""
        try:
            return os.stat(f"{self.engine.url.database}-wal").st_size if self.is_sqlite else 0
        except OSError:
            return 0

    def mark(self) -> int:
        """A number above that of every transaction whose doings can be seen now, on PostgreSQL: whoever lacks none
        below it lacks nothing."""
        row = self.peek("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return row[0] if row else 0

    def dispose(self, *, close: bool = True) -> None:
        """Let go of all connections; with `close` off, leave them to the process that made them."""
        for engine in self.engines:
            engine.dispose(close=close)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A reading session that closes itself (commands, checks)."""
        with self.session() as session:
            yield session

    def write(self, action: Callable[Concatenate[Session, P], R], /, *given: P.args, **named: P.kwargs) -> R:
        """Run one action in one write transaction and commit it; returns what the action returns.

        The action may run again when the database asks for it (deadlock, serialization), so it must touch nothing
        but its session. Return ids or plain values: objects are detached afterwards. Raises Busy after some tries.
        """
        for attempt in range(TRIES):
            try:
                with self._one_writer(), self._writing() as session:
                    answer = action(session, *given, **named)
                    session.commit()
                    is_removal = session.info.get(REMOVED, False)
            except DBAPIError as error:
                if not _is_passing(error):
                    raise
                self.count("retries")
                time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))  # noqa: S311 (jitter, no secret)
            else:
                self._keep_log_short()
                if is_removal:
                    self.after_removal()
                return answer
        self.count("busy")
        raise Busy

    def _keep_log_short(self) -> None:
        """Begin SQLite's log anew where it has grown: while readers overlap without a gap, it never does so by itself.

        Waits half a second for those who read an old state, and then again only after a while.
        """
        if self.log_bytes <= LOG_BYTES or time.monotonic() - self._shortened < LOG_REST:
            return
        self._shortened = time.monotonic()
        with suppress(Exception), self._turn, self.engine.connect() as connection:  # what was written is written
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA busy_timeout=500")
            try:
                is_blocked, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                driver.execute("PRAGMA busy_timeout=10000")
            if not is_blocked:
                self.count("checkpoints")

    def _writing(self) -> Session:
        # Actions flush once, at their end: what they change in several steps is written once.
        return Session(self._writer, expire_on_commit=False, info=self.info | {"address": asked_from.get()})

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        with self._turn:
            yield


def removed(session: Session) -> None:
    """Words that could be read are taken away in this write: once it is committed all that is kept of them goes."""
    session.info[REMOVED] = True


def now(session: Session) -> datetime:
    """The time, by the database's clock where there may be several nodes. Read it while the essay's row is held."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    return session.scalars(select(func.clock_timestamp())).one().astimezone(UTC)


def _is_passing(error: DBAPIError) -> bool:
    if isinstance(error, OperationalError) and "database is locked" in str(error.orig):
        return True
    return getattr(error.orig, "sqlstate", None) in PASSING_STATES


def _keep_private(file: str | None) -> None:
    """Make the file so that only its owner reads it (addresses and password hashes are in it), if it is not there.

    SQLite gives its log files the same rights. Where it cannot be made, connecting says why.
    """
    with suppress(OSError):
        os.close(os.open(file or "", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _sqlite(url: str, pool_size: int, *, reads: bool) -> Engine:
    engine = create_engine(
        url,
        # Each keeps pages and some forty prepared statements of 80 KB: the few used most are kept, and what is
        # opened beside them for a moment is closed again.
        pool_size=min(pool_size, KEPT_OPEN),
        max_overflow=max(pool_size - KEPT_OPEN, 0) + 10,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )
    _keep_private(engine.url.database)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        connection.execute("PRAGMA busy_timeout=10000")
        _keep_a_log(connection)
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            "journal_size_limit=67108864",
            "trusted_schema=OFF",
            "cache_size=-512",  # KiB a connection: the system has the file in memory, and each write empties them all
        ):
            connection.execute(f"PRAGMA {pragma}")
        if reads:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "handle_error")
    def let_go(context: Any) -> None:
        # What was read only when it was opened, or met an error of the disk's, stays so until it is opened again.
        if any(sign in str(context.original_exception) for sign in STALE_SIGNS):
            context.is_disconnect = True

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later cannot wait its turn: it fails at once. So writers say so.
        writes = connection.get_execution_options().get("writes", not reads)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")

    return engine


def _keep_a_log(connection: Any) -> None:
    """Turn to WAL, which the file remembers.

    Of two that turn a new file at once one is refused, whatever the busy timeout is.
    """
    deadline = time.monotonic() + 10
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.01, 0.05))  # noqa: S311 (jitter, no secret)


def _postgresql(url: str, pool_size: int, *, connect: dict[str, Any] | None = None, **other: Any) -> Engine:
    options = (
        "-c timezone=UTC -c statement_timeout=10000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=20000"
    )
    named: dict[str, Any] = {
        "pool_size": pool_size,
        "max_overflow": 10,
        "pool_pre_ping": True,
        "hide_parameters": True,  # what people wrote is not for the log
        "connect_args": {"options": options} | (connect or _patience(url)),
    }
    engine = create_engine(url, **(named | other))

    @event.listens_for(engine, "handle_error")
    def let_go(context: Any) -> None:
        # The server has become a standby, or somebody stopped all writing: by now the address may lead to another one.
        if getattr(context.original_exception, "sqlstate", None) in READ_ONLY:
            context.is_disconnect = True

    return engine


def _patience(url: str) -> dict[str, Any]:
    """What the address itself says goes before."""
    return {name: value for name, value in PATIENCE.items() if name not in make_url(url).query}


def _replica(url: str, pool_size: int, primary: Engine, info: dict[str, Any]) -> Replica:
    # It is asked something before each page anyway, and nobody waits long for an answer.
    patience = {"connect_timeout": 2, "tcp_user_timeout": 3000}
    engine = _postgresql(url, pool_size, connect=patience, pool_pre_ping=False)
    return Replica(engine.execution_options(**ONE_SNAPSHOT), primary, info)
