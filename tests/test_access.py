"""Every form of the site, sent by everybody: a table says who may, and nothing else may happen."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from cast import Browser, EssayAt, add_user, cite, everything, hide, lock, publish, report, retire, row, rows, suspend
from flask import Flask
from sqlalchemy import select

from debate.actions import deletion
from debate.models import Citation, Reply, Ruling, User

ROLES = ("visitor", "stranger", "critic", "author", "moderator", "admin")
TYPED = "Words that somebody typed."


@dataclass
class Stage:
    """An essay and one of each role; `reply()` is a fresh reply of the critic's."""

    app: Flask
    essay: EssayAt
    people: dict[str, Browser]
    made: int = 0

    def reply(self) -> int:
        self.made += 1
        return self.essay.reply(self.people["critic"], f"Argument {self.made}.")

    def hidden(self) -> int:
        reply_id = self.reply()
        hide(self.people["moderator"], reply_id)
        return reply_id

    def locked(self) -> str:
        lock(self.people["moderator"], self.essay.target(2))
        return self.essay.p(2)

    def ruling(self, by: str = "moderator", note: str = "") -> int:
        """The id of a fresh ruling that hid a reply of the critic's."""
        hide(self.people[by], self.reply(), note=note)
        return rows(self.app, select(Ruling.id).order_by(Ruling.id.desc()))[0]

    def reported(self) -> int:
        """The id of an item in the queue."""
        return report(self.people["author"], self.reply())

    def cited(self) -> int:
        """The id of a fresh citation of a fresh source, by an admin of the command line's."""
        self.made += 1
        return cite(self.linker(), self.reply(), f"https://example.org/{self.made}")

    def linker(self) -> Browser:
        if "linker" not in self.people:
            self.people["linker"] = add_user(self.app, "Linker")
        return self.people["linker"]

    def source(self) -> int:
        return row(self.app, Citation, self.cited()).source_id

    def described(self) -> int:
        """The id of a source that was described twice."""
        source = self.source()
        for edit, title in enumerate(("First.", "Second.")):
            self.people["critic"].post(f"/sources/{source}/edit", title=title, edit=str(edit))
        return source

    def merged(self) -> int:
        """The id of a source that was merged into another."""
        one, other = self.source(), self.source()
        self.people["moderator"].post(f"/sources/{one}/merge", into=str(other), note="The same.")
        return one

    def suspended(self) -> str:
        """The name of an account that is suspended."""
        other = add_user(self.app, f"Loud{len(rows(self.app, select(User.id)))}")
        suspend(self.people["admin"], other)
        return other.name

    def draft(self, by: str = "author") -> str:
        """The path of a fresh draft."""
        self.made += 1
        return publish(self.app, self.people[by], f"Draft {self.made}", as_draft=True).path

    def published(self, status: str = "published") -> str:
        """The path of a fresh essay of the author's, which a moderator may have archived or unpublished."""
        self.made += 1
        essay = publish(self.app, self.people["author"], f"Essay {self.made}")
        if status != "published":
            retire(self.people["moderator"], essay, status)
        return essay.path

    def another(self) -> str:
        """The name of a fresh account."""
        self.made += 1
        return add_user(self.app, f"Other{self.made}").name

    def of_another(self) -> int:
        """A reply by a fresh account."""
        return self._by(add_user(self.app, f"Writer{len(rows(self.app, select(User.id)))}"))

    def of_nobody(self, *, banned: bool = False) -> int:
        """A reply by a fresh account that was deleted since, and may have been banned before."""
        writer = add_user(self.app, f"Writer{len(rows(self.app, select(User.id)))}")
        reply_id, actor = self._by(writer), writer.actor
        if banned:
            suspend(self.people["admin"], writer, kind="banned")
        self.app.extensions["database"].write(deletion.delete_account, actor)
        return reply_id

    def _by(self, writer: Browser) -> int:
        self.made += 1
        return self.essay.reply(writer, f"Argument {self.made} of {writer.name}.")


@pytest.fixture
def stage(
    app: Flask, client: Browser, author: Browser, critic: Browser, stranger: Browser, moderator: Browser,
    admin: Browser, essay: EssayAt,
) -> Stage:  # fmt: skip
    return Stage(app, essay, dict(zip(ROLES, (client, stranger, critic, author, moderator, admin), strict=True)))


