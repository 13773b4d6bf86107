"""Which account is it?"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session, joinedload

from debate.models import Essay, Mute, Notice, Reply, Revision, Site, Standing, User
from debate.queries.notices import IS_TOLD
from debate.queries.site import Chosen
from debate.text import names


def by_session(session: Session, kept: str, *, holds: bool = False) -> User | None:
    """The account of a session or remember cookie (`id|session version`), if that version is still good.

    With `holds` no other write of that account goes on at the same time.
    """
    user_id, version = _parts(kept)
    question = _standing(select(User)).where(User.id == user_id)
    if holds:
        question = question.with_for_update(of=User, key_share=True)
    user = session.scalars(question).unique().first() if user_id else None
    return user if user is not None and user.session_version == version else None


def standing(session: Session, user_id: int) -> User:
    """An account with what it may not do, or may do in one essay."""
    question = _standing(select(User)).where(User.id == user_id).execution_options(populate_existing=True)
    return session.scalars(question).unique().one()


def with_notices(session: Session, kept: str) -> tuple[User | None, int, Chosen | None]:
    """The same, how many notices that person has not read, and what admins have set; whom it has muted is told too. One
    statement."""
    user_id, version = _parts(kept)
    unread = (
        select(func.count())
        .select_from(Notice)
        .outerjoin(Reply, Reply.id == Notice.reply_id)
        .outerjoin(Revision, Revision.id == Notice.revision_id)
        .outerjoin(Essay, Essay.id == func.coalesce(Reply.essay_id, Revision.essay_id))
        .where(Notice.user_id == User.id, Notice.read_at.is_(None))
        .where(IS_TOLD)
        .correlate(User)
        .scalar_subquery()
    )
    muted = (
        select(func.aggregate_strings(cast(Mute.muted_id, String), ","))
        .where(Mute.user_id == User.id)
        .correlate(User)
        .scalar_subquery()
    )
    chosen = (Site.registration, Site.names_moderators, Site.holds_new, Site.source_changes, Site.erasures)
    question = _standing(select(User, unread, muted, *chosen)).outerjoin(Site, Site.id == 1).where(User.id == user_id)
    row: Any = session.execute(question).unique().first() if user_id else None
    if row is None or row[0].session_version != version:
        return None, 0, None
    row[0].muted_ids = frozenset(map(int, row[2].split(","))) if row[2] else frozenset()
    return row[0], row[1], Chosen(*row[3:]) if row[3] is not None else Chosen()


def _standing(question: Any) -> Any:
    """With what the account may not do, or may do in one essay."""
    open_ones = joinedload(User.standings.and_(Standing.lifted_at.is_(None)))
    return question.options(open_ones.joinedload(Standing.essay))


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
