"""Who answered me, and what was ruled on me."""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from debate import web
from debate.actions import notices as actions
from debate.models import User
from debate.queries import moderation, notices

blueprint = Blueprint("notices", __name__)


@blueprint.get("/notices")
def index() -> ResponseReturnValue:
    """Answers to the reader's replies, newest first; `before` goes on from one."""
    who = web.person()
    if who is None:
        return web.to_login("/notices")
    return web.page("notices/index.html", **_listed(who, web.row_id(request.args.get("before", ""))))


@blueprint.post("/notices/read")
def read() -> ResponseReturnValue:
    """Mark the notices that the page showed as read, from the oldest, `down_to`, to the newest, `up_to` (none: all)."""
    up_to, down_to = web.row_id(web.field("up_to")), web.row_id(web.field("down_to"))
    before = web.row_id(web.field("before"))
    web.write(actions.read, web.actor(), 2**31 - 1 if up_to is None else up_to, down_to or 0)
    if not web.wants_fragment():
        return web.see("/notices" if before is None else f"/notices?before={before}")
    who = web.found(web.person())
    listed = _listed(who, before)
    is_part = listed["is_more"] or before is not None
    return web.fragment("notices/_list.html", say=_("Marked as read.") if is_part else _("All read."), **listed)


def _listed(who: User, before: int | None) -> dict[str, Any]:
    found, is_more = notices.of(web.reading(), who, before)
    about = [notice.ruling_id for notice in found if notice.ruling_id is not None]
    appealed = moderation.appealed(web.reading(), about)
    return {"notices": found, "before": before, "is_more": is_more, "appealed": appealed}
