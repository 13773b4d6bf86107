"""How a reader wants the pages to look: a form for everybody, kept in a cookie."""

from dataclasses import asdict

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from debate import web
from debate.display import CHOICES, LANGUAGES, Display
from debate.text.message import N_

blueprint = Blueprint("display", __name__)

YEAR = 365 * 24 * 3600


@blueprint.route("/display", methods=["GET", "POST"])
def form() -> ResponseReturnValue:
    """Theme, text size, activity marks, shortcuts, language; `next` is the local path to go back to."""
    onward = web.local_path(request.values.get("next", ""))
    if request.method == "GET":
        return _page(asdict(web.display()), onward, saved="saved" in request.args)
    typed = {name: web.field(name) for name in CHOICES if name in request.form}
    errors: dict[str, str] = {
        name: N_("Choose one of these.") for name, choice in typed.items() if choice not in CHOICES[name]
    }
    if errors:
        return _page(asdict(web.display()) | typed, onward, errors=errors, status=422)
    chosen = Display.read(asdict(web.display()) | typed)
    answer = current_app.make_response(web.see(onward if onward != "/" else "/display?saved=1"))
    name, secure = current_app.config["DISPLAY_COOKIE_NAME"], web.settings().https
    if chosen.cookie():
        answer.set_cookie(name, chosen.cookie(), YEAR, httponly=True, secure=secure, samesite="Lax")
    else:
        answer.delete_cookie(name, httponly=True, secure=secure, samesite="Lax")
    return answer


def _page(
    typed: dict[str, str],
    onward: str,
    *,
    saved: bool = False,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    return web.page(
        "display/form.html",
        status,
        typed=typed,
        choices=CHOICES,
        languages=LANGUAGES,
        onward=onward,
        saved=saved,
        errors=errors or {},
    )
