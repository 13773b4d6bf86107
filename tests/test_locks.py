"""Locks: every door they close, for whom, and until when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cast import (
    Browser,
    EssayAt,
    add_user,
    article,
    branch,
    cite,
    everything,
    form_to,
    lock,
    reply_id_of,
    row,
    rows,
    vote,
    words,
)  # fmt: skip
from flask import Flask
from sqlalchemy import select, update

from debate.actions import replies
from debate.actions.locks import Target
from debate.models import Citation, Lock, Reply, Ruling, Vote
from debate.refusals import Locked

TYPED = "A long rebuttal that took an hour to type."
LATER = datetime.now(UTC) + timedelta(hours=2)


@dataclass
class Thread:
    """Eight replies of the critic's, each to the one before; what is done is done to the last."""

    essay: EssayAt
    ids: list[int]

    @property
    def last(self) -> int:
        return self.ids[-1]


@pytest.fixture
def thread(essay: EssayAt, critic: Browser) -> Thread:
    return Thread(essay, essay.chain(critic, 8))


PLACES: dict[str, Callable[[Thread], Target]] = {
    "essay": lambda t: t.essay.target(),
    "paragraph": lambda t: t.essay.target(1),
    "reply": lambda t: branch(t.essay.app, t.last),
    "ancestor 6 levels up": lambda t: branch(t.essay.app, t.ids[1]),
    "top of the thread": lambda t: branch(t.essay.app, t.ids[0]),
}
DOORS: dict[str, tuple[Callable[[Thread], str], dict[str, str]]] = {
    "answer": (lambda t: f"/replies/{t.last}/replies", {"stance": "con", "body": TYPED}),
    "answer with a source": (
        lambda t: f"/replies/{t.last}/replies",
        {"stance": "pro", "body": TYPED, "source_url": "https://example.org/x", "source_quote": "So it is."},
    ),
    "preview of an answer": (
        lambda t: f"/replies/{t.last}/replies",
        {"stance": "con", "body": TYPED, "intent": "preview"},
    ),
    "edit": (lambda t: f"/replies/{t.last}/edit", {"body": TYPED}),
    "preview of an edit": (lambda t: f"/replies/{t.last}/edit", {"body": TYPED, "intent": "preview"}),
    "source": (lambda t: f"/replies/{t.last}/citations", {"url": "https://example.org/y", "quote": TYPED}),
}
each_place = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())


@each_place
def test_a_lock_closes_every_door_and_gives_the_words_back(
    thread: Thread, critic: Browser, moderator: Browser, place: Callable[[Thread], Target]
) -> None:
    app = thread.essay.app
    lock(moderator, place(thread), reason="Cooling off until Monday.")
    before = everything(app)
    for name, (door, fields) in DOORS.items():
        for htmx in (False, True):
            answer = critic.post(door(thread), htmx=htmx, **fields)
            assert answer.status_code == 423, name
            assert "Cooling off until Monday." in words(answer), name
            assert all(given in answer.text for given in (TYPED, fields.get("source_url", ""))), name
    assert everything(app) == before


@pytest.mark.parametrize("number", [0, 1])
def test_a_lock_on_the_essay_or_the_paragraph_closes_top_level_replies(
    essay: EssayAt, critic: Browser, moderator: Browser, number: int, htmx: bool
) -> None:
    lock(moderator, essay.target(number))
    answer = critic.post(f"{essay.p()}/replies", htmx=htmx, stance="pro", body=TYPED)
    assert answer.status_code == 423
    assert TYPED in answer.text
    assert critic.get(f"{essay.p()}/replies").status_code == 423
    assert rows(essay.app, select(Reply)) == []


def test_a_lock_on_one_place_leaves_its_neighbours_open(thread: Thread, critic: Browser, moderator: Browser) -> None:
    essay = thread.essay
    lock(moderator, branch(essay.app, thread.ids[3]))
    assert critic.post(f"/replies/{thread.ids[2]}/replies", stance="con", body="Above the lock.").status_code == 303
    assert critic.post(f"{essay.p(1)}/replies", stance="con", body="Beside the lock.").status_code == 303
    lock(moderator, essay.target(1))
    assert critic.post(f"{essay.p(2)}/replies", stance="con", body="Another paragraph.").status_code == 303


@each_place
def test_votes_stay_open_unless_the_lock_closes_them(
    thread: Thread, stranger: Browser, moderator: Browser, place: Callable[[Thread], Target], htmx: bool
) -> None:
    app = thread.essay.app
    target = place(thread)
    lock(moderator, target)
    assert stranger.post(f"/replies/{thread.last}/vote", htmx=htmx, value="1").status_code in (200, 303)
    assert row(app, Reply, thread.last).ups == 1
    _lift(moderator, thread, target)
    lock(moderator, target, votes=True)
    for given in ("-1", "0", "1"):
        assert stranger.post(f"/replies/{thread.last}/vote", htmx=htmx, value=given).status_code == 423
    assert [vote.value for vote in rows(app, select(Vote))] == [1]
    page = stranger.get(f"/replies/{thread.last}")
    assert form_to(page, f"/replies/{thread.last}/vote") is None
    assert "you agreed" in words(page)


@each_place
def test_the_actions_ask_again_when_a_page_was_permitted_before_the_lock(
    thread: Thread, critic: Browser, moderator: Browser, place: Callable[[Thread], Target]
) -> None:
    write, actor = thread.essay.app.extensions["database"].write, critic.actor
    lock(moderator, place(thread), votes=True)
    before = everything(thread.essay.app)
    said = replies.Words("pro", TYPED, TYPED)
    with pytest.raises(Locked):
        write(replies.edit, actor, thread.last, TYPED, TYPED)
    with pytest.raises(Locked):
        write(replies.post, actor, thread.essay.paragraphs[0][0], thread.last, said)
    with pytest.raises(Locked):
        cite(critic, thread.last, "https://example.org/")
    with pytest.raises(Locked):
        vote(add_user(thread.essay.app, "Voter"), thread.last, 1)
    assert len(everything(thread.essay.app)["replies"]) == len(before["replies"])


