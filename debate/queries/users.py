"""Which account is it?"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, func, select
from sqlalchemy.orm import Session, joinedload

from debate import tokens
from debate.models import Essay, Mute, Notice, Reply, RetiredName, Revision, SignIn, Site, Standing, User
from debate.models.users import BARS
from debate.queries.notices import IS_TOLD
from debate.queries.site import Chosen
from debate.text import names

PAGE = 500  # accounts on a page


def by_session(session: Session, kept: str, *, holds: bool = False) -> User | None:
    """The account of a session or remember cookie (`id|session version|secret`), if it is still good.

    With `holds` no other write of that account goes on at the same time.
    """
    user_id, version, secret = _parts(kept)
    question = _standing(select(User)).where(User.id == user_id, *_goes_on(secret))
    if holds:
        # First wait, then ask: one statement for both would see standings and sessions as they were before the wait.
        session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
        # Read anew, too: what was loaded before, as the writer of a reply, may be older than what this waited for.
        question = question.execution_options(populate_existing=True)
    user = session.scalars(question).unique().first() if user_id else None
    if user is None or user.session_version != version:
        return None
    user.session_secret = secret
    return user


def _goes_on(secret: str) -> list[ColumnElement[bool]]:
    """That the session of this secret was not ended. Those without one began before sessions were kept apart."""
    if not secret:
        return []
    kept = SignIn.digest == tokens.digest(secret), SignIn.until > datetime.now(UTC), SignIn.user_id == User.id
    return [exists().where(*kept)]


def standing(session: Session, user_id: int) -> User:
    """An account with what it may not do, or may do in one essay."""
    question = _standing(select(User)).where(User.id == user_id).execution_options(populate_existing=True)
    return session.scalars(question).unique().one()


def with_notices(session: Session, kept: str) -> tuple[User | None, int, Chosen | None]:
    """The same, how many notices that person has not read, and what admins have set; whom it has muted is told too. One
    statement."""
    user_id, version, secret = _parts(kept)
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
    used = select(SignIn.used_at).where(SignIn.digest == tokens.digest(secret)).scalar_subquery()
    question = _standing(select(User, unread, muted, used, *chosen)).outerjoin(Site, Site.id == 1)
    question = question.where(User.id == user_id, *_goes_on(secret))
    row: Any = session.execute(question).unique().first() if user_id else None
    if row is None or row[0].session_version != version:
        return None, 0, None
    row[0].session_secret = secret
    if row[3] is not None:
        row[0].session_used_at = row[3]
    row[0].muted_ids = frozenset(map(int, row[2].split(","))) if row[2] else frozenset()
    return row[0], row[1], Chosen(*row[4:]) if row[4] is not None else Chosen()


def _standing(question: Any) -> Any:
    """With what the account may not do, or may do in one essay."""
    open_ones = joinedload(User.standings.and_(Standing.lifted_at.is_(None)))
    return question.options(open_ones.joinedload(Standing.essay))


def _parts(kept: str) -> tuple[int, int, str]:
    """The account's id, the session's version and its secret; zeros and nothing for what never was one."""
    user_id, _, rest = kept.partition("|")
    version, _, secret = rest.partition("|")
    good = all(part.isascii() and part.isdigit() and len(part) < 19 for part in (user_id, version))
    return (int(user_id), int(version), secret) if good else (0, 0, "")


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
        return with_email(session, given[:254])
    return named(session, given)


def alike(session: Session, name: str) -> User | None:
    """An account whose name looks like this one."""
    return session.scalar(select(User).where(User.name_key == names.key(name)))


def with_email(session: Session, email: str) -> User | None:
    """The account that an address was confirmed for; where there is none, the oldest that gave it."""
    given = select(User).where(User.email_key == email.casefold(), User.deleted_at.is_(None))
    return session.scalar(given.order_by(User.confirmed_key.is_(None), User.id).limit(1))


def is_confirmed(session: Session, email: str) -> bool:
    """Whether an address is some account's, and confirmed."""
    return session.scalar(select(User.id).where(User.confirmed_key == email.casefold())) is not None


def was_retired(session: Session, name: str) -> bool:
    """Whether an account of this name, or one that looks like it, was deleted."""
    return session.get(RetiredName, tokens.digest(names.key(name))) is not None


def everyone(session: Session, before: int | None = None) -> tuple[Sequence[User], bool]:
    """All accounts, newest first (admins' page), and whether more follow; `before` is the id to go on from."""
    question = select(User).where(User.deleted_at.is_(None)).order_by(User.id.desc()).limit(PAGE + 1)
    if before is not None:
        question = question.where(User.id < before)
    rows = session.scalars(question).all()
    return rows[:PAGE], len(rows) > PAGE


def is_only_admin(session: Session, person: User, at: datetime) -> bool:
    """Whether an admin is the only one: nobody else is who is not kept from the whole site."""
    everywhere = Standing.kind.in_(BARS), Standing.essay_id.is_(None), Standing.on_at(at)
    barred = select(Standing.user_id).where(*everywhere)
    others = select(User.id).where(User.role == "admin", User.id != person.id, User.id.not_in(barred))
    return person.role == "admin" and session.scalar(others.limit(1)) is None
