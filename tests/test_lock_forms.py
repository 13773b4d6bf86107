"""Locking and unlocking: the forms, what they refuse, and what readers see of a lock."""

from datetime import UTC, datetime, timedelta

import pytest
from cast import Browser, EssayAt, everything, form_to, lock, page, problem, row, rows, value, words
from flask import Flask
from sqlalchemy import select

from debate.models import Lock, Ruling

SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)


def places(essay: EssayAt, reply_id: int) -> list[str]:
    return [essay.path, essay.p(), f"/replies/{reply_id}"]


def test_everything_that_can_be_locked_has_a_form_for_it_that_works(
    essay: EssayAt, critic: Browser, moderator: Browser, client: Browser, htmx: bool
) -> None:
    for path in places(essay, essay.reply(critic, "A reply.")):
        assert form_to(critic.get(path), f"{path}/lock") is None
        assert form_to(moderator.get(path), f"{path}/lock") is not None
        until = SOON.strftime("%Y-%m-%dT%H:%M")
        answer = moderator.post(f"{path}/lock", htmx=htmx, reason="Cooling off.", until=until, votes="1")
        assert answer.status_code == (200 if htmx else 303)
        seen = words(client.get(path))
        assert "Locked by Warden" in seen
        assert "Cooling off." in seen
        assert "Voting is closed too." in seen
        assert f"{SOON.year}" in seen
        assert form_to(moderator.get(path), f"{path}/lock") is None
        assert form_to(moderator.get(path), f"{path}/unlock") is not None
        assert moderator.post(f"{path}/unlock", htmx=htmx, reason="Calm.").status_code == (200 if htmx else 303)
        assert "Cooling off." not in words(client.get(path))
    assert [found.act for found in rows(essay.app, select(Ruling).order_by(Ruling.id))] == ["lock", "unlock"] * 3
    kept = rows(essay.app, select(Lock).order_by(Lock.id))
    assert all(found.lifted_at and found.lifted_by_id == moderator.id and found.votes for found in kept)
    assert [(found.paragraph_id is None, found.reply_id is None) for found in kept] == [
        (True, True),
        (False, True),
        (False, False),
    ]


@pytest.mark.parametrize(
    ("fields", "name", "sentence"),
    [
        ({"reason": ""}, "reason", "Enter the reason for the lock."),
        ({"reason": " \u200b "}, "reason", "Enter the reason for the lock."),
        ({"reason": "r" * 1_001}, "reason", "1,000 characters or fewer. You have 1,001."),
        ({"reason": "Hot.", "until": "tomorrow"}, "until", "2027-01-31T18:00"),
        ({"reason": "Hot.", "until": "2020-01-01T00:00"}, "until", "must be in the future"),
        ({"reason": "Hot.", "until": "9999-12-31T23:59:59-23:59"}, "until", "UTC"),
        ({"reason": "Hot.", "until": "2027-13-45T00:00"}, "until", "UTC"),
    ],
)
def test_a_lock_that_cannot_be_placed_gets_a_sentence_and_keeps_the_words(
    essay: EssayAt, critic: Browser, moderator: Browser, htmx: bool, fields: dict[str, str], name: str, sentence: str
) -> None:
    made = essay.reply(critic, "A reply.")
    before = everything(essay.app)
    for path in places(essay, made):
        answer = moderator.post(f"{path}/lock", htmx=htmx, votes="1", **fields)
        assert answer.status_code == 422
        assert sentence in problem(answer, name)
        assert value(answer, "reason").strip() == fields["reason"].strip()
        assert value(answer, "until") == fields.get("until", "")
        assert page(answer).css_first("input[name=votes][checked]") is not None
    assert everything(essay.app) == before


@pytest.mark.parametrize(
    "until",
    ["{at:%Y-%m-%dT%H:%M:%SZ}", "{at:%Y-%m-%d %H:%M:%S}", "{at:%Y-%m-%dT%H:%M:%S}+00:00", " {at:%Y%m%dT%H%M%S} "],
)
def test_an_end_is_a_time_in_utc(app: Flask, essay: EssayAt, moderator: Browser, until: str) -> None:
    assert moderator.post(f"{essay.path}/lock", reason="Hot.", until=until.format(at=SOON)).status_code == 303
    assert rows(app, select(Lock.until)) == [SOON]


def test_an_end_may_be_given_in_another_zone(app: Flask, essay: EssayAt, moderator: Browser) -> None:
    local = (SOON + timedelta(hours=5, minutes=30)).strftime("%Y-%m-%dT%H:%M:%S+05:30")
    moderator.post(f"{essay.path}/lock", reason="Hot.", until=local)
    assert rows(app, select(Lock.until)) == [SOON]


def test_what_is_locked_cannot_be_locked_again(
    app: Flask, essay: EssayAt, moderator: Browser, admin: Browser, htmx: bool
) -> None:
    first = lock(moderator, essay.target(), reason="The first reason.")
    answer = admin.post(f"{essay.path}/lock", htmx=htmx, reason="Another reason.")
    assert answer.status_code == 409
    assert "Another reason." in answer.text
    assert row(app, Lock, first).reason == "The first reason."
    assert admin.post(f"{essay.p()}/lock", htmx=htmx, reason="Inside it.").status_code in (200, 303)


def test_unlocking_what_is_not_locked_changes_nothing(
    app: Flask, essay: EssayAt, moderator: Browser, htmx: bool
) -> None:
    before = everything(app)
    assert moderator.post(f"{essay.p()}/unlock", htmx=htmx).status_code in (200, 303)
    assert everything(app) == before


def test_under_a_lock_a_reader_finds_no_form_that_would_be_refused(
    essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    made = essay.reply(critic, "A reply.")
    lock(moderator, essay.target(), votes=True)
    for path in (essay.p(), f"/replies/{made}"):
        shown = critic.get(path)
        for action in (f"{essay.p()}/replies", f"/replies/{made}/citations", f"/replies/{made}/vote"):
            assert form_to(shown, action) is None
            assert form_to(stranger.get(path), action) is None
        assert f"/replies/{made}/edit" not in shown.text
        assert f'href="/replies/{made}/replies"' not in shown.text
    assert form_to(critic.get(f"/replies/{made}"), f"/replies/{made}/withdraw") is not None
    assert form_to(moderator.get(essay.p()), f"{essay.p()}/replies") is not None


def test_every_page_of_the_debate_says_that_it_is_locked(
    essay: EssayAt, critic: Browser, moderator: Browser, client: Browser
) -> None:
    made = essay.chain(critic, 2)[-1]
    lock(moderator, essay.target(), reason="Closed for the night.")
    for path in (essay.path, essay.p(), f"{essay.path}/tree", f"/replies/{made}"):
        assert "Closed for the night." in words(client.get(path)), path
    assert len(page(client.get(essay.path)).css(".locked-mark")) == 3


def test_a_marker_says_locked_still_after_a_moderator_posted(essay: EssayAt, moderator: Browser) -> None:
    lock(moderator, essay.target(1))
    here = {"HX-Current-URL": f"http://localhost{essay.path}?open={essay.paragraphs[0][1]}"}
    fields = {"stance": "pro", "body": "Under the lock."}
    answer = moderator.post(f"{essay.p()}/replies", htmx=True, headers=here, **fields)
    assert "locked" in page(answer).css_first(f"#m-{essay.paragraphs[0][1]}").text()
