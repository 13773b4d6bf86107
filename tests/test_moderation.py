"""Hiding and restoring: what was hidden appears nowhere for those who may not read it, and every act is in the log."""

import pytest
import sweep
from cast import (
    Browser,
    EssayAt,
    add_user,
    article,
    everything,
    hide,
    lock,
    page,
    problem,
    report,
    row,
    rows,
    vote,
    words,
)
from flask import Flask
from selectolax.lexbor import LexborNode
from sqlalchemy import select
from sweep import MARK, MORE_PAGES, PAGES

from debate.actions import locks, moderation, users
from debate.models import Reply, Ruling
from debate.queries import replies
from debate.queries import users as accounts
from debate.refusals import Forbidden


@pytest.fixture
def places(essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser) -> dict[str, str]:
    """A hidden reply between two visible ones, marked in all that it says."""
    return sweep.hidden_among(essay, critic, author, stranger, moderator)


def test_every_page_of_the_site_is_swept(app: Flask) -> None:
    gets = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert gets == PAGES.keys()


def test_hidden_words_are_on_no_page_for_those_who_may_not_read_them(
    places: dict[str, str], client: Browser, stranger: Browser, author: Browser
) -> None:
    for who in (client, stranger, author):
        for path in (*PAGES.values(), *MORE_PAGES):
            if path == "/settings/data" and who is stranger:
                continue  # who linked a source to it takes along what was typed
            for htmx in {False, who is stranger}:
                answer = who.get(path.format(**places), htmx=htmx)
                assert MARK not in answer.text.lower(), (who.name, path)
                assert MARK not in str(answer.headers).lower(), (who.name, path)


def test_the_writer_and_moderators_read_it_with_a_label(
    places: dict[str, str], critic: Browser, moderator: Browser, admin: Browser
) -> None:
    for who in (critic, moderator, admin):
        answer = who.get("/replies/{hidden}".format(**places))
        assert f"{MARK} body" in words(answer)
        assert "Hidden by a moderator: insult" in words(answer)
        assert f"{MARK} first" in page(answer).css_first("details.edits").text()


def test_a_tombstone_keeps_the_place_and_tells_the_kind_of_reason(places: dict[str, str], client: Browser) -> None:
    for path in ("{essay}/p/{key}", "/replies/{hidden}", "/replies/{below}", "/replies/{above}"):
        answer = client.get(path.format(**places))
        assert answer.status_code == 200
        shown = article(answer, int(places["hidden"]))
        assert "Hidden by a moderator" in shown.text()
        assert shown.attributes["data-score"] == "0"
        assert "Critic" not in shown.text()
        assert "Below it." in answer.text


def test_a_hidden_reply_with_nothing_beneath_is_gone(
    essay: EssayAt, critic: Browser, moderator: Browser, client: Browser, htmx: bool
) -> None:
    made = essay.reply(critic, f"{MARK} words")
    answer = moderator.post(f"/replies/{made}/hide", htmx=htmx, reason="other", note="Off the point entirely.")
    assert answer.status_code == (200 if htmx else 303)
    gone = client.get(f"/replies/{made}")
    assert gone.status_code == 410
    assert "A moderator hid it: other" in words(gone)
    assert essay.p() in gone.text
    assert MARK not in gone.text


def test_a_branch_below_a_hidden_reply_stays_as_it_was(
    essay: EssayAt, critic: Browser, moderator: Browser, client: Browser
) -> None:
    first, second, third = essay.chain(critic, 3)
    hide(moderator, second)
    hide(moderator, first)
    moderator.post(f"/replies/{first}/restore")
    answer = client.get(essay.p())
    assert "Link number 1." in answer.text
    assert "Link number 2." not in answer.text
    assert article(answer, third).text().strip() != ""
    assert "Link number 3." in answer.text


def test_restoring_brings_everything_back(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser, client: Browser, htmx: bool
) -> None:
    made = essay.reply(critic, "It comes back.")
    vote(stranger, made, 1)
    before = row(app, Reply, made)
    hide(moderator, made)
    missing = moderator.post(f"/replies/{made}/restore", htmx=htmx, reason="other")
    assert (missing.status_code, row(app, Reply, made).state) == (422, "hidden")
    assert "Enter a note that says why." in words(missing)
    answer = moderator.post(f"/replies/{made}/restore", htmx=htmx, note="My mistake.")
    assert answer.status_code == (200 if htmx else 303)
    after = row(app, Reply, made)
    assert (after.state, after.ups, after.removed_at, after.best) == ("visible", 1, None, before.best)
    assert "It comes back." in client.get(essay.p()).text
    assert [ruling.act for ruling in rows(app, select(Ruling).order_by(Ruling.id))] == ["hide", "restore"]
    assert moderator.post(f"/replies/{made}/restore", htmx=htmx).status_code == (200 if htmx else 303)
    assert len(rows(app, select(Ruling))) == 2


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "reason"),
        ({"reason": "dislike"}, "reason"),
        ({"reason": "other"}, "note"),
        ({"reason": "other", "note": " \u200b "}, "note"),
        ({"reason": "spam", "note": "n" * 1_001}, "note"),
    ],
)
def test_hiding_needs_a_reason(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser, htmx: bool, fields: dict[str, str], name: str
) -> None:
    made = essay.reply(critic, "An argument.")
    before = everything(app)
    answer = moderator.post(f"/replies/{made}/hide", htmx=htmx, **fields)
    assert answer.status_code == 422
    assert problem(answer, name)
    assert everything(app) == before


