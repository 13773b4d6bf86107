"""Suspending and banning accounts, letting them back; moderators of one essay; muting."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from debate import rules
from debate.actions import checks, evidence, rulings, votes_aside
from debate.db import now
from debate.models import Item, Mute, Ruling, Standing, User
from debate.queries import ground as grounds
from debate.queries import rulings as rulings_of
from debate.queries import users
from debate.refusals import NOT_YOURS, Decided, Forbidden, Gone, Invalid, Missing, Twice
from debate.text.message import N_

ONLY_BANNED = N_("This account was deleted: it can only be banned, which takes its votes out of all counts.")


def bar(
    session: Session, actor: str, whom: str | int, kind: str, until: datetime | None, reason: str, note: str
) -> int:
    """Suspend an account from the whole site, or ban it, which takes its votes out of all counts; the ruling's id.

    `whom` is its name, or its id: one that was deleted has no name, and can be banned still. From the commit on nothing
    of it is taken. Raises Missing, Forbidden, Twice where it is barred so already, Invalid where only a ban is left.
    """
    grounds.hold_all(session)
    by = grounds.actor(session, actor)
    user = _meant(session, whom)
    if not rules.may_suspend(by, user):
        raise Forbidden(NOT_YOURS)
    return barred(session, by, user, kind, until, reason, note, now(session)).id


def barred(
    session: Session,
    by: User,
    user: User,
    kind: str,
    until: datetime | None,
    reason: str,
    note: str,
    at: datetime,
    essay_id: int | None = None,
) -> Ruling:
    """The same where all essays are held and it was asked who may; in one essay only where that is given."""
    if user.deleted_at is not None and kind != "banned":
        raise Invalid({"bar": ONLY_BANNED})
    # No write of that account goes on meanwhile, not even in an essay that was published a moment ago.
    session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
    there = _open(session, user, kind, essay_id)
    if there is not None and there.is_on(at):
        raise Twice(N_("%(name)s is suspended already. Lift that first to change it.", name=user.name))
    if there is not None:
        there.lifted_at = there.until  # it ended by itself; its row makes room for this one
        session.flush()
    session.add(
        Standing(
            user_id=user.id,
            kind=kind,
            essay_id=essay_id,
            reason=reason,
            note=note,
            by_id=by.id,
            placed_at=at,
            until=until,
        )
    )
    act = "ban" if kind == "banned" else "suspend"
    ruling = rulings.add(
        session, act, by.id, at, essay_id=essay_id, user_id=user.id, reason=reason, note=note, until=until
    )
    rulings.tell(session, ruling, user.id)
    if kind == "banned":
        votes_aside.set_aside(session, user)
        checks.set_aside(session, user, aside=True)
        evidence.set_asks_aside(session, user, aside=True)
    return ruling


def lift(session: Session, actor: str, whom: str | int, note: str, essay_id: int | None = None) -> None:
    """End a suspension or ban of an account (its name or its id) everywhere, or in the essay given; a banned one's
    votes count again.

    Nothing happens where there is none. Raises Missing, Forbidden.
    """
    grounds.hold_all(session)
    by = grounds.actor(session, actor)
    user = _meant(session, whom)
    may = rules.may_suspend(by, user) if essay_id is None else by.id != user.id and by.moderates(essay_id)
    if not may:
        raise Forbidden(NOT_YOURS)
    at = now(session)
    found = [_open(session, user, kind, essay_id) for kind in ("suspended", "banned")]
    bars = [one for one in found if one is not None and one.is_on(at)]
    if bars:
        # Without a name the log tells only so which account it was.
        about = _ruling_of(session, bars[-1]) if user.deleted_at is not None else None
        lifted(session, by, user, bars, note, at, about)


def lifted(
    session: Session,
    by: User,
    user: User,
    bars: list[Standing],
    note: str,
    at: datetime,
    about: Ruling | None = None,
) -> Ruling:
    """The same for given standings."""
    for one in bars:
        one.lifted_at, one.lifted_by_id = at, by.id
    essay_id = bars[0].essay_id if bars else None
    ruling = rulings.add(
        session, "lift", by.id, at, essay_id=essay_id, user_id=user.id, note=note, about_id=about.id if about else None
    )
    rulings.tell(session, ruling, user.id)
    on_it = (Ruling.user_id == user.id, Ruling.essay_id.is_not_distinct_from(essay_id))
    rulings.close_appeals(session, ruling, *on_it, Ruling.act.in_(("suspend", "ban", "refuse")))
    if any(one.kind == "banned" for one in bars):
        votes_aside.put_back(session, user)
        checks.set_aside(session, user, aside=False)
        evidence.set_asks_aside(session, user, aside=False)
    return ruling


def bars_of(session: Session, ruling: Ruling) -> list[Standing]:
    """The standings that a ruling made and that are open still."""
    kind = "suspended" if ruling.act == "suspend" else "banned"
    user = session.get_one(User, ruling.user_id)
    there = _open(session, user, kind, ruling.essay_id)
    return [there] if there is not None and there.placed_at == ruling.made_at else []


def _ruling_of(session: Session, bar: Standing) -> Ruling | None:
    """The ruling that made a standing."""
    made = Ruling.user_id == bar.user_id, Ruling.made_at == bar.placed_at, Ruling.act.in_(("suspend", "ban", "refuse"))
    return session.scalar(select(Ruling).where(*made).order_by(Ruling.id.desc()).limit(1))


def admit(session: Session, actor: str, item_id: int, is_let_in: bool, note: str) -> int:
    """Let a new account in, or refuse it (it is banned then); returns the ruling's id. Raises Decided."""
    grounds.hold_all(session)
    by = grounds.actor(session, actor)
    if not by.is_moderator:
        raise Forbidden(N_("Only moderators of the whole site can do this."))
    item = session.get(Item, item_id, with_for_update=True)
    if item is None or item.kind != "account":
        raise Missing
    outcome = rulings_of.one(session, item.outcome_id) if item.outcome_id is not None else None
    if outcome is not None:
        raise Decided(outcome)
    if item.closed_at is not None:  # whoever waited has gone
        raise Gone("withdrawn")
    user, at = session.get_one(User, item.user_id), now(session)
    waiting = _open(session, user, "waiting", None)
    if waiting is not None:
        waiting.lifted_at, waiting.lifted_by_id = at, by.id
    if not is_let_in and _open(session, user, "banned", None) is None:
        session.add(Standing(user_id=user.id, kind="banned", note=note, by_id=by.id, placed_at=at))
    ruling = rulings.add(session, "admit" if is_let_in else "refuse", by.id, at, user_id=user.id, note=note)
    rulings.tell(session, ruling, user.id)
    item.closed_at, item.outcome_id = at, ruling.id
    return ruling.id


