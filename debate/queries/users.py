"""Which account is it?"""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from debate.models import User
from debate.text import names


def by_session(session: Session, kept: str) -> User | None:
    """The account of a session or remember cookie (`id|session version`), if that version is still good."""
    user_id, _, version = kept.partition("|")
    if not (user_id.isascii() and user_id.isdigit() and version.isascii() and version.isdigit()):
        return None
    user = session.get(User, int(user_id)) if len(user_id) < 19 else None
    return user if user is not None and user.session_version == int(version) else None


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
