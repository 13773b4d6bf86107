"""Reports: by participants and by visitors, once for each wording, one item in the queue however many there are."""

from datetime import UTC, datetime, timedelta

import pytest
from cast import Browser, EssayAt, add_user, form_to, hide, problem, rows, token_in, value, words
from flask import Flask
from sqlalchemy import select, update

from debate.models import Item, Reply, Report

WHY = "It names where she lives."


def send(who: Browser, reply_id: int, htmx: bool = False, **fields: str):
    """Report a reply as a person does: from its form."""
    if not who.name:
        fields["csrf_token"] = token_in(who.get(f"/replies/{reply_id}/reports"))
    return who.post(f"/replies/{reply_id}/reports", htmx=htmx, **fields)


@pytest.fixture
def made(essay: EssayAt, critic: Browser) -> int:
    return essay.reply(critic, "An argument.")


def test_many_reports_are_one_item_with_each_reason(
    app: Flask, made: int, author: Browser, stranger: Browser, client: Browser, moderator: Browser
) -> None:
    assert send(author, made, reason="insult").status_code == 303
    assert send(stranger, made, reason="other", note=WHY).status_code == 303
    assert send(client, made, reason="spam", contact="a@example.org").status_code == 303
    [item] = rows(app, select(Item))
    assert (item.report_count, item.reply_id, item.closed_at) == (3, made, None)
    queue = words(moderator.get("/moderation"))
    assert "reported 3 times" in queue
    assert all(said in queue for said in ("insult", WHY, "a visitor (a@example.org)", "Stranger", "An argument."))


def test_a_visitor_needs_no_account_and_gets_no_cookie_that_says_who(made: int, client: Browser) -> None:
    assert "/reports" in client.get(f"/replies/{made}").text
    form = client.get(f"/replies/{made}/reports")
    assert form.headers["Cache-Control"] == "private, no-store"
    assert form_to(form, f"/replies/{made}/reports") is not None
    sent = send(client, made, reason="insult", note=WHY)
    assert sent.status_code == 303
    assert sent.headers["Location"].endswith(f"#reply-{made}")
    assert "A moderator will look at it" in words(client.get(sent.headers["Location"]))


@pytest.mark.parametrize("person", ["stranger", "client"])
def test_what_is_missing_is_said_beside_the_field_and_nothing_is_lost(
    app: Flask, made: int, person: str, htmx: bool, request: pytest.FixtureRequest
) -> None:
    who = request.getfixturevalue(person)
    for fields, name in (
        ({"reason": "", "note": WHY}, "reason"),
        ({"reason": "made up", "note": WHY}, "reason"),
        ({"reason": "other", "note": " \u200b "}, "note"),
        ({"reason": "insult", "note": "x" * 1001}, "note"),
    ):
        answer = send(who, made, htmx, **fields)
        assert answer.status_code == 422
        assert problem(answer, name)
        assert value(answer, "note").strip() == fields["note"].strip().strip("\u200b").strip() or name == "note"
    assert rows(app, select(Report)) == []


def test_a_contact_has_to_be_an_address(made: int, client: Browser) -> None:
    answer = send(client, made, reason="insult", contact="call me")
    assert (answer.status_code, bool(problem(answer, "contact"))) == (422, True)


def test_the_same_person_reports_the_same_words_once(app: Flask, made: int, stranger: Browser, client: Browser) -> None:
    for who, reason in ((stranger, "spam"), (client, "insult")):
        assert send(who, made, reason="insult").status_code == 303
        again = send(who, made, reason=reason)
        assert again.status_code == 409
        assert "You have reported this already" in words(again)
    assert len(rows(app, select(Report))) == 2


def test_words_that_were_left_alone_are_not_reported_again_until_they_change(
    app: Flask, made: int, author: Browser, stranger: Browser, critic: Browser, moderator: Browser
) -> None:
    send(stranger, made, reason="insult")
    [item] = rows(app, select(Item))
    assert moderator.post(f"/moderation/items/{item.id}", act="keep").status_code == 303
    again = send(author, made, reason="insult", note=WHY)
    assert again.status_code == 409
    assert "has looked at these words already" in words(again)
    assert WHY in again.text
    critic.post(f"/replies/{made}/edit", body="Another argument, ruder.")
    assert send(author, made, reason="insult").status_code == 303
    assert [item.edit for item in rows(app, select(Item).order_by(Item.id))] == [0, 1]


def test_nobody_reports_own_words_or_what_is_not_there(
    app: Flask, essay: EssayAt, made: int, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    assert send(critic, made, reason="spam").status_code == 403
    assert critic.get(f"/replies/{made}/reports").status_code == 403
    hide(moderator, made)
    assert stranger.post(f"/replies/{made}/reports", reason="spam").status_code == 410
    assert stranger.post("/replies/999/reports", reason="spam").status_code == 404
    assert rows(app, select(Report)) == []


def test_a_report_changes_nothing_that_others_see(made: int, stranger: Browser, client: Browser) -> None:
    before = client.get(f"/replies/{made}").text
    send(stranger, made, reason="other", note=WHY)
    assert client.get(f"/replies/{made}").text == before
    assert WHY not in client.get("/moderation/log").text


def test_the_more_a_branch_is_reported_the_longer_one_waits_between_two_replies_in_it(
    make_app, app: Flask, essay: EssayAt, made: int, stranger: Browser, author: Browser
) -> None:
    limited = make_app(limits=True)
    slow = Browser(limited, stranger.name, stranger.id)
    assert slow.post(f"/replies/{made}/replies", stance="con", body="First.").status_code == 303
    assert slow.post(f"/replies/{made}/replies", stance="con", body="Second.").status_code == 303
    send(author, made, reason="insult")
    below = rows(app, select(Reply.id).where(Reply.body == "First."))[0]
    for target in (made, below):
        answer = slow.post(f"/replies/{target}/replies", stance="con", body="Third, at once.")
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 60
        assert "This branch was reported" in words(answer)
        assert "Third, at once." in answer.text
    other = essay.reply(author, "Elsewhere.")
    assert slow.post(f"/replies/{other}/replies", stance="con", body="Not slowed here.").status_code == 303
    with limited.extensions["database"].engine.begin() as connection:  # by a clock that has gone back since
        connection.execute(update(Reply).values(made_at=datetime.now(UTC) + timedelta(days=2)))
    assert slow.post(f"/replies/{made}/replies", stance="con", body="Third, by then.").status_code == 303
    fresh = add_user(limited, "Fresh")
    assert fresh.post(f"/replies/{made}/replies", stance="con", body="My first here.").status_code == 303
