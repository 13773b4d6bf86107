"""Who and what tests are about: browsers that keep their own cookies and tokens, essays, replies, and looks at rows.

Things are set up through the actions and looked at through the browser.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import live
from flask import Flask
from selectolax.lexbor import LexborHTMLParser, LexborNode
from sqlalchemy import Select, select
from werkzeug.test import TestResponse

from debate.actions import essays, evidence, locks, moderation, replies, reports, standings, users, votes
from debate.actions.evidence import Evidence
from debate.actions.locks import Target
from debate.actions.replies import Words
from debate.actions.reports import Flag
from debate.db import Base
from debate.models import Citation, Item, Reply, User
from debate.queries import counts
from debate.queries import moderation as log
from debate.text import identifiers, markup
from debate.text.essay import parse

PASSWORD = "correct horse battery"
TITLE = "On Keeping Bees in Town"
PARAGRAPHS = (
    "Bees kept on roofs find more kinds of flowers than bees kept among fields.",
    "Their neighbours gain by it: gardens within a mile set more fruit.",
    "So a town should let anyone keep two hives without asking.",
)


class Browser:
    """A test client of one person (a visitor without a name): logs in when first used, adds the token to its forms."""

    def __init__(self, app: Flask, name: str = "", user_id: int = 0, password: str = PASSWORD) -> None:
        self.app = app
        self.client = app.test_client()
        self.name = name
        self.id = user_id
        self.password = password
        self._began = not name
        self._token = ""

    @property
    def actor(self) -> str:
        """The session id that actions know this person by."""
        with self.app.extensions["database"].reading() as session:
            return session.get_one(User, self.id).get_id()

    def get(
        self, path: str, /, htmx: bool = False, headers: dict[str, str] | None = None, **query: Any
    ) -> TestResponse:
        self._begin()
        return _read(self.client.get(path, query_string=query or None, headers=_headers(headers, htmx), buffered=True))

    def post(
        self, path: str, /, htmx: bool = False, headers: dict[str, str] | None = None, **fields: Any
    ) -> TestResponse:
        """Send a form; `csrf_token` is added unless it is given."""
        self._begin()
        if "csrf_token" not in fields and self.token():
            fields["csrf_token"] = self.token()
        return _read(self.client.post(path, data=fields, headers=_headers(headers, htmx), buffered=True))

    def token(self) -> str:
        """A token for this session's forms, from a page; empty for a visitor, whose pages hold none."""
        self._begin()
        if not self._token and self.name:
            self._token = token_in(self.client.get("/notices"))
        return self._token

    def log_in(self, **fields: Any) -> TestResponse:
        """Send the login form as this person."""
        self._began, self._token = True, ""
        filled = {"name": self.name, "password": self.password, "csrf_token": token_in(self.client.get("/login"))}
        return self.client.post("/login", data=filled | fields)

    def forget_token(self) -> None:
        self._token = ""

    def _begin(self) -> None:
        if not self._began:
            answer = self.log_in()
            assert answer.status_code == 303, answer.text


def _read(answer: TestResponse) -> TestResponse:
    """The answer, with the file closed that a large form was sent from."""
    answer.request.environ["wsgi.input"].close()
    return answer


def _headers(given: dict[str, str] | None, htmx: bool) -> dict[str, str]:
    return {**(given or {}), **({"HX-Request": "true"} if htmx else {})}


def token_in(answer: TestResponse) -> str:
    """The token of the first form of a page that has one."""
    field = page(answer).css_first("input[name=csrf_token]")
    assert field is not None, f"no form at {answer.request.path} ({answer.status_code})"
    return field.attributes["value"] or ""


# --- reading pages


def page(answer: TestResponse) -> LexborHTMLParser:
    """An answer's HTML, parsed as a browser would."""
    return LexborHTMLParser(answer.text)


def words(answer: TestResponse) -> str:
    """What an answer says, without markup, white space folded."""
    body = page(answer).body
    return " ".join(body.text(separator=" ").split()) if body else ""


def article(answer: TestResponse, reply_id: int) -> LexborNode | None:
    """The element of a reply."""
    return page(answer).css_first(f"article#reply-{reply_id}")