def test_one_lock_that_closes_votes_is_enough(thread: Thread, stranger: Browser, moderator: Browser) -> None:
    lock(moderator, thread.essay.target())
    lock(moderator, branch(thread.essay.app, thread.ids[4]), votes=True)
    assert stranger.post(f"/replies/{thread.last}/vote", value="1").status_code == 423
    assert stranger.post(f"/replies/{thread.ids[0]}/vote", value="1").status_code == 303


@each_place
def test_withdrawing_stays_possible(
    thread: Thread, critic: Browser, moderator: Browser, place: Callable[[Thread], Target], htmx: bool
) -> None:
    lock(moderator, place(thread), votes=True)
    assert critic.post(f"/replies/{thread.last}/withdraw", htmx=htmx).status_code in (200, 303)
    assert row(thread.essay.app, Reply, thread.last).state == "withdrawn"


@each_place
def test_reading_and_rulings_stay_possible(
    thread: Thread, client: Browser, moderator: Browser, place: Callable[[Thread], Target]
) -> None:
    lock(moderator, place(thread), votes=True)
    assert "Link number 8." in client.get(f"/replies/{thread.last}").text
    assert moderator.post(f"/replies/{thread.last}/hide", reason="spam").status_code == 303
    assert moderator.post(f"/replies/{thread.last}/restore").status_code == 303


@each_place
def test_a_moderator_may_reply_under_a_lock_labelled_and_logged(
    thread: Thread, moderator: Browser, client: Browser, place: Callable[[Thread], Target], htmx: bool
) -> None:
    lock(moderator, place(thread))
    made = reply_id_of(moderator.post(f"/replies/{thread.last}/replies", htmx=htmx, stance="pro", body="Closing note."))
    assert row(thread.essay.app, Reply, made).under_lock
    shown = article(client.get(f"/replies/{made}"), made)
    assert shown is not None
    assert "under the lock" in shown.text()
    logged = rows(thread.essay.app, select(Ruling).where(Ruling.act == "reply"))
    assert [(ruling.reply_id, ruling.by_id) for ruling in logged] == [(made, moderator.id)]
    assert "replied under a lock" in words(client.get("/moderation/log"))


def test_a_moderators_reply_where_nothing_is_locked_is_like_any_other(essay: EssayAt, moderator: Browser) -> None:
    made = reply_id_of(moderator.post(f"{essay.p()}/replies", stance="pro", body="Just an argument."))
    assert not row(essay.app, Reply, made).under_lock
    assert rows(essay.app, select(Ruling)) == []


@each_place
def test_unlocking_gives_back_what_was_possible_before(
    thread: Thread, critic: Browser, stranger: Browser, moderator: Browser, place: Callable[[Thread], Target]
) -> None:
    target = place(thread)
    lock(moderator, target, votes=True)
    _lift(moderator, thread, target)
    assert critic.post(f"/replies/{thread.last}/replies", stance="con", body=TYPED).status_code == 303
    assert critic.post(f"/replies/{thread.last}/edit", body="Edited after.").status_code == 303
    assert stranger.post(f"/replies/{thread.last}/vote", value="1").status_code == 303
    assert stranger.post(f"/replies/{thread.last}/citations", url="https://example.org/").status_code == 303
    assert len(rows(thread.essay.app, select(Citation))) == 1


def test_a_lock_opens_by_itself_when_its_time_has_come(
    app: Flask, thread: Thread, critic: Browser, moderator: Browser, client: Browser
) -> None:
    placed = lock(moderator, thread.essay.target(1), until=LATER)
    assert critic.post(f"/replies/{thread.last}/replies", stance="con", body=TYPED).status_code == 423
    _expire(app, placed)
    assert "Locked" not in words(client.get(thread.essay.p()))
    assert critic.post(f"/replies/{thread.last}/replies", stance="con", body=TYPED).status_code == 303
    again = lock(moderator, thread.essay.target(1), reason="Once more.")
    assert again != placed
    assert critic.post(f"/replies/{thread.last}/edit", body=TYPED).status_code == 423


def test_a_missing_link_in_the_chain_means_no(app: Flask, thread: Thread, critic: Browser) -> None:
    """The path names an ancestor that is not there: whatever it may have been locked by, nothing is written."""
    broken = row(app, Reply, thread.last).path.replace(f"{thread.ids[2]:08x}", f"{999_999:08x}")
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(Reply).where(Reply.id == thread.last).values(path=broken))
    before = everything(app)
    for door in ("replies", "edit", "vote", "citations", "withdraw"):
        answer = critic.post(
            f"/replies/{thread.last}/{door}", stance="con", body=TYPED, value="1", url="https://a.org/"
        )
        assert answer.status_code in (403, 404), door
    assert everything(app) == before


def _lift(moderator: Browser, thread: Thread, target: Target) -> None:
    path = thread.essay.path if target.paragraph_id is None else thread.essay.p()
    path = path if target.reply_id is None else f"/replies/{target.reply_id}"
    assert moderator.post(f"{path}/unlock").status_code == 303


def _expire(app: Flask, lock_id: int) -> None:
    with app.extensions["database"].engine.begin() as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(update(Lock).where(Lock.id == lock_id).values(until=past))
