"""M: the schema, from nothing or any earlier state to the newest, twice over, two at once, and never half."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from cast import Browser, EssayAt, cite, everything, hide, lock, vote
from flask import Flask
from live import KINDS, Person, Site, free_port, site_on
from sqlalchemy import MetaData, Table, inspect, select, text

from debate import schema
from debate.db import Base, Database
from debate.models import Citation, Notice, Reply, Revision, Source, Vote, VoteAside
from debate.queries import counts

# At which statement an upgrade is killed; the shortest has some twenty.
# A small migration has few statements, so the first to be killed at comes early.
KILL_AT = range(3, 400, 12) if int(os.environ.get("KILLS", "3")) >= 50 else (3, random.randint(8, 20))
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bare(bare_url: str) -> Iterator[Database]:
    """A database without a table in it."""
    database = Database(bare_url, pool_size=2)
    yield database
    database.dispose()


def tables(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return {name for name in inspect(connection).get_table_names() if not name.startswith("finds_index")}


def test_an_empty_database_becomes_what_the_models_say(bare: Database) -> None:
    assert schema.is_empty(bare)
    assert not schema.is_current(bare)
    schema.upgrade(bare)
    assert schema.is_current(bare)
    assert schema.differences(bare) == []
    assert tables(bare) == set(Base.metadata.tables) | {"alembic_version"}


def test_constraints_are_there_under_their_names(bare: Database) -> None:
    schema.upgrade(bare)
    with bare.engine.connect() as connection:
        there = inspect(connection)
        for name, table in Base.metadata.tables.items():
            checks = {check["name"] for check in there.get_check_constraints(name)}
            keys = {key["name"] for key in there.get_foreign_keys(name)}
            uniques = {unique["name"] for unique in there.get_unique_constraints(name)}
            expected = {constraint.name for constraint in table.constraints} - {table.primary_key.name}
            assert checks | keys | uniques == expected, name
            assert {index["name"] for index in there.get_indexes(name)} - uniques == {
                index.name for index in table.indexes
            }


def test_m1_every_migration_goes_up_from_the_one_before(bare: Database) -> None:
    steps = list(ScriptDirectory.from_config(schema._config()).walk_revisions())
    for step in reversed(steps):
        assert not schema.is_current(bare)
        schema.upgrade(bare, step.revision)
        assert step.path.rpartition("/")[2][:8].isdigit()
    assert schema.is_current(bare)
    assert schema.differences(bare) == []


def test_a_database_in_use_keeps_every_row(
    app: Flask, database: Database, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    ids = essay.chain(critic, 3)
    vote(stranger, ids[0], 1)
    cite(stranger, ids[1], "https://example.org/")
    stranger.post(f"/replies/{ids[2]}/replies", stance="con", body="No.")
    hide(moderator, ids[2])
    lock(moderator, essay.target())
    before = everything(app)
    schema.upgrade(database)
    assert everything(app) == before
    assert schema.differences(database) == []


BLANK = {int: 0, str: "", bool: False, float: 0.0, datetime: datetime(2026, 1, 1, tzinfo=UTC)}


def insert(database: Database, table: Table, **values: Any) -> None:
    """A row of a table of an earlier schema: what is not said and may not be missing is blank."""
    blank = {
        column.name: BLANK[column.type.python_type]
        for column in table.columns
        if not column.nullable and column.name not in ("id", *values) and column.server_default is None
    }
    with database.engine.begin() as connection:
        connection.execute(table.insert().values(blank | values))


def test_sources_of_before_become_the_things_they_are(bare: Database) -> None:
    schema.upgrade(bare, "20261125_moderation")
    old = MetaData()
    old.reflect(bare.engine)
    tables = old.tables
    insert(bare, tables["users"], id=1, role="participant", session_version=1)
    insert(bare, tables["essays"], id=1, slug="old", status="published", language="en", version=1, revision=1)
    insert(bare, tables["paragraphs"], id=1, essay_id=1, key="abcd", debatable=True, reply_count=1, for_count=1)
    insert(bare, tables["wordings"], id=1, paragraph_id=1, kind="text")
    reply = {"stance": "pro", "side": "pro", "state": "visible", "depth": 1, "path": "000000001", "stands": True}
    reply |= {"path_head": "000000001", "citation_count": 4}
    insert(bare, tables["replies"], id=1, essay_id=1, paragraph_id=1, wording_id=1, author_id=1, **reply)
    pages = (
        "https://doi.org/10.1000/ABC", "http://dx.doi.org/10.1000/abc", "https://arxiv.org/abs/2101.00001v2",
        "https://example.org/page",
    )  # fmt: skip
    for number, page in enumerate(pages, start=1):
        insert(bare, tables["sources"], id=number, scheme="url", canonical=page, digest=str(number))
        cited = {"reply_id": 1, "source_id": number, "by_id": 1, "url": page, "shows": "supports"}
        insert(bare, tables["citations"], id=number, **cited)
        insert(bare, tables["citings"], essay_id=1, source_id=number, pro=1, count=1)
    schema.upgrade(bare)
    assert schema.differences(bare) == []
    with bare.reading() as session:
        sources = session.scalars(select(Source).order_by(Source.id)).all()
        assert [(source.scheme, source.canonical) for source in sources] == [
            ("doi", "10.1000/abc"), ("url", pages[1]), ("arxiv", "2101.00001"), ("url", pages[3])
        ]  # fmt: skip
        assert [source.merged_into_id for source in sources] == [None, 1, None, None]
        named = session.execute(select(Citation.source_id, Citation.given_id, Citation.url).order_by(Citation.id))
        assert named.all() == [(1, 1, pages[0]), (1, 2, pages[1]), (3, 3, pages[2]), (4, 4, pages[3])]
        found = [difference for difference in counts.differences(session) if difference.column not in UNSET]
        assert found == []


def test_votes_of_before_are_on_the_words_they_were_cast_on_and_texts_know_how_they_are_written(bare: Database) -> None:
    schema.upgrade(bare, "20261126_evidence")
    old = MetaData()
    old.reflect(bare.engine)
    tables = old.tables
    for number in (1, 2, 3):
        name = f"user{number}"
        of_user = {"name": name, "name_key": name, "email": name, "email_key": name}
        insert(bare, tables["users"], id=number, role="participant", session_version=1, **of_user)
    texts = (
        [("text", "A & b < c", "<p>A &amp; b &lt; c</p>"), ("text", "two\nlines", "<p>two\nlines</p>")],
        [("text", "Words.", "<p>Words.</p>"), ("heading", "# Head", "<h2>Head</h2>")],
        [("text", "So *loud*", "<p>So <em>loud</em></p>")],
    )
    at = 0
    for essay_id, blocks in enumerate(texts, start=1):
        insert(bare, tables["essays"], id=essay_id, slug=f"e{essay_id}", status="published", language="en", revision=1)
        insert(bare, tables["revisions"], id=essay_id, essay_id=essay_id, number=1, title="T")
        for position, (kind, source, html) in enumerate(blocks, start=1):
            at += 1
            insert(bare, tables["paragraphs"], id=at, essay_id=essay_id, key=f"key{at}", debatable=kind == "text")
            insert(bare, tables["wordings"], id=10 + at, paragraph_id=at, kind=kind, source=source, html=html)
            placed = {"revision_id": essay_id, "position": position, "paragraph_id": at, "wording_id": 10 + at}
            insert(bare, tables["placements"], **placed)
    reply = {"stance": "pro", "side": "pro", "state": "visible", "depth": 1, "stands": True, "author_id": 1}
    for number, (essay_id, paragraph_id) in enumerate([(1, 1), (1, 2), (2, 3)], start=1):
        place = {"essay_id": essay_id, "paragraph_id": paragraph_id, "wording_id": 10 + paragraph_id}
        path = f"0{number:08x}"
        insert(bare, tables["replies"], id=number, path=path, path_head=path, ups=1, **place, **reply)
        insert(bare, tables["votes"], user_id=2, reply_id=number, value=1)
        insert(bare, tables["votes_aside"], user_id=3, reply_id=number, value=-1)
    insert(bare, tables["notices"], user_id=1, kind="ask", reply_id=1)
    schema.upgrade(bare)
    assert schema.differences(bare) == []
    with bare.reading() as session:
        for model in (Vote, VoteAside):
            assert session.execute(select(model.reply_id, model.wording_id).order_by(model.reply_id)).all() == [
                (1, 11), (2, 12), (3, 13)
            ]  # fmt: skip
        assert session.scalars(select(Revision.format).order_by(Revision.id)).all() == ["txt", "md", "md"]
        assert session.scalars(select(Revision.summary)).all() == ["", "", ""]
        assert session.execute(select(Notice.kind, Notice.reply_id, Notice.revision_id)).all() == [("ask", 1, None)]


# What the rows above leave blank and no migration is to put right.
UNSET = ("writer_count", "newest_id", "reply_count", "best", "disputed")


def test_m1_a_migration_that_fails_leaves_nothing(bare: Database) -> None:
    with bare.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE votes (id INTEGER)")
    with pytest.raises(Exception, match="already exists"):
        schema.upgrade(bare)
    assert tables(bare) == {"votes"}
    with bare.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE votes")
    schema.upgrade(bare)
    assert schema.is_current(bare)


# --- from every earlier state, killed on the way

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
USER = {"role": "participant", "session_version": 1}
REPLY = {"essay_id": 1, "paragraph_id": 1, "wording_id": 1, "stance": "con", "side": "con", "state": "visible"}
RULING = {"act": "hide", "by_id": 2, "essay_id": 1, "reply_id": 3, "reason": "spam", "number": 1, "made_at": MOMENT}
# What may stand in any schema, in an order that keys allow; columns that a schema has not got are left out.
ROWS: list[tuple[str, dict[str, Any]]] = [
    *(("users", USER | {"id": n} | dict.fromkeys(("name", "name_key", "email", "email_key"), f"user{n}"))
      for n in (1, 2, 3)),
    ("essays", {"id": 1, "slug": "old", "status": "published", "language": "en", "version": 1, "revision": 1}),
    ("revisions", {"id": 1, "essay_id": 1, "number": 1, "title": "Old"}),
    *(("paragraphs", {"id": n, "essay_id": 1, "key": f"key{n}", "debatable": True}) for n in (1, 2)),
    *(("wordings", {"id": n, "paragraph_id": n, "kind": "text", "source": "Words.", "html": "<p>Words.</p>"})
      for n in (1, 2)),
    *(("placements", {"revision_id": 1, "position": n, "paragraph_id": n, "wording_id": n}) for n in (1, 2)),
    *(("replies", REPLY | {"id": n, "author_id": n, "body": f"Reply {n}.", "html": f"<p>Reply {n}.</p>", "depth": 1,
      "path": f"{n:08x}", "path_head": f"{n:08x}", "ups": 1, "stands": True}) for n in (1, 2, 3)),
    ("reply_edits", {"reply_id": 1, "number": 0, "body": "Before.", "html": "<p>Before.</p>", "until": MOMENT}),
    *(("votes", {"user_id": n % 3 + 1, "reply_id": n, "wording_id": 1, "value": 1, "cast_at": MOMENT})
      for n in (1, 2, 3)),
    *(("sources", {"id": n, "scheme": "url", "canonical": f"https://example.org/{n}", "digest": str(n)})
      for n in (1, 2)),
    *(("citations", {"id": n, "reply_id": n, "source_id": n, "given_id": n, "by_id": 3, "url": f"https://example.org/{n}",
      "shows": "supports"}) for n in (1, 2)),
    ("locks", {"id": 1, "essay_id": 1, "paragraph_id": 2, "by_id": 2, "reason": "Rest.", "placed_at": MOMENT}),
    ("rulings", RULING | {"id": 1}),
]  # fmt: skip
KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from debate import schema
from debate.db import Database
left = int(sys.argv[2])
@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
schema.upgrade(Database(sys.argv[1]))
"""