def shown_ids(answer: TestResponse) -> list[int]:
    """The replies of a page, from top to bottom."""
    return [int((node.id or "").removeprefix("reply-")) for node in page(answer).css("article.reply")]


def form_to(answer: TestResponse, action: str) -> LexborNode | None:
    """The form that posts to an address."""
    return page(answer).css_first(f'form[action="{action}"]')


def problem(answer: TestResponse, name: str) -> str:
    """The sentence that stands beside a field, found the way a screen reader finds it; empty if there is none."""
    tree = page(answer)
    field = tree.css_first(f"[name={name}][aria-describedby]") or tree.css_first(
        f"[aria-describedby]:has([name={name}])"
    )
    if field is None:
        return ""
    sentence = tree.css_first(f"#{field.attributes['aria-describedby']}")
    return sentence.text() if sentence else ""


def value(answer: TestResponse, name: str) -> str:
    """What a field of a page holds."""
    tree = page(answer)
    area = tree.css_first(f"textarea[name={name}]")
    if area is not None:
        return area.text()
    field = tree.css_first(f"input[name={name}]")
    return (field.attributes.get("value") or "") if field else ""


def reply_id_of(answer: TestResponse) -> int:
    """The id of the reply that an answer made: from Location without htmx, from its article with."""
    if answer.status_code == 303:
        return int(answer.headers["Location"].rpartition("#reply-")[2])
    assert answer.status_code == 200, (answer.status_code, words(answer))
    return shown_ids(answer)[0]


# --- setting things up


def add_user(app: Flask, name: str, role: str = "participant", password: str = PASSWORD) -> Browser:
    """An account, and its browser."""
    hashed = app.extensions["passwords"].hash(password)
    user_id = app.extensions["database"].write(users.add, name, f"{name.lower()}@example.org", hashed, role)
    return Browser(app, name, user_id, password)


@dataclass
class EssayAt:
    """A published essay: its address and its paragraphs in order, as (id, key)."""

    app: Flask = field(repr=False)
    id: int
    slug: str
    paragraphs: list[tuple[int, str]]

    @property
    def path(self) -> str:
        return f"/essays/{self.slug}"

    def p(self, number: int = 1) -> str:
        """The path of a paragraph's debate, counted from 1."""
        return f"{self.path}/p/{self.paragraphs[number - 1][1]}"

    def target(self, number: int = 0) -> Target:
        """What a lock on the essay, or on one of its paragraphs, is placed on."""
        return Target(self.id, self.paragraphs[number - 1][0] if number else None)

    def reply(self, by: Browser, body: str, *, to: int | None = None, stance: str = "pro", p: int = 1) -> int:
        """A reply under paragraph `p`, or to the reply `to`; returns its id."""
        with self.app.extensions["database"].reading() as session:
            parent = session.get_one(Reply, to) if to else None
            paragraph_id = parent.paragraph_id if parent else self.paragraphs[p - 1][0]
        said = Words(stance, body, markup.render(body))
        return self.app.extensions["database"].write(replies.post, by.actor, paragraph_id, to, said)

    def chain(self, by: Browser, length: int, *, stance: str = "pro", p: int = 1) -> list[int]:
        """Replies each to the one before; returns their ids from the top."""
        actor, paragraph_id = by.actor, self.paragraphs[p - 1][0]

        ids: list[int] = []
        for depth in range(1, length + 1):
            said = Words(stance, f"Link number {depth}.", f"<p>Link number {depth}.</p>")
            above = ids[-1] if ids else None
            ids.append(self.app.extensions["database"].write(replies.post, actor, paragraph_id, above, said))
        return ids


def publish(
    app: Flask,
    by: Browser | None = None,
    title: str = TITLE,
    paragraphs: Iterable[str] = PARAGRAPHS,
    *,
    as_draft: bool = False,
) -> EssayAt:
    """An essay in plain text, by somebody or nobody; published, or a draft."""
    draft = parse("\n\n".join(paragraphs), "txt", title)
    owner = by.id if by else None
    database = app.extensions["database"]
    slug = database.write(
        essays.publish, draft, author_name=by.name if by else "", owner_id=owner, by_id=owner, as_draft=as_draft
    )
    there = live.essay_at(database, slug)
    return EssayAt(app, there.id, slug, list(zip(there.paragraph_ids, there.keys, strict=True)))


