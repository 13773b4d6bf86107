"""Does it say that? One answer a reader, counted by side; what most deny is marked, what two cannot open is dead."""

import pytest
from cast import (
    Browser,
    EssayAt,
    add_user,
    cite,
    everything,
    form_to,
    hide,
    lock,
    page,
    row,
    rows,
    sound,
    source_of,
    suspend,
    vote,
    words,
)
from flask import Flask
from sqlalchemy import select

from debate.models import Check, Citation, Source

QUOTE = "Bees thrive."


@pytest.fixture
def reply_id(essay: EssayAt, critic: Browser) -> int:
    return essay.reply(critic, "Something to prove.")


@pytest.fixture
def citation_id(reply_id: int, critic: Browser) -> int:
    return cite(critic, reply_id, "https://example.org/study", QUOTE)


@pytest.fixture
def readers(app: Flask) -> list[Browser]:
    return [add_user(app, f"Reader{number}") for number in range(4)]


def say(who: Browser, citation_id: int, answer: str, **how: bool) -> int:
    return who.post(f"/citations/{citation_id}/check", answer=answer, **how).status_code


def test_an_answer_is_one_a_reader_and_can_be_changed_and_taken_back(
    app: Flask, citation_id: int, stranger: Browser, client: Browser, htmx: bool
) -> None:
    done = 200 if htmx else 303
    for answer in ("yes", "yes", "no"):
        assert say(stranger, citation_id, answer, htmx=htmx) == done
    assert [(check.answer, check.side) for check in rows(app, select(Check))] == [("no", "none")]
    shown = stranger.get(f"/citations/{citation_id}", htmx=htmx)
    pressed = page(shown).css('button[aria-pressed="true"]')
    assert [button.text() for button in pressed] == ["No"]
    assert "No 1 ( 0 for, 0 against, 1 neither )" in words(client.get(f"/citations/{citation_id}")).replace(
        "(0", "( 0"
    ).replace("neither)", "neither )")
    assert say(stranger, citation_id, "", htmx=htmx) == done
    assert rows(app, select(Check)) == []
    sound(app)


def test_answers_are_counted_by_the_side_of_who_gave_them(
    app: Flask, essay: EssayAt, reply_id: int, citation_id: int, readers: list[Browser], client: Browser
) -> None:
    writes_for, writes_against, votes, neither = readers
    essay.reply(writes_for, "Yes.")
    essay.reply(writes_against, "Not so.", to=reply_id, stance="con")
    vote(votes, reply_id, -1)
    for who, answer in ((writes_for, "yes"), (writes_against, "no"), (votes, "no"), (neither, "yes")):
        say(who, citation_id, answer)
    citation = row(app, Citation, citation_id)
    assert (citation.yes_pro, citation.yes_con, citation.yes_none) == (1, 0, 1)
    assert (citation.no_pro, citation.no_con, citation.no_none) == (0, 2, 0)
    assert citation.verdict == ""
    said = words(client.get(f"/citations/{citation_id}"))
    assert "0 for, 2 against, 0 neither" in said
    assert "2 yes, 2 no" in words(client.get(f"/replies/{reply_id}"))
    sound(app)


def test_what_most_deny_is_marked_and_stays(
    app: Flask, essay: EssayAt, reply_id: int, citation_id: int, readers: list[Browser], client: Browser
) -> None:
    mark = "Most who looked say it does not say that"
    say(readers[0], citation_id, "no")
    assert mark not in words(client.get(f"/replies/{reply_id}"))  # one alone marks nothing
    answer = readers[1].post(f"/citations/{citation_id}/check", answer="no", htmx=True)
    assert mark in answer.text
    shown = words(client.get(f"/replies/{reply_id}"))
    assert mark in shown
    assert QUOTE in shown
    source = source_of(app, citation_id)
    listed = client.get(f"{essay.path}/sources?state=denied")
    assert page(listed).css_first(f"#source-{source}") is not None
    for who in readers[2:]:
        say(who, citation_id, "yes")
    assert mark not in words(client.get(f"/replies/{reply_id}"))
    say(readers[0], citation_id, "yes")
    confirmed = client.get(f"{essay.path}/sources?state=confirmed")
    assert page(confirmed).css_first(f"#source-{source}") is not None
    sound(app)