def steps() -> list[str]:
    """Every migration, the first one first."""
    return [step.revision for step in ScriptDirectory.from_config(schema._config()).walk_revisions()][::-1]


def fill(database: Database) -> None:
    """Rows in the tables of an earlier schema."""
    old = MetaData()
    old.reflect(database.engine)
    for name, values in ROWS:
        if name in old.tables:
            table = old.tables[name]
            insert(database, table, **{key: value for key, value in values.items() if key in table.columns})
    if not database.is_sqlite:  # ids were given, not drawn
        with database.engine.begin() as connection:
            for name in {name for name, values in ROWS if "id" in values and name in old.tables}:
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"
                )


def sizes(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.engine.connect() as connection:
        return {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
            for name in sorted(tables(database) - {"alembic_version"})
        }


def described(database: Database) -> dict[str, list[str]]:
    """All that the database says of its tables."""
    with database.engine.connect() as connection:
        there = inspect(connection)
        parts = (
            there.get_columns, there.get_check_constraints, there.get_foreign_keys, there.get_unique_constraints,
            there.get_indexes, lambda name: [there.get_pk_constraint(name)],
        )  # fmt: skip
        return {
            name: sorted(json.dumps(one, default=str) for part in parts for one in part(name))
            for name in sorted(tables(database))
        }


def wait_until_alone(database: Database) -> None:
    """A server of PostgreSQL's that lost its client holds its locks until it has noticed."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    end = time.monotonic() + 60
    while not database.is_sqlite and time.monotonic() < end:
        with database.engine.connect() as connection:
            if connection.exec_driver_sql(others).scalar_one() == 0:
                return
        time.sleep(0.1)


@pytest.fixture
def fresh(backend: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database that was made today."""
    database = Database(request.getfixturevalue("database_url"), pool_size=1)
    yield database
    database.dispose()


@pytest.mark.slow
@pytest.mark.parametrize(
    "version", [steps()[0], *(pytest.param(one, marks=pytest.mark.full) for one in steps()[1:-2]), steps()[-2]]
)
def test_m1_an_upgrade_from_any_state_that_is_killed_half_way_is_as_if_it_had_not_begun(
    bare: Database, bare_url: str, fresh: Database, version: str, tmp_path: Path
) -> None:
    schema.upgrade(bare, version)
    fill(bare)
    before, state = sizes(bare), described(bare)
    assert sum(before.values()) >= 20
    kills = 0
    for at in KILL_AT:
        bare.dispose()
        environ = {**os.environ, "DEBATE_INSTANCE": str(tmp_path)}
        command = [sys.executable, "-c", KILLED, bare_url, str(at)]
        done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=120)
        if done.returncode == 0:
            break  # it had fewer statements
        assert done.returncode == -9, done.stderr
        kills += 1
        wait_until_alone(bare)
        assert sizes(bare) == before
        assert described(bare) == state
    assert kills
    schema.upgrade(bare)
    assert schema.is_current(bare)
    assert schema.differences(bare) == []
    after = sizes(bare)
    assert {name: after[name] for name in before if name in after} == before
    assert described(bare) == described(fresh)
    if bare.is_sqlite:
        with bare.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").all() == [("ok",)]
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


