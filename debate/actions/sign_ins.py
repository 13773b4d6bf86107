"""Sessions: begun by a log-in, ended by logging out here, one by one, or all at once."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from debate import tokens
from debate.db import now
from debate.models import SignIn, User
from debate.queries import ground as grounds
from debate.refusals import Missing, SignedOut

LASTS = timedelta(days=30)
MOST = 50  # of one account; the oldest ends when there is another
NOTED_EVERY = timedelta(hours=1)


def begin_as(session: Session, user_id: int, version: int, secret: str, device: str) -> None:
    """The same for who was asked for the password outside of this write. Raises SignedOut where it was changed since,
    or all sessions were ended."""
    held = select(User).where(User.id == user_id, User.session_version == version).with_for_update(key_share=True)
    if session.scalar(held) is None:
        raise SignedOut
    begin(session, user_id, secret, device)


def begin(session: Session, user_id: int, secret: str, device: str) -> None:
    """Begin a session of an account, known by a secret. Those that ran out are cleared away."""
    at = now(session)
    theirs = select(SignIn.id).where(SignIn.user_id == user_id).order_by(SignIn.id.desc())
    too_many = session.scalars(theirs.offset(MOST - 1)).all()
    session.execute(delete(SignIn).where(SignIn.user_id == user_id, (SignIn.until <= at) | SignIn.id.in_(too_many)))
    session.add(
        SignIn(user_id=user_id, digest=tokens.digest(secret), device=device, made_at=at, used_at=at, until=at + LASTS)
    )


def note_use(session: Session, secret: str) -> None:
    """Note that a session is in use; to the hour is enough."""
    at = now(session)
    there = session.scalar(select(SignIn).where(SignIn.digest == tokens.digest(secret)))
    if there is not None:
        there.used_at = at


def is_due(used_at: datetime) -> bool:
    """Whether the use of a session is to be noted again."""
    return abs(datetime.now(UTC) - used_at) > NOTED_EVERY  # the clock may have gone back


def leave(session: Session, actor: str) -> None:
    """End the actor's own session; one that is in no list, with all others. Raises SignedOut."""
    person = grounds.actor(session, actor, barred_too=True)
    if not person.session_secret:
        end_all(session, person)
    session.execute(delete(SignIn).where(SignIn.digest == tokens.digest(person.session_secret)))


def end(session: Session, actor: str, sign_in_id: int) -> None:
    """End one of the actor's sessions. Raises SignedOut; Missing where it is no session of theirs."""
    person = grounds.actor(session, actor, barred_too=True)
    there = session.get(SignIn, sign_in_id)
    if there is None or there.user_id != person.id:
        raise Missing
    session.delete(there)


def end_all(session: Session, user: User) -> None:
    """End every session and remember cookie of an account."""
    user.session_version += 1
    session.execute(delete(SignIn).where(SignIn.user_id == user.id))


def end_others(session: Session, actor: str, secret: str, device: str) -> None:
    """End all of the actor's sessions and begin this one anew. Raises SignedOut."""
    person = grounds.actor(session, actor, barred_too=True)
    end_all(session, person)
    begin(session, person.id, secret, device)
