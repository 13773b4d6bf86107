"""Telling that an essay's debate was seen."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from debate import addresses, web
from debate.actions import visits as actions
from debate.queries import visits

blueprint = Blueprint("visits", __name__)


@blueprint.post("/essays/<slug>/visit")
def note(slug: str) -> ResponseReturnValue:
    """Seen up to the reply `up_to` (none: all); with `arriving`, as the page sends it when it opens, what is new stays
    marked until the visit is over."""
    essay = addresses.essay(slug)
    arriving = web.field("arriving") == "1"
    web.write(actions.note, web.actor(), essay.id, web.row_id(web.field("up_to")), arriving=arriving)
    if not web.wants_fragment():
        return web.see(f"/essays/{essay.slug}")
    fresh = visits.fresh(web.reading(), web.person(), essay)
    focus = "" if arriving else "#fresh"
    return web.fragment("essays/_fresh.html", essay=essay, fresh=fresh, done=not arriving, focus=focus)
