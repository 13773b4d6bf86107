"""Registering, logging in and out."""

from flask import Blueprint, Response, request, session
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from debate import doors, passwords, web
from debate.actions import paces
from debate.actions import users as actions
from debate.forms import account_problems
from debate.models import User
from debate.queries import users
from debate.refusals import Invalid, TooFast
from debate.text import names
from debate.text.message import N_

blueprint = Blueprint("sessions", __name__)


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Log in by name or e-mail; `next` is a local path."""
    onward = web.local_path(request.values.get("next", ""))
    if request.method == "GET":
        return web.page("users/login.html", form={"name": "", "remember": ""}, errors={}, onward=onward)
    form = {"name": web.field("name"), "remember": web.field("remember")}
    password = web.field("password")
    user = users.signing_in(web.reading(), form["name"])
    door = names.key(user.name if user else form["name"])[:30]
    try:
        web.write(actions.try_to_log_in, door)  # before the hash, which takes long: nothing is held meanwhile
    except TooFast as refused:
        page = web.page("users/login.html", 429, form=form, errors={"name": refused.why}, onward=onward)
        return too_fast(page, refused)
    kept = user.password_hash if user else None
    fits = web.passwords().fits(kept, password[: passwords.PASSWORD_MAX + 1])  # as long for nobody's account
    if not fits or user is None or kept is None:
        errors = {"name": N_("The name or the password is not right. Check both and try again.")}
        return web.page("users/login.html", 422, form=form, errors=errors, onward=onward)
    web.write(paces.succeeded, door)
    if web.passwords().is_outdated(kept):
        web.write(actions.rehash, user.id, web.passwords().hash(password))
    _begin(user, remember=bool(form["remember"]))
    return web.see(onward)


def _begin(user: User, *, remember: bool) -> None:
    """A new session: nothing of the one before the login stays in it, but what form tokens are checked by.

    So a form that was open while its writer was signed out can be sent after the login.
    """
    token = session.get("csrf_token")
    session.clear()
    if token:
        session["csrf_token"] = token
    login_user(user, remember=remember)


@blueprint.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    """Make an account and log in to it."""
    onward = web.local_path(request.values.get("next", ""))
    if request.method == "GET":
        return _register_page({"name": "", "email": ""}, {}, onward)
    way = web.site().registration
    web.permit(way != "closed", N_("Registration is closed on this site."))
    form = {"name": web.field("name").strip(), "email": web.field("email").strip()}
    password = web.field("password")
    errors = account_problems(form["name"], form["email"], password)
    if "name" not in errors and names.is_reserved(form["name"]):
        errors["name"] = N_("This name is kept for the site. Choose another.")
    errors |= doors.problems()
    try:
        if not errors:
            web.end_reading()
            hashed = web.passwords().hash(password)
            user_id = web.write(actions.register, form["name"], form["email"], hashed, waits=way == "approval")
            user = web.found(web.reading().get(User, user_id))
            _begin(user, remember=False)
            return web.see(onward)
    except Invalid as refused:
        errors = refused.errors
    except TooFast as refused:
        return too_fast(_register_page(form, {"name": refused.why}, onward, 429), refused)
    return _register_page(form, errors, onward, 422)


def _register_page(form: dict[str, str], errors: dict[str, str], onward: str, status: int = 200) -> Response:
    way = web.site().registration
    return web.page("users/register.html", status, form=form, errors=errors, onward=onward, way=way, began=doors.kept())


def too_fast(answer: Response, refused: TooFast) -> Response:
    """Say when it may be tried again, to machines too."""
    answer.headers["Retry-After"] = str(web.seconds_to(refused.until))
    return answer


@blueprint.route("/settings/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Change one's own password: every other session of the account ends."""
    who = web.person()
    if who is None:
        return web.to_login("/settings/password")
    if request.method == "GET":
        return _password_page({}, saved="saved" in request.args)
    given, new = web.field("current"), web.field("password")
    problem = passwords.problem(new)
    errors = {"password": problem} if problem else {}
    door = names.key(who.name)[:30]
    try:
        web.write(actions.try_to_log_in, door)  # a session left open must not become a place to guess at
    except TooFast as refused:
        return too_fast(_password_page({"current": refused.why}, 429), refused)
    if not web.passwords().fits(who.password_hash, given[: passwords.PASSWORD_MAX + 1]):
        errors = {"current": N_("This is not your password.")} | errors
    if errors:
        return _password_page(errors, 422)
    web.write(paces.succeeded, door)
    hashed = web.passwords().hash(new)
    web.write(actions.change_password, who.get_id(), hashed)
    _begin(web.found(web.reading().get(User, who.id)), remember=False)
    return web.see("/settings/password?saved=1")


def _password_page(errors: dict[str, str], status: int = 200, *, saved: bool = False) -> Response:
    return web.page("users/password.html", status, errors=errors, saved=saved)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End every session of the account: a cookie kept elsewhere is dead too."""
    who = web.person()
    if who is not None:
        web.write(actions.sign_out, who.id)
    session.clear()
    logout_user()  # after the clearing: it notes there that the remember cookie is to go
    return web.see("/")
