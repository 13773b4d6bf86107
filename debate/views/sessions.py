"""Logging in and out, and the sessions that go on."""

from collections.abc import Sequence
from urllib.parse import quote

from flask import Blueprint, Response, request, session
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from debate import logins, passkeys, passwords, tokens, web
from debate.actions import paces, sign_ins
from debate.actions import steps as second
from debate.actions import users as actions
from debate.models import Step, User
from debate.queries import accounts, steps, users
from debate.refusals import TooFast
from debate.text.message import N_

blueprint = Blueprint("sessions", __name__)


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Log in by name or e-mail; `next` is a local path."""
    onward = web.local_path(request.values.get("next", ""))
    if request.method == "GET":
        changed = "changed" in request.args
        return web.page(
            "users/login.html", form={"name": "", "remember": ""}, errors={}, onward=onward, changed=changed
        )
    form = {"name": web.field("name"), "remember": web.field("remember")}
    password = web.field("password")
    user = users.signing_in(web.reading(), form["name"])
    door = logins.door(form["name"])
    try:
        web.write(actions.try_to_log_in, door)  # before the hash, which takes long: nothing is held meanwhile
    except TooFast as refused:
        return web.too_fast(_login_page(form, {"name": refused.why}, onward, 429), refused.until)
    kept = user.password_hash if user else None
    fits = web.passwords().fits(kept, password[: passwords.PASSWORD_MAX + 1])  # as long for nobody's account
    if not fits or user is None or kept is None:
        errors: dict[str, str] = {"name": N_("The name or the password is not right. Check both and try again.")}
        return _login_page(form, errors, onward, 422)
    if web.passwords().is_outdated(kept):
        web.write(actions.rehash, user.id, kept, web.passwords().hash(password))
    web.write(paces.succeeded, door)
    if steps.of(web.reading(), user.id):
        logins.begin_half(user, remember=bool(form["remember"]))
        return web.see(f"/login/second?next={quote(onward)}")
    logins.begin(user, remember=bool(form["remember"]))
    return web.see(onward)


def _login_page(form: dict[str, str], errors: dict[str, str], onward: str, status: int) -> Response:
    return web.page("users/login.html", status, form=form, errors=errors, onward=onward, changed=False)


@blueprint.route("/login/second", methods=["GET", "POST"])
def second_step() -> ResponseReturnValue:
    """After the password: the code of an app, a passkey, or a recovery code."""
    onward = web.local_path(request.values.get("next", ""))
    half = logins.half_way()
    if half is None:
        return web.see(f"/login?next={quote(onward)}")
    user, remember = half
    known = steps.of(web.reading(), user.id)
    if request.method == "GET":
        return _second_page(known, {}, onward)
    door, by_code = f"second step of {user.id}", not web.field("passkey")
    try:
        web.write(actions.try_to_log_in, door, user.id if by_code else None)
    except TooFast as refused:
        return web.too_fast(_second_page(known, {"code": refused.why}, onward, 429), refused.until)
    if not (web.write(second.use_code, user.id, web.field("code")[:100]) if by_code else _shows_passkey(known)):
        errors: dict[str, str] = {"code": N_("That is not right, or no longer. Try the newest code, or another way.")}
        return _second_page(steps.of(web.reading(), user.id), errors, onward, 422)
    web.write(paces.succeeded, door)
    logins.begin(user, remember=remember)
    return web.see(onward)


def _shows_passkey(known: Sequence[Step]) -> bool:
    try:
        step_id, count = passkeys.used(web.field("passkey")[:20_000], known)
    except passkeys.BadPasskey:
        return False
    return web.write(second.use_passkey, step_id, count)


def _second_page(known: Sequence[Step], errors: dict[str, str], onward: str, status: int = 200) -> Response:
    has_app = any(step.kind == "app" for step in known)
    asked = passkeys.to_use(known)
    return web.page("users/second.html", status, errors=errors, onward=onward, asked=asked, has_app=has_app)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End this session: a copy of its cookie kept elsewhere is dead too."""
    if web.person() is not None:
        web.write(sign_ins.leave, web.actor())
    session.clear()
    logout_user()  # after the clearing: it notes there that the remember cookie is to go
    return web.see("/")


@blueprint.get("/settings/sessions")
def index() -> ResponseReturnValue:
    """Where the reader is logged in."""
    who = web.person()
    if who is None:
        return web.to_login("/settings/sessions")
    going_on = [(one, accounts.is_this(one, who)) for one in accounts.sessions_of(web.reading(), who)]
    return web.page("users/sessions.html", sessions=going_on, ended="ended" in request.args)


@blueprint.post("/settings/sessions/<int:sign_in_id>/end")
def end(sign_in_id: int) -> ResponseReturnValue:
    """End one of the reader's sessions."""
    web.write(sign_ins.end, web.actor(), sign_in_id)
    return web.see("/settings/sessions?ended=1")


@blueprint.post("/settings/sessions/end-others")
def end_others() -> ResponseReturnValue:
    """End all of the reader's sessions but this one."""
    who = web.signed_in()
    secret = tokens.new()
    web.write(sign_ins.end_others, web.actor(), secret, logins.device())
    logins.go_on(web.found(web.reading().get(User, who.id)), secret)
    return web.see("/settings/sessions?ended=1")