@pytest.mark.slow
def test_m2_upgrades_that_begin_at_once_are_one(bare: Database, bare_url: str, tmp_path: Path) -> None:
    environ = {**os.environ, "DEBATE_DATABASE_URL": bare_url, "DEBATE_INSTANCE": str(tmp_path)}
    command = [sys.executable, "-m", "debate", "db", "upgrade"]
    running = [
        subprocess.Popen(command, env=environ, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [(*process.communicate(timeout=60), process.returncode) for process in running] == [
        (f"The schema is at {schema.newest()}.\n", "", 0)
    ] * 3
    assert schema.differences(bare) == []


# --- a backup that goes on meanwhile

on_postgres = pytest.mark.parametrize("backend", KINDS[1:], indirect=True)
READS = "LOCK TABLE users IN ACCESS SHARE MODE"  # as pg_dump does, until its end
IS_WAITED_FOR = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted AND mode = 'AccessExclusiveLock' AND relation = 'users'::regclass
"""


@on_postgres
def test_an_upgrade_that_waits_for_a_backup_holds_up_nobody_else(
    bare: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(schema, "_REST", 0.2)
    schema.upgrade(bare, "20261127_revisions")
    with ThreadPoolExecutor(1) as pool:
        with bare.engine.connect() as backup, bare.engine.connect() as reader:
            backup.exec_driver_sql(READS)
            running = pool.submit(schema.upgrade, bare)
            end = time.monotonic() + 10
            while not reader.exec_driver_sql(IS_WAITED_FOR).scalar_one():
                assert time.monotonic() < end
                time.sleep(0.01)
            began = time.monotonic()
            assert reader.exec_driver_sql("SELECT count(*) FROM users").scalar_one() == 0
            assert time.monotonic() - began < 3
            assert not running.done()
        running.result(20)
    assert schema.is_current(bare)
    assert schema.differences(bare) == []
    assert capsys.readouterr().err.count("\n") == 1


@on_postgres
def test_an_upgrade_that_has_waited_too_long_says_so_in_one_line(
    make_app: Callable[..., Flask], bare_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_IN_LINE", "50ms")
    monkeypatch.setattr(schema, "_LONGEST", 0)
    app = make_app(database_url=bare_url)
    database = app.extensions["database"]
    schema.upgrade(database, "20261127_revisions")
    with database.engine.connect() as backup:
        backup.exec_driver_sql(READS)
        refused = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "was in use" in refused.stderr
    assert app.test_cli_runner().invoke(args=["db", "upgrade"]).exit_code == 0


def test_the_site_says_that_it_is_not_ready_before_its_schema_is(make_app: Callable[..., Flask], bare_url: str) -> None:
    client = Browser(make_app(database_url=bare_url))
    assert client.get("/livez").status_code == 200
    not_ready = client.get("/readyz")
    assert (not_ready.status_code, not_ready.text) == (503, "not ready\n")
    schema.upgrade(client.app.extensions["database"])
    ready = client.get("/readyz")
    assert (ready.status_code, ready.text, ready.headers["Cache-Control"]) == (200, "ok\n", "no-store")


@pytest.mark.parametrize(("revision", "status"), [("29990101_later", 200), ("", 503)], ids=["newer", "older"])
def test_a_node_serves_on_while_others_are_upgraded_before_it_but_not_without_what_it_needs(
    make_app: Callable[..., Flask], bare_url: str, revision: str, status: int
) -> None:
    client = Browser(make_app(database_url=bare_url))
    database = client.app.extensions["database"]
    schema.upgrade(database)
    older = min(schema.known() - {schema.newest()})
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :now"), {"now": revision or older})
    assert client.get("/readyz").status_code == status


# --- what a later release may do to the schema under the program of today

LATER = """
import sqlalchemy as sa
from alembic import op

revision = "29990101_later"
down_revision = "{newest}"

def upgrade():
    op.create_table(
        "moods",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("reply_id", sa.Integer(), sa.ForeignKey("replies.id"), nullable=False),
    )
    for table in ("users", "essays", "replies", "votes", "rulings"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("mood", sa.String(20), nullable=True))
            batch.add_column(sa.Column("weight", sa.Integer(), nullable=False, server_default="7"))
        op.create_index(f"ix_{{table}}_weight", table, ["weight"])
"""


@pytest.fixture
def go_on_without_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Site], None]:
    """Upgrades a site's database as a later release would, whose migrations this program has never heard of."""
    versions = tmp_path / "migrations" / "versions"
    shutil.copytree(schema._MIGRATIONS, versions.parent)
    (versions / "29990101_later.py").write_text(LATER.format(newest=schema.newest()))

    def upgrade(site: Site) -> None:
        with site.database() as database, monkeypatch.context() as patch:
            patch.setattr(schema, "_MIGRATIONS", versions.parent)
            schema.upgrade(database)

    return upgrade


@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.parametrize("kind", KINDS)
def test_m3_this_program_serves_what_a_later_one_has_upgraded_also_if_it_is_started_then(
    kind: str, go_on_without_us: Callable[[Site], None], tmp_path: Path
) -> None:
    with site_on(kind, tmp_path / "site", DEBATE_WORKERS="2") as site:
        essay = site.add_essay()
        writer, voter = site.add_people(["Writer", "Voter"])
        (warden,) = site.add_people(["Warden"], role="moderator")
        site.start()
        for person in (writer, voter, warden):
            person.walk_in()

        def use(node: Site) -> int:
            """Read and write there whatever the upgrade touched; gives the reply that was made."""
            for person in (writer, voter, warden):
                person.site = node
            assert Person(node).get("/readyz").status == 200
            path = f"{essay.paragraph(1)}/replies"
            made = writer.post(path, stance="pro", body=f"At port {node.port}, {time.monotonic()}.").reply_id
            assert writer.post(f"/replies/{made}/edit", body=f"Edited, {made}.").status == 303
            assert voter.post(f"/replies/{made}/vote", value="1").status == 303
            assert warden.post(f"/replies/{made}/lock", reason="Rest.").status == 303
            new = Person(node, f"New{made}").register()
            for path in (
                "/",
                essay.path,
                essay.paragraph(1),
                f"/replies/{made}",
                "/moderation/log",
                "/search?q=edited",
            ):
                for person in (Person(node), writer, new):
                    assert person.get(path).status == 200, path
            return made

        made = [use(site)]
        go_on_without_us(site)
        made += [use(site), use(site)]
        other = Site(site.folder, site.database_url, site.settings, free_port())
        try:
            made.append(use(other.start()))
            assert "upgraded by a newer version" in other.log
            assert site.stop() == 0
            made.append(use(site.start()))
        finally:
            other.kill()
        rows = site.rows(select(Reply.id, Reply.body, Reply.ups).order_by(Reply.id))
        assert rows == [(number, f"Edited, {number}.", 1) for number in made]
        with site.database() as database, database.reading() as session:
            assert counts.differences(session) == []
        assert "another version" in site.recounts()  # commands are for the program that upgraded it
        refused = site.run("db", "upgrade")
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert "newer version" in refused.stderr


# From here on nodes of two releases serve at once: a migration only adds.
HELD_FROM = "20261129_accounts"
Columns = dict[str, dict[str, dict[str, Any]]]


def columns(database: Database) -> Columns:
    """Every column as the database describes it, by table and name."""
    with database.engine.connect() as connection:
        there = inspect(connection)
        return {name: {one["name"]: dict(one) for one in there.get_columns(name)} for name in tables(database)}


def broken(before: Columns, after: Columns) -> list[str]:
    """What the program of the release before would miss, or could not write any more."""
    found = [table for table in before if table not in after]
    for table in set(before) & set(after):
        old, new = before[table], after[table]
        found += [f"{table}.{name}" for name in old if name not in new]
        found += [
            f"{table}.{name}"
            for name, column in new.items()
            if not column["nullable"] and column["default"] is None and (name not in old or old[name]["nullable"])
        ]
    return sorted(found)


def test_m3_no_migration_takes_away_what_the_release_before_needs(bare: Database) -> None:
    order = steps()
    since = order.index(HELD_FROM)
    schema.upgrade(bare, order[since - 1])
    for step in order[since:]:
        before = columns(bare)
        schema.upgrade(bare, step)
        assert broken(before, columns(bare)) == [], step


@pytest.mark.parametrize(
    ("statements", "names"),
    [
        (["DROP TABLE mutes"], ["mutes"]),
        (["ALTER TABLE mutes RENAME TO silences"], ["mutes"]),
        (["ALTER TABLE replies DROP COLUMN html"], ["replies.html"]),
        (["ALTER TABLE replies RENAME COLUMN html TO markup"], ["replies.html", "replies.markup"]),
        (
            [
                "DROP TABLE retired_names",
                "CREATE TABLE retired_names (digest VARCHAR(64) PRIMARY KEY, why TEXT NOT NULL)",
            ],
            ["retired_names.why"],
        ),
        (["ALTER TABLE mutes ADD COLUMN why TEXT"], []),
        (["ALTER TABLE mutes ADD COLUMN why TEXT NOT NULL DEFAULT ''"], []),
        (["CREATE TABLE moods (id INTEGER PRIMARY KEY, name TEXT NOT NULL)"], []),
    ],
    ids=["a table", "its name", "a column", "the column's name", "NOT NULL", "may be empty", "default", "new"],
)
def test_m3_what_a_migration_may_not_take_away_is_seen(bare: Database, statements: list[str], names: list[str]) -> None:
    schema.upgrade(bare)
    before = columns(bare)
    with bare.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    assert broken(before, columns(bare)) == names