@dataclass(frozen=True)
class Form:
    """A POST: where to (made anew for each role), what with, and who may send it."""

    endpoint: str
    path: Callable[[Stage], str]
    fields: dict[str, str]
    may: str


ANYBODY = "stranger critic author moderator admin"
MODERATORS = "moderator admin"
RETIRING = "author moderator admin"
FORMS = {
    "publish": Form(
        "editing.new", lambda s: "/essays/new", {"title": "T", "text": TYPED, "intent": "publish"}, MODERATORS
    ),
    "draft": Form("editing.new", lambda s: "/essays/new", {"title": "T", "text": TYPED, "intent": "draft"}, MODERATORS),
    "preview": Form("editing.new", lambda s: "/essays/new", {"title": "T", "text": TYPED}, MODERATORS),
    "revise": Form(
        "editing.edit", lambda s: f"{s.published()}/edit", {"title": "T", "text": TYPED, "intent": "publish"}, "author"
    ),
    "look at a revision": Form(
        "editing.edit", lambda s: f"{s.published()}/edit", {"title": "T", "text": TYPED}, "author"
    ),
    "archive": Form("drafts.archive", lambda s: f"{s.published()}/archive", {"reason": TYPED}, RETIRING),
    "unpublish": Form("drafts.unpublish", lambda s: f"{s.published()}/unpublish", {"reason": TYPED}, RETIRING),
    "unarchive": Form("drafts.publish", lambda s: f"{s.published('archived')}/publish", {"reason": TYPED}, MODERATORS),
    "confirm": Form("revisions.confirm", lambda s: f"/replies/{s.reply()}/confirm", {}, "critic"),
    "reply": Form(
        "replies.to_paragraph", lambda s: f"{s.essay.p()}/replies", {"stance": "pro", "body": TYPED}, ANYBODY
    ),
    "answer": Form(
        "replies.to_reply", lambda s: f"/replies/{s.reply()}/replies", {"stance": "con", "body": TYPED}, ANYBODY
    ),
    "edit": Form("replies.edit", lambda s: f"/replies/{s.reply()}/edit", {"body": TYPED}, "critic"),
    "withdraw": Form("replies.withdraw", lambda s: f"/replies/{s.reply()}/withdraw", {}, "critic"),
    "vote": Form(
        "votes.cast", lambda s: f"/replies/{s.reply()}/vote", {"value": "1"}, "stranger author moderator admin"
    ),
    "cite": Form(
        "evidence.cite",
        lambda s: f"/replies/{s.reply()}/citations",
        {"url": "https://example.org/a", "quote": TYPED},
        ANYBODY,
    ),
    "ask": Form(
        "evidence.ask", lambda s: f"/replies/{s.reply()}/asks", {"wanted": "1"}, "stranger author moderator admin"
    ),
    "check": Form("evidence.check", lambda s: f"/citations/{s.cited()}/check", {"answer": "no"}, ANYBODY),
    "describe": Form(
        "sources.edit",
        lambda s: f"/sources/{s.source()}/edit",
        {"title": TYPED, "authors": "", "year": "", "publisher": "", "kind": "", "archive_url": "", "edit": "0"},
        ANYBODY,
    ),
    "merge": Form(
        "sources.merge",
        lambda s: f"/sources/{s.source()}/merge",
        {"into": "https://example.org/first", "note": TYPED},
        MODERATORS,
    ),
    "hide a description": Form(
        "sources.hide_edit", lambda s: f"/sources/{s.described()}/edits/1", {"hidden": "1", "note": TYPED}, MODERATORS
    ),
    "separate": Form("sources.separate", lambda s: f"/sources/{s.merged()}/separate", {"note": TYPED}, MODERATORS),
    "lock essay": Form("locks.on_essay", lambda s: _unlocked(s, f"{s.essay.path}/lock"), {"reason": TYPED}, MODERATORS),
    "unlock essay": Form("locks.on_essay", lambda s: f"{s.essay.path}/unlock", {"reason": TYPED}, MODERATORS),
    "lock paragraph": Form(
        "locks.on_paragraph", lambda s: _unlocked(s, f"{s.essay.p(3)}/lock"), {"reason": TYPED}, MODERATORS
    ),
    "unlock paragraph": Form("locks.on_paragraph", lambda s: f"{s.essay.p(2)}/unlock", {"reason": TYPED}, MODERATORS),
    "lock branch": Form("locks.on_reply", lambda s: f"/replies/{s.reply()}/lock", {"reason": TYPED}, MODERATORS),
    "unlock branch": Form("locks.on_reply", lambda s: f"/replies/{s.reply()}/unlock", {"reason": TYPED}, MODERATORS),
    "hide": Form(
        "moderation.hide", lambda s: f"/replies/{s.reply()}/hide", {"reason": "other", "note": TYPED}, MODERATORS
    ),
    "restore": Form("moderation.restore", lambda s: f"/replies/{s.hidden()}/restore", {"note": TYPED}, MODERATORS),
    "notices": Form("notices.read", lambda s: "/notices/read", {}, ANYBODY),
    "visit": Form("visits.note", lambda s: f"{s.essay.path}/visit", {"arriving": "1"}, ANYBODY),
    "decide": Form(
        "queue.decide",
        lambda s: f"/moderation/items/{s.reported()}",
        {"act": "hide", "reason": "other", "note": TYPED},
        MODERATORS,
    ),
    "undo": Form("queue.undo", lambda s: f"/moderation/rulings/{s.ruling()}/undo", {}, "moderator"),
    "appeal": Form("reports.appeal", lambda s: f"/moderation/rulings/{s.ruling()}/appeal", {"words": TYPED}, "critic"),
    "erase": Form(
        "moderation.erase", lambda s: f"/replies/{s.reply()}/erase", {"reason": "other", "note": TYPED}, "admin"
    ),
    "erase a note": Form(
        "moderation.erase_note", lambda s: f"/moderation/rulings/{s.ruling(note='Too much.')}/erase-note", {}, "admin"
    ),
    "suspend": Form(
        "standings.suspend",
        lambda s: f"/users/{s.another()}/suspend",
        {"bar": "7", "reason": "other", "note": TYPED},
        MODERATORS,
    ),
    "lift": Form("standings.lift", lambda s: f"/users/{s.suspended()}/lift", {"note": TYPED}, MODERATORS),
    "suspend a writer": Form(
        "standings.suspend_writer",
        lambda s: f"/replies/{s.of_another()}/writer/suspend",
        {"bar": "7", "reason": "other", "note": TYPED},
        MODERATORS,
    ),
    "ban a deleted writer": Form(
        "standings.suspend_writer",
        lambda s: f"/replies/{s.of_nobody()}/writer/suspend",
        {"bar": "ban", "reason": "other", "note": TYPED},
        MODERATORS,
    ),
    "lift a ban of a deleted writer": Form(
        "standings.lift_writer",
        lambda s: f"/replies/{s.of_nobody(banned=True)}/writer/lift",
        {"note": TYPED},
        MODERATORS,
    ),
    "mute": Form("standings.mute", lambda s: f"/users/{s.another()}/mute", {"value": "1"}, ANYBODY),
    "appoint": Form("standings.appoint", lambda s: _dismissed(s), {"name": "Stranger"}, "admin"),
    "premoderate": Form("standings.premoderate", lambda s: f"{s.essay.path}/premoderation", {"value": "0"}, MODERATORS),
    "settings": Form("settings.site", lambda s: "/moderation/settings", {"registration": "open"}, "admin"),
    "role": Form("users.give_role", lambda s: f"/users/{s.another()}/role", {"role": "moderator"}, "admin"),
}
# What a visitor may send; with a token like everything else.
OPEN = {
    "sessions.login": "/login",
    "sessions.second_step": "/login/second",
    "accounts.register": "/register",
    "accounts.confirm": "/confirm/0",
    "accounts.forgotten": "/forgotten",
    "accounts.reset": "/reset/0",
    "sessions.logout": "/logout",
    "display.form": "/display",
    "reports.form": "/replies/1/reports",
}
# Of a draft nobody else may know, whatever their role; see below.
DRAFTS = {
    "save": Form(
        "editing.edit", lambda s: f"{s.draft()}/edit", {"title": "T", "text": TYPED, "intent": "draft"}, "author"
    ),
    "share": Form("drafts.share", lambda s: f"{s.draft()}/share", {"on": "1"}, "author"),
    "discard": Form("drafts.discard", lambda s: f"{s.draft()}/discard", {}, "author"),
    "publish": Form("drafts.publish", lambda s: f"{s.draft()}/publish", {"reason": TYPED}, ""),
}
# See test_queue.py, test_accounts.py, test_letters.py, test_steps.py, test_deletion.py.
APART = {
    "queue.bulk",
    "sessions.end",
    "sessions.end_others",
    "accounts.password",
    "accounts.email",
    "accounts.again",
    "steps.add_app",
    "steps.add_passkey",
    "steps.remove",
    "steps.renew_codes",
    "deletion.form",
}

