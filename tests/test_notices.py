"""Notices: who answered me, and what of it I have read."""

import pytest
from cast import Browser, EssayAt, hide, page, rows, value, withdraw, words
from sqlalchemy import select

from debate.models import Notice, Reply
from debate.queries import notices


def test_an_answer_is_told_to_the_one_who_was_answered(
    essay: EssayAt, critic: Browser, stranger: Browser, author: Browser
) -> None:
    first = essay.reply(critic, "A claim.")
    answer = essay.reply(stranger, "An objection to it.", to=first, stance="con")
    told = critic.get("/notices")
    assert "An objection to it." in told.text
    assert "disputes" in words(told)
    assert f"/replies/{answer}#reply-{answer}" in told.text
    assert page(told).css_first("nav .count").text() == "1"
    for other in (stranger, author):
        assert "An objection to it." not in other.get("/notices").text
        assert page(other.get("/")).css_first("nav .count") is None


def test_nobody_is_told_of_their_own_answers(essay: EssayAt, critic: Browser) -> None:
    essay.chain(critic, 3)
    assert rows(essay.app, select(Notice)) == []


def test_what_was_removed_is_not_told(essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser) -> None:
    first = essay.reply(critic, "A claim.")
    hide(moderator, essay.reply(stranger, "Hidden answer.", to=first))
    withdraw(stranger, essay.reply(stranger, "Withdrawn answer.", to=first))
    told = critic.get("/notices")
    assert "Hidden answer." not in told.text
    assert "Withdrawn answer." not in told.text
    assert page(told).css_first("nav .count") is None


def test_reading_marks_what_was_shown_and_not_what_came_meanwhile(
    essay: EssayAt, critic: Browser, stranger: Browser, htmx: bool
) -> None:
    first = essay.reply(critic, "A claim.")
    essay.reply(stranger, "The first answer.", to=first)
    up_to = value(critic.get("/notices"), "up_to")
    essay.reply(stranger, "The second answer.", to=first)
    answer = critic.post("/notices/read", htmx=htmx, up_to=up_to)
    assert answer.status_code == (200 if htmx else 303)
    unread = rows(essay.app, select(Notice.id).where(Notice.read_at.is_(None)))
    assert len(unread) == 1
    assert page(critic.get("/notices")).css_first("nav .count").text() == "1"
    critic.post("/notices/read", htmx=htmx)
    assert page(critic.get("/notices")).css_first("nav .count") is None


def test_nobody_reads_for_somebody_else(essay: EssayAt, critic: Browser, stranger: Browser, author: Browser) -> None:
    first = essay.reply(critic, "A claim.")
    essay.reply(stranger, "An answer.", to=first)
    author.post("/notices/read")
    assert page(critic.get("/notices")).css_first("nav .count").text() == "1"


def test_a_visitor_is_asked_to_log_in(client: Browser) -> None:
    assert client.get("/notices").headers["Location"] == "/login?next=/notices"


def test_every_notice_can_be_read_and_none_is_marked_that_no_page_has_shown(
    essay: EssayAt, critic: Browser, stranger: Browser, htmx: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "PAGE", 3)
    first = essay.reply(critic, "A claim.")
    for number in range(5):
        essay.reply(stranger, f"Answer {number}.", to=first)
    shown = critic.get("/notices")
    assert [number for number in range(5) if f"Answer {number}." in shown.text] == [2, 3, 4]
    assert "Mark these as read" in words(shown)
    onward = page(shown).css_first("#notices a[rel=next]").attributes["href"] or ""
    older = critic.get(onward)
    assert [number for number in range(5) if f"Answer {number}." in older.text] == [0, 1]
    assert page(older).css_first("#notices a[rel=next]") is None
    for answer, path, left in ((shown, "/notices", 2), (older, onward, 0)):
        fields = page(answer).css("#read-notices input")
        typed = {field.attributes["name"] or "": field.attributes["value"] for field in fields}
        marked = critic.post("/notices/read", htmx=htmx, **typed)
        assert (marked.status_code, marked.headers.get("Location")) == ((200, None) if htmx else (303, path))
        unread = rows(
            essay.app, select(Reply.body).join(Notice, Notice.reply_id == Reply.id).where(Notice.read_at.is_(None))
        )
        assert sorted(unread) == [f"Answer {number}." for number in range(left)]
    assert "Nobody has answered you yet" not in words(critic.get("/notices?before=1"))
