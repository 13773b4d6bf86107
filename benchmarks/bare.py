"""What Debate is measured against: Flask views of the same bytes and the same rows that do nothing else.

Served by gunicorn as Debate is: `DEBATE_DATABASE_URL=... gunicorn bare:app`.
"""

import os
import sqlite3
from typing import Any

from flask import Flask, Response, render_template_string, request

URL = os.environ.get("DEBATE_DATABASE_URL", "")
ESSAY = """<!doctype html><html lang="en"><title>{{ title }}</title><main><h1>{{ title }}</h1>
{% for p in paragraphs %}<section id="p-{{ p[0] }}"><div>{{ p[1]|safe }}</div>
<a href="/p/{{ p[0] }}">{{ p[2] }} for, {{ p[3] }} against</a></section>
{% endfor %}</main></html>"""
THREAD = """<!doctype html><html lang="en"><title>Thread</title><main>
{% for r in replies %}<article id="reply-{{ r[0] }}" class="{{ r[1] }}"><header>{{ r[4] }} {{ r[3] }}</header>
<div>{{ r[2]|safe }}</div><footer>{{ r[5] - r[6] }} points <a href="/replies/{{ r[0] }}">link</a></footer></article>
{% endfor %}</main></html>"""

app = Flask(__name__)


def connect() -> Any:
    """A connection as Debate has them: WAL and synchronous=FULL on SQLite."""
    if URL.startswith("postgresql"):
        import psycopg

        return psycopg.connect(URL.replace("+psycopg", ""), autocommit=True)
    connection = sqlite3.connect(URL.partition("///")[2], isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA busy_timeout=10000")
    return connection


kept: dict[int, Any] = {}


def rows(sql: str, *values: Any) -> list[Any]:
    """The rows of a statement, on this thread's connection."""
    import threading

    connection = kept.get(threading.get_ident())
    if connection is None:
        connection = kept[threading.get_ident()] = connect()
    cursor = connection.execute(sql if isinstance(connection, sqlite3.Connection) else sql.replace("?", "%s"), values)
    return cursor.fetchall() if cursor.description else []


@app.get("/constant/<int:size>")
def constant(size: int) -> Response:
    """`size` bytes that are there already."""
    return Response(BYTES[:size], mimetype="text/html")


BYTES = b"x" * 3_000_000


@app.get("/essay")
def essay() -> str:
    """The essay with its kept counts, in one statement."""
    found = rows(
        "SELECT p.key, w.html, p.for_count, p.against_count FROM paragraphs p JOIN wordings w ON w.paragraph_id = p.id "
        "ORDER BY p.id"
    )
    return render_template_string(ESSAY, title="The essay", paragraphs=found)


@app.get("/thread/<int:count>")
def thread(count: int) -> str:
    """So many replies, one after the other, in one statement."""
    found = rows(
        "SELECT r.id, r.stance, r.html, r.made_at, u.name, r.ups, r.downs FROM replies r "
        "JOIN users u ON u.id = r.author_id WHERE r.id <= ? ORDER BY r.id",
        count,
    )
    return render_template_string(THREAD, replies=found)


@app.post("/insert")
def insert() -> str:
    """One row, committed."""
    rows("INSERT INTO bare (words) VALUES (?)", request.form.get("words", ""))
    return "stored"
