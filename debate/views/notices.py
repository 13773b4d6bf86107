"""Who answered me."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from debate import web
from debate.actions import notices as actions
from debate.queries import notices

blueprint = Blueprint("notices", __name__)


@blueprint.get("/notices")
def index() -> ResponseReturnValue:
    """Answers to the reader's replies, newest first."""
    who = web.person()
    if who is None:
        return web.to_login("/notices")
    return web.page("notices/index.html", notices=notices.of(web.reading(), who))


@blueprint.post("/notices/read")
def read() -> ResponseReturnValue:
    """Mark all notices up to `up_to` (the newest the page showed; none: all) as read."""
    up_to = web.row_id(web.field("up_to"))
    web.write(actions.read, web.actor(), 2**31 - 1 if up_to is None else up_to)
    if not web.wants_fragment():
        return web.see("/notices")
    who = web.found(web.person())
    return web.fragment("notices/_list.html", say=_("All read."), notices=notices.of(web.reading(), who))
