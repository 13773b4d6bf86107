"""Essays that are not for all to read, or not for anybody to write to: drafts, unpublished ones, archived ones."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cast import (
    TITLE,
    Browser,
    EssayAt,
    add_user,
    article,
    branch,
    cite,
    everything,
    form_to,
    hide,
    lock,
    page,
    publish,
    release,
    report,
    retire,
    row,
    rows,
    share,
    sound,
    source_of,
    suspend,
    value,
    vote,
    words,
)
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select
from werkzeug.test import TestResponse

from debate.actions import deletion, users
from debate.actions.queue import Decision, decide
from debate.editor import Editor
from debate.models import Essay, Find, Notice, Reply, Revision, Ruling, Visit, Wording
from debate.text.plan import Plan
from debate.views import editing

MARK = "xyzzydraft"
WORDS = "Words that somebody typed, and wants back."
NOWHERE = "/essays/draft_999999"
OF_ESSAYS = (
    "",
    "/tree",
    "/sources",
    "/sources.json",
    "/sources.bib",
    "/revisions",
    "/revisions/1",
    "/reworded",
    "/edit",
)
OF_PARAGRAPHS = ("", "/wordings", "/new", "/replies")


def draft_of(app: Flask, by: Browser | None, title: str = f"{MARK} title") -> EssayAt:
    return publish(app, by, title, [f"{MARK} says one thing.", f"{MARK} says another."], as_draft=True)


def addresses_of(essay: EssayAt) -> list[str]:
    """Every address that an essay has, but for replies in it."""
    return [f"{essay.path}{tail}" for tail in OF_ESSAYS] + [f"{essay.p(1)}{tail}" for tail in OF_PARAGRAPHS]


def without(text: str, *parts: str) -> str:
    """An answer without the tokens of its forms, and without what it repeats of its own address."""
    for part in parts:
        text = text.replace(part, "")
    return re.sub(r'name="(csrf_token|key)" value="[^"]*"', "", text)


def status_of(app: Flask, essay: EssayAt) -> str:
    return row(app, Essay, essay.id).status


def edited(by: Browser, essay: EssayAt, **fields: str) -> TestResponse:
    """The form of an essay's text sent as it was opened, but for `fields`."""
    form = by.get(f"{essay.path}/edit")
    assert form.status_code == 200
    kept = {name: value(form, name) for name in ("title", "text", "base")}
    return by.post(f"{essay.path}/edit", **kept | {"language": "en"} | fields)


# --- drafts: who sees them


def test_a_draft_is_its_owners_alone(
    app: Flask, author: Browser, stranger: Browser, moderator: Browser, admin: Browser, client: Browser, htmx: bool
) -> None:
    draft = draft_of(app, author)
    for path in addresses_of(draft):
        answer = author.get(path, htmx=htmx)
        assert answer.status_code in (200, 204) or path.endswith(("/new", "/replies")), path
        for other in (client, stranger, moderator, admin):
            assert other.get(path, htmx=htmx).status_code == 404, (other.name, path)
    assert MARK in author.get(draft.path).text


def test_a_draft_and_what_never_was_are_answered_alike(
    app: Flask, author: Browser, stranger: Browser, moderator: Browser, client: Browser, htmx: bool
) -> None:
    draft = draft_of(app, author)
    key, number = draft.paragraphs[0][1], draft.id
    for path in addresses_of(draft):
        other = path.replace(draft.path, NOWHERE)
        for who in (client, stranger, moderator):
            for method in ("get", "post"):
                mine, none = (getattr(who, method)(at, htmx=htmx, reason=WORDS) for at in (path, other))
                assert (mine.status_code, dict(mine.headers).keys()) == (none.status_code, dict(none.headers).keys())
                assert without(mine.text, draft.slug) == without(none.text, "draft_999999"), (path, method)
                assert MARK not in mine.text
                assert key not in without(mine.text, path, path.replace("/", "%2F"))
    for act in ("share", "discard", "publish", "unpublish", "archive", "lock", "moderators", "premoderation", "visit"):
        for who in (client, stranger, moderator):
            mine, none = (who.post(f"{at}/{act}", htmx=htmx, reason=WORDS) for at in (draft.path, NOWHERE))
            assert mine.status_code == none.status_code == (401 if who is client else 404), act
            assert without(mine.text, draft.slug) == without(none.text, "draft_999999"), act
    there, nowhere = f"/drafts/{number}/{'0' * 40}", f"/drafts/999999/{'0' * 40}"
    mine, none = client.get(there), client.get(nowhere)
    assert mine.status_code == none.status_code == 404
    assert without(mine.text, there) == without(none.text, nowhere)
    assert mine.headers["Cache-Control"] == none.headers["Cache-Control"]
    assert status_of(app, draft) == "draft"


def test_a_draft_without_an_owner_is_the_moderators(
    app: Flask, stranger: Browser, moderator: Browser, admin: Browser, client: Browser
) -> None:
    draft = draft_of(app, None)
    helper = add_user(app, "Helper")
    essay = publish(app, None)
    admin.post(f"{essay.path}/moderators", name="Helper")
    for who in (client, stranger, helper):
        assert who.get(draft.path).status_code == 404
    for who in (moderator, admin):
        assert "Only moderators can read this" in words(who.get(draft.path))
    assert moderator.post(f"{draft.path}/publish").status_code == 303
    assert status_of(app, draft) == "published"


def test_the_title_of_a_draft_takes_no_address(app: Flask, author: Browser, moderator: Browser) -> None:
    """Else whoever publishes under the same title would learn of it from the number at the end."""
    draft = draft_of(app, author, TITLE)
    assert "bees" not in draft.slug
    assert publish(app, moderator).slug == "on-keeping-bees-in-town"


# --- drafts: the secret link


