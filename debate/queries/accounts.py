"""What belongs to an account: its sessions, what was mailed to it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from debate import tokens
from debate.models import Appeal, Citation, Essay, MailToken, Reply, Report, Revision, SignIn, SourceEdit, User
from debate.models.evidence import DESCRIPTION


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


def quotes_of(person: User) -> Select[Citation]:
    """The question for what an account linked with words of a source, at its own replies and others'."""
    return select(Citation).where(Citation.by_id == person.id, or_(Citation.quote != "", Citation.locator != ""))


def descriptions_of(person: User) -> Select[SourceEdit]:
    """The question for how an account described sources."""
    said = [getattr(SourceEdit, name) != "" for name in DESCRIPTION if name != "year"]
    mine = SourceEdit.by_id == person.id, SourceEdit.act == "describe"
    return select(SourceEdit).where(*mine, or_(SourceEdit.year.is_not(None), *said))


def wrote_elsewhere(session: Session, person: User) -> bool:
    """Whether an account wrote anything beside replies and essays that can be erased."""
    questions = (
        select(Report.id).where(Report.by_id == person.id, Report.note != ""),
        select(Appeal.id).where(Appeal.by_id == person.id, Appeal.words != ""),
        select(Revision.id).where(Revision.by_id == person.id, Revision.note != ""),
        quotes_of(person).with_only_columns(Citation.id),
        descriptions_of(person).with_only_columns(SourceEdit.id),
    )
    return any(session.scalar(question.limit(1)) is not None for question in questions)


def what_stays(session: Session, person: User) -> tuple[int, int]:
    """How many replies and how many essays that all may read an account has written."""
    replies = select(func.count()).where(Reply.author_id == person.id, Reply.state != "erased")
    essays = select(func.count()).where(Essay.owner_id == person.id, Essay.status != "draft")
    return session.scalar(replies) or 0, session.scalar(essays) or 0
