"""Telling people of answers, and marking notices as read."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from debate.db import now
from debate.models import Mute, Notice, Reply
from debate.queries import ground as grounds
from debate.queries.ground import Ground


def read(session: Session, actor: str, up_to: int) -> None:
    """Mark the actor's notices up to an id as read: those that came meanwhile stay unread."""
    person = grounds.actor(session, actor)
    session.execute(
        update(Notice)
        .where(Notice.user_id == person.id, Notice.id <= up_to, Notice.read_at.is_(None))
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
