"""The program as it is run: `debate` commands and `debate serve` in processes of their own, and people who use the site
over HTTP as a browser without JavaScript would: cookies kept, forms found by their action, sent with all that is in
them.
"""

import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from functools import cache, cached_property
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from selectolax.lexbor import LexborHTMLParser, LexborNode
from sqlalchemy import Select, create_engine, make_url, select, text

from debate import schema
from debate.actions import essays, users
from debate.db import Database
from debate.models import Essay, Paragraph, Placement, User
from debate.passwords import Passwords
from debate.text.essay import parse

POSTGRES = os.environ.get("DEBATE_TEST_DATABASE_URL", "")
HOW = "PostgreSQL tests are off; to turn them on: DEBATE_TEST_DATABASE_URL=postgresql://postgres@127.0.0.1/test"
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
PASSWORD = "seven lamps on the quay"
TITLE = "Who should mend the harbour wall"
PARAGRAPHS = (
    "The wall has stood for ninety years, and for sixty of them nobody has paid for it.",
    "Those whose boats lie behind it gain the most, so a fee for each berth is the fairest way to pay.",
    "A fee drives the small boats out. What is left then is a harbour for people who need no harbour.",
    "The town could pay instead: every shop on the quay lives off the same wall.",
    "But a town that pays for all has to ask all, and most have never set foot on a boat.",
    "Whoever pays, it must be begun before the winter, since one more storm will decide it for us.",
    "So let the berths pay a third, the shops a third and the town the last.",
)


def lacking(what: str) -> NoReturn:
    """Skip for want of something on this machine; fail where DEBATE_TEST_REQUIRE says that it has to be there."""
    if os.environ.get("DEBATE_TEST_REQUIRE") == "1":
        pytest.fail(f"DEBATE_TEST_REQUIRE is set. {what}")
    pytest.skip(what)


# --- the site


