"""Accounts: made, given roles, signed out."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from debate.actions import paces, rulings
from debate.db import now
from debate.models import Item, Standing, User
from debate.queries import ground as grounds
from debate.queries import users
from debate.refusals import Forbidden, Invalid, Missing
from debate.text import names
from debate.text.message import N_

NEW_FOR = timedelta(days=7)


def must_be_free(session: Session, name: str) -> None:
    """Raises Invalid where a name is taken."""
    if users.alike(session, name) is not None or users.was_retired(session, name):
        raise Invalid(
            {"name": N_("The name %(name)s is taken, or too much like one that is. Choose another.", name=name)}
        )


def add(
    session: Session,
    name: str,
    email: str,
    password_hash: str,
    role: str = "participant",
    *,
    is_new: bool = False,
    waits: bool = False,
) -> int:
    """Make an account; returns its id. `is_new`: it registered itself, is slower at first, and its address is yet to be
    confirmed; `waits`: a moderator has to let it in. Raises Invalid where the name is taken, by constraint too, or by
    the site's operator an address that is another's.
    """
    must_be_free(session, name)
    if not is_new and users.with_email(session, email) is not None:
        raise Invalid({"email": N_("There is an account with this e-mail address. Log in, or use another address.")})
    user = User(
        name=name,
        name_key=names.key(name),
        email=email,
        email_key=email.casefold(),
        confirmed_key=None if is_new else email.casefold(),
        password_hash=password_hash,
        role=role,
        session_version=1,
        made_at=(at := now(session)),
        new_until=at + NEW_FOR if is_new else None,
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:  # two at once
        raise Invalid({"name": N_("This name was taken a moment ago. Choose another.")}) from error
    if waits:
        session.add(Standing(user_id=user.id, kind="waiting", placed_at=at))
        session.add(Item(kind="account", user_id=user.id, opened_at=at))
        session.flush()
    return user.id


def try_to_log_in(session: Session, door: str, code_of: int | None = None) -> None:
    """Count an attempt to log in by a door (see logins.door), or by a code of an account. Raises TooFast."""
    if paces.are_on(session):
        paces.attempt(session, door, now(session), code_of=code_of)


def give_role(session: Session, actor: str | None, name: str, role: str) -> None:
    """Give an account a role, from its very next request on. `actor` None: the command line.

    Raises Missing, Forbidden (not an admin; the last admin).
    """
    # Two admins who demote each other at once: one waits here, and is then no admin any more.
    session.scalars(select(User.id).where(User.role == "admin").order_by(User.id).with_for_update(key_share=True)).all()
    by = grounds.actor(session, actor) if actor is not None else None
    if by is not None and not by.is_admin:
        raise Forbidden(N_("Only admins can give roles."))
    user = users.named(session, name)
    if user is None:
        raise Missing
    if user.role == role:
        return
    if users.is_only_admin(session, user, now(session)):
        raise Forbidden(N_("%(name)s is the only admin. Make another account an admin first.", name=user.name))
    note = f"{user.role} → {role}"
    user.role = role
    rulings.add(session, "role", by.id if by else None, now(session), user_id=user.id, note=note)
    session.flush()


def rehash(session: Session, user_id: int, kept: str, password_hash: str) -> None:
    """Keep a password's newer hash (its cost was raised) in place of `kept`, unless the password was changed since."""
    the_same = update(User).where(User.id == user_id, User.password_hash == kept)
    session.execute(the_same.values(password_hash=password_hash).execution_options(synchronize_session=False))
