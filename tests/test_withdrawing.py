"""Replies that were taken back or away: what is left of them, what can still be done, what is counted."""

import pytest
from cast import (
    Browser,
    EssayAt,
    article,
    everything,
    form_to,
    hide,
    page,
    row,
    shown_ids,
    withdraw,
    words,
)  # fmt: skip
from flask import Flask

from debate.models import Essay, Paragraph

TYPED = "An argument that somebody typed."


def test_a_withdrawn_reply_with_nothing_beneath_is_gone(
    essay: EssayAt, critic: Browser, client: Browser, htmx: bool
) -> None:
    made = essay.reply(critic, TYPED)
    answer = critic.post(f"/replies/{made}/withdraw", htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    assert htmx or answer.headers["Location"].endswith(f"#reply-{made}")
    gone = client.get(f"/replies/{made}")
    assert gone.status_code == 410
    assert "withdrew" in words(gone)
    assert essay.p() in gone.text
    assert shown_ids(client.get(essay.p())) == []
    assert critic.post(f"/replies/{made}/withdraw", htmx=htmx).status_code == (200 if htmx else 303)


def test_a_withdrawn_reply_with_an_answer_leaves_a_tombstone(
    essay: EssayAt, critic: Browser, stranger: Browser, client: Browser
) -> None:
    made = essay.reply(critic, TYPED)
    below = essay.reply(stranger, "It is not so.", to=made, stance="con")
    critic.post(f"/replies/{made}/withdraw")
    for who in (client, stranger, critic):
        for path in (essay.p(), f"/replies/{made}", f"/replies/{below}", f"{essay.path}/tree?depth=all"):
            answer = who.get(path)
            assert answer.status_code == 200
            assert TYPED not in answer.text
            tombstone = article(answer, made)
            assert "Withdrawn by its writer" in tombstone.text()
            assert "Critic" not in tombstone.text()
            assert shown_ids(answer) == [made, below]
    withdraw(stranger, below)
    assert client.get(f"/replies/{made}").status_code == 410
    assert shown_ids(client.get(essay.p())) == []


@pytest.mark.parametrize("end", ["hidden", "withdrawn"])
@pytest.mark.parametrize("door", ["replies", "edit", "vote", "citations"])
def test_what_was_removed_meanwhile_cannot_be_written_to(
    essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser, end: str, door: str
) -> None:
    made = essay.reply(critic, TYPED)
    essay.reply(stranger, "An answer.", to=made)
    hide(moderator, made) if end == "hidden" else withdraw(critic, made)
    before = everything(essay.app)
    fields = {
        "stance": "con",
        "body": "My rebuttal.",
        "value": "1",
        "url": "https://example.org/",
        "quote": "My quote.",
    }
    for htmx in (False, True):
        answer = (critic if door == "edit" else stranger).post(f"/replies/{made}/{door}", htmx=htmx, **fields)
        assert answer.status_code == 410
        assert "My rebuttal." in answer.text
        assert door != "replies" or form_to(answer, f"{essay.p()}/replies") is not None
        assert essay.p() in answer.text
    assert everything(essay.app) == before


@pytest.mark.parametrize(
    ("door", "fields"),
    [("vote", {"value": "1"}), ("citations", {"url": "https://example.org/", "quote": "My quote."}), ("hide", {})],
)
def test_what_was_removed_meanwhile_says_so_too_where_no_reply_was_typed(
    essay: EssayAt, critic: Browser, moderator: Browser, door: str, fields: dict[str, str], htmx: bool
) -> None:
    made = essay.reply(critic, TYPED)
    withdraw(critic, made)
    answer = moderator.post(f"/replies/{made}/{door}", htmx=htmx, reason="spam", **fields)
    assert answer.status_code == 410
    assert essay.p() in answer.text


def test_the_edit_form_of_what_was_removed_meanwhile_says_so(
    essay: EssayAt, critic: Browser, moderator: Browser, htmx: bool
) -> None:
    made = essay.reply(critic, TYPED)
    hide(moderator, made)
    assert critic.get(f"/replies/{made}/edit", htmx=htmx).status_code == 410


def test_counts_are_of_visible_replies(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    first = essay.reply(critic, "One.", stance="pro")
    below = essay.reply(stranger, "Two.", to=first, stance="con")
    essay.reply(critic, "Three.", stance="con")
    essay.reply(critic, "Four.", stance="con")

    def counts() -> tuple[int, ...]:
        paragraph, kept = row(app, Paragraph, essay.paragraphs[0][0]), row(app, Essay, essay.id)
        marker = page(client.get(essay.path)).css_first(f"#m-{paragraph.key}")
        assert [int(node.text()) for node in marker.css(".n")] == [paragraph.for_count, paragraph.against_count]
        return paragraph.for_count, paragraph.against_count, paragraph.reply_count, kept.reply_count

    assert counts() == (1, 2, 4, 4)
    hide(moderator, first)
    assert counts() == (0, 2, 3, 3)
    withdraw(stranger, below)
    assert counts() == (0, 2, 2, 2)
    withdraw(critic, first)
    assert counts() == (0, 2, 2, 2)
