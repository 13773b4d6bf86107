"""Registering, logging in and out."""

from flask import Blueprint, request, session
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from debate import passwords, web
from debate.actions import users as actions
from debate.forms import account_problems
from debate.models import User
from debate.queries import users
from debate.refusals import Invalid
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
    web.end_reading()  # the hash below takes long; nothing is held meanwhile
    kept = user.password_hash if user else None
    fits = web.passwords().fits(kept, password[: passwords.PASSWORD_MAX + 1])  # as long for nobody's account
    if not fits or user is None or kept is None:
        errors = {"name": N_("The name or the password is not right. Check both and try again.")}
        return web.page("users/login.html", 422, form=form, errors=errors, onward=onward)
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
    is_open = web.settings().registration == "open"
    if request.method == "GET":
        form = {"name": "", "email": ""}
        return web.page("users/register.html", form=form, errors={}, onward=onward, is_open=is_open)
    web.permit(is_open, N_("Registration is closed on this site."))
    form = {"name": web.field("name").strip(), "email": web.field("email").strip()}
    password = web.field("password")
    errors = account_problems(form["name"], form["email"], password)
    if "name" not in errors and names.is_reserved(form["name"]):
        errors["name"] = N_("This name is kept for the site. Choose another.")
    try:
        if not errors:
            web.end_reading()
            hashed = web.passwords().hash(password)
            user_id = web.write(actions.add, form["name"], form["email"], hashed)
            user = web.found(web.reading().get(User, user_id))
            _begin(user, remember=False)
            return web.see(onward)
    except Invalid as refused:
        errors = refused.errors
    return web.page("users/register.html", 422, form=form, errors=errors, onward=onward, is_open=is_open)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End every session of the account: a cookie kept elsewhere is dead too."""
    who = web.person()
    if who is not None:
        web.write(actions.sign_out, who.id)
    session.clear()
    logout_user()  # after the clearing: it notes there that the remember cookie is to go
    return web.see("/")