def test_whoever_has_the_secret_link_reads_the_draft(
    app: Flask, author: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    draft = draft_of(app, author)
    link = share(author, draft)
    for who in (client, stranger, moderator, author):
        answer = who.get(link)
        assert answer.status_code == 200
        assert f"{MARK} says another." in words(answer)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["Referrer-Policy"] == "strict-origin"
        assert "ETag" not in answer.headers
        assert '<meta name="robots" content="noindex">' in answer.text
        main = page(answer).css_first("main")
        assert main is not None
        assert main.css("form, button, a[href]") == []
        assert who is author or who.get(draft.path).status_code == 404


def test_only_the_newest_link_leads_to_a_draft(app: Flask, author: Browser, client: Browser) -> None:
    draft = draft_of(app, author)
    assert client.get(f"/drafts/{draft.id}/{'0' * 40}").status_code == 404
    first = share(author, draft)
    second = share(author, draft)
    assert first != second
    assert [client.get(link).status_code for link in (first, second)] == [404, 200]
    for wrong in (
        second[:-1],
        f"{second}0",
        second.upper(),
        f"{second}/",
        f"/drafts/{2**31}/x",
        f"/drafts/{draft.id}/é",
    ):
        assert client.get(wrong).status_code == 404, wrong
    other = draft_of(app, author, "Another")
    share(author, other)
    assert client.get(second.replace(f"/{draft.id}/", f"/{other.id}/")).status_code == 404
    assert author.post(f"{draft.path}/share", on="0").status_code == 303
    assert client.get(second).status_code == 404
    assert form_to(author.get(draft.path), f"{draft.path}/share") is not None
    assert "/drafts/" not in author.get(draft.path).text


@pytest.mark.parametrize("act", ["publish", "discard"])
def test_the_secret_link_ends_with_the_draft(app: Flask, moderator: Browser, client: Browser, act: str) -> None:
    draft = draft_of(app, moderator)
    link = share(moderator, draft)
    assert moderator.post(f"{draft.path}/{act}").status_code == 303
    assert client.get(link).status_code == 404


def test_what_is_changed_in_a_draft_is_behind_its_link_at_once(app: Flask, author: Browser, client: Browser) -> None:
    draft = draft_of(app, author)
    link = share(author, draft)
    assert MARK in client.get(link).text
    assert edited(author, draft, title="Calm", text="Other words.", intent="draft").status_code == 303
    assert MARK not in client.get(link).text
    assert "Other words." in words(client.get(link))


# --- drafts: nobody writes in them


def test_nothing_is_said_or_ruled_in_a_draft(app: Flask, admin: Browser, htmx: bool) -> None:
    draft = draft_of(app, admin)
    add_user(app, "Helper")
    before = everything(app)
    for path, fields in {
        f"{draft.p()}/replies": {"stance": "pro", "body": WORDS},
        f"{draft.path}/lock": {"reason": WORDS},
        f"{draft.p()}/lock": {"reason": WORDS},
        f"{draft.path}/premoderation": {"value": "1"},
        f"{draft.path}/moderators": {"name": "Helper"},
        f"{draft.path}/visit": {"arriving": "1"},
        f"{draft.path}/archive": {"reason": WORDS},
        f"{draft.path}/unpublish": {"reason": WORDS},
    }.items():
        answer = admin.post(path, htmx=htmx, **fields)
        assert answer.status_code in (403, 404), path
        assert everything(app) == before, path
    shown = admin.get(draft.path)
    actions = {form.attributes.get("action") for form in page(shown).css("main form")}
    assert actions == {f"{draft.path}/{act}" for act in ("publish", "share", "discard")}
    assert admin.post(f"{draft.path}/discard").status_code == 303


# --- drafts: saved, published, thrown away


def test_a_draft_is_saved_over(app: Flask, author: Browser, client: Browser) -> None:
    draft = draft_of(app, author)
    assert edited(author, draft, title="Calmer", text="One.\n\nTwo.\n\nThree.", intent="draft").status_code == 303
    shown = author.get(draft.path)
    assert page(shown).css_first("h1").text() == "Calmer"
    assert "Three." in words(shown)
    assert MARK not in shown.text
    assert len(rows(app, select(Wording))) == 3
    assert [one.number for one in rows(app, select(Revision))] == [1]
    assert status_of(app, draft) == "draft"
    assert client.get(draft.path).status_code == 404


def test_a_draft_that_was_saved_elsewhere_meanwhile_is_not_saved_over(app: Flask, author: Browser) -> None:
    draft = draft_of(app, author)
    base = value(author.get(f"{draft.path}/edit"), "base")
    assert edited(author, draft, text="From the other tab.", intent="draft").status_code == 303
    for intent in ("draft", "publish"):
        answer = author.post(f"{draft.path}/edit", title="T", text=WORDS, language="en", base=base, intent=intent)
        assert answer.status_code == 409
        assert value(answer, "text") == WORDS
        assert "changed meanwhile" in words(answer)
    assert "From the other tab." in words(author.get(draft.path))
    again = author.post(
        f"{draft.path}/edit", title="T", text=WORDS, language="en", base=value(answer, "base"), intent="draft"
    )
    assert again.status_code == 303
    assert WORDS in words(author.get(draft.path))


@pytest.mark.parametrize("title", ["T", f"{MARK} title"])
@pytest.mark.parametrize("intent", ["draft", "publish"])
def test_what_was_typed_over_a_draft_is_not_published_as_a_revision(
    app: Flask, moderator: Browser, intent: str, title: str
) -> None:
    """In another tab it was published meanwhile: what is sent now was meant for a draft."""
    draft = draft_of(app, moderator)
    form = moderator.get(f"{draft.path}/edit")
    assert moderator.post(f"{draft.path}/publish").status_code == 303
    answer = moderator.post(
        f"{draft.path}/edit", title=title, text=WORDS, language="en", base=value(form, "base"), intent=intent
    )
    assert answer.status_code == 409
    assert value(answer, "text") == WORDS
    assert rows(app, select(Essay.revision)) == [1]
    assert WORDS not in rows(app, select(Wording.source))


def test_a_draft_that_is_gone_gives_back_what_was_typed(app: Flask, author: Browser) -> None:
    draft = draft_of(app, author)
    base = value(author.get(f"{draft.path}/edit"), "base")
    assert author.post(f"{draft.path}/discard").status_code == 303
    answer = author.post(f"{draft.path}/edit", title="T", text=WORDS, language="en", base=base, intent="draft")
    assert answer.status_code == 404
    assert WORDS in answer.text
    assert rows(app, select(Essay)) == []


def test_a_form_left_open_over_a_draft_that_is_gone_does_not_meet_the_next_one(app: Flask, author: Browser) -> None:
    """On SQLite the next has the number of the one that is gone."""
    gone = draft_of(app, author)
    base = value(author.get(f"{gone.path}/edit"), "base")
    assert author.post(f"{gone.path}/discard").status_code == 303
    kept = draft_of(app, author, "Another")
    said = {"title": "T", "text": WORDS, "language": "en", "base": base, "intent": "draft"}
    assert author.post(f"{gone.path}/edit", **said).status_code == 404
    for act in ("discard", "publish", "share"):
        assert author.post(f"{gone.path}/{act}").status_code == 404
    assert (row(app, Essay, kept.id).title, status_of(app, kept)) == ("Another", "draft")


@pytest.mark.parametrize("title", [TITLE, "Plan 2027", "7", "new", "!!!", "蜂"])
def test_the_address_of_what_is_published_follows_its_title(
    app: Flask, moderator: Browser, client: Browser, title: str
) -> None:
    draft = draft_of(app, moderator, "Otherwise")
    assert edited(moderator, draft, title=title, intent="draft").status_code == 303
    answer = moderator.post(f"{draft.path}/publish")
    published = answer.headers["Location"]
    straight = publish(app, moderator, title)  # the same title again: the next number
    assert straight.slug in (f"{published.rpartition('/')[2]}-2", f"{title}-3")
    assert client.get(published).status_code == 200
    assert client.get(draft.path).headers["Location"] == published
    assert client.get(f"{draft.path}/tree").headers["Location"] == published


def test_a_draft_is_published_as_of_now_and_found_only_then(
    app: Flask, moderator: Browser, client: Browser, runner: FlaskCliRunner
) -> None:
    draft = draft_of(app, moderator)
    before = row(app, Essay, draft.id).made_at
    assert rows(app, select(Find)) == []
    assert MARK not in client.get("/").text
    assert f"{MARK} says one" not in words(client.get(f"/search?q={MARK}"))
    assert moderator.post(f"{draft.path}/publish").status_code == 303
    there = row(app, Essay, draft.id)
    assert before < there.made_at == there.debated_at == rows(app, select(Revision.made_at))[0]
    assert MARK in client.get("/").text
    assert f"{MARK} says one" in words(client.get(f"/search?q={MARK}"))
    assert rows(app, select(Ruling)) == []


def test_a_page_that_was_kept_shows_what_was_published_since(app: Flask, moderator: Browser, client: Browser) -> None:
    """Also where as many drafts have gone meanwhile as essays have come."""
    draft, other = draft_of(app, moderator), draft_of(app, moderator, "Another")
    assert MARK not in client.get("/").text
    moderator.post(f"{other.path}/discard")
    publish(app, moderator, title="A straight one")
    assert "A straight one" in client.get("/").text
    moderator.post(f"{draft.path}/publish")
    assert MARK in client.get("/").text


def test_saving_and_publishing_at_once_is_once(app: Flask, moderator: Browser) -> None:
    draft = draft_of(app, moderator)
    form = moderator.get(f"{draft.path}/edit")
    fields = {"title": "Renamed", "text": "One.\n\nTwo.", "language": "en", "base": value(form, "base")}
    answers = [moderator.post(f"{draft.path}/edit", **fields, intent="publish") for _ in range(2)]
    assert [(one.status_code, one.headers.get("Location")) for one in answers] == [(303, "/essays/renamed")] * 2
    there = row(app, Essay, draft.id)
    assert (there.status, there.revision, there.slug) == ("published", 1, "renamed")
    assert rows(app, select(Wording.source)) == ["One.", "Two."]


def test_a_double_click_is_once(app: Flask, moderator: Browser, htmx: bool) -> None:
    draft = draft_of(app, moderator)
    base = value(moderator.get(f"{draft.path}/edit"), "base")
    fields = {"title": "T", "text": "One.", "language": "en", "base": base, "intent": "draft"}
    assert [moderator.post(f"{draft.path}/edit", **fields).status_code for _ in range(2)] == [303, 303]
    done = 200 if htmx else 303
    for act, fields in (
        ("publish", {}), ("archive", {"reason": "Done."}), ("publish", {}), ("unpublish", {"reason": "Gone."}),
        ("publish", {}),
    ):  # fmt: skip
        path = row(app, Essay, draft.id).slug
        answers = [moderator.post(f"/essays/{path}/{act}", htmx=htmx, **fields) for _ in range(2)]
        assert [one.status_code for one in answers] == [done, done], act
    acts = rows(app, select(Ruling.act).order_by(Ruling.number))
    assert acts == ["archive", "unarchive", "unpublish", "publish"]
    second = draft_of(app, moderator)
    assert [moderator.post(f"{second.path}/discard").status_code for _ in range(2)] == [303, 404]


def test_a_draft_is_published_only_by_those_who_may_publish(app: Flask, author: Browser, client: Browser) -> None:
    draft = draft_of(app, author)
    assert author.post(f"{draft.path}/publish").status_code == 403
    answer = edited(author, draft, text=WORDS, intent="publish")
    assert answer.status_code == 403
    assert value(answer, "text") == WORDS
    assert status_of(app, draft) == "draft"
    assert client.get(draft.path).status_code == 404


@pytest.mark.parametrize(("how", "status"), [("demoted", 403), ("gone", 401)])
@pytest.mark.parametrize("intent", ["publish", "draft"])
def test_who_may_no_more_once_the_text_is_read_publishes_nothing(
    app: Flask, admin: Browser, moderator: Browser, monkeypatch: pytest.MonkeyPatch, how: str, status: int, intent: str
) -> None:
    read, database = editing._planned, app.extensions["database"]

    def slow(editor: Editor) -> Plan | None:
        if how == "demoted":
            database.write(users.give_role, admin.actor, "Warden", "participant")
        else:
            database.write(deletion.delete_account, moderator.actor)
        return read(editor)

    moderator.token()
    admin.actor  # noqa: B018 (made when it is first asked for)
    monkeypatch.setattr(editing, "_planned", slow)
    answer = moderator.post("/essays/new", title="T", text=WORDS, intent=intent)
    assert answer.status_code == status
    assert WORDS in answer.text
    assert rows(app, select(Essay)) == []


def test_participants_draft_and_publish_where_the_setting_says_so(
    app: Flask, make_app: Callable[..., Flask], author: Browser, client: Browser
) -> None:
    browser = Browser(make_app(publishing="everyone"), author.name, author.id)
    answer = browser.post("/essays/new", title=TITLE, text=WORDS, language="en", intent="draft")
    path = answer.headers["Location"]
    assert client.get(path).status_code == 404
    assert path in browser.get("/essays/new").text
    assert browser.post(f"{path}/publish").headers["Location"] == "/essays/on-keeping-bees-in-town"
    assert rows(app, select(Essay.owner_id)) == [author.id]


def test_somebody_elses_text_is_nobodys_here_once_it_is_published(app: Flask, moderator: Browser) -> None:
    path = moderator.post("/essays/new", title=TITLE, text=WORDS, author="Anne", language="en", intent="draft").headers[
        "Location"
    ]
    assert rows(app, select(Essay.owner_id)) == [moderator.id]
    assert moderator.post(f"{path}/publish").status_code == 303
    assert rows(app, select(Essay.owner_id)) == [None]


def test_a_draft_thrown_away_leaves_nothing(
    app: Flask, author: Browser, stranger: Browser, runner: FlaskCliRunner
) -> None:
    before = everything(app)
    draft = draft_of(app, author)
    share(author, draft)
    author.get(f"{draft.path}/tree")
    assert edited(author, draft, text="Other.", intent="draft").status_code == 303
    assert stranger.post(f"{draft.path}/discard").status_code == 404
    assert author.post(f"{draft.path}/discard").headers["Location"] == "/essays/new"
    assert {name: found for name, found in everything(app).items() if name != "users"} == {
        name: found for name, found in before.items() if name != "users"
    }


@pytest.mark.parametrize(("status", "act"), [("unpublished", "unpublish"), ("archived", "archive")])
def test_a_moderators_word_stands_also_where_the_author_was_first(
    app: Flask, author: Browser, moderator: Browser, essay: EssayAt, status: str, act: str
) -> None:
    retire(author, essay, status)
    for who in (moderator, moderator, author):
        assert who.post(f"{essay.path}/{act}", reason="It says where she lives.").status_code == 303
    assert rows(app, select(Ruling.by_id).order_by(Ruling.number)) == [author.id, moderator.id]
    assert len(rows(app, select(Notice).where(Notice.user_id == author.id, Notice.kind == "ruling"))) == 1
    assert author.post(f"{essay.path}/publish").status_code == 403
    assert status_of(app, essay) == status
    assert moderator.post(f"{essay.path}/publish").status_code == 303
    assert status_of(app, essay) == "published"


@pytest.mark.parametrize("state", ["published", "unpublished", "archived"])
def test_only_a_draft_is_thrown_away_or_shared(app: Flask, author: Browser, essay: EssayAt, state: str) -> None:
    if state != "published":
        retire(author, essay, state)
    for act in ("discard", "share"):
        assert author.post(f"{essay.path}/{act}", on="1").status_code in (404, 423)
    assert status_of(app, essay) == state


@pytest.mark.parametrize("act", ["save", "publish", "discard"])
def test_an_index_of_search_made_anew_leaves_drafts_out(
    app: Flask, moderator: Browser, client: Browser, runner: FlaskCliRunner, act: str
) -> None:
    draft = draft_of(app, moderator)
    assert runner.invoke(args=["search", "rebuild"]).exit_code == 0
    assert rows(app, select(Find)) == []
    if act == "save":
        assert edited(moderator, draft, text=f"{MARK} again.", intent="draft").status_code == 303
    else:
        assert moderator.post(f"{draft.path}/{act}").status_code == 303
    found = MARK in page(client.get(f"/search?q={MARK}")).css_first("main").text().replace(f'"{MARK}"', "")
    assert found == (act == "publish")
    assert len(rows(app, select(Find))) == (2 if act == "publish" else 0)


@pytest.mark.parametrize("kind", ["suspended", "banned"])
def test_who_is_barred_does_nothing_to_a_draft_or_an_essay(
    app: Flask, author: Browser, admin: Browser, essay: EssayAt, kind: str
) -> None:
    draft = draft_of(app, author)
    link = share(author, draft)
    suspend(admin, author, kind=kind)
    before = everything(app)
    for path in (draft.path, essay.path):
        for act in ("share", "discard", "publish", "unpublish", "archive", "edit"):
            answer = author.post(f"{path}/{act}", reason="Mine.", on="1", title="T", text=WORDS, intent="draft")
            assert answer.status_code == 403, act
        assert author.get(f"{path}/edit").status_code == 403
        shown = author.get(path)
        assert shown.status_code == 200
        offered = {form.attributes.get("action") for form in page(shown).css("main form")}
        assert offered <= {f"{path}/visit"}
    assert everything(app) == before
    assert author.get(link).status_code == 200


def test_an_owner_who_is_suspended_in_the_essay_does_not_retire_it(
    app: Flask, author: Browser, admin: Browser, stranger: Browser, essay: EssayAt
) -> None:
    admin.post(f"{essay.path}/moderators", name="Stranger")
    made = essay.reply(author, "Loud.")
    item = report(admin, made)
    app.extensions["database"].write(
        decide, stranger.actor, item, Decision("suspend", "insult", "For insults.", "suspended")
    )
    for act in ("unpublish", "archive", "edit"):
        assert author.post(f"{essay.path}/{act}", reason="Mine.", title="T", text=WORDS).status_code == 403, act
    assert status_of(app, essay) == "published"


def test_the_command_stores_a_draft_for_its_author_alone(
    app: Flask, runner: FlaskCliRunner, author: Browser, moderator: Browser, client: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "bees.txt"
    file.write_text(f"{TITLE}\n\n{MARK} says it.\n")
    done = runner.invoke(args=["essay", "import", str(file), "--author", "author", "--draft"])
    assert (done.exit_code, done.stderr) == (0, "")
    path = done.stdout.split()[0]
    assert done.stdout == f"{path} 1 paragraphs\n"
    assert MARK in author.get(path).text
    for who in (client, moderator):
        assert who.get(path).status_code == 404
    assert MARK not in runner.invoke(args=["essay", "list"]).stdout
    assert TITLE not in runner.invoke(args=["essay", "list"]).stdout
    revised = runner.invoke(args=["essay", "revise", path, str(file)])
    assert revised.exit_code == 2
    assert "is a draft" in revised.stderr
    essay_id = rows(app, select(Essay.id))[0]
    assert release(author, EssayAt(app, essay_id, path.rpartition("/")[2], [])) == "on-keeping-bees-in-town"
    assert rows(app, select(Essay.owner_id)) == [author.id]  # whose name it bears, however it was typed


# --- unpublished: nothing of it for others


def test_what_was_unpublished_says_when_and_why(
    app: Flask, author: Browser, critic: Browser, stranger: Browser, moderator: Browser, client: Browser,
    essay: EssayAt, htmx: bool,
) -> None:  # fmt: skip
    made = essay.reply(critic, "Xyzzyreply words.")
    below = essay.reply(stranger, "Below it.", to=made)
    own = essay.reply(author, "The author's own.")
    paths = [path for path in addresses_of(essay) if path != f"{essay.path}/reworded"]
    paths += [f"/replies/{made}{tail}" for tail in ("", "/replies", "/reports", "/wording", "/edit", "/erase")]
    retire(author, essay, "unpublished", "I was wrong about the roofs.")
    day = rows(app, select(Ruling.made_at))[0]
    for path in paths:
        for who in (client, stranger):
            answer = who.get(path, htmx=htmx)
            assert answer.status_code == 410, (who.name, path)
            said = words(answer)
            assert "I was wrong about the roofs." in said
            assert f"{day:%B} {day.day}, {day.year}" in said or str(day.year) in said
            shown = without(answer.text, essay.slug)
            assert not any(part in shown for part in (TITLE, "Xyzzyreply", "roofs find", "Bees")), path
    for who in (author, moderator):
        assert who.get(essay.path).status_code == who.get(essay.p()).status_code == 200
        assert "I was wrong about the roofs." in words(who.get(essay.path))
        for reply in (made, below, own):
            assert who.get(f"/replies/{reply}").status_code == 200
    assert critic.get(f"/replies/{below}").status_code == 410


def test_a_moderator_of_the_essay_reads_it_still(
    app: Flask, admin: Browser, author: Browser, stranger: Browser, essay: EssayAt
) -> None:
    admin.post(f"{essay.path}/moderators", name="Stranger")
    retire(author, essay, "unpublished")
    assert stranger.get(essay.path).status_code == 200
    admin.post(f"{essay.path}/moderators", name="Stranger", act="dismiss")
    assert stranger.get(essay.path).status_code == 410


def test_kept_pages_are_gone_with_the_next_request(
    app: Flask, make_app: Callable[..., Flask], author: Browser, critic: Browser, moderator: Browser, essay: EssayAt
) -> None:
    """In every process, and whatever a browser still has."""
    made = essay.reply(critic, "Xyzzyreply words.")
    used = cite(critic, made, "https://example.org/seen", "Seen.")
    lock(moderator, essay.target(2), reason="Xyzzylock.")
    source = source_of(app, used)
    visitors = [Browser(app), Browser(make_app())]
    own = [essay.path, essay.p(), f"{essay.path}/tree", f"{essay.path}/sources", f"{essay.path}/revisions",
           f"{essay.path}/revisions/1", f"{essay.p()}/wordings", f"/replies/{made}"]  # fmt: skip
    around = ["/", "/search?q=xyzzyreply", "/search?q=bees", "/users/Critic", "/moderation/log", "/moderation/locks"]
    tags = {}
    for path in (*own, *around, f"/sources/{source}"):
        for visitor in visitors:
            answer = visitor.get(path)
            assert answer.status_code == 200, path
            tags[path] = answer.headers["ETag"]
    retire(author, essay, "unpublished", "Enough.")
    for path in (*own, *around, f"/sources/{source}"):
        for visitor in visitors:
            for headers in ({}, {"If-None-Match": tags[path]}):
                answer = visitor.get(path, headers=headers)
                assert answer.status_code == (410 if path in own else 404 if "sources" in path else 200), path
                shown = without(answer.text, essay.slug).lower()
                assert TITLE.lower() not in shown, path
                assert "xyzzylock" not in shown or path == "/moderation/log", path
                if "search" not in path:
                    assert "xyzzyreply" not in shown
    release(author, essay)
    for path in (*own, *around, f"/sources/{source}"):
        assert all(visitor.get(path).status_code == 200 for visitor in visitors), path


def test_nothing_elsewhere_tells_of_it(
    app: Flask, author: Browser, critic: Browser, stranger: Browser, moderator: Browser, client: Browser, essay: EssayAt
) -> None:
    other = publish(app, moderator, title="Another essay altogether")
    made = essay.reply(critic, "Xyzzyreply words.")
    essay.reply(stranger, "An answer.", to=made, stance="con")
    shared = cite(critic, made, "https://example.org/shared", "Here.")
    there = other.reply(critic, "Elsewhere.")
    cite(critic, there, "https://example.org/shared", "There.")
    alone = cite(stranger, made, "https://example.org/alone", "Alone.")
    lock(moderator, branch(app, made), reason="Too hot.")
    hidden = essay.reply(stranger, "Rude.")
    hide(moderator, hidden)
    assert "Notices 3" in words(critic.get("/"))
    retire(author, essay, "unpublished", "Enough.")
    for who in (client, critic, stranger):
        home = who.get("/")
        assert TITLE not in home.text
        log = who.get("/moderation/log").text
        assert TITLE not in log
        assert essay.slug not in log
        assert f"/replies/{made}" not in log
        assert "an essay that is not public" in words(who.get("/moderation/log"))
        locks = who.get("/moderation/locks")
        assert TITLE not in locks.text
        assert f"/replies/{made}" not in locks.text
        assert "1 reply" in words(who.get("/users/Critic"))
        assert TITLE not in who.get("/users/Critic").text
        source = who.get(f"/sources/{source_of(app, shared)}")
        assert "Here." not in source.text
        assert TITLE not in source.text
        assert "There." in source.text
        assert who.get(f"/sources/{source_of(app, alone)}").status_code == 404
        assert "not cited here yet" in words(who.get("/sources?url=https://example.org/alone"))
        for citation in (shared, alone):
            assert who.get(f"/citations/{citation}").status_code == 404
        for query in ("q=xyzzyreply&in=replies", "by=Critic", "q=bees", f"essay={essay.slug}", "q=alone&in=sources"):
            found = who.get(f"/search?{query}")
            assert TITLE not in found.text, query
            assert f"/replies/{made}" not in found.text, query
        assert "unpublished" in words(who.get("/moderation/log?act=unpublish"))
        for query in (f"essay={essay.slug}", "essay=never-was"):
            assert "No entry matches. There is no such account, essay or day." in words(
                who.get(f"/moderation/log?{query}")
            )
    for who, count in ((critic, 1), (stranger, 1)):  # the ruling on what each wrote
        assert f"Notices {count}" in words(who.get("/"))
        assert TITLE not in who.get("/notices").text
        assert "An answer." not in who.get("/notices").text
    release(author, essay)
    assert "Notices 3" in words(critic.get("/"))
    assert TITLE in client.get("/").text
    sound(app)


def test_a_suspension_in_it_does_not_name_it(
    app: Flask, author: Browser, admin: Browser, critic: Browser, stranger: Browser, essay: EssayAt
) -> None:
    """Those who moderate another essay see who is suspended where."""
    other = publish(app, admin, title="Another essay altogether")
    helper = add_user(app, "Helper")
    admin.post(f"{other.path}/moderators", name="Helper")
    admin.post(f"{essay.path}/moderators", name="Stranger")
    item = report(admin, essay.reply(critic, "Loud."))
    app.extensions["database"].write(
        decide, stranger.actor, item, Decision("suspend", "insult", "For insults.", "suspended")
    )
    report(admin, other.reply(critic, "Loud here too."))
    for path in ("/users/Critic", "/moderation?kind=reported"):
        assert TITLE in helper.get(path).text
    retire(author, essay, "unpublished")
    for path in ("/users/Critic", "/moderation?kind=reported"):
        shown = helper.get(path)
        assert "suspended in an essay that is not public" in words(shown)
        assert TITLE not in shown.text
        assert essay.slug not in shown.text
        assert TITLE in stranger.get("/users/Critic").text
    for path in ("/notices", "/settings", "/"):
        assert TITLE not in critic.get(path).text


# --- unpublished: what one wrote stays one's own


def test_each_writer_reads_and_takes_out_their_own_replies(
    app: Flask, author: Browser, critic: Browser, stranger: Browser, essay: EssayAt
) -> None:
    above = essay.reply(stranger, "Xyzzyabove words.")
    own = essay.reply(critic, "Xyzzyown words.", to=above, stance="con")
    essay.reply(stranger, "Xyzzybelow words.", to=own)
    retire(author, essay, "unpublished")
    shown = critic.get(f"/replies/{own}")
    assert shown.status_code == 200
    assert "Xyzzyown words." in shown.text
    for part in ("Xyzzyabove", "Xyzzybelow", TITLE, essay.slug, "Stranger", "Bees"):
        assert part not in shown.text
    data = critic.get("/settings/data").text
    assert "Xyzzyown words." in data
    assert not any(part in data for part in ("Xyzzyabove", "Xyzzybelow", "Bees"))
    for tail in ("/wording", "/replies", "/edit", "/reports", "/reports?sent=1"):
        for htmx in (False, True):
            answer = critic.get(f"/replies/{own}{tail}", htmx=htmx)
            assert answer.status_code == 410, tail
            assert "Bees" not in without(answer.text, essay.slug)
    assert stranger.get(f"/replies/{own}").status_code == 410


@pytest.mark.parametrize("below", [False, True])
def test_each_writer_withdraws_their_own_replies(
    app: Flask, author: Browser, critic: Browser, stranger: Browser, moderator: Browser, essay: EssayAt, htmx: bool,
    below: bool,
) -> None:  # fmt: skip
    own = essay.reply(critic, "Xyzzyown words.")
    hidden = essay.reply(critic, "Xyzzyhidden words.", p=2)
    hide(moderator, hidden)
    if below:
        essay.reply(stranger, "Xyzzybelow words.", to=own)
    retire(author, essay, "unpublished")
    for reply in (own, hidden):
        assert form_to(critic.get(f"/replies/{reply}"), f"/replies/{reply}/withdraw") is not None
        assert stranger.post(f"/replies/{reply}/withdraw").status_code == 410
        for _ in range(2):
            answer = critic.post(f"/replies/{reply}/withdraw", htmx=htmx)
            onward = answer.headers["HX-Redirect" if htmx else "Location"]
            assert onward == f"/replies/{reply}"
            after = critic.get(onward)
            assert after.status_code == 200
            assert "Withdrawn" in words(after)
            assert not any(part in after.text for part in ("Xyzzyown", "Xyzzyhidden", "Xyzzybelow", TITLE))
            assert form_to(after, f"/replies/{reply}/withdraw") is None
    sound(app)
    release(author, essay)
    assert article(stranger.get(essay.p()), own) is None or "Xyzzyown" not in stranger.get(essay.p()).text


def test_nobody_writes_in_it_and_everybody_gets_the_words_back(
    app: Flask, author: Browser, critic: Browser, stranger: Browser, moderator: Browser, essay: EssayAt, htmx: bool
) -> None:
    own = essay.reply(critic, "Of the critic's.")
    used = cite(moderator, own, "https://example.org/a", "A.")
    retire(author, essay, "unpublished")
    before = everything(app)
    for who in (critic, stranger, author, moderator):
        for path, fields in writes(essay, own, used).items():
            answer = who.post(path, htmx=htmx, **fields)
            allowed = (410,) if who in (critic, stranger) else (403, 404, 410)
            if "citations/" in path and who is not author:
                allowed = (403, 404, 410)
            assert answer.status_code in allowed, (who.name, path, answer.status_code)
            if answer.status_code == 410 and WORDS in fields.values():
                assert WORDS in answer.text, path
            assert everything(app) == before, path


def writes(essay: EssayAt, reply: int, citation: int) -> dict[str, dict[str, str]]:
    """All that people write in an essay: a path and what is sent there."""
    return {
        f"{essay.p()}/replies": {"stance": "pro", "body": WORDS},
        f"/replies/{reply}/replies": {"stance": "con", "body": WORDS},
        f"/replies/{reply}/edit": {"body": WORDS},
        f"/replies/{reply}/vote": {"value": "1"},
        f"/replies/{reply}/citations": {"url": "https://example.org/b", "quote": WORDS},
        f"/replies/{reply}/asks": {"wanted": "1"},
        f"/citations/{citation}/check": {"answer": "yes"},
        f"/replies/{reply}/confirm": {},
    }


# --- archived


def test_everybody_reads_all_of_what_is_archived(
    app: Flask, author: Browser, critic: Browser, moderator: Browser, client: Browser, essay: EssayAt
) -> None:
    made = essay.reply(critic, "Xyzzyreply words.")
    retire(author, essay, "archived", "It has run its course.")
    for who in (client, critic, author, moderator):
        for path in (p for p in addresses_of(essay) if not p.endswith(("/edit", "/new", "/replies", "/reworded"))):
            assert who.get(path).status_code == 200, path
        assert "Xyzzyreply words." in who.get(essay.p()).text
        assert who.get(f"/replies/{made}").status_code == 200
        said = words(who.get(essay.path))
        assert "Archived on" in said
        assert "It has run its course." in said
        assert TITLE in who.get("/").text
        assert TITLE in who.get("/moderation/log").text
        assert f"/replies/{made}" in who.get("/search?q=xyzzyreply").text


def test_nobody_writes_in_what_is_archived(
    app: Flask, author: Browser, critic: Browser, stranger: Browser, moderator: Browser, admin: Browser,
    essay: EssayAt, htmx: bool,
) -> None:  # fmt: skip
    made = essay.reply(critic, "Of the critic's.")
    used = cite(author, made, "https://example.org/a", "A.")
    vote(stranger, made, 1)
    retire(author, essay, "archived")
    before = everything(app)
    for who in (critic, stranger, author, moderator, admin):
        for path, fields in writes(essay, made, used).items():
            answer = who.post(path, htmx=htmx, **fields)
            not_theirs = (
                (path.endswith(("/vote", "/asks")) and who is critic)
                or (path.endswith("/edit") and who is not critic)
                or (path.endswith("/check") and who is author)
            )
            assert answer.status_code == (403 if not_theirs else 423), (who.name, path)
            if not not_theirs and WORDS in fields.values():
                assert WORDS in answer.text, path
            assert "archived" in answer.text or not_theirs
            assert everything(app) == before, path
    assert stranger.post(f"/replies/{made}/vote", value="0").status_code == 423
    for path in (f"{essay.p()}/replies", f"/replies/{made}/replies"):
        assert stranger.get(path, htmx=htmx).status_code == 423
    assert critic.get(f"/replies/{made}/edit", htmx=htmx).status_code == 423
    for fields in ({"url": "nothing"}, {"url": "https://example.org/b", "intent": "preview"}):
        assert critic.post(f"/replies/{made}/citations", htmx=htmx, **fields).status_code == 423


def test_what_is_archived_is_not_revised(
    app: Flask, author: Browser, stranger: Browser, moderator: Browser, essay: EssayAt, runner: FlaskCliRunner,
    tmp_path: Path,
) -> None:  # fmt: skip
    base = value(author.get(f"{essay.path}/edit"), "base")
    retire(author, essay, "archived")
    before = everything(app)
    assert author.get(f"{essay.path}/edit").status_code == 423
    for intent in ("", "preview", "publish", "draft"):
        fields = {"title": "T", "text": WORDS, "language": "en", "base": base, "intent": intent}
        answer = author.post(f"{essay.path}/edit", **fields)
        assert answer.status_code == 423
        assert WORDS in answer.text
        for other in (stranger, moderator):
            assert other.post(f"{essay.path}/edit", **fields).status_code == 403
    assert f"{essay.path}/edit" not in author.get(essay.path).text
    file = tmp_path / "bees.txt"
    file.write_text(f"{TITLE}\n\n{WORDS}\n")
    done = runner.invoke(args=["essay", "revise", essay.slug, str(file)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "is archived" in done.stderr
    assert everything(app) == before


def test_pages_of_what_is_archived_offer_nothing_to_write_with(
    app: Flask, author: Browser, critic: Browser, stranger: Browser, moderator: Browser, client: Browser, essay: EssayAt
) -> None:
    made = essay.reply(critic, "Of the critic's.")
    essay.reply(stranger, "An answer.", to=made, stance="con")
    used = cite(author, made, "https://example.org/a", "A.")
    vote(stranger, made, 1)
    retire(author, essay, "archived")
    read = [essay.path, f"{essay.path}?open={essay.paragraphs[0][1]}", essay.p(1), essay.p(2), f"{essay.path}/tree",
            f"{essay.path}/reworded", f"/replies/{made}", f"/replies/{made}/wording", f"/citations/{used}"]  # fmt: skip
    closed = re.compile(r"/(replies|edit|vote|citations|asks|check|confirm)$")
    for who in (client, critic, stranger, author, moderator):
        for path in read:
            for htmx in (False, True):
                answer = who.get(path, htmx=htmx)
                tree = page(answer)
                for node in tree.css("main form, form, a[href], [data-hx-get]"):
                    for name in ("action", "href", "data-hx-get", "data-hx-post"):
                        leads = (node.attributes.get(name) or "").partition("?")
                        assert not closed.search(leads[0]), (who.name, path, leads)
                assert not tree.css(".invite, main a[href^='/login']"), (who.name, path)
                assert "Nobody has replied to this paragraph yet" not in words(answer), path


def test_withdrawing_reporting_and_ruling_go_on_in_what_is_archived(
    app: Flask, author: Browser, critic: Browser, stranger: Browser, moderator: Browser, admin: Browser,
    client: Browser, essay: EssayAt, htmx: bool,
) -> None:  # fmt: skip
    own, rude, other, lost = (essay.reply(critic, f"Of the critic's, {number}.") for number in range(4))
    retire(author, essay, "archived")
    done = (200, 303)
    assert critic.post(f"/replies/{own}/withdraw", htmx=htmx).status_code in done
    assert row(app, Reply, own).state == "withdrawn"
    assert stranger.post(f"/replies/{rude}/reports", htmx=htmx, reason="insult").status_code in done
    item = report(author, other)
    fields = {"act": "hide", "reason": "insult", "edit": "0"}
    assert moderator.post(f"/moderation/items/{item}", htmx=htmx, **fields).status_code in done
    assert row(app, Reply, other).state == "hidden"
    ruling = rows(app, select(Ruling.id).order_by(Ruling.id.desc()))[0]
    assert critic.post(f"/moderation/rulings/{ruling}/appeal", htmx=htmx, words="Look again.").status_code in done
    assert moderator.post(f"/replies/{rude}/hide", htmx=htmx, reason="insult").status_code in done
    assert moderator.post(f"/replies/{rude}/restore", htmx=htmx).status_code in done
    assert moderator.post(f"/replies/{rude}/lock", htmx=htmx, reason="Enough.").status_code in done
    assert moderator.post(f"/replies/{rude}/unlock", htmx=htmx).status_code in done
    erased = admin.post(f"/replies/{lost}/erase", htmx=htmx, reason="other", note="A court said so.")
    assert erased.status_code in done
    sound(app)


def test_what_one_reader_may_do_in_what_is_archived_is_not_shown_to_another(
    app: Flask, admin: Browser, author: Browser, critic: Browser, stranger: Browser, moderator: Browser, essay: EssayAt
) -> None:
    made = essay.reply(critic, "Of the critic's.")
    retire(author, essay, "archived")
    suspend(admin, stranger)
    other = add_user(app, "Another")
    for who, may in ((stranger, False), (other, True), (stranger, False)):
        assert (f"/replies/{made}/reports" in who.get(essay.p()).text) == may, who.name


def test_unarchiving_restores_exactly_what_was_possible_before(
    app: Flask, author: Browser, critic: Browser, stranger: Browser, moderator: Browser, client: Browser, essay: EssayAt
) -> None:
    made = essay.reply(critic, "Of the critic's.")
    essay.reply(stranger, "An answer.", to=made, stance="con")
    used = cite(author, made, "https://example.org/a", "A.")
    lock(moderator, essay.target(3), reason="Too hot.")
    people = (client, critic, stranger, author, moderator)
    paths = [essay.path, essay.p(1), essay.p(3), f"{essay.path}/tree", f"/replies/{made}", f"/citations/{used}", "/"]
    retire(author, essay, "archived")
    release(author, essay)
    author.post("/notices/read")

    def shown() -> list[str]:
        return [without(who.get(path).text) for who in people for path in paths]

    before = shown()
    for status in ("archived", "unpublished"):
        retire(author, essay, status)
        release(author, essay)
        assert shown() == before
    assert stranger.post(f"{essay.p()}/replies", stance="pro", body=WORDS).status_code == 303
    assert stranger.post(f"{essay.p(3)}/replies", stance="pro", body=WORDS).status_code == 423
    sound(app)


# --- who retires an essay, and how that is told


@pytest.mark.parametrize("act", ["unpublish", "archive"])
def test_the_author_and_moderators_of_the_site_retire_an_essay(
    app: Flask, author: Browser, critic: Browser, stranger: Browser, moderator: Browser, admin: Browser,
    client: Browser, act: str, htmx: bool,
) -> None:  # fmt: skip
    for who, code in ((client, 401), (stranger, 403), (critic, 403), (author, 0), (moderator, 0), (admin, 0)):
        essay = publish(app, author, title=f"Of {who.name}")
        admin.post(f"{essay.path}/moderators", name="Critic")  # who moderates its debate only
        answer = who.post(f"{essay.path}/{act}", htmx=htmx, reason=WORDS)
        assert answer.status_code == (code or (200 if htmx else 303)), who.name
        assert status_of(app, essay) == ("published" if code else f"{act}ed" if act != "archive" else "archived")
        assert (WORDS in answer.text) == bool(code)
    nobodys = publish(app, None, title="Nobody's")
    assert author.post(f"{nobodys.path}/{act}", reason=WORDS).status_code == 403
    assert moderator.post(f"{nobodys.path}/{act}", reason=WORDS).status_code == 303
    sound(app)


@pytest.mark.parametrize("act", ["unpublish", "archive"])
@pytest.mark.parametrize(
    ("reason", "sentence"), [("", "Enter a reason"), (" \n ", "Enter a reason"), ("x" * 1001, "1,000")]
)
def test_retiring_an_essay_needs_a_reason(
    app: Flask, author: Browser, essay: EssayAt, act: str, reason: str, sentence: str, htmx: bool
) -> None:
    before = everything(app)
    answer = author.post(f"{essay.path}/{act}", htmx=htmx, reason=reason)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert value(answer, "reason").strip() == reason.strip()
    assert {name: found for name, found in everything(app).items()} == before


@pytest.mark.parametrize("act", ["unpublish", "archive"])
def test_retiring_is_in_the_log_and_the_author_hears_of_what_a_moderator_did(
    app: Flask, author: Browser, moderator: Browser, client: Browser, essay: EssayAt, act: str
) -> None:
    done, undone = {"unpublish": ("unpublished", "published"), "archive": ("archived", "opened")}[act]
    author.post(f"{essay.path}/{act}", reason="My own reason.")
    log = words(client.get("/moderation/log"))
    assert f"Its author {done}" in log
    assert "My own reason." in log
    assert rows(app, select(Notice)) == []
    author.post(f"{essay.path}/publish", reason="And back.")
    assert f"Its author {undone}" in words(client.get("/moderation/log"))
    moderator.post(f"{essay.path}/{act}", reason="The house's reason.")
    told = words(author.get("/notices"))
    assert f"Warden {done}" in told
    assert "The house's reason." in told
    assert TITLE in told
    moderator.post(f"{essay.path}/publish")
    assert f"Warden {undone}" in words(author.get("/notices"))
    assert len(rows(app, select(Ruling))) == 4
    assert len(rows(app, select(Notice))) == 2
    sound(app)


@pytest.mark.parametrize("by_moderator", ["unpublished", "archived"])
def test_what_a_moderator_did_the_author_cannot_take_back(
    app: Flask, author: Browser, moderator: Browser, admin: Browser, essay: EssayAt, by_moderator: str
) -> None:
    retire(author, essay, "archived", "My own.")
    retire(moderator, essay, "unpublished", "Ours.")
    if by_moderator == "archived":
        retire(moderator, essay, "archived", "Ours too.")
    before = everything(app)
    for act in ("publish", "unpublish", "archive"):
        answer = author.post(f"{essay.path}/{act}", reason=WORDS)
        nothing = {"unpublish": "unpublished", "archive": "archived"}.get(act) == by_moderator
        assert answer.status_code == (303 if nothing else 403), act
        assert everything(app) == before, act
    assert admin.post(f"{essay.path}/publish").status_code == 303
    assert status_of(app, essay) == "published"
    assert author.post(f"{essay.path}/archive", reason=WORDS).status_code == 303
    assert author.post(f"{essay.path}/publish").status_code == 303
    sound(app)


def test_an_author_takes_back_what_they_did_themselves(app: Flask, author: Browser, essay: EssayAt) -> None:
    for act, status in (
        ("archive", "archived"), ("publish", "published"), ("unpublish", "unpublished"), ("archive", "archived"),
        ("unpublish", "unpublished"), ("publish", "published"),
    ):  # fmt: skip
        assert author.post(f"{essay.path}/{act}", reason="Mine.").status_code == 303
        assert status_of(app, essay) == status
    sound(app)


def test_a_report_of_what_was_unpublished_meanwhile_is_not_taken(
    app: Flask, author: Browser, critic: Browser, essay: EssayAt, client: Browser
) -> None:
    made = essay.reply(critic, "Of the critic's.")
    form = client.get(f"/replies/{made}/reports")
    token = value(form, "csrf_token")
    retire(author, essay, "unpublished")
    fields = {"reason": "other", "note": WORDS, "csrf_token": token}
    answer = client.post(f"/replies/{made}/reports", **fields)
    assert answer.status_code == 410
    assert WORDS in answer.text
    assert rows(app, select(Visit)) == []
