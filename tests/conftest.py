"""The databases, the app and the people that tests share.

Each test that asks for `database_url` (or `app`, or anybody of the cast) runs on SQLite, and on PostgreSQL too where
DEBATE_TEST_DATABASE_URL names a server. The builders are in cast.py.
"""

import gc
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from cast import Browser, EssayAt, add_user, publish
from flask import Flask
from flask.testing import FlaskCliRunner
from jinja2 import FileSystemBytecodeCache
from live import KEPT, KINDS
from ring import Ring, running_ring
from sqlalchemy import create_engine, make_url, text

from debate import create_app, schema
from debate.config import Settings
from debate.db import Base, Database

# Those that take long and need more than Chromium: for `make check-full`.
collect_ignore = [] if os.environ.get("FULL") == "1" else ["test_lighthouse.py", "test_nu.py"]

pytest_plugins = ["town"]

POSTGRES = os.environ.get("DEBATE_TEST_DATABASE_URL", "")
HOW = "PostgreSQL tests are off; to turn them on: DEBATE_TEST_DATABASE_URL=postgresql://postgres@127.0.0.1/test"
REDIS = os.environ.get("DEBATE_TEST_REDIS_URL", "")
HOW_REDIS = "Redis tests are off; to turn them on: DEBATE_TEST_REDIS_URL=redis://127.0.0.1:6379/15"
SECRET = "a secret key for tests, and for tests only"


