"""Marking notices as read."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from debate.db import now
from debate.models import Notice
from debate.queries import ground as grounds


def read(session: Session, actor: str, up_to: int) -> None:
    """Mark the actor's notices up to an id as read: those that came meanwhile stay unread."""
    person = grounds.actor(session, actor)
    session.execute(
        update(Notice)
        .where(Notice.user_id == person.id, Notice.id <= up_to, Notice.read_at.is_(None))
        .values(read_at=now(session))
    )
