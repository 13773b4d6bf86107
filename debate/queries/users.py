"""Which account is it?"""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from debate.models import Notice, Reply, User
from debate.text import names


def by_session(session: Session, kept: str) -> User | None:
    """The account of a session or remember cookie (`id|session version`), if that version is still good."""
    user_id, version = _parts(kept)
    user = session.get(User, user_id) if user_id else None
    return user if user is not None and user.session_version == version else None


def with_notices(session: Session, kept: str) -> tuple[User | None, int]:
    """The same, and how many answers to that person are unread. One statement."""
    user_id, version = _parts(kept)
    unread = (
        select(func.count())
        .select_from(Notice)
        .join(Reply, Reply.id == Notice.reply_id)
        .where(Notice.user_id == User.id, Notice.read_at.is_(None), Reply.state == "visible")
        .correlate(User)
        .scalar_subquery()
    )
    row = session.execute(select(User, unread).where(User.id == user_id)).first() if user_id else None
    return (row[0], row[1]) if row is not None and row[0].session_version == version else (None, 0)


def _parts(kept: str) -> tuple[int, int]:
    """The account's id and the session's version; zeros for what never was one."""
    user_id, _, version = kept.partition("|")
    good = all(part.isascii() and part.isdigit() and len(part) < 19 for part in (user_id, version))
    return (int(user_id), int(version)) if good else (0, 0)


def named(session: Session, name: str) -> User | None:
    """The account of exactly this name, in any case."""
    if len(name) > names.NAME_MAX:
        return None
    user = session.scalar(select(User).where(User.name_key == names.key(name)))
    return user if user is not None and user.name.casefold() == name.casefold() else None


def signing_in(session: Session, name_or_email: str) -> User | None:
    """The account that a person means at sign-in."""
    given = name_or_email.strip()
    if "@" in given:
        return session.scalar(select(User).where(User.email_key == given.casefold()[:254]))
    return named(session, given)


def alike(session: Session, name: str) -> User | None:
    """An account whose name looks like this one."""
    return session.scalar(select(User).where(User.name_key == names.key(name)))


def with_email(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(User.email_key == email.casefold()))


def everyone(session: Session) -> Sequence[User]:
    """All accounts, newest first (admins' page)."""
    return session.scalars(select(User).order_by(User.id.desc()).limit(500)).all()


def admins(session: Session) -> int:
    """How many admins there are."""
    return session.scalar(select(func.count()).where(User.role == "admin")) or 0
