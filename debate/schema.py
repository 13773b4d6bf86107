"""The schema: brought to its newest state by the migrations, compared with the models."""

import random
import sys
import time
from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError, OperationalError

from debate import models
from debate.db import Base, Database

_HERE = Path(__file__).resolve().parent
_MIGRATIONS = next(place for place in (_HERE / "migrations", _HERE.parent / "migrations") if place.is_dir())
_PATIENCE = 600_000  # milliseconds
# On PostgreSQL, of a table that others use: whoever wants it next stands behind who waits for it.
_IN_LINE = "2s"
_REST = 5.0  # seconds until it is tried again, about
_LONGEST = 300  # seconds until it is given up
_IN_USE = {"55P03", "40P01"}  # not to be had in time; each waited for what the other had


def upgrade(database: Database, to: str = "head") -> None:
    """Bring the schema to `to`; a second upgrade at the same time waits for the first, a failed one leaves nothing.

    While a table that has to change is in use for long, as by a backup, it is tried again and again.
    """
    end, is_told = time.monotonic() + _LONGEST, False
    while True:
        try:
            return _upgrade(database, to)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _IN_USE:
                raise
            if time.monotonic() > end:
                why = f"what the upgrade has to change was in use for {_LONGEST} seconds; nothing was changed"
                raise OperationalError(None, None, TimeoutError(why)) from error
        if not is_told:
            sys.stderr.write("The upgrade waits for what is in use by others (a backup, for instance).\n")
            is_told = True
        time.sleep(_REST * random.uniform(0.8, 1.2))  # noqa: S311 (jitter, no secret)


def _upgrade(database: Database, to: str) -> None:
    options = {"writes": True}
    if database.is_sqlite:
        options["keys"] = False
    with database.engine.connect().execution_options(**options) as connection:
        if database.is_sqlite:
            # Tables are made anew and swapped; the check of foreign keys comes after, see below.
            _outside_transaction(connection, "PRAGMA foreign_keys=OFF")
            # Another upgrade is waited for as long as it takes.
            _outside_transaction(connection, f"PRAGMA busy_timeout={_PATIENCE}")
        try:
            with connection.begin():
                if not database.is_sqlite:
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                    connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
                    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4919118)")
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_IN_LINE}'")
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, to)
                if database.is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("the migration broke a foreign key; nothing was changed")
        finally:
            if database.is_sqlite:
                _outside_transaction(connection, "PRAGMA foreign_keys=ON")
                _outside_transaction(connection, "PRAGMA busy_timeout=10000")


def differences(database: Database) -> list[str]:
    """What differs between the models and the database, a line each; empty if nothing does."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
        return [str(difference) for difference in compare_metadata(context, Base.metadata)]


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether the models should know a thing: not the index of search, which each database makes in its own way."""
    return kind != "table" or name is None or not name.startswith("finds_index")


def is_empty(database: Database) -> bool:
    """Whether the database holds no tables at all."""
    with database.engine.connect() as connection:
        return not inspect(connection).get_table_names()


def is_current(database: Database) -> bool:
    """Whether the schema is at the newest migration."""
    with database.engine.connect().execution_options(writes=False) as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest()


def is_behind(database: Database) -> bool:
    """Whether the schema lacks a migration of this program; one that a newer program has upgraded does not."""
    with database.engine.connect().execution_options(writes=False) as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    return revision != newest() and (revision is None or revision in known())


def known() -> set[str]:
    """Every migration that this program has."""
    return {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}


@cache
def newest() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def _outside_transaction(connection: Connection, statement: str) -> None:
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(statement)


assert models.__all__  # noqa: S101 (the models must be imported for the metadata to know them)
