"""A site as it is run, with one of each kind of person, for the tests of what is promised.

The scene is set behind the server's back, by the actions; what is looked at and attacked is the server itself. There is
one for each kind of database, and all those tests share it.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import live
import pytest
from cast import TITLE, Browser, EssayAt, cite, publish, rows
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from live import KINDS, Page, Person, Site, site_on
from sqlalchemy import select
from sweep import hidden_among
from test_access import Stage

from debate import create_app
from debate.config import Settings
from debate.db import Base, Database
from debate.models import User
from debate.surfaces import MORE_SURFACES, SURFACES

FULL = os.environ.get("FULL") == "1"
SECRET = "a secret key for the tests of promises"
ROLES = {
    "stranger": ("Stranger", "participant"),
    "critic": ("Critic", "participant"),
    "author": ("Author", "participant"),
    "moderator": ("Warden", "moderator"),
    "admin": ("Chief", "admin"),
}


# For what has nothing to do with the kind of database; the long run tries it on both all the same.
on_one_database = pytest.mark.parametrize("town", KINDS if FULL else KINDS[:1], indirect=True, scope="session")


@dataclass
class Town:
    """A running site, an app on the same database, and people by their role: at a test client of that app, to set the
    scene, and at the server."""

    site: Site
    app: Flask
    made: int = 0
    cast: dict[str, Browser] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)  # what several tests look at, made by the first

    def people_arrive(self) -> None:
        self.cast = {"visitor": Browser(self.app)}
        for role, (name, kind) in ROLES.items():
            self.cast[role] = self.add(name, kind)

    @cached_property
    def people(self) -> dict[str, Person]:
        """The same people at the server, logged in once; who gets logged out there should be somebody else."""
        return {role: self.at(browser) for role, browser in self.cast.items()}

    def at(self, browser: Browser) -> Person:
        """Somebody of the cast at the server, in a session of their own."""
        person = Person(self.site, browser.name)
        return person.walk_in() if browser.name else person

    def add(self, name: str = "", role: str = "participant") -> Browser:
        """Another account, with a name that is free."""
        self.made += 1
        name = name or f"Other{self.made}"
        self.site.add_people([name], role)
        return Browser(self.app, name, rows(self.app, select(User.id).where(User.name == name))[0], live.PASSWORD)

    def essay(self, title: str = TITLE, **named: Any) -> EssayAt:
        """Another essay of the author's."""
        self.made += 1
        return publish(self.app, self.cast["author"], f"{title} {self.made}", **named)

    def rows(self, *but: str) -> dict[str, list[Any]]:
        """Every row of every table, but the letters that the server is sending and what else is named."""
        with self.app.extensions["database"].reading() as session:
            return {
                name: sorted(map(tuple, session.execute(select(table))), key=repr)
                for name, table in Base.metadata.tables.items()
                if name not in ("letters", *but)
            }


def sweep(
    who: Person, where: dict[str, str], method: str = "GET", about: tuple[str, ...] = (), **headers: str
) -> Iterator[Page]:
    """What somebody gets at every address of debate/surfaces.py, the names in braces filled in; with `about`, only
    where one of these names is. On PostgreSQL every third address has to do, but with FULL."""
    templates = [one for one in (*SURFACES.values(), *MORE_SURFACES) if not about or any(name in one for name in about)]
    for template in templates if FULL or who.site.database_url.startswith("sqlite") else templates[::3]:
        yield who.request(method, template.format(**where), headers=headers)


def swept(town: Town, role: str) -> list[Page]:
    """What somebody gets everywhere of an essay with all that an essay can have; looked at once for all tests."""
    name = f"swept by {role}"
    if name not in town.kept:
        town.kept[name] = list(sweep(town.people[role], where_all_is(town)))
    return town.kept[name]


@contextmanager
def failing(town: Town, table: str) -> Iterator[None]:
    """While this lasts the database refuses every new row of a table."""
    database = town.app.extensions["database"]
    if database.is_sqlite:
        begin = [f"CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'by a trigger'); END"]
        end = ["DROP TRIGGER refuse"]
    else:
        begin = [
            "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE 'by a trigger'; END $$ LANGUAGE plpgsql",
            f"CREATE TRIGGER refuse BEFORE INSERT ON {table} EXECUTE FUNCTION refuse()",
        ]
        end = [f"DROP TRIGGER refuse ON {table}", "DROP FUNCTION refuse"]
    _run(database, begin)
    try:
        yield
    finally:
        _run(database, end)


def _run(database: Database, statements: list[str]) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.fixture(params=KINDS, scope="session")
def town(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    compiled_templates: FileSystemBytecodeCache,
) -> Iterator[Town]:
    with site_on(request.param, tmp_path_factory.mktemp("town"), DEBATE_SECRET_KEY=SECRET) as site:
        (site.folder / "secret_key").write_text(SECRET)  # for those who walk in
        app = create_app(Settings(database_url=site.database_url, secret_key=SECRET, testing=True, limits=False))
        app.jinja_env.bytecode_cache = compiled_templates
        here = Town(site, app)
        here.people_arrive()
        site.start()
        assert here.people
        yield here
        app.extensions["database"].dispose()


def stage_of(town: Town) -> Stage:
    """What the table of forms in test_access.py is about, on this site: a fresh essay, and people by their role."""
    if "stage" not in town.kept:
        stage = town.kept["stage"] = Stage(town.app, town.essay("On forms"), dict(town.cast), made=1000)
        cite(stage.linker(), stage.reply(), "https://example.org/first")  # into which others are merged
    town.kept["stage"].essay = town.essay("On forms")
    return town.kept["stage"]


def where_all_is(town: Town) -> dict[str, str]:
    """What fills in the addresses of debate/surfaces.py; made once."""
    if "where" not in town.kept:
        people = (town.cast[role] for role in ("critic", "author", "stranger", "moderator"))
        town.kept["where"] = hidden_among(town.essay("On surfaces"), *people)
    return town.kept["where"]


def sockets_answer(site: Site, request: bytes) -> bytes:
    """What comes back of bytes that are sent as they are."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65_536), b""))