def lacking(what: str) -> NoReturn:
    """Skip for want of something on this machine; fail where DEBATE_TEST_REQUIRE says that it has to be there."""
    if os.environ.get("DEBATE_TEST_REQUIRE") == "1":
        pytest.fail(f"DEBATE_TEST_REQUIRE is set. {what}")
    pytest.skip(what)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is marked `full` runs with FULL=1 alone; a `sweep` runs on SQLite, and with FULL=1 on PostgreSQL too, and so
    does what asks through htmx, where the same without it runs on both. What is marked `nodes` runs on PostgreSQL where
    there is one, and with FULL=1 on SQLite too."""
    if os.environ.get("FULL") == "1":
        return

    def is_for_later(item: pytest.Item) -> bool:
        if item.get_closest_marker("postgres"):
            marked = item.get_closest_marker("sweep") is not None or _by_htmx(item)
        else:
            marked = item.get_closest_marker("nodes") is not None and POSTGRES != "" and "[sqlite" in item.name
        return marked or item.get_closest_marker("full") is not None

    later = {item for item in items if is_for_later(item)}
    config.hook.pytest_deselected(items=list(later))
    items[:] = [item for item in items if item not in later]


def _by_htmx(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and "htmx" in item.fixturenames and bool(item.callspec.params["htmx"])


def pytest_collection_finish() -> None:
    """What is there now stays until the end: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_unconfigure() -> None:
    KEPT.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", ())
    if any("postgres" in report.keywords for report in skipped):
        terminalreporter.write_line(HOW)
    if any(HOW_REDIS in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(HOW_REDIS)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, for copying."""
    file = tmp_path_factory.mktemp("template") / "debate.db"
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database)
    database.dispose()
    return file


@pytest.fixture(scope="session")
def sqlite_suite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Gives the URL of this worker's migrated SQLite file, emptied."""
    file = tmp_path_factory.mktemp("suite") / "debate.db"
    shutil.copyfile(sqlite_template, file)
    yield from emptied(f"sqlite:///{file}")


def emptied(url: str) -> Iterator[Callable[[], str]]:
    """Gives a function that deletes every row and returns the URL: many times faster than a schema made anew."""
    database = Database(url, pool_size=1)
    tables = [table.delete() for table in reversed(Base.metadata.sorted_tables)]

    def empty() -> str:
        with database.engine.begin() as connection:
            if database.is_sqlite:
                for deletion in tables:
                    connection.execute(deletion)
                connection.execute(text("INSERT INTO finds_index (finds_index) VALUES ('rebuild')"))
            else:  # in one trip to the server
                connection.exec_driver_sql("; ".join(map(str, tables)))
        return url

    yield empty
    database.dispose()


@pytest.fixture(scope="session")
def new_postgres() -> Iterator[Callable[[str], str]]:
    """Makes an empty database on the server by a suffix to its name and gives its URL; all are dropped at the end."""
    server = create_engine(make_url(POSTGRES).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    made: list[str] = []

    def make(suffix: str) -> str:
        name = f"{server.url.database}_{worker}_{os.getpid()}_{suffix}"
        made.append(name)
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'"))
            connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
        return server.url.set(database=name).render_as_string(hide_password=False)

    yield make
    with server.connect() as connection:
        for name in made:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture(scope="session")
def postgres_suite(new_postgres: Callable[[str], str]) -> Iterator[Callable[[], str]]:
    """Gives the URL of this worker's migrated PostgreSQL database, emptied."""
    url = new_postgres("suite")
    database = Database(url, pool_size=1)
    schema.upgrade(database)
    database.dispose()
    yield from emptied(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database a test runs on."""
    if request.param == "postgresql" and not POSTGRES:
        lacking(HOW)
    return request.param


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest) -> str:
    """A migrated database without a row in it."""
    return request.getfixturevalue("postgres_suite" if backend == "postgresql" else "sqlite_suite")()


@pytest.fixture
def bare_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a table in it."""
    if backend == "postgresql":
        return request.getfixturevalue("new_postgres")(secrets.token_hex(4))
    return f"sqlite:///{tmp_path / 'bare.db'}"


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Compiling them anew for each app would take longer than the tests."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


def new_app(templates: FileSystemBytecodeCache, **named: Any) -> Flask:
    app = create_app(Settings(**{"secret_key": SECRET, "testing": True, "limits": False} | named))
    app.jinja_env.bytecode_cache = templates
    return app


@pytest.fixture
def make_app(database_url: str, compiled_templates: FileSystemBytecodeCache) -> Iterator[Callable[..., Flask]]:
    """Makes apps with other settings than `app` has, by name, on the same database."""
    made: list[Flask] = []

    def make(**named: Any) -> Flask:
        made.append(new_app(compiled_templates, **{"database_url": database_url} | named))
        return made[-1]

    yield make
    for app in made:
        app.extensions["database"].dispose()


@pytest.fixture(scope="session")
def apps(compiled_templates: FileSystemBytecodeCache) -> Iterator[Callable[[str], Flask]]:
    """One app a database: its compiled SQL and templates serve all tests."""
    made: dict[str, Flask] = {}

    def at(url: str) -> Flask:
        if url not in made:
            made[url] = new_app(compiled_templates, database_url=url)
        return made[url]

    yield at
    for app in made.values():
        app.extensions["database"].dispose()


@pytest.fixture
def app(apps: Callable[[str], Flask], database_url: str) -> Flask:
    """The site, in the usual settings, on an empty database."""
    found = apps(database_url)
    found.extensions["visitors"].pages.clear()  # another database had other pages at the same addresses
    return found


@pytest.fixture
def database(app: Flask) -> Database:
    return app.extensions["database"]


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Runs `debate ...` commands: runner.invoke(args=["user", "add", ...])."""
    return app.test_cli_runner()


@pytest.fixture(params=KINDS, scope="session")
def ring(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ring]:
    """One running site a kind of database for all races (see ring.py)."""
    with running_ring(request.param, tmp_path_factory.mktemp(f"ring-{request.param}")) as ring:
        yield ring


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis server's database."""
    if not REDIS:
        lacking(HOW_REDIS)
    return REDIS


@pytest.fixture
def client(app: Flask) -> Browser:
    """A visitor."""
    return Browser(app)


@pytest.fixture
def author(app: Flask) -> Browser:
    """The participant whose essay it is."""
    return add_user(app, "Author")


@pytest.fixture
def critic(app: Flask) -> Browser:
    """A participant who replies."""
    return add_user(app, "Critic")


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """A participant who has nothing to do with it."""
    return add_user(app, "Stranger")


@pytest.fixture
def moderator(app: Flask) -> Browser:
    return add_user(app, "Warden", role="moderator")


@pytest.fixture
def admin(app: Flask) -> Browser:
    return add_user(app, "Chief", role="admin")


@pytest.fixture
def essay(app: Flask, author: Browser) -> EssayAt:
    """An essay of three plain paragraphs, the author's."""
    return publish(app, author)


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def htmx(request: pytest.FixtureRequest) -> bool:
    """Whether the request says that it is htmx's."""
    return request.param
