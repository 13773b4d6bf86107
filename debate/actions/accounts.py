"""Accounts and their mail: registered, confirmed, given another password or address by who reads that mail."""

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from debate import tokens
from debate.actions import letters, paces, sign_ins
from debate.actions import users as people
from debate.actions.letters import Words
from debate.db import now
from debate.models import MailToken, Site, User
from debate.queries import accounts, users
from debate.queries import ground as grounds
from debate.refusals import Forbidden, Invalid, Missing, TooFast
from debate.text.message import N_

GOOD_FOR = {"confirm": timedelta(days=7), "move": timedelta(days=1), "reset": timedelta(hours=1)}
CLOSED = N_("Registration is closed on this site.")


def try_to_register(session: Session, name: str) -> None:
    """Somebody asks for an account: counted before the password is hashed, which takes long. A name that cannot be had
    counts nothing. Raises Invalid, TooFast."""
    people.must_be_free(session, name)
    paces.keep(session, "register", None, now(session))


def register(
    session: Session,
    name: str,
    email: str,
    password_hash: str,
    secret: str,
    welcome: Words,
    known: Words,
    *,
    usual: str,
) -> int:
    """Make an account for somebody who asks from outside; returns its id. `usual` is the way of registration (see
    models.Site) where admins have set none.

    To its address goes `welcome`, with the secret that confirms it; where the address is another account's, `known`
    instead: who asks cannot tell. Nothing goes to an address that a few letters were sent to just now; who has the
    account asks for another later. Raises Invalid, Forbidden.
    """
    # Held: once an admin is told that it is closed, nobody slips in who came before.
    way = session.scalar(select(Site.registration).where(Site.id == 1).with_for_update(read=True)) or usual
    if way == "closed":
        raise Forbidden(CLOSED)
    user_id = people.add(session, name, email, password_hash, is_new=True, waits=way == "approval")
    with suppress(TooFast):
        _slow_down(session, email)
        _write_to(session, user_id, email, "confirm", secret, welcome, known)
    return user_id


def ask_to_confirm(session: Session, actor: str, secret: str, words: Words, known: Words) -> None:
    """Send the letter that confirms the actor's address once more. Raises SignedOut, TooFast."""
    person = grounds.actor(session, actor, barred_too=True)
    _slow_down(session, person.email)
    if not person.is_confirmed:
        _write_to(session, person.id, person.email, "confirm", secret, words, known)


def ask_to_move(session: Session, actor: str, email: str, secret: str, words: Words, known: Words) -> None:
    """Send to a new address what makes it the actor's; until then the old one stays. Raises SignedOut, TooFast."""
    person = grounds.actor(session, actor, barred_too=True)
    _slow_down(session, email)
    _write_to(session, person.id, email, "move", secret, words, known)


def ask_to_reset(session: Session, name_or_email: str, secret: str, words: Words, known: Words) -> None:
    """Send the account of a name or address what lets its owner choose another password; `known` to an address that
    is another account's.

    As much is done where there is no such account, and where its address had a few letters by other names: who asks
    cannot tell. Raises TooFast.
    """
    _slow_down(session, name_or_email)
    found = users.signing_in(session, name_or_email)
    user = _held(session, found.id) if found is not None else None
    is_too_many = paces.is_a_letter_too_many(session, user.email_key if user is not None else "", now(session))
    if user is not None and not is_too_many:
        _write_to(session, user.id, user.email, "reset", secret, words, known)
    else:
        letters.put(session, "", words)


def confirm(session: Session, secret: str, notice: Words) -> None:
    """An address is its account's, since who reads its mail says so; a new one takes the old one's place, to which
    `notice` goes. Raises Missing where the secret is good for nothing (any more), Invalid where the address has become
    another account's.
    """
    token = _used(session, secret, ("confirm", "move"))
    user = _holder(session, token)
    if token.purpose == "confirm" and user.email != token.email:
        raise Missing  # the address was changed meanwhile
    before = user.email
    _settle(session, user, token.email)
    if token.purpose == "move":
        session.execute(delete(MailToken).where(MailToken.user_id == user.id))
        letters.put(session, before, notice)


def reset(session: Session, secret: str, password_hash: str, notice: Words) -> None:
    """Another password for the account that a secret was mailed to; its sessions end, and every other such letter is
    good for nothing. Raises Missing.
    """
    token = _used(session, secret, ("reset",))
    user = _holder(session, token)
    _give(session, user, password_hash, notice)
    if not user.is_confirmed and user.email == token.email and not users.is_confirmed(session, token.email):
        _settle(session, user, token.email)


def change_password(session: Session, actor: str, password_hash: str, notice: Words, secret: str, device: str) -> None:
    """Give the actor another password; every other session ends, this one goes on by a new secret. Raises SignedOut."""
    person = grounds.actor(session, actor, barred_too=True)
    _give(session, person, password_hash, notice)
    sign_ins.begin(session, person.id, secret, device)


def set_password(session: Session, name: str, password_hash: str) -> None:
    """Give an account another password (the command line); its sessions end, no letter undoes it. Raises Missing."""
    user = users.named(session, name)
    if user is None:
        raise Missing
    _give(session, user, password_hash)


def _give(session: Session, user: User, password_hash: str, notice: Words | None = None) -> None:
    user.password_hash = password_hash
    sign_ins.end_all(session, user)
    session.execute(delete(MailToken).where(MailToken.user_id == user.id, MailToken.purpose != "confirm"))
    if notice is not None:
        letters.put(session, user.email, notice)


def _write_to(
    session: Session, user_id: int, email: str, purpose: str, secret: str, words: Words, known: Words
) -> None:
    """Mail a secret to an address, or `known` where that is confirmed for another account."""
    holder = users.with_email(session, email)
    if holder is not None and holder.is_confirmed and holder.id != user_id:
        letters.put(session, email, known)
        return
    at = now(session)
    session.execute(delete(MailToken).where(MailToken.until <= at))
    session.execute(delete(MailToken).where(MailToken.user_id == user_id, MailToken.purpose == purpose))
    until = at + GOOD_FOR[purpose]
    session.add(MailToken(user_id=user_id, purpose=purpose, digest=tokens.digest(secret), email=email, until=until))
    letters.put(session, email, words)


def _used(session: Session, secret: str, purposes: tuple[str, ...]) -> MailToken:
    """What a secret was mailed for; it is used up by that. Raises Missing."""
    token = accounts.token(session, secret, purposes, now(session), holds=True)
    if token is None:
        raise Missing
    session.delete(token)
    return token


def _holder(session: Session, token: MailToken) -> User:
    user = _held(session, token.user_id)
    if user is None:
        raise Missing
    return user


def _held(session: Session, user_id: int) -> User | None:
    """An account, as it is now, while nothing else happens to it; none where it was deleted."""
    there = select(User).where(User.id == user_id, User.deleted_at.is_(None)).with_for_update(key_share=True)
    return session.scalar(there.execution_options(populate_existing=True))


def _settle(session: Session, user: User, email: str) -> None:
    user.email, user.email_key, user.confirmed_key = email, email.casefold(), email.casefold()
    try:
        session.flush()
    except IntegrityError as error:
        raise Invalid({"email": N_("This address belongs to another account by now.")}) from error


def _slow_down(session: Session, address: str) -> None:
    """Few letters for one address or name, few from one network. Raises TooFast."""
    paces.on_letters(session, address, now(session))
