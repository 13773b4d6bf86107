"""One's own account, and all that is one's own to take along; what admins set for the site."""

import json

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from debate import rules, web
from debate.actions import sites
from debate.models.site import REGISTRATIONS
from debate.queries import own, standings
from debate.text.message import N_

blueprint = Blueprint("settings", __name__)


@blueprint.get("/settings")
def index() -> ResponseReturnValue:
    """The reader's own account: standing, whom it has muted, its data to take out."""
    who = web.person()
    if who is None:
        return web.to_login("/settings")
    muted = standings.muted_by(web.reading(), who)
    return web.page(
        "users/settings.html", standings=standings.open_of(web.reading(), who), muted=muted, sent="sent" in request.args
    )


@blueprint.get("/settings/data")
def data() -> ResponseReturnValue:
    """Everything that the reader wrote, voted, linked and reported, as JSON to keep."""
    who = web.person()
    if who is None:
        return web.to_login("/settings")
    words = json.dumps(own.data(web.reading(), who), ensure_ascii=False, indent=1)
    answer = Response(words, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="debate.json"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.route("/moderation/settings", methods=["GET", "POST"])
def site() -> ResponseReturnValue:
    """Who may register, whether moderators are named, whether new accounts' posts are held (admins)."""
    if web.person() is None:
        return web.to_login("/moderation/settings")
    web.permit(rules.may_give_roles(web.person()), N_("Only admins can open this page."))
    if request.method == "GET":
        return _page(saved="saved" in request.args)
    chosen = web.field("registration")
    if chosen not in REGISTRATIONS:
        return _page(errors={"registration": N_("Choose open, by approval or closed.")})
    settings = {"registration": chosen} | {name: web.field(name) == "1" for name in ("names_moderators", "holds_new")}
    # What is as the form showed it was not chosen: another admin may have set it meanwhile.
    changed = {name: value for name, value in settings.items() if request.form.get(f"was_{name}") != web.field(name)}
    web.write(sites.choose, web.actor(), **changed)
    return web.done("/moderation/settings?saved=1")


def _page(errors: dict[str, str] | None = None, *, saved: bool = False) -> Response:
    status = 422 if errors else 200
    return web.page("moderation/settings.html", status, registrations=REGISTRATIONS, errors=errors or {}, saved=saved)
