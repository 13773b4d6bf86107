"""The schema: from nothing to the newest state, twice over, two at once, and never half."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from cast import Browser, EssayAt, cite, everything, hide, lock, vote
from flask import Flask
from sqlalchemy import inspect

from debate import schema
from debate.db import Base, Database

ROOT = Path(__file__).resolve().parent.parent


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


def test_every_migration_goes_up_from_the_one_before(bare: Database) -> None:
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


def test_a_migration_that_fails_leaves_nothing(bare: Database) -> None:
    with bare.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE votes (id INTEGER)")
    with pytest.raises(Exception, match="already exists"):
        schema.upgrade(bare)
    assert tables(bare) == {"votes"}
    with bare.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE votes")
    schema.upgrade(bare)
    assert schema.is_current(bare)


@pytest.mark.slow
def test_two_upgrades_at_once_are_one(bare: Database, bare_url: str, tmp_path: Path) -> None:
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


def test_the_site_says_that_it_is_not_ready_before_its_schema_is(make_app: Callable[..., Flask], bare_url: str) -> None:
    client = Browser(make_app(database_url=bare_url))
    assert client.get("/livez").status_code == 200
    not_ready = client.get("/readyz")
    assert (not_ready.status_code, not_ready.text) == (503, "not ready\n")
    schema.upgrade(client.app.extensions["database"])
    ready = client.get("/readyz")
    assert (ready.status_code, ready.text, ready.headers["Cache-Control"]) == (200, "ok\n", "no-store")
