"""Making an account, its address and its password: what is settled by mail, and what by typing the password again."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from debate import doors, letters, logins, passwords, tokens, web
from debate.actions import accounts as actions
from debate.forms import account_problems, email_problem
from debate.models import User
from debate.queries import accounts
from debate.refusals import Invalid, Missing, TooFast
from debate.text import names
from debate.text.message import N_

blueprint = Blueprint("accounts", __name__)

BY_LETTER = ("confirm", "move")


@blueprint.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    """Make an account and log in to it."""
    onward = web.local_path(request.values.get("next", ""))
    if request.method == "GET":
        return _register_page({"name": "", "email": ""}, {}, onward)
    web.permit(web.site().registration != "closed", actions.CLOSED)
    form = {"name": web.field("name").strip(), "email": web.field("email").strip()}
    password = web.field("password")
    errors = account_problems(form["name"], form["email"], password)
    if "name" not in errors and names.is_reserved(form["name"]):
        errors["name"] = N_("This name is kept for the site. Choose another.")
    errors |= doors.problems()
    try:
        if not errors:
            logins.begin(_registered(form["name"], form["email"], password), remember=False)
            return web.see(onward)
    except Invalid as refused:
        errors = refused.errors
    except TooFast as refused:
        return web.too_fast(_register_page(form, {"name": refused.why}, onward, 429), refused.until)
    return _register_page(form, errors, onward, 422)


def _registered(name: str, email: str, password: str) -> User:
    web.write(actions.try_to_register, name)
    web.end_reading()
    hashed, secret = web.passwords().hash(password), tokens.new()
    welcome, known = letters.to_confirm(name, secret), letters.already_known()
    usual = web.settings().registration
    user_id = web.write(actions.register, name, email, hashed, secret, welcome, known, usual=usual)
    return web.found(web.reading().get(User, user_id))


def _register_page(form: dict[str, str], errors: dict[str, str], onward: str, status: int = 200) -> Response:
    way = web.site().registration
    return web.page("users/register.html", status, form=form, errors=errors, onward=onward, way=way, began=doors.kept())


@blueprint.route("/settings/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Change one's own password: every other session of the account ends."""
    who = web.person()
    if who is None:
        return web.to_login("/settings/password")
    if request.method == "GET":
        return _password_page({}, saved="saved" in request.args)
    errors = logins.problem_with_password(who, "current")
    if problem := passwords.problem(web.field("password"), who.name, who.email):
        errors["password"] = problem
    if errors:
        return _password_page(errors, 422)
    hashed, secret = web.passwords().hash(web.field("password")), tokens.new()
    web.write(actions.change_password, who.get_id(), hashed, letters.password_changed(), secret, logins.device())
    logins.go_on(web.found(web.reading().get(User, who.id)), secret)
    return web.see("/settings/password?saved=1")


def _password_page(errors: dict[str, str], status: int = 200, *, saved: bool = False) -> Response:
    return web.page("users/password.html", status, errors=errors, saved=saved)


@blueprint.route("/settings/email", methods=["GET", "POST"])
def email() -> ResponseReturnValue:
    """Change one's own address: by a letter to the new one."""
    who = web.person()
    if who is None:
        return web.to_login("/settings/email")
    form = {"email": web.field("email").strip()}
    if request.method == "GET":
        return _email_page({"email": ""}, {}, sent="sent" in request.args)
    errors = logins.problem_with_password(who, "current")
    if problem := email_problem(form["email"]):
        errors["email"] = problem
    if errors:
        return _email_page(form, errors, 422)
    secret = tokens.new()
    words = letters.to_move(who.name, secret)
    web.write(actions.ask_to_move, who.get_id(), form["email"], secret, words, letters.already_known())
    return web.see("/settings/email?sent=1")


def _email_page(form: dict[str, str], errors: dict[str, str], status: int = 200, *, sent: bool = False) -> Response:
    return web.page("users/email.html", status, form=form, errors=errors, sent=sent)


@blueprint.post("/settings/email/again")
def again() -> ResponseReturnValue:
    """Send the letter that confirms one's address once more."""
    who = web.signed_in()
    secret = tokens.new()
    words = letters.to_confirm(who.name, secret)
    web.write(actions.ask_to_confirm, who.get_id(), secret, words, letters.already_known())
    return web.see("/settings?sent=1")


@blueprint.route("/confirm/<secret>", methods=["GET", "POST"])
def confirm(secret: str) -> ResponseReturnValue:
    """Where a letter leads that confirms an address."""
    token = accounts.token_now(web.reading(), secret, BY_LETTER)
    if token is None:
        return web.page("users/spent.html", 404, again="/settings")
    if request.method == "GET":
        return web.page("users/confirm.html", email=token.email, secret=secret, errors={})
    try:
        web.write(actions.confirm, secret, letters.moved())
    except Missing:
        return web.page("users/spent.html", 404, again="/settings")
    except Invalid as refused:
        return web.page("users/confirm.html", 422, email=token.email, secret=secret, errors=refused.errors)
    return web.page("users/confirmed.html", email=token.email)


@blueprint.route("/forgotten", methods=["GET", "POST"])
def forgotten() -> ResponseReturnValue:
    """Ask for the letter that lets one choose another password. What is answered is the same for everybody's."""
    if request.method == "GET":
        return _forgotten_page("", {}, sent="sent" in request.args)
    name = web.field("name").strip()[:254]
    errors = doors.problems()
    if not name:
        errors["name"] = N_("Enter your name or your e-mail address.")
    if errors:
        return _forgotten_page(name, errors, 422)
    secret = tokens.new()
    try:
        web.write(actions.ask_to_reset, name, secret, letters.to_reset(secret), letters.already_known())
    except TooFast as refused:
        return web.too_fast(_forgotten_page(name, {"name": refused.why}, 429), refused.until)
    return web.see("/forgotten?sent=1")


def _forgotten_page(name: str, errors: dict[str, str], status: int = 200, *, sent: bool = False) -> Response:
    form = {"name": name}
    return web.page("users/forgotten.html", status, form=form, errors=errors, sent=sent, began=doors.kept())


@blueprint.route("/reset/<secret>", methods=["GET", "POST"])
def reset(secret: str) -> ResponseReturnValue:
    """Where that letter leads."""
    if accounts.token_now(web.reading(), secret, ("reset",)) is None:
        return web.page("users/spent.html", 404, again="/forgotten")
    if request.method == "GET":
        return web.page("users/reset.html", secret=secret, errors={})
    if problem := passwords.problem(web.field("password")):
        return web.page("users/reset.html", 422, secret=secret, errors={"password": problem})
    hashed = web.passwords().hash(web.field("password"))
    try:
        web.write(actions.reset, secret, hashed, letters.password_changed())
    except Missing:
        return web.page("users/spent.html", 404, again="/forgotten")
    return web.see("/login?changed=1")
