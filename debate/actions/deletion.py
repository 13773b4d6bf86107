"""Deleting one's own account. What others answered stays, under nobody's name, unless its writer has it erased."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from debate import tokens
from debate.actions import erasing, essays, own_words, rulings, sites
from debate.db import now
from debate.models import (
    Essay,
    Item,
    Letter,
    MailToken,
    Mute,
    Notice,
    RecoveryCode,
    Reply,
    RetiredName,
    SignIn,
    Standing,
    Step,
    User,
    Visit,
)
from debate.queries import ground as grounds
from debate.queries import users
from debate.refusals import Barred, Forbidden
from debate.text import names
from debate.text.message import N_

NAME = "[deleted user]"
AT_ONCE = 20  # replies, and so on, erased in one write, so that others get their turn in between


def erase_some(session: Session, actor: str) -> bool:
    """Erase some of the actor's words, of replies first, the newest first; whether there are more. Raises Barred where
    the actor may not write anywhere or in some essay, before the first word goes, and Forbidden for the only admin,
    whose account would still be there when all words were gone.
    """
    grounds.hold_all(session)
    person = grounds.actor(session, actor, barred_too=True)
    _must_be_free_to_go(session, person)
    for essay_id in (None, *(one.essay_id for one in person.standings)):
        if (bar := person.barred(essay_id)) is not None:
            raise Barred(bar)
    newest = select(Reply.id).where(Reply.author_id == person.id, Reply.body != "").order_by(Reply.id.desc())
    reply_ids = session.scalars(newest.limit(AT_ONCE)).all()
    for reply_id in reply_ids:
        erasing.erase_own(session, actor, reply_id)
    erasing.overwrite(session)
    if reply_ids or own_words.erase_some(session, person, AT_ONCE):
        return True
    erasing.settle(session)
    return False


def delete_account(session: Session, actor: str, *, erases: bool = False) -> bool:
    """Delete the actor's account: name, address, password, sessions, notices, visits, drafts. Replies, votes and essays
    stay under "[deleted user]", and nobody can take the name; whether it is done.

    With `erases` some of its words are erased instead, as long as there are any: also what was written a moment ago,
    from elsewhere. Raises SignedOut, Forbidden for the only admin, Barred as erase_some.
    """
    grounds.hold_all(session)
    if erases and erase_some(session, actor):
        return False
    admins = select(User.id).where(User.role == "admin").order_by(User.id)
    session.scalars(admins.with_for_update(key_share=True)).all()  # two admins at once: one stays
    person = grounds.actor(session, actor, barred_too=True)
    _must_be_free_to_go(session, person)
    erasing.overwrite(session)
    sites.forget_kept(session)
    for draft in session.scalars(select(Essay.id).where(Essay.owner_id == person.id, Essay.status == "draft")).all():
        essays.delete_draft(session, draft)
    if person.role != "participant":
        note = f"{person.role} → participant"
        rulings.add(session, "role", person.id, now(session), user_id=person.id, note=note)
    _give_up_charges(session, person)
    for essay in session.scalars(select(Essay).where(Essay.owner_id == person.id)):
        if essay.author_name.casefold() == person.name.casefold():
            essay.author_name = NAME
        essay.owner_id = None  # so that moderators may revise it
    _forget(session, person)
    _empty(session, person)
    grounds.touch_all(session)
    session.flush()
    return True


def _must_be_free_to_go(session: Session, person: User) -> None:
    if users.is_only_admin(session, person, now(session)):
        raise Forbidden(N_("You are the only admin. Make another account an admin first."))


def _give_up_charges(session: Session, person: User) -> None:
    """Nobody moderates an essay who is not there any more, nor could be dismissed: that goes by name."""
    held = Standing.user_id == person.id, Standing.kind == "moderator", Standing.lifted_at.is_(None)
    for charge in session.scalars(select(Standing).where(*held).order_by(Standing.id)).all():
        at = now(session)
        charge.lifted_at, charge.lifted_by_id = at, person.id
        rulings.add(session, "dismiss", person.id, at, essay_id=charge.essay_id, user_id=person.id)


def _forget(session: Session, person: User) -> None:
    """What is about this account alone."""
    _call_letters_back(session, person)
    for model in (Notice, Visit, SignIn, MailToken, Step, RecoveryCode):
        session.execute(delete(model).where(model.user_id == person.id))
    session.execute(delete(Mute).where((Mute.user_id == person.id) | (Mute.muted_id == person.id)))
    waiting = update(Item).where(Item.kind == "account", Item.user_id == person.id, Item.closed_at.is_(None))
    session.execute(waiting.values(closed_at=now(session)))


def _call_letters_back(session: Session, person: User) -> None:
    """Letters that wait still: those to its address, unless that is another's too, and to the one it was to have."""
    given = session.scalars(select(MailToken.email).where(MailToken.user_id == person.id)).all()
    for address in {person.email, *given}:
        others = select(User.id).where(User.email_key == address.casefold(), User.id != person.id)
        if session.scalar(others.limit(1)) is None:
            session.execute(delete(Letter).where(Letter.address == address))


def _empty(session: Session, person: User) -> None:
    """The row stays: replies, votes and the log point at it."""
    session.merge(RetiredName(digest=tokens.digest(names.key(person.name))))
    person.name, person.name_key = NAME, f"[{person.id}]"
    person.email = person.email_key = ""
    person.confirmed_key = None
    person.password_hash = "!"  # noqa: S105 (no password has this hash)
    person.role = "participant"
    person.deleted_at = now(session)
    person.session_version += 1
