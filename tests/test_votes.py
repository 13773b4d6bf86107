"""Votes: one a person and reply, the value that was asked for, and a score that is their sum."""

import pytest
from cast import Browser, EssayAt, add_user, article, everything, form_to, hide, page, row, rows, vote, withdraw, words
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from debate.db import now
from debate.models import Reply, Vote


@pytest.fixture
def reply_id(essay: EssayAt, critic: Browser) -> int:
    return essay.reply(critic, "Something to agree with.")


def counted(app: Flask, reply_id: int) -> tuple[int, int, int]:
    """Ups and downs as kept, and the sum of the rows."""
    reply = row(app, Reply, reply_id)
    return reply.ups, reply.downs, sum(rows(app, select(Vote.value).where(Vote.reply_id == reply_id)))


@pytest.mark.parametrize(("value", "ups", "downs"), [("1", 1, 0), ("-1", 0, 1), ("0", 0, 0)])
def test_a_vote_is_the_value_asked_for_however_often_it_is_sent(
    app: Flask, reply_id: int, stranger: Browser, htmx: bool, value: str, ups: int, downs: int
) -> None:
    for _ in range(3):
        answer = stranger.post(f"/replies/{reply_id}/vote", htmx=htmx, value=value)
        assert answer.status_code == (200 if htmx else 303)
        assert counted(app, reply_id) == (ups, downs, ups - downs)
    assert len(rows(app, select(Vote))) == ups + downs


def test_a_vote_can_be_turned_and_cleared(app: Flask, reply_id: int, stranger: Browser, htmx: bool) -> None:
    for value, score in (("1", 1), ("-1", -1), ("1", 1), ("0", 0), ("-1", -1), ("0", 0)):
        stranger.post(f"/replies/{reply_id}/vote", htmx=htmx, value=value)
        assert counted(app, reply_id) == (int(score == 1), int(score == -1), score)
    assert rows(app, select(Vote)) == []


@pytest.mark.parametrize(("value", "pressed", "other"), [("1", "up", "down"), ("-1", "down", "up")])
def test_the_button_that_was_pressed_says_so_and_takes_it_back(
    reply_id: int, stranger: Browser, value: str, pressed: str, other: str
) -> None:
    fragment = stranger.post(f"/replies/{reply_id}/vote", htmx=True, value=value)
    for answer in (fragment, stranger.get(f"/replies/{reply_id}")):
        form = page(answer).css_first(f"form#vote-{reply_id}")
        assert form.attributes["data-score"] == value
        on, off = form.css_first(f"#{pressed}-{reply_id}"), form.css_first(f"#{other}-{reply_id}")
        assert (on.attributes["aria-pressed"], on.attributes["value"]) == ("true", "0")
        assert (off.attributes["aria-pressed"], off.attributes["value"]) == ("false", {"1": "-1", "-1": "1"}[value])
    assert article(stranger.get(f"/replies/{reply_id}"), reply_id).attributes["data-score"] == value


def test_without_htmx_a_vote_leads_back_to_where_it_was_cast(essay: EssayAt, reply_id: int, stranger: Browser) -> None:
    def lands(referer: str) -> str:
        headers = {"Referer": referer}
        return stranger.post(f"/replies/{reply_id}/vote", value="1", headers=headers).headers["Location"]

    here = f"/replies/{reply_id}#reply-{reply_id}"
    assert lands(f"http://localhost{essay.path}?open=abc") == f"{essay.path}?open=abc#reply-{reply_id}"
    assert lands(f"http://localhost{essay.path}/tree") == f"{essay.path}/tree#reply-{reply_id}"
    assert lands("https://evil.example/essays/x") == here
    assert lands("http://localhost/logout") == here
    assert lands("") == here


@pytest.mark.parametrize("value", ["2", "-999", "1e9", "", "+1", "01", " 1", "1.0", "−1", "true", None])
@pytest.mark.sweep
def test_any_other_value_is_refused(
    app: Flask, reply_id: int, stranger: Browser, htmx: bool, value: str | None
) -> None:
    before = everything(app)
    fields = {} if value is None else {"value": value}
    assert stranger.post(f"/replies/{reply_id}/vote", htmx=htmx, **fields).status_code == 422
    assert everything(app) == before


def test_nobody_votes_on_their_own_reply(app: Flask, reply_id: int, critic: Browser, htmx: bool) -> None:
    assert critic.post(f"/replies/{reply_id}/vote", htmx=htmx, value="1").status_code == 403
    assert rows(app, select(Vote)) == []
    assert form_to(critic.get(f"/replies/{reply_id}"), f"/replies/{reply_id}/vote") is None


def test_a_removed_reply_keeps_its_votes_and_takes_no_more(
    app: Flask, essay: EssayAt, reply_id: int, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    vote(stranger, reply_id, 1)
    hide(moderator, reply_id)
    assert counted(app, reply_id) == (1, 0, 1)
    moderator.post(f"/replies/{reply_id}/restore")
    assert counted(app, reply_id) == (1, 0, 1)
    withdraw(critic, reply_id)
    assert counted(app, reply_id) == (1, 0, 1)


def test_a_visitor_sees_the_score_and_no_buttons(reply_id: int, stranger: Browser, client: Browser) -> None:
    vote(stranger, reply_id, -1)
    answer = client.get(f"/replies/{reply_id}")
    assert "-1 point" in words(answer).replace("−", "-")
    assert form_to(answer, f"/replies/{reply_id}/vote") is None
    assert "1 disagree" in words(answer)


def test_what_one_voted_is_nobody_elses_to_see(
    reply_id: int, stranger: Browser, author: Browser, client: Browser
) -> None:
    vote(stranger, reply_id, 1)
    assert 'aria-pressed="true"' in stranger.get(f"/replies/{reply_id}").text
    assert 'aria-pressed="true"' not in author.get(f"/replies/{reply_id}").text
    assert "Stranger" not in client.get(f"/replies/{reply_id}").text


def test_the_database_itself_holds_one_vote_a_person_and_reply(app: Flask, reply_id: int, stranger: Browser) -> None:
    vote(stranger, reply_id, 1)
    with app.extensions["database"].reading() as session:
        at = now(session)
    again = insert(Vote).values(user_id=stranger.id, reply_id=reply_id, value=1, edit=0, cast_at=at)
    with pytest.raises(IntegrityError), app.extensions["database"].engine.begin() as connection:
        connection.execute(again)
    with pytest.raises(IntegrityError), app.extensions["database"].engine.begin() as connection:
        connection.execute(again.values(user_id=10**6, value=2))


@pytest.fixture
def voters(app: Flask) -> list[Browser]:
    return [add_user(app, name) for name in ("Una", "Vera", "Walt")]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cast=st.lists(st.tuples(st.integers(0, 2), st.sampled_from([-1, 0, 1])), max_size=12))
def test_the_score_is_always_the_sum_of_the_last_values(
    app: Flask, essay: EssayAt, critic: Browser, voters: list[Browser], cast: list[tuple[int, int]]
) -> None:
    made = essay.reply(critic, f"Reply {len(rows(app, select(Reply.id)))}.")
    for who, value in cast:
        vote(voters[who], made, value)
    values = list(dict(cast).values())
    assert counted(app, made) == (values.count(1), values.count(-1), sum(values))
