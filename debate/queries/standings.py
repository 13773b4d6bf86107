"""Who is suspended, banned, or in charge of an essay; whom somebody has muted."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from debate.models import Essay, Mute, Standing, User


def open_of(session: Session, user: User) -> list[Standing]:
    """What an account may not do now, or may do in one essay, with the essays."""
    rows = session.scalars(
        select(Standing)
        .options(joinedload(Standing.essay))
        .where(Standing.user_id == user.id, Standing.lifted_at.is_(None))
        .order_by(Standing.id)
    )
    return [standing for standing in rows if standing.is_on()]


def moderators_of(session: Session, essay: Essay) -> Sequence[User]:
    """Who moderates this essay by name."""
    return session.scalars(
        select(User)
        .join(Standing, Standing.user_id == User.id)
        .where(Standing.essay_id == essay.id, Standing.kind == "moderator", Standing.lifted_at.is_(None))
        .order_by(Standing.id)
    ).all()


def muted_by(session: Session, person: User) -> Sequence[User]:
    """Whom somebody has muted, by name."""
    return session.scalars(
        select(User).join(Mute, Mute.muted_id == User.id).where(Mute.user_id == person.id).order_by(User.name)
    ).all()
