"""What Flask can do at least: the same data over one plain statement, no code of Debate.

Served by gunicorn as bare:app. BARE_DATABASE names the database, as Debate's own setting does.
"""

import os
import sqlite3
import threading
from functools import cache
from typing import Any

from flask import Flask, Response, render_template, request
from jinja2 import DictLoader

ESSAY = """<!doctype html><html lang="en"><title>{{ slug }}</title><h1>{{ slug }}</h1>
{% for html, key, pro, con, all in rows %}
<section id="p-{{ key }}"><div>{{ html|safe }}</div>
<a href="/essays/{{ slug }}/p/{{ key }}">{{ pro }} for, {{ con }} against, {{ all }} replies</a></section>
{% endfor %}"""
THREAD = """<!doctype html><html lang="en"><title>Debate</title>
{% for id, stance, html, ups, downs, made_at, name in rows %}
<article id="reply-{{ id }}" class="{{ stance }}"><p><a href="/users/{{ name }}">{{ name }}</a>
<a href="/replies/{{ id }}">{{ made_at }}</a> {{ ups - downs }} points</p>{{ html|safe }}</article>
{% endfor %}"""
ESSAY_ROWS = """SELECT w.html, p.key, p.for_count, p.against_count, p.reply_count
FROM essays e JOIN revisions r ON r.essay_id = e.id AND r.number = e.revision
JOIN placements l ON l.revision_id = r.id JOIN paragraphs p ON p.id = l.paragraph_id
JOIN wordings w ON w.id = l.wording_id WHERE e.slug = ? ORDER BY l.position"""
# The cheapest rows there are: no order but the ids'.
THREAD_ROWS = """SELECT r.id, r.stance, r.html, r.ups, r.downs, r.made_at, u.name
FROM replies r JOIN users u ON u.id = r.author_id WHERE r.id <= ? ORDER BY r.id"""
INSERT = "INSERT INTO bare_rows (words) VALUES (?)"

URL = os.environ.get("BARE_DATABASE", "")
IS_SQLITE = URL.startswith("sqlite")

app = Flask(__name__)
app.jinja_loader = DictLoader({"essay.html": ESSAY, "thread.html": THREAD})
_mine = threading.local()


def connection() -> Any:
    """This thread's connection; it commits every statement by itself."""
    if not hasattr(_mine, "connection"):
        _mine.connection = _sqlite() if IS_SQLITE else _postgresql()
        serial = "INTEGER PRIMARY KEY" if IS_SQLITE else "SERIAL PRIMARY KEY"
        _mine.connection.execute(f"CREATE TABLE IF NOT EXISTS bare_rows (id {serial}, words TEXT NOT NULL)")
    return _mine.connection


def _sqlite() -> sqlite3.Connection:
    made = sqlite3.connect(URL.partition("///")[2], isolation_level=None, timeout=10)
    made.execute("PRAGMA journal_mode=WAL")
    made.execute("PRAGMA synchronous=FULL")
    return made


def _postgresql() -> Any:
    import psycopg

    return psycopg.connect(URL.replace("+psycopg", "", 1), autocommit=True)


def statement(words: str) -> str:
    return words if IS_SQLITE else words.replace("?", "%s")


@cache
def filling(size: int) -> bytes:
    return b"x" * size


@app.get("/livez")
def livez() -> str:
    return "ok"


@app.get("/constant/<int:size>")
def constant(size: int) -> Response:
    """So many bytes."""
    return Response(filling(size), mimetype="text/html")


@app.get("/essays/<slug>")
def essay(slug: str) -> str:
    """The essay, each paragraph with its stored counts."""
    return render_template(
        "essay.html", slug=slug, rows=connection().execute(statement(ESSAY_ROWS), (slug,)).fetchall()
    )


@app.get("/thread")
def thread() -> str:
    """The first `n` replies, flat."""
    rows = connection().execute(statement(THREAD_ROWS), (int(request.args["n"]),)).fetchall()
    return render_template("thread.html", rows=rows)


@app.post("/insert")
def insert() -> tuple[str, int]:
    """One row, committed."""
    connection().execute(statement(INSERT), (request.form["words"],))
    return "", 204
