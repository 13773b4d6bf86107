"""Many rows into a database at once."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from debate.db import Base

CHUNK = 5000  # rows a statement


def store(connection: Connection, model: type[Base], given: Iterable[dict[str, Any]]) -> None:
    """Insert rows in chunks, of each only what the model has a column for."""
    table = model.__table__
    assert isinstance(table, Table)
    known = set(table.c.keys())
    waiting = iter(given)
    while chunk := list(islice(waiting, CHUNK)):
        connection.execute(insert(table), [{name: row[name] for name in row if name in known} for row in chunk])


def finish(connection: Connection) -> None:
    """SQLite's search index reads what was stored; PostgreSQL's sequences go on where the ids end."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO finds_index (finds_index) VALUES ('rebuild')"))
        return
    for table in Base.metadata.sorted_tables:
        if "id" in table.c:
            last = connection.scalar(select(func.max(table.c.id)))
            sequence = func.pg_get_serial_sequence(table.name, "id")
            connection.execute(select(func.setval(sequence, last or 1, last is not None)))
