"""What is new since a visit, and the way to it."""

from datetime import UTC, datetime, timedelta

import pytest
from cast import Browser, EssayAt, hide, page, row, rows, shown_ids, words
from flask import Flask
from sqlalchemy import select, update

from debate.models import Visit


def new(who: Browser, essay: EssayAt) -> list[int]:
    """The replies the tree tells are new."""
    return shown_ids(who.get(f"{essay.path}/tree?filter=new"))


def long_ago(app: Flask) -> None:
    """Every visit so far was hours ago."""

    def age(session) -> None:
        session.execute(update(Visit).values(at=datetime.now(UTC) - timedelta(hours=5)))

    app.extensions["database"].write(age)


def test_what_others_said_since_a_visit_is_new(
    essay: EssayAt, critic: Browser, stranger: Browser, client: Browser, htmx: bool
) -> None:
    essay.reply(critic, "Before.")
    assert stranger.post(f"{essay.path}/visit", htmx=htmx).status_code == (200 if htmx else 303)
    assert new(stranger, essay) == []
    after = [essay.reply(critic, "After.", p=2), essay.reply(critic, "After, too.", p=2, stance="con")]
    essay.reply(stranger, "My own is not new to me.", p=2)
    answer = stranger.get(essay.path)
    assert "2 new since your visit" in words(answer)
    assert "2 new" in " ".join(page(answer).css_first(f"#m-{essay.paragraphs[1][1]}").text().split())
    assert sorted(new(stranger, essay)) == after
    assert "new since" not in words(client.get(essay.path))
    assert "new since" not in words(critic.get(essay.path))
    assert stranger.post(f"{essay.path}/visit", htmx=htmx, up_to=str(after[0])).status_code in (200, 303)
    assert new(stranger, essay) == after[1:]
    stranger.post(f"{essay.path}/visit", htmx=htmx)
    assert new(stranger, essay) == []


def test_while_a_visit_goes_on_what_was_new_at_its_start_stays_marked(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser
) -> None:
    stranger.post(f"{essay.path}/visit", arriving="1")
    made = essay.reply(critic, "Said meanwhile.")
    for _ in range(2):
        stranger.post(f"{essay.path}/visit", arriving="1", up_to=str(made))
        assert new(stranger, essay) == [made]
    long_ago(app)
    stranger.post(f"{essay.path}/visit", arriving="1", up_to=str(made))
    assert new(stranger, essay) == []


@pytest.mark.parametrize("up_to", ["", "x", "-1", "999999999", "99999999999999999999"])
def test_nobody_has_seen_what_is_not_there_yet(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, up_to: str
) -> None:
    essay.reply(critic, "Before.")
    stranger.post(f"{essay.path}/visit", up_to=up_to)
    after = essay.reply(critic, "After.")
    assert new(stranger, essay) == [after]
    assert len(rows(app, select(Visit))) == 1


def test_the_next_new_reply_is_one_link_away(
    essay: EssayAt, critic: Browser, stranger: Browser, client: Browser
) -> None:
    old = essay.reply(critic, "Before.")
    stranger.post(f"{essay.path}/visit")
    one, two = essay.reply(critic, "One.", p=1), essay.reply(critic, "Two.", p=3)

    def onward(path: str) -> str:
        link = page(stranger.get(path)).css_first("a.unread")
        return (link.attributes["href"] or "").partition("#")[0] if link else ""

    assert onward(f"/replies/{old}") == f"/replies/{one}"
    assert onward(f"/replies/{one}") == f"/replies/{two}"
    assert onward(f"/replies/{two}") == f"/replies/{one}"
    assert onward(essay.p(2)) == f"/replies/{one}"
    assert page(client.get(f"/replies/{one}")).css_first("a.unread") is None


def test_what_was_hidden_meanwhile_is_not_news(
    essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    stranger.post(f"{essay.path}/visit")
    made = essay.reply(critic, "Not for long.")
    assert new(stranger, essay) == [made]
    hide(moderator, made)
    assert new(stranger, essay) == []
    assert "new since" not in words(stranger.get(essay.path))


def test_a_visitor_is_asked_to_log_in(essay: EssayAt, critic: Browser, client: Browser) -> None:
    essay.reply(critic, "Something.")
    answer = client.get(f"{essay.path}/tree?filter=new")
    assert answer.status_code == 200
    assert "Log in to see what is new" in words(answer)
    assert client.post(f"{essay.path}/visit").status_code == 401
    assert client.post("/essays/nowhere/visit").status_code in (401, 404)


def test_the_next_debated_paragraph_is_linked(essay: EssayAt, critic: Browser, client: Browser) -> None:
    essay.reply(critic, "At the end.", p=3)
    first = client.get(essay.p(1))
    assert "Next debated: paragraph 3" in words(first)
    assert page(first).css_first(f'.pager a[href="{essay.p(3)}"]') is not None
    opened = page(client.get(essay.path, open=essay.paragraphs[0][1]))
    assert (
        opened.css_first("a.onto").attributes["href"]
        == f"{essay.path}?open={essay.paragraphs[2][1]}#p-{essay.paragraphs[2][1]}"
    )
    essay.reply(critic, "At the beginning.", p=1)
    assert "Debated before: paragraph 1" in words(client.get(essay.p(3)))


def test_people_are_counted_with_the_replies(
    app: Flask, essay: EssayAt, critic: Browser, author: Browser, moderator: Browser, client: Browser
) -> None:
    one = essay.reply(critic, "One.")
    essay.reply(critic, "Two.")
    made = essay.reply(author, "Three.")
    assert "3 replies by 2 people" in words(client.get(essay.path))
    hide(moderator, made)
    hide(moderator, one)
    assert "1 reply by 1 person" in words(client.get(essay.path))
    moderator.post(f"/replies/{made}/restore")
    assert "2 replies by 2 people" in words(client.get(essay.path))
    assert row(app, Visit, (critic.id, essay.id)) if rows(app, select(Visit)) else True
