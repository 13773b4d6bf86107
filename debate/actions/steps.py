"""The second step of a log-in: an app's code, a passkey, or a code kept for the day when both are lost."""

import secrets
import time
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from debate import tokens
from debate.db import now
from debate.models import RecoveryCode, SignIn, Step, User
from debate.queries import ground as grounds
from debate.queries import steps, users
from debate.refusals import Invalid, Missing
from debate.text.message import N_

CODES = 10
MOST = 10  # steps of one account
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
PERIOD = 30  # seconds that a code of an app is good for, RFC 6238


@dataclass(frozen=True)
class Passkey:
    """A passkey as it was checked: its id and public key (base64url), how often it was used."""

    credential: str
    public_key: str
    count: int


def add(
    session: Session, actor: str, name: str, *, secret: str = "", latest: int = 0, passkey: Passkey | None = None
) -> list[str]:
    """Ask the actor for another step at each log-in from now on: an app's secret, or a passkey.

    Returns the recovery codes, which are shown this once: ten with the first step, none with another. Raises SignedOut;
    Invalid where there are enough, or the passkey is another account's.
    """
    person = grounds.actor(session, actor, barred_too=True)
    known = steps.of(session, person.id)
    if any(step.secret == secret if passkey is None else step.credential == passkey.credential for step in known):
        return []  # sent twice; with two of one secret each code would be good twice
    if len(known) >= MOST:
        raise Invalid({"passkey": N_("That is enough: remove one before you add another.")})
    is_first = not known
    step = Step(user_id=person.id, kind="app", name=name, secret=secret, latest=latest, made_at=now(session))
    if passkey is not None:
        step.kind, step.latest = "passkey", passkey.count
        step.credential, step.public_key = passkey.credential, passkey.public_key
    session.add(step)
    try:
        session.flush()
    except IntegrityError as error:
        raise Invalid({"passkey": N_("This passkey belongs to another account here.")}) from error
    return _new_codes(session, person) if is_first else []


def renew_codes(session: Session, actor: str) -> list[str]:
    """New recovery codes in place of those the actor had; returns them. Raises SignedOut, Missing without a step."""
    person = grounds.actor(session, actor, barred_too=True)
    if not steps.of(session, person.id):
        raise Missing
    return _new_codes(session, person)


def remove(session: Session, actor: str, step_id: int) -> None:
    """Ask for a step no longer; with the last one its recovery codes go. Raises SignedOut, Missing."""
    person = grounds.actor(session, actor, barred_too=True)
    step = session.get(Step, step_id)
    if step is None or step.user_id != person.id:
        raise Missing
    session.delete(step)
    session.flush()
    if not steps.of(session, person.id):
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == person.id))


def take_away(session: Session, name: str) -> None:
    """Let an account log in by its password alone again (the command line, for who lost everything). Raises Missing."""
    user = users.named(session, name)
    if user is None:
        raise Missing
    for model in (Step, RecoveryCode, SignIn):
        session.execute(delete(model).where(model.user_id == user.id))
    user.session_version += 1


def use_code(session: Session, user_id: int, given: str) -> bool:
    """Whether a code is good: of an app, each once, or one kept for recovery, which is used up."""
    given = "".join(given.split()).replace("-", "").lower()
    for step in session.scalars(select(Step).where(Step.user_id == user_id, Step.kind == "app").with_for_update()):
        interval = fitting(step.secret, given, time.time())
        if interval is not None and interval > step.latest:
            step.latest, step.used_at = interval, now(session)
            return True
    kept = RecoveryCode.user_id == user_id, RecoveryCode.digest == tokens.digest(given)
    code = session.scalar(select(RecoveryCode).where(*kept).with_for_update())
    if code is not None:
        session.delete(code)
    return code is not None


def use_passkey(session: Session, step_id: int, count: int) -> bool:
    """Note that a passkey was used, whose own count is this. Whether it is asked for still, and nobody was faster."""
    step = session.get(Step, step_id, with_for_update=True)
    if step is None or ((count or step.latest) and count <= step.latest):  # many keep no count: it is 0 always
        return False
    step.latest, step.used_at = count, now(session)
    return True


def fitting(secret: str, code: str, at: float) -> int | None:
    """The interval whose code this is, now, just before or just after `at` (Unix time); None if it is of none."""
    from pyotp.totp import TOTP

    app, present = TOTP(secret, interval=PERIOD), int(at) // PERIOD
    near = (present, present - 1, present + 1)
    given = code.encode("ascii", "replace")
    return next((one for one in near if secrets.compare_digest(app.generate_otp(one).encode(), given)), None)


def _new_codes(session: Session, person: User) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == person.id))
    codes = ["".join(secrets.choice(LETTERS) for _ in range(12)) for _ in range(CODES)]
    session.add_all(RecoveryCode(user_id=person.id, digest=tokens.digest(code)) for code in codes)
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]
