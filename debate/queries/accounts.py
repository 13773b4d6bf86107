"""What belongs to an account: its sessions, what was mailed to it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from debate import tokens
from debate.models import Essay, MailToken, Reply, SignIn, User


def sessions_of(session: Session, person: User) -> Sequence[SignIn]:
    """An account's sessions that go on, the latest used first."""
    goes_on = SignIn.user_id == person.id, SignIn.until > datetime.now(UTC)
    return session.scalars(select(SignIn).where(*goes_on).order_by(SignIn.used_at.desc(), SignIn.id.desc())).all()


def is_this(sign_in: SignIn, person: User) -> bool:
    """Whether a session is the one that asks."""
    return sign_in.digest == tokens.digest(person.session_secret)


def token(
    session: Session, secret: str, purposes: Sequence[str], at: datetime, *, holds: bool = False
) -> MailToken | None:
    """What a secret that was mailed is good for at a time, if for anything; with `holds` nobody else uses it up."""
    question = select(MailToken).where(
        MailToken.digest == tokens.digest(secret), MailToken.purpose.in_(purposes), MailToken.until > at
    )
    return session.scalar(question.with_for_update() if holds else question)


def token_now(session: Session, secret: str, purposes: Sequence[str]) -> MailToken | None:
    """The same, now."""
    return token(session, secret, purposes, datetime.now(UTC))


def what_stays(session: Session, person: User) -> tuple[int, int]:
    """How many replies and how many essays that all may read an account has written."""
    replies = select(func.count()).where(Reply.author_id == person.id, Reply.state != "erased")
    essays = select(func.count()).where(Essay.owner_id == person.id, Essay.status != "draft")
    return session.scalar(replies) or 0, session.scalar(essays) or 0
