"""A second step after the password: set up, renewed, given up."""

import io
import time

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup

from debate import logins, passkeys, web
from debate.actions import steps as actions
from debate.queries import steps
from debate.text.message import N_

blueprint = Blueprint("steps", __name__)

NAME_LIMIT = 60
GOOD_FOR = 3600  # seconds in which an app is to be set up


@blueprint.get("/settings/two-step")
def index() -> ResponseReturnValue:
    """What the reader's account asks for after the password, and how to add to it."""
    if web.person() is None:
        return web.to_login("/settings/two-step")
    return _page({})


@blueprint.post("/settings/two-step/app")
def add_app() -> ResponseReturnValue:
    """Ask for an app's codes from now on: the first shows that it is set up."""
    who = web.signed_in()
    errors = logins.problem_with_password(who, "current")
    secret, latest = _secret(web.field("setup")), None
    if not secret:
        errors["code"] = N_("That took too long. Set the app up anew with what is shown now.")
    else:
        latest = actions.fitting(secret, web.field("code").replace(" ", "")[:20], time.time())
        if latest is None:
            errors["code"] = N_("That is not the code that the app shows. Type the newest one.")
    if errors or latest is None:
        return _page(errors, 422)
    return _codes(web.write(actions.add, who.get_id(), _name("App"), secret=secret, latest=latest))


@blueprint.post("/settings/two-step/passkey")
def add_passkey() -> ResponseReturnValue:
    """Ask for a passkey from now on."""
    who = web.signed_in()
    errors = logins.problem_with_password(who, "passkey-current")
    made = None
    if not errors:
        try:
            made = passkeys.added(web.field("passkey")[:20_000])
        except passkeys.BadPasskey:
            errors["passkey"] = N_("The passkey could not be made. Try again, or use an app.")
    if made is None:
        return _page(errors, 422)
    return _codes(web.write(actions.add, who.get_id(), _name("Passkey"), passkey=made))


@blueprint.post("/settings/two-step/<int:step_id>/remove")
def remove(step_id: int) -> ResponseReturnValue:
    """Ask for a step no longer."""
    who = web.signed_in()
    if errors := logins.problem_with_password(who, "current"):
        return _page({f"remove-{step_id}": errors["current"]}, 422)
    web.write(actions.remove, who.get_id(), step_id)
    return web.see("/settings/two-step")


@blueprint.post("/settings/two-step/codes")
def renew_codes() -> ResponseReturnValue:
    """New recovery codes in place of the old."""
    who = web.signed_in()
    if errors := logins.problem_with_password(who, "current"):
        return _page({"codes": errors["current"]}, 422)
    return _codes(web.write(actions.renew_codes, who.get_id()))


def _name(otherwise: str) -> str:
    return " ".join(web.field("name").split())[:NAME_LIMIT] or otherwise


def _page(errors: dict[str, str], status: int = 200) -> Response:
    who = web.signed_in()
    known = steps.of(web.reading(), who.id)
    secret = _secret(web.field("setup")) if request.method == "POST" else ""
    if not secret:
        from pyotp import random_base32

        secret = random_base32()
    return web.page(
        "users/two_step.html",
        status,
        errors=errors,
        steps=known,
        left=steps.codes_left(web.reading(), who.id),
        secret=secret,
        setup=_signer().dumps([who.id, secret]),
        picture=_picture(secret, who.name),
        asked=passkeys.to_add(who, known),
    )


def _codes(codes: list[str]) -> ResponseReturnValue:
    """The recovery codes are shown this once; there are none with a second step beside the first."""
    return web.page("users/codes.html", codes=codes) if codes else web.see("/settings/two-step")


def _picture(secret: str, name: str) -> Markup:
    """The secret as a QR code that an app reads off the screen."""
    import segno
    from pyotp.totp import TOTP

    out = io.BytesIO()
    address = TOTP(secret, interval=actions.PERIOD, name=name, issuer="Debate").provisioning_uri()
    segno.make(address, error="m").save(out, kind="svg", scale=4, xmldecl=False, svgns=False, border=4, light="#fff")
    drawn = str(out.getvalue(), "utf-8").replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return Markup(drawn)  # noqa: S704 (black squares on white)


def _secret(setup: str) -> str:
    """The secret that a form was shown with, while it may still be set up; empty otherwise."""
    try:
        user_id, secret = _signer().loads(setup, max_age=GOOD_FOR)
    except BadSignature:
        return ""
    return secret if user_id == web.signed_in().id else ""


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(web.settings().secret_key, salt="second step")