def retire(by: Browser, essay: EssayAt, status: str, note: str = "It has run its course.") -> None:
    """Make an essay `unpublished` or `archived`."""
    by.app.extensions["database"].write(essays.retire, by.actor, essay.id, status, note)


def release(by: Browser, essay: EssayAt) -> str:
    """Publish an essay that is not, whoever may publish here; returns its slug."""
    return by.app.extensions["database"].write(essays.release, by.actor, essay.id, "everyone")


def share(by: Browser, essay: EssayAt) -> str:
    """Make a secret link to a draft; returns its path."""
    assert by.post(f"{essay.path}/share", on="1").status_code == 303
    link = page(by.get(essay.path)).css_first("#share a[href^='/drafts/']")
    assert link is not None
    return link.attributes["href"] or ""


def vote(by: Browser, reply_id: int, value: int) -> None:
    by.app.extensions["database"].write(votes.cast, by.actor, reply_id, value)


def cite(by: Browser, reply_id: int, url: str, quote: str = "") -> int:
    cited = Evidence(identifiers.recognise(url), quote)
    return by.app.extensions["database"].write(evidence.cite, by.actor, reply_id, cited)


def hide(by: Browser, reply_id: int, reason: str = "insult", note: str = "") -> None:
    by.app.extensions["database"].write(moderation.hide, by.actor, reply_id, reason, note)


def report(by: Browser, reply_id: int, reason: str = "insult", note: str = "") -> int:
    """Report a reply; returns the id of the item that waits for moderators."""
    app = by.app
    app.extensions["database"].write(reports.report, by.actor, None, reply_id, Flag(reason, note))
    return rows(
        app, select(Item.id).where(Item.reply_id == reply_id, Item.kind == "reported").order_by(Item.id.desc())
    )[0]


def suspend(by: Browser, whom: Browser, *, until: Any = None, kind: str = "suspended") -> int:
    """Suspend or ban an account everywhere; returns the ruling's id."""
    write = by.app.extensions["database"].write
    return write(standings.bar, by.actor, whom.name, kind, until, "insult", "For insults.")


def withdraw(by: Browser, reply_id: int) -> None:
    by.app.extensions["database"].write(replies.withdraw, by.actor, reply_id)


def lock(by: Browser, target: Target, *, reason: str = "Too hot.", until: Any = None, votes: bool = False) -> int:
    return by.app.extensions["database"].write(locks.place, by.actor, target, reason, until, votes)


def branch(app: Flask, reply_id: int) -> Target:
    """What a lock on a reply is placed on."""
    found = row(app, Reply, reply_id)
    return Target(found.essay_id, found.paragraph_id, found.id)


# --- looking at rows


def row(app: Flask, model: Any, key: Any) -> Any:
    with app.extensions["database"].reading() as session:
        return session.get_one(model, key)


def rows(app: Flask, question: Select[Any]) -> list[Any]:
    """The first column of every row that a question finds."""
    with app.extensions["database"].reading() as session:
        return list(session.scalars(question))


def everything(app: Flask, *, but: str = "") -> dict[str, list[Any]]:
    """Every row of every table but the sessions, which people of the cast begin when they are first asked for
    something: two of these are equal when nothing was changed in between. The columns named `but` are left out."""
    with app.extensions["database"].reading() as session:
        return {
            name: sorted(map(tuple, session.execute(select(*(c for c in table.c if c.name != but)))), key=repr)
            for name, table in Base.metadata.tables.items()
            if name != "sign_ins"
        }


def source_of(app: Flask, citation_id: int) -> int:
    return row(app, Citation, citation_id).source_id


def sound(app: Flask) -> None:
    """Every kept count is what the rows say, and the log is whole."""
    with app.extensions["database"].reading() as session:
        assert counts.differences(session) == []
        assert log.verify(session).wrong == []