def appoint(session: Session, actor: str, essay_id: int, name: str) -> None:
    """Give an account charge of one essay's debate. Raises Forbidden, Invalid (no such account), Twice."""
    ground = _by_admin(session, actor, essay_id)
    user = users.named(session, name)
    if user is None:
        raise Invalid({"name": N_("There is no account named %(name)s.", name=name)})
    if _open(session, user, "moderator", essay_id) is not None:
        raise Twice(N_("%(name)s moderates this essay already.", name=user.name))
    session.add(
        Standing(user_id=user.id, kind="moderator", essay_id=essay_id, by_id=ground.actor.id, placed_at=ground.now)
    )
    rulings.tell(session, rulings.record(session, ground, "appoint", user_id=user.id), user.id)
    ground.touch()


def dismiss(session: Session, actor: str, essay_id: int, name: str) -> None:
    """Take that charge back, from the very next request on; nothing happens where there is none."""
    ground = _by_admin(session, actor, essay_id)
    user = named(session, name)
    there = _open(session, user, "moderator", essay_id)
    if there is None:
        return
    there.lifted_at, there.lifted_by_id = ground.now, ground.actor.id
    rulings.tell(session, rulings.record(session, ground, "dismiss", user_id=user.id), user.id)
    ground.touch()


def mute(session: Session, actor: str, name: str, is_muted: bool) -> None:
    """Fold somebody's replies for the actor alone, or no more. Twice is once."""
    person = grounds.actor(session, actor)
    other = named(session, name)
    if other.id == person.id:
        raise Forbidden(N_("Nobody mutes oneself."))
    there = session.get(Mute, (person.id, other.id))
    if is_muted and there is None:
        session.add(Mute(user_id=person.id, muted_id=other.id, made_at=now(session)))
    elif not is_muted and there is not None:
        session.delete(there)


def named(session: Session, name: str) -> User:
    """An account by its name, with its standings; raises Missing."""
    user = users.named(session, name)
    if user is None:
        raise Missing
    return user


def _meant(session: Session, whom: str | int) -> User:
    """The same by its name or its id."""
    user = named(session, whom) if isinstance(whom, str) else session.get(User, whom, populate_existing=True)
    if user is None:
        raise Missing
    return user


def _by_admin(session: Session, actor: str, essay_id: int) -> grounds.Ground:
    ground = grounds.on_essay(session, actor, essay_id)
    if not rules.may_give_roles(ground.actor):
        raise Forbidden(N_("Only admins can give roles."))
    if ground.essay.status == "draft":
        raise Missing
    return ground


def _open(session: Session, user: User, kind: str, essay_id: int | None) -> Standing | None:
    return session.scalar(
        select(Standing).where(
            Standing.user_id == user.id,
            Standing.kind == kind,
            Standing.essay_id.is_not_distinct_from(essay_id),
            Standing.lifted_at.is_(None),
        )
    )
