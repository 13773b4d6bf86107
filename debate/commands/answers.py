"""How a command fails: one line on stderr, exit 2; and that the schema is there before it starts."""

import sys
from typing import NoReturn

from sqlalchemy.exc import DBAPIError

from debate import schema, web
from debate.db import Database


def fail(words: str) -> NoReturn:
    """Say what is wrong in one line and stop with exit status 2."""
    print(words, file=sys.stderr)
    raise SystemExit(2)


def no_answer(error: DBAPIError) -> NoReturn:
    """Stop because the database did not answer, with its own first line on why."""
    fail(f"DEBATE_DATABASE_URL: the database does not answer ({str(error.orig).strip().splitlines()[0]}).")


def database() -> Database:
    """The database, with all that this program needs: an empty one is brought there, an older one is for
    `debate db upgrade`, and one that a newer program has upgraded will do, as it does for nodes that run."""
    there = web.database()
    try:
        if schema.is_empty(there):
            schema.upgrade(there)
        elif schema.is_behind(there):
            fail("The database is at an earlier version than this program: run `debate db upgrade`.")
    except DBAPIError as error:
        no_answer(error)
    return there