@dataclass
class Site:
    """One instance: its folder, its database, the settings beside them, and its server once started."""

    folder: Path
    database_url: str
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[bytes] | None = None

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DEBATE_")}
        here = {
            "DEBATE_INSTANCE": str(self.folder),
            "DEBATE_DATABASE_URL": self.database_url,
            "DEBATE_PORT": str(self.port),
            "DEBATE_LIMITS": "off",
            "DEBATE_DRAIN": "0",
        }
        return kept | here | self.settings | more

    def run(self, *args: str, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        """Run one `debate` command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "debate", *args],
            env=self.environment(**settings),
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def start(self) -> "Site":
        """Start the server in a process group of its own and wait until it is ready."""
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "debate", "serve"],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + 30
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                self.kill()
                pytest.fail(f"debate serve did not start:\n{self.log}")
            time.sleep(0.05)
        return self

    def is_ready(self) -> bool:
        try:
            return Person(self).get("/readyz").status == 200
        except OSError:
            return False

    def stop(self, patience: float = 35) -> int:
        """SIGTERM to the server's own process, as an init system sends it; returns its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(patience)

    def kill(self) -> None:
        """SIGKILL to every process of the server at once."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.process = None

    @property
    def log_file(self) -> Path:
        return self.folder / "serve.log"

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The database behind the server's back: for setting the scene, and for looking at rows."""
        database = Database(self.database_url, pool_size=1)
        try:
            yield database
        finally:
            database.dispose()

    def rows(self, statement: Select[Any]) -> list[Any]:
        with self.database() as database, database.reading() as session:
            return list(session.execute(statement).all())

    def add_people(self, names: Sequence[str], role: str = "participant") -> list["Person"]:
        """Accounts made behind the server's back, all with PASSWORD; none is logged in yet."""
        with self.database() as database:
            for name in names:
                database.write(users.add, name, f"{name.lower()}@example.org", password_hash(), role)
        return [Person(self, name) for name in names]

    def add_essay(self) -> "EssayAt":
        """A new essay of the paragraphs above, published behind the server's back."""
        draft = parse("\n\n".join(PARAGRAPHS), "txt", f"{TITLE} {secrets.token_hex(3)}")
        with self.database() as database:
            slug = database.write(essays.publish, draft, author_name="Ada Quay", owner_id=None, by_id=None)
            return essay_at(database, slug)

    def recounts(self) -> str:
        """What `debate recount` prints."""
        done = self.run("recount")
        return done.stdout + done.stderr


@dataclass(frozen=True)
class EssayAt:
    """An essay: its slug, its id, the keys and ids of its paragraphs from top to bottom."""

    slug: str
    id: int
    keys: list[str]
    paragraph_ids: list[int]

    @property
    def path(self) -> str:
        return f"/essays/{self.slug}"

    def paragraph(self, number: int) -> str:
        """The path of a paragraph's debate, counted from one."""
        return f"{self.path}/p/{self.keys[number - 1]}"


def essay_at(database: Database, slug: str) -> EssayAt:
    with database.reading() as session:
        essay_id = session.scalars(select(Essay.id).where(Essay.slug == slug)).one()
        rows = session.execute(
            select(Paragraph.key, Paragraph.id)
            .join(Placement, Placement.paragraph_id == Paragraph.id)
            .where(Paragraph.essay_id == essay_id)
            .order_by(Placement.position)
        ).all()
    return EssayAt(slug, essay_id, [row.key for row in rows], [row.id for row in rows])


@cache
def password_hash() -> str:
    """PASSWORD as it is kept, hashed once: a hash takes as long as it should."""
    return Passwords().hash(PASSWORD)


def free_port() -> int:
    """A port that nobody listens on, below those that outgoing connections are given."""
    while True:
        port = random.randint(20000, 32000)
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


KEPT = ExitStack()  # what is made once; conftest.py closes it at the end


@contextmanager
def database_of(kind: str, folder: Path, *, is_migrated: bool = False) -> Iterator[str]:
    """The URL of a new database, empty or migrated: a file in `folder`, or one on the PostgreSQL server that is dropped
    at the end."""
    if kind == "postgresql":
        with _on_the_server(_migrated_on_the_server() if is_migrated else "template0") as url:
            yield url
        return
    if is_migrated:
        (folder / "debate.db").write_bytes(migrated())
    yield f"sqlite:///{folder / 'debate.db'}"


@contextmanager
def _on_the_server(template: str) -> Iterator[str]:
    if not POSTGRES:
        lacking(HOW)
    server = create_engine(make_url(POSTGRES).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    name = f"{server.url.database}_live_{os.getpid()}_{secrets.token_hex(4)}"
    try:
        with server.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" ENCODING \'UTF8\''))
        yield server.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        server.dispose()


@cache
def migrated() -> bytes:
    """A migrated SQLite file without a row in it, made once."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "debate.db")
        database = Database(f"sqlite:///{file}")
        schema.upgrade(database)
        database.dispose()
        return file.read_bytes()


@cache
def _migrated_on_the_server() -> str:
    """The name of such a database, made once."""
    url = KEPT.enter_context(_on_the_server("template0"))
    database = Database(url)
    schema.upgrade(database)
    database.dispose()
    return str(make_url(url).database)


@contextmanager
def site_on(kind: str, folder: Path, **settings: str) -> Iterator[Site]:
    """A site on a new, migrated database; not started. Whatever runs of it at the end is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    with database_of(kind, folder, is_migrated=True) as url:
        site = Site(folder, url, settings)
        try:
            yield site
        finally:
            site.kill()


# --- the people


@dataclass(frozen=True)
class Page:
    """What the server answered, and to which path."""

    path: str
    status: int
    headers: Message
    text: str

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def reply_id(self) -> int:
        """The reply that a 303 leads to: its Location ends in #reply-<id>."""
        assert self.status == 303, (self.status, self.words[:500])
        before, mark, number = self.location.partition("#reply-")
        assert before, self.location
        assert mark, self.location
        return int(number)

    @cached_property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.text)

    @cached_property
    def words(self) -> str:
        """What can be read on the page, spaces folded."""
        body = self.tree.body
        return " ".join(body.text().split()) if body else self.text

    def all(self, selector: str) -> list[LexborNode]:
        return self.tree.css(selector)

    def one(self, selector: str) -> LexborNode:
        found = self.tree.css(selector)
        assert len(found) == 1, (self.path, selector, len(found))
        return found[0]

    def reply(self, reply_id: int) -> LexborNode:
        """The article of a reply; there is exactly one."""
        return self.one(f"article.reply#reply-{reply_id}")

    def reply_ids(self) -> list[int]:
        """All replies on the page, from top to bottom."""
        return [int((node.id or "").removeprefix("reply-")) for node in self.all("article.reply")]

    def forms(self, action: str) -> list[LexborNode]:
        """The forms that post to a path."""
        return [
            form
            for form in self.all("form")
            if form.attributes.get("action") == action and (form.attributes.get("method") or "").lower() == "post"
        ]

    def form(self, action: str) -> LexborNode:
        found = self.forms(action)
        assert len(found) == 1, (self.path, self.status, action, len(found))
        return found[0]


def filled(form: LexborNode, press: tuple[str, str] | None, typed: dict[str, str]) -> dict[str, str]:
    """What a browser sends of a form: all that is in it, what was typed, the button pressed (the first unless named).

    A field or a choice that the form does not offer cannot be typed.
    """
    sent: dict[str, str] = {}
    offered: dict[str, set[str] | None] = {}
    for node in form.css("input, textarea, select"):
        name = node.attributes.get("name")
        if not name:
            continue
        value = node.attributes.get("value") or ""
        kind = node.tag if node.tag != "input" else (node.attributes.get("type") or "text")
        if kind in ("radio", "checkbox"):
            choices = offered.setdefault(name, set())
            assert choices is not None
            choices.add(value)
            if "checked" in node.attributes:
                sent[name] = value
        elif kind == "select":
            options = node.css("option")
            offered[name] = {_option(option) for option in options}
            chosen = [option for option in options if "selected" in option.attributes] or options[:1]
            sent[name] = _option(chosen[0])
        else:
            offered[name] = None
            sent[name] = node.text() if kind == "textarea" else value
    for name, value in typed.items():
        assert name in offered, f"the form has no field {name}"
        choices = offered[name]
        assert choices is None or value in choices, f"{name} does not offer {value}"
    sent |= typed
    buttons = [(b.attributes.get("name") or "", b.attributes.get("value") or "") for b in form.css("button")]
    if press is not None:
        assert press in buttons, f"there is no button {press}"
    name, value = press or buttons[0]
    return sent | ({name: value} if name else {})


def _option(node: LexborNode) -> str:
    value = node.attributes.get("value")
    return node.text() if value is None else value


class Person:
    """Someone at a browser: a visitor, or with a name an account. May be used by several threads once logged in."""

    def __init__(self, site: Site, name: str = "") -> None:
        self.site = site
        self.name = name
        self.cookies: dict[str, str] = {}
        self.token = ""
        self._at = ""

    def request(
        self,
        method: str,
        path: str,
        fields: dict[str, str] | bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Page:
        """One request on a connection of its own; `fields` as bytes are sent as they are. Raises OSError or
        HTTPException where no answer came."""
        host = f"127.0.0.1:{self.site.port}"
        sent = {"Host": host, "Connection": "close", "Accept": "text/html"}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self._at:
            sent["Referer"] = f"http://{host}{self._at}"
        body = None
        if fields is not None:
            body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{host}"}
        connection = HTTPConnection("127.0.0.1", self.site.port, timeout=60)
        try:
            connection.request(method, path.partition("#")[0], body, sent | (headers or {}))
            answer = connection.getresponse()
            page = Page(path, answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()
        self._keep(page.headers.get_all("Set-Cookie") or [])
        return page

    def _keep(self, cookies: list[str]) -> None:
        for line in cookies:
            for name, morsel in SimpleCookie(line).items():
                if morsel.value:
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)

    def get(self, path: str, **headers: str) -> Page:
        page = self.request("GET", path, headers=headers)
        if page.status == 200:
            self._at = urlsplit(path).path + (f"?{urlsplit(path).query}" if urlsplit(path).query else "")
        return page

    def send(self, page: Page, action: str, /, press: tuple[str, str] | None = None, **typed: str) -> Page:
        """Fill in the form on `page` that posts to `action`, and send it."""
        return self.request("POST", action, filled(page.form(action), press, typed))

    def post(self, path: str, /, htmx: bool = False, **fields: str) -> Page:
        """Send fields past the form, with the session's token."""
        headers = {"HX-Request": "true"} if htmx else None
        return self.request("POST", path, {"csrf_token": self.token, **fields}, headers)

    def follow(self, page: Page) -> Page:
        """Go where a 303 leads."""
        assert page.status == 303, (page.status, page.words[:500])
        return self.get(urljoin(page.path, page.location))

    def register(self) -> "Person":
        page = self.get("/register")
        email = f"{self.name.lower()}@example.org"
        return self._in(self.send(page, "/register", name=self.name, email=email, password=PASSWORD))

    def walk_in(self) -> "Person":
        """A session without the log-in page: a hash takes as long as it should, and most tests are not about it."""
        ((user_id, version),) = self.site.rows(select(User.id, User.session_version).where(User.name == self.name))
        raw = secrets.token_hex(20)
        keeper = Flask("keeper")
        keeper.secret_key = (self.site.folder / "secret_key").read_text().strip()
        signer = SecureCookieSessionInterface().get_signing_serializer(keeper)
        assert signer is not None
        inside = {"_user_id": f"{user_id}|{version}", "_fresh": False, "csrf_token": raw}
        self.cookies["debate_session"] = str(signer.dumps(inside))
        self.token = str(URLSafeTimedSerializer(keeper.secret_key, salt="wtf-csrf-token").dumps(raw))
        return self

    def login(self, password: str = PASSWORD) -> "Person":
        return self._in(self.send(self.get("/login"), "/login", name=self.name, password=password))

    def _in(self, answer: Page) -> "Person":
        assert answer.status == 303, (self.name, answer.status, answer.words[:500])
        fields = filled(self.get("/").form("/logout"), None, {})
        self.token = fields["csrf_token"]
        return self


class Remote(Person):
    """A person who comes from an address of their own, through the proxy."""

    def __init__(self, site: Site, name: str, address: str) -> None:
        super().__init__(site, name)
        self.address = address

    def request(
        self, method: str, path: str, fields: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> Page:
        return super().request(method, path, fields, {"X-Forwarded-For": self.address, **(headers or {})})


def role_of(site: Site, name: str) -> str:
    return site.rows(select(User.role).where(User.name == name))[0].role
