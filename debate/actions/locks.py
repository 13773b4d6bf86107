"""Placing and lifting locks."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from debate.actions import rulings
from debate.models import Lock, Ruling
from debate.queries import ground as grounds
from debate.queries.ground import Ground
from debate.refusals import Twice
from debate.text.message import N_


@dataclass(frozen=True)
class Target:
    """What is locked: an essay, one of its paragraphs, or a reply's branch; the innermost id given counts."""

    essay_id: int
    paragraph_id: int | None = None
    reply_id: int | None = None


def place(
    session: Session,
    actor: str,
    target: Target,
    reason: str,
    until: datetime | None,
    votes: bool,
    newcomers: bool = False,
) -> int:
    """Lock a target, or with `newcomers` close it to new accounts only; returns the lock's id.

    Raises Twice where a lock of its own is on, Forbidden, Missing.
    """
    ground = _may_rule(session, actor, target)
    return placed(session, ground, target, reason, until, votes, newcomers)[0].id


def placed(
    session: Session,
    ground: Ground,
    target: Target,
    reason: str,
    until: datetime | None,
    votes: bool,
    newcomers: bool = False,
) -> tuple[Lock, Ruling]:
    """The same on ground that was checked already; the ruling too."""
    there = _open_lock(session, target)
    if there is not None:
        if there.is_on(ground.now):
            raise Twice(N_("This is locked already. Unlock it first to change the reason or the end."), target.reply_id)
        there.lifted_at = there.until  # it ended by itself; its row makes room for this one
        session.flush()
    lock = Lock(
        essay_id=target.essay_id,
        paragraph_id=target.paragraph_id,
        reply_id=target.reply_id,
        by_id=ground.actor.id,
        reason=reason,
        votes=votes,
        newcomers=newcomers,
        placed_at=ground.now,
        until=until,
    )
    session.add(lock)
    ruling = rulings.record(
        session,
        ground,
        "lock",
        paragraph_id=target.paragraph_id,
        reply_id=target.reply_id,
        note=reason,
        until=until,
        votes=votes,
        reason="newcomers" if newcomers else "",
    )
    if ground.reply is not None:
        rulings.tell(session, ruling, ground.reply.author_id)
    ground.touch()
    session.flush()
    return lock, ruling


def lift(session: Session, actor: str, target: Target, reason: str) -> None:
    """Open what was locked; nothing happens where no lock of its own is on. Raises Forbidden, Missing."""
    ground = _may_rule(session, actor, target)
    lifted(session, ground, target, reason)


def lifted(session: Session, ground: Ground, target: Target, reason: str, about: Ruling | None = None) -> Ruling | None:
    """The same on ground that was checked already."""
    lock = _open_lock(session, target)
    if lock is None or not lock.is_on(ground.now) or (about is not None and lock.placed_at != about.made_at):
        return None
    lock.lifted_at, lock.lifted_by_id = ground.now, ground.actor.id
    ruling = rulings.record(
        session,
        ground,
        "unlock",
        paragraph_id=target.paragraph_id,
        reply_id=target.reply_id,
        note=reason,
        about_id=about.id if about else None,
    )
    if target.reply_id is not None:
        rulings.close_appeals(session, ruling, Ruling.reply_id == target.reply_id, Ruling.act == "lock")
    ground.touch()
    session.flush()
    return ruling


def _may_rule(session: Session, actor: str, target: Target) -> Ground:
    """The ground of a target; raises Forbidden where the actor has no power, or wrote what is to be locked."""
    ground = _ground(session, actor, target)
    ground.must_moderate()
    ground.must_be_anothers()
    return ground


def _ground(session: Session, actor: str, target: Target) -> Ground:
    if target.reply_id is not None:
        return grounds.on_reply(session, actor, target.reply_id)
    if target.paragraph_id is not None:
        return grounds.on_paragraph(session, actor, target.paragraph_id)
    return grounds.on_essay(session, actor, target.essay_id)


def _open_lock(session: Session, target: Target) -> Lock | None:
    return session.scalar(
        select(Lock).where(
            Lock.essay_id == target.essay_id,
            Lock.paragraph_id.is_not_distinct_from(target.paragraph_id),
            Lock.reply_id.is_not_distinct_from(target.reply_id),
            Lock.lifted_at.is_(None),
        )
    )