def test_hiding_twice_is_refused(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser, admin: Browser, htmx: bool
) -> None:
    made = essay.reply(critic, "An argument.")
    hide(moderator, made)
    assert admin.post(f"/replies/{made}/hide", htmx=htmx, reason="spam").status_code == 409
    assert len(rows(app, select(Ruling))) == 1


def test_nobody_rules_on_their_own_words(app: Flask, essay: EssayAt, moderator: Browser, admin: Browser) -> None:
    made = essay.reply(moderator, "A moderator's argument.")
    assert moderator.post(f"/replies/{made}/hide", reason="spam").status_code == 403
    assert moderator.post(f"/replies/{made}/lock", reason="The last word is mine.").status_code == 403
    assert rows(app, select(Ruling)) == []
    hide(admin, made)
    assert moderator.post(f"/replies/{made}/restore").status_code == 403
    assert row(app, Reply, made).state == "hidden"


def test_the_log_names_every_act_once_with_who_and_why(
    essay: EssayAt, critic: Browser, moderator: Browser, admin: Browser, client: Browser
) -> None:
    made = essay.reply(critic, f"{MARK} words")
    moderator.post(f"/replies/{made}/hide", reason="off-topic", note="Not about bees.")
    moderator.post(f"/replies/{made}/restore", note="It was, after all.")
    moderator.post(f"{essay.path}/lock", reason="Too many at once.", votes="1")
    moderator.post(f"{essay.path}/unlock", reason="Calm again.")
    moderator.post(f"{essay.p()}/lock", reason="One paragraph.")
    moderator.post(f"/replies/{made}/lock", reason="One branch.")
    admin.post("/users/Critic/role", role="moderator")
    entries = [" ".join(entry.text().split()) for entry in page(client.get("/moderation/log")).css("ol.log li")]
    said = ["Chief changed the role of Critic", "One branch.", "One paragraph.", "Calm again.", "Too many at once.",
            "It was, after all.", "off topic"]  # fmt: skip
    assert len(entries) == len(said)
    assert all(part in entry for part, entry in zip(said, entries, strict=True))
    assert all("Warden" in entry for entry in entries[1:])
    assert "Not about bees." in entries[-1]
    assert "votes too" in entries[4]
    assert MARK not in client.get("/moderation/log").text


def test_a_refused_act_leaves_nothing_in_the_log(essay: EssayAt, moderator: Browser, stranger: Browser) -> None:
    lock(moderator, essay.target())
    assert moderator.post(f"{essay.path}/lock", reason="Again.").status_code == 409
    assert stranger.post(f"{essay.path}/unlock").status_code == 403
    assert len(rows(essay.app, select(Ruling))) == 1


def test_the_actions_ask_again_who_may_when_a_role_was_taken_meanwhile(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    made, hidden = essay.reply(critic, "An argument."), essay.reply(critic, "Another.")
    hide(moderator, hidden)
    before = everything(app)
    write, actor = app.extensions["database"].write, stranger.actor
    for act in (
        lambda: hide(stranger, made),
        lambda: write(moderation.restore, actor, hidden, ""),
        lambda: lock(stranger, essay.target()),
        lambda: write(locks.lift, actor, essay.target(), ""),
        lambda: write(users.give_role, actor, "Stranger", "admin"),
    ):
        with pytest.raises(Forbidden):
            act()
    assert everything(app) == before


def test_all_that_was_folded_under_a_reply_can_be_read(
    essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser, client: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name in ("FOLDED", "FOLDED_PAGE"):
        monkeypatch.setattr(replies, name, 2)
    first = essay.reply(critic, "The first of them.")
    same = [essay.reply(stranger, f"It says the same, {number}.") for number in range(5)]
    for reply_id in same:
        item = report(critic, reply_id, "duplicate")
        assert moderator.post(f"/moderation/items/{item}", act="duplicate", of=str(first)).status_code == 303

    def linked(section: LexborNode) -> list[int]:
        links = [node.attributes["href"] or "" for node in section.css("li a[dir=auto]")]
        return [int(link.removeprefix("/replies/")) for link in links]

    fold = page(client.get(essay.p())).css_first(f"#reply-{first} details.folded")
    assert "5 replies that say the same" in fold.text()
    assert linked(fold) == same[:2]
    path, found = fold.css_first("p a").attributes["href"] or "", []
    while path:
        section = page(client.get(path)).css_first("#folded")
        found += linked(section)
        assert len(found) <= len(same)
        onward = section.css_first("a[rel=next]")
        path = (onward.attributes["href"] or "") if onward else ""
    assert found == same
    monkeypatch.undo()
    assert page(client.get(f"/replies/{first}")).css_first("#folded") is None
    assert page(client.get(f"/replies/{same[0]}?folded=0")).css_first("#folded") is None


def test_every_account_can_be_found_by_an_admin(app: Flask, admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "PAGE", 3)
    names = [admin.name, *(add_user(app, f"Guest{number}").name for number in range(7))]
    path, found = "/users", []
    while path:
        answer = admin.get(path)
        found += [node.text().strip() for node in page(answer).css("table.accounts th[scope=row]")]
        assert len(found) <= len(names)
        onward = page(answer).css_first("main a[rel=next]")
        path = (onward.attributes["href"] or "") if onward else ""
    assert found == names[::-1]
