"""How a command fails: one line on stderr, exit 2, or 1 for what may pass; and that the schema is there before it
starts."""

import sys
from typing import NoReturn

from sqlalchemy.exc import DBAPIError

from debate import schema, web
from debate.db import Database

WRONG, MAY_PASS = 2, 1  # exit statuses; systemd starts the server again after the second (deploy/debate.service)


def fail(words: str, status: int = WRONG) -> NoReturn:
    """Say what is wrong in one line and stop with that exit status."""
    print(words, file=sys.stderr)
    raise SystemExit(status)


def no_answer(error: DBAPIError) -> NoReturn:
    """Stop because the database did not answer, with its own first line on why."""
    why = str(error.orig).strip().splitlines()[0]
    fail(f"DEBATE_DATABASE_URL: the database does not answer ({why}).", MAY_PASS)


def database(*, newer_will_do: bool = False) -> Database:
    """The database, at the newest schema; an empty one is brought there, an older one is for `debate db upgrade`. What
    a newer program has upgraded is served (`newer_will_do`), and otherwise left to that program's commands."""
    there = web.database()
    try:
        if schema.is_empty(there):
            schema.upgrade(there)
        elif schema.is_behind(there) if newer_will_do else not schema.is_current(there):
            fail(
                "The database is at another version than this program: run `debate db upgrade`, or upgrade the program."
            )
    except DBAPIError as error:
        no_answer(error)
    return there
