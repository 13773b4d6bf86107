"""Who answered me, and what was ruled on me."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from debate import web
from debate.actions import notices as actions
from debate.models import User
from debate.queries import moderation, notices

blueprint = Blueprint("notices", __name__)


@blueprint.get("/notices")
def index() -> ResponseReturnValue:
    """Answers to the reader's replies, newest first."""
    who = web.person()
    if who is None:
        return web.to_login("/notices")
    return web.page("notices/index.html", **_listed(who))


@blueprint.post("/notices/read")
def read() -> ResponseReturnValue:
    """Mark all notices up to `up_to` (the newest the page showed; none: all) as read."""
    up_to = web.row_id(web.field("up_to"))
    web.write(actions.read, web.actor(), 2**31 - 1 if up_to is None else up_to)
    if not web.wants_fragment():
        return web.see("/notices")
    who = web.found(web.person())
    return web.fragment("notices/_list.html", say=_("All read."), **_listed(who))


def _listed(who: User) -> dict[str, Any]:
    found = notices.of(web.reading(), who)
    about = [notice.ruling_id for notice in found if notice.ruling_id is not None]
    return {"notices": found, "appealed": moderation.appealed(web.reading(), about)}