each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())


def _unlocked(stage: Stage, path: str) -> str:
    """The path of a lock form, after the lock of the role before was lifted."""
    stage.people["moderator"].post(path.removesuffix("/lock") + "/unlock")
    return path


def _dismissed(stage: Stage) -> str:
    """The path to appoint a moderator of the essay, after the one of the role before was dismissed."""
    path = f"{stage.essay.path}/moderators"
    stage.people["admin"].post(path, name="Stranger", act="dismiss")
    return path


def test_every_form_of_the_site_is_in_the_table(stage: Stage) -> None:
    posts = {rule.endpoint for rule in stage.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posts == {form.endpoint for form in (*FORMS.values(), *DRAFTS.values())} | OPEN.keys() | APART


def test_nothing_but_get_and_post_is_taken(stage: Stage) -> None:
    methods = {method for rule in stage.app.url_map.iter_rules() for method in rule.methods or ()}
    assert methods == {"GET", "HEAD", "OPTIONS", "POST"}


@each_form
@pytest.mark.sweep
def test_those_who_may_not_are_refused_and_nothing_changes(stage: Stage, form: Form) -> None:
    path = form.path(stage)
    before = everything(stage.app)
    for role in set(ROLES) - set(form.may.split()):
        for htmx in (False, True):
            answer = stage.people[role].post(path, htmx=htmx, **form.fields)
            assert answer.status_code == (401 if role == "visitor" else 403), role
            assert everything(stage.app) == before, role


@pytest.mark.parametrize("form", DRAFTS.values(), ids=DRAFTS.keys())
def test_nobody_but_its_owner_finds_a_draft_to_do_anything_to(stage: Stage, form: Form) -> None:
    path = form.path(stage)
    before = everything(stage.app)
    for role in set(ROLES) - {"author"}:
        for htmx in (False, True):
            answer = stage.people[role].post(path, htmx=htmx, **form.fields)
            assert answer.status_code == (401 if role == "visitor" else 404), role
            assert everything(stage.app) == before, role
    for htmx in (False, True):
        answer = stage.people["author"].post(form.path(stage), htmx=htmx, **form.fields)
        # To publish it too takes what publishing takes here.
        with_page = htmx and form.endpoint != "editing.edit"
        assert answer.status_code == (403 if not form.may else 200 if with_page else 303)


@each_form
@pytest.mark.sweep
def test_those_who_may_can(stage: Stage, form: Form) -> None:
    cite(stage.linker(), stage.reply(), "https://example.org/first")  # into which others are merged
    for role in form.may.split():
        for htmx in (False, True):
            own = {name: f"{TYPED} {role} {htmx}" for name in ("body", "text") if name in form.fields}
            answer = stage.people[role].post(form.path(stage), htmx=htmx, **form.fields | own)
            with_page = (htmx and form.endpoint not in ("editing.new", "editing.edit", "sources.edit")) or (
                form in (FORMS["preview"], FORMS["look at a revision"])
            )
            assert answer.status_code == (200 if with_page else 303), role


@each_form
def test_a_visitor_gets_the_words_back(stage: Stage, form: Form) -> None:
    answer = stage.people["visitor"].post(form.path(stage), **form.fields)
    assert answer.status_code == 401
    assert (TYPED in answer.text) == (TYPED in form.fields.values())
    assert "/login" in answer.text


@each_form
@pytest.mark.sweep
def test_a_forged_form_changes_nothing(stage: Stage, form: Form) -> None:
    person = stage.people[form.may.split()[0]]
    path = form.path(stage)
    others = stage.people["stranger" if person is stage.people["author"] else "author"].token()
    person.token()
    before = everything(stage.app)
    forged = [
        person.post(path, **form.fields, csrf_token=""),
        person.post(path, **form.fields, csrf_token="made up"),
        person.post(path, **form.fields, csrf_token=others),
        person.post(path, **form.fields, headers={"Origin": "https://evil.example"}),
        person.post(path, **form.fields, headers={"Origin": "null"}),
        person.client.post(path, data=f"csrf_token={person.token()}", content_type="text/plain"),
    ]
    assert [answer.status_code for answer in forged] == [400, 400, 400, 403, 403, 400]
    assert everything(stage.app) == before


@pytest.mark.parametrize("endpoint", OPEN)
def test_forms_for_visitors_need_a_token_too(stage: Stage, endpoint: str) -> None:
    before = everything(stage.app)
    fields = {"name": "Newcomer", "email": "new@example.org", "password": "long enough"}
    assert stage.people["visitor"].post(OPEN[endpoint], **fields).status_code == 400
    evil = {"Origin": "https://evil.example"}
    assert stage.people["critic"].post(OPEN[endpoint], **fields, headers=evil).status_code == 403
    assert stage.people["critic"].get("/notices").status_code == 200
    after = everything(stage.app)
    assert after == before


@pytest.mark.parametrize("number", ["0", "-1", "999999", "2147483648", str(2**63), "9" * 40, "abc", "1.5", "1e3", " 1"])
def test_an_id_that_is_nobodys_is_not_found(app: Flask, admin: Browser, number: str) -> None:
    for form in FORMS.values():
        if form.endpoint in ("replies.to_reply", "replies.edit", "votes.cast", "locks.on_reply", "moderation.hide"):
            tail = {"replies.to_reply": "replies", "locks.on_reply": "lock"}.get(form.endpoint, "")
            tail = tail or {"replies.edit": "edit", "votes.cast": "vote", "moderation.hide": "hide"}[form.endpoint]
            assert admin.post(f"/replies/{number}/{tail}", **form.fields).status_code == 404
    assert admin.get(f"/replies/{number}").status_code == 404


def test_fields_that_are_not_in_a_form_are_ignored(stage: Stage) -> None:
    stranger, other = stage.people["stranger"], stage.reply()
    extra = {
        "author_id": "1", "score": "99", "ups": "99", "state": "held", "depth": "7", "role": "admin", "is_admin": "1",
        "made_at": "1999-01-01", "parent_id": str(other), "under_lock": "1", "side": "con", "path": "0000",
    }  # fmt: skip
    answer = stranger.post(f"{stage.essay.p(2)}/replies", stance="pro", body=TYPED, **extra)
    assert answer.status_code == 303
    reply = rows(stage.app, select(Reply).where(Reply.body == TYPED))[0]
    assert (reply.author_id, reply.parent_id, reply.ups, reply.state) == (stranger.id, None, 0, "visible")
    assert (reply.depth, reply.under_lock, reply.side, reply.made_at.year > 2000) == (1, False, "pro", True)
    assert row(stage.app, User, stranger.id).role == "participant"


def test_a_paragraph_is_found_under_its_own_essay_only(stage: Stage) -> None:
    other = publish(stage.app, stage.people["author"], title="Another essay altogether")
    foreign = f"{other.path}/p/{stage.essay.paragraphs[0][1]}"
    assert stage.people["critic"].get(foreign).status_code == 404
    assert stage.people["critic"].post(f"{foreign}/replies", stance="pro", body=TYPED).status_code == 404
    assert stage.people["moderator"].post(f"{foreign}/lock", reason=TYPED).status_code == 404


@pytest.mark.parametrize(
    "headers", [{"X-HTTP-Method-Override": "GET"}, {"Accept": "application/json"}, {"HX-Boosted": "true"}], ids=str
)
def test_a_header_does_not_change_who_may(stage: Stage, headers: dict[str, str]) -> None:
    reply_id = stage.reply()
    before = everything(stage.app)
    assert stage.people["stranger"].post(f"/replies/{reply_id}/hide", reason="spam", headers=headers).status_code == 403
    assert stage.people["visitor"].post(f"/replies/{reply_id}/vote", value="1", headers=headers).status_code == 401
    assert everything(stage.app) == before