def test_a_dead_link_takes_two_people_and_is_known_wherever_it_is_cited(
    app: Flask, essay: EssayAt, citation_id: int, critic: Browser, readers: list[Browser], client: Browser
) -> None:
    other = essay.reply(critic, "Another use of it.", p=2)
    second = cite(critic, other, "https://example.org/study")
    warm = client.get(f"/replies/{other}")
    assert "link dead" not in warm.text
    say(readers[0], citation_id, "shut")
    say(readers[0], second, "shut")  # one person, twice
    source = source_of(app, citation_id)
    assert row(app, Source, source).unopened == 1
    assert "link dead" not in client.get(f"/replies/{other}").text
    say(readers[1], second, "shut")
    assert row(app, Source, source).unopened == 2
    assert "link dead since" in client.get(f"/replies/{other}").text
    assert "link dead since" in client.get(f"/sources/{source}").text
    listed = client.get(f"{essay.path}/sources?state=dead")
    assert page(listed).css_first(f"#source-{source}") is not None
    sound(app)
    say(readers[1], second, "yes")
    assert "link dead" not in client.get(f"/replies/{other}").text
    assert row(app, Source, source).dead_since is None
    sound(app)


def test_who_linked_it_and_who_is_not_there_do_not_answer(
    app: Flask, essay: EssayAt, reply_id: int, citation_id: int, critic: Browser, stranger: Browser,
    moderator: Browser, client: Browser,
) -> None:  # fmt: skip
    before = everything(app)
    path = f"/citations/{citation_id}"
    assert say(critic, citation_id, "yes") == 403
    assert say(stranger, citation_id, "maybe") == 422
    assert say(stranger, 999, "yes") == 404
    assert form_to(critic.get(path), f"{path}/check") is None
    assert form_to(client.get(path), f"{path}/check") is None
    assert "Log in to say what you found" in words(client.get(path))
    assert everything(app) == before
    lock(moderator, essay.target(), votes=True)
    assert say(stranger, citation_id, "yes") == 423
    assert form_to(stranger.get(path), f"{path}/check") is None
    moderator.post(f"{essay.path}/unlock")
    hide(moderator, reply_id)
    assert say(stranger, citation_id, "yes") == 404
    sound(app)


def test_a_banned_accounts_answers_count_no_more_until_it_is_back(
    app: Flask, citation_id: int, reply_id: int, readers: list[Browser], admin: Browser, client: Browser
) -> None:
    say(readers[0], citation_id, "shut")
    say(readers[1], citation_id, "shut")
    say(readers[2], citation_id, "no")
    say(readers[3], citation_id, "no")
    suspend(admin, readers[1], kind="banned")
    suspend(admin, readers[3], kind="banned")
    shown = client.get(f"/replies/{reply_id}").text
    assert "link dead" not in shown
    assert "Most who looked" not in shown
    sound(app)
    for name in ("Reader1", "Reader3"):
        admin.post(f"/users/{name}/lift", note="Back.")
    shown = client.get(f"/replies/{reply_id}").text
    assert "link dead" in shown
    assert "Most who looked" in shown
    sound(app)


def test_answers_follow_a_hidden_reply_out_of_the_counts_and_back(
    app: Flask, essay: EssayAt, reply_id: int, citation_id: int, readers: list[Browser], moderator: Browser
) -> None:
    for who in readers[:2]:
        say(who, citation_id, "no")
    hide(moderator, reply_id)
    sound(app)
    moderator.post(f"/replies/{reply_id}/restore", note="It stands.")
    sound(app)
    assert "most say" in words(moderator.get(f"{essay.path}/sources?state=denied"))
