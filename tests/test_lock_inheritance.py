"""Locks, inherited: whatever tree and whatever locks, a place is closed exactly where a naive walk upwards says so."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cast import Browser, EssayAt, branch, lock, publish
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from debate.actions import votes as vote_actions
from debate.actions.locks import Target
from debate.models import Lock, Reply
from debate.models.replies import step
from debate.queries import locks
from debate.queries.locks import Locks
from debate.refusals import Locked

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ENDS = {"none": None, "past": NOW - timedelta(seconds=1), "now": NOW, "future": NOW + timedelta(hours=1)}


@dataclass(frozen=True)
class Placed:
    """A lock to be: on the essay (0), a paragraph (-1, -2) or a reply (1 and up)."""

    on: int
    votes: bool
    end: str
    lifted: bool

    @property
    def is_on(self) -> bool:
        return not self.lifted and self.end in ("none", "future")


@st.composite
def debates(draw: st.DrawFn) -> tuple[list[int], list[Placed]]:
    """Parents (by place in the list; -1 and -2 are the paragraphs), and at most one lock a target."""
    count = draw(st.integers(1, 12))
    parents = [draw(st.sampled_from([-2, -1, *range(at)])) for at in range(count)]
    targets = draw(st.lists(st.integers(-2, count), unique=True, max_size=5))
    placed = [Placed(on, draw(st.booleans()), draw(st.sampled_from(list(ENDS))), draw(st.booleans())) for on in targets]
    return parents, placed


def naively_closed(parents: list[int], placed: list[Placed], at: int, votes: bool) -> bool:
    """Up from a reply, step by step: it, its parents, their paragraph, the essay."""
    upwards = [at + 1]
    while at >= 0:
        at = parents[at]
        upwards.append(at + 1 if at >= 0 else at)
    return any(lock.is_on and (lock.votes or not votes) for lock in placed if lock.on in (*upwards, 0))


@settings(max_examples=300, deadline=None)
@given(debates())
def test_a_reply_is_closed_where_anything_above_it_is_locked(debate: tuple[list[int], list[Placed]]) -> None:
    parents, placed = debate
    replies: list[Reply] = []
    for at, parent in enumerate(parents):
        path = (replies[parent].path if parent >= 0 else "") + step(at + 1, "con")
        paragraph_id = replies[parent].paragraph_id if parent >= 0 else -parent
        replies.append(Reply(id=at + 1, path=path, paragraph_id=paragraph_id))
    on = {
        lock.on: Lock(votes=lock.votes, until=ENDS[lock.end], lifted_at=NOW if lock.lifted else None) for lock in placed
    }
    on = {target: lock for target, lock in on.items() if lock.is_on(NOW)}
    found = Locks(
        essay=on.get(0),
        paragraphs={-target: lock for target, lock in on.items() if target < 0},
        replies={target: lock for target, lock in on.items() if target > 0},
    )
    for at, reply in enumerate(replies):
        for votes in (False, True):
            assert (found.closes(reply, None, votes=votes) is not None) == naively_closed(parents, placed, at, votes)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(debate=debates())
def test_the_database_gives_the_same_answer(
    app: Flask, critic: Browser, stranger: Browser, moderator: Browser,
    debate: tuple[list[int], list[Placed]],
) -> None:  # fmt: skip
    parents, placed = debate
    essay = publish(app)
    ids: list[int] = []
    for at, parent in enumerate(parents):
        to, paragraph = (ids[parent], 1) if parent >= 0 else (None, -parent)
        ids.append(essay.reply(critic, f"Reply {at}.", to=to, p=paragraph))
    for given_lock in placed:
        _place(app, essay, moderator, ids, given_lock)
    with app.extensions["database"].reading() as session:
        found = locks.of_essay(session, essay.id, datetime.now(UTC))
        replies = [session.get_one(Reply, reply_id) for reply_id in ids]
    for at, reply in enumerate(replies):
        assert (found.closing(reply) is not None) == naively_closed(parents, placed, at, False)
        assert _votes_are_closed(app, stranger, reply.id) == naively_closed(parents, placed, at, True)


def _place(app: Flask, essay: EssayAt, moderator: Browser, ids: list[int], placed: Placed) -> None:
    target: Target = branch(app, ids[placed.on - 1]) if placed.on > 0 else essay.target(-placed.on)
    lock_id = lock(moderator, target, votes=placed.votes)
    until = ENDS[placed.end] and datetime.now(UTC) + timedelta(hours=1 if placed.end == "future" else -1)
    lifted = datetime.now(UTC) if placed.lifted else None
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(Lock).where(Lock.id == lock_id).values(until=until, lifted_at=lifted))


def _votes_are_closed(app: Flask, voter: Browser, reply_id: int) -> bool:
    try:
        app.extensions["database"].write(vote_actions.cast, voter.actor, reply_id, 1)
    except Locked:
        return True
    return False
