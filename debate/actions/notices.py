"""Telling people of answers, of sources asked for and linked, and marking notices as read."""

from collections.abc import Iterable

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.orm import Session

from debate.db import now
from debate.models import Mute, Notice, Reply, Vote
from debate.queries import ground as grounds
from debate.queries.ground import Ground


def read(session: Session, actor: str, up_to: int, down_to: int = 0) -> None:
    """Mark the actor's notices from one id up to another as read: those that came meanwhile, or that no page has shown
    yet, stay unread."""
    person = grounds.actor(session, actor)
    session.execute(
        update(Notice)
        .where(Notice.user_id == person.id, Notice.id.between(down_to, up_to), Notice.read_at.is_(None))
        .values(read_at=now(session))
    )


def answered(session: Session, ground: Ground, reply: Reply) -> None:
    """Tell whom a reply answers; not of one's own, nor of somebody whom that person has muted, and once at most."""
    above = session.get(Reply, reply.parent_id) if reply.parent_id is not None else None
    if above is None or above.author_id == reply.author_id or session.get(Mute, (above.author_id, reply.author_id)):
        return
    told = select(Notice.id).where(Notice.kind == "answer", Notice.user_id == above.author_id)
    if session.scalar(told.where(Notice.reply_id == reply.id)) is None:
        session.add(Notice(user_id=above.author_id, kind="answer", reply_id=reply.id, made_at=ground.now))


def asked(session: Session, ground: Ground, reply: Reply) -> None:
    """Tell the writer of a reply that a reader asks for a source."""
    _tell(session, ground, reply, "ask", [reply.author_id])


def sourced(session: Session, ground: Ground, reply: Reply, asking: Iterable[int]) -> None:
    """Tell the writer of a reply, and who asked, that a source was linked to it."""
    _tell(session, ground, reply, "source", sorted({reply.author_id, *asking}))


def edited(session: Session, ground: Ground, reply: Reply) -> None:
    """Tell those who voted on a reply as it was before this edit; who was told of an earlier one and has not looked
    again is not told again."""
    voted = select(Vote.user_id).where(Vote.reply_id == reply.id, Vote.edit == reply.edits - 1)
    session.execute(
        delete(Notice)
        .where(Notice.kind == "edited", Notice.reply_id == reply.id, Notice.user_id.in_(voted))
        .execution_options(synchronize_session=False)
    )
    at = literal(ground.now, Notice.made_at.type)
    told = select(Vote.user_id, literal("edited"), literal(reply.id), at)
    told = told.where(Vote.reply_id == reply.id, Vote.edit == reply.edits - 1)
    session.execute(insert(Notice).from_select(["user_id", "kind", "reply_id", "made_at"], told))


def _tell(session: Session, ground: Ground, reply: Reply, kind: str, people: Iterable[int]) -> None:
    """Tell people of what the actor did to a reply, once until they have read it; not those who muted the actor."""
    for user_id in people:
        if user_id == ground.actor.id or session.get(Mute, (user_id, ground.actor.id)):
            continue
        there = session.scalar(
            select(Notice).where(Notice.user_id == user_id, Notice.reply_id == reply.id, Notice.kind == kind)
        )
        if there is not None and there.read_at is None:
            continue
        if there is not None:  # as if it were told for the first time
            session.delete(there)
            session.flush()
        session.add(Notice(user_id=user_id, kind=kind, reply_id=reply.id, made_at=ground.now))
