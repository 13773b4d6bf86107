"""The beginning of a session, and what lies between the password and it where an account asks for a second step."""

import time

from flask import request, session
from flask_login import login_user

from debate import devices, passwords, tokens, web
from debate.actions import paces, sign_ins
from debate.actions import users as actions
from debate.models import User
from debate.queries import users
from debate.text import names
from debate.text.message import N_

HALF_WAY = "half way"
GOOD_FOR = 600  # seconds between the password and the second step


def device() -> str:
    """The browser that asks, in a few words."""
    return devices.named(request.headers.get("User-Agent", ""))


def begin(user: User, *, remember: bool) -> None:
    """Begin a session of an account and log its browser in to it. Raises SignedOut where all ended meanwhile."""
    secret = tokens.new()
    web.write(sign_ins.begin_as, user.id, user.session_version, secret, device())
    go_on(user, secret, remember=remember)


def go_on(user: User, secret: str, *, remember: bool = False) -> None:
    """Log a browser in to a session that has begun: nothing of the one before stays in it, but what form tokens are
    checked by. So a form that was open while its writer was signed out can be sent after the log-in; not one that
    somebody else had open before, which would be sent in the wrong name.
    """
    token, before = session.get("csrf_token"), session.get("_user_id", "").partition("|")[0]
    session.clear()
    if token and before in ("", str(user.id)):
        session["csrf_token"] = token
    user.session_secret = secret
    login_user(user, remember=remember)


def begin_half(user: User, *, remember: bool) -> None:
    """The password was right; the second step is still to come."""
    session[HALF_WAY] = [f"{user.id}|{user.session_version}", int(time.time()), remember]


def half_way() -> tuple[User, bool] | None:
    """Who has given the right password and is to take the second step; whether to stay logged in. None for nobody."""
    kept, at, remember = session.get(HALF_WAY) or ("", 0, False)
    user = users.by_session(web.reading(), kept) if at > time.time() - GOOD_FOR else None
    return (user, remember) if user is not None else None


def door(typed: str) -> str:
    """What attempts to log in are counted by: what was typed, and not whom it led to, which would tell strangers whose
    an address is.
    """
    given = typed.strip()
    return given[:254].casefold() if "@" in given else names.key(given)


def problem_with_password(who: User, field: str) -> dict[str, str]:
    """What is wrong with a field in which somebody logged in is to type the password again, by its name.

    Raises TooFast: a session left open must not become a place to guess at.
    """
    web.write(actions.try_to_log_in, door(who.name))
    if not web.passwords().fits(who.password_hash, web.field(field)[: passwords.PASSWORD_MAX + 1]):
        return {field: N_("This is not your password.")}
    web.write(paces.succeeded, door(who.name))
    return {}
