"""Linking a source to anybody's reply."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from debate import rules, web
from debate.actions import evidence as actions
from debate.forms import cited
from debate.queries import debates, replies
from debate.refusals import Gone
from debate.text.message import N_
from debate.views.replies import reply_page, seen

blueprint = Blueprint("evidence", __name__)

FIELDS = ("url", "quote", "locator", "shows")


@blueprint.post("/replies/<int:reply_id>/citations")
def cite(reply_id: int) -> ResponseReturnValue:
    """Link a source to a reply."""
    reply = seen(reply_id)
    web.permit(rules.may_write(web.person(), reply.essay_id), N_("You cannot link sources now."))
    if not reply.is_visible:
        raise Gone(reply.state)
    typed = {name: web.field(name) for name in FIELDS}
    evidence, errors = cited(**typed)
    if evidence is None:
        if web.wants_fragment():
            return web.fragment(
                "replies/_cite.html", 422, focus=f"#cite-{reply.id} .errors", reply=reply, typed=typed, errors=errors
            )
        return reply_page(reply, 422, cite={"typed": typed, "errors": errors})
    web.write(actions.cite, web.actor(), reply.id, evidence)
    if not web.wants_fragment():
        return web.see(f"/replies/{reply.id}#reply-{reply.id}")
    reply = web.found(replies.by_id(web.reading(), reply_id))
    answer = web.fragment(
        "replies/_cited.html",
        say=_("Source linked."),
        reply=reply,
        shown=debates.shown(web.reading(), web.person(), reply.essay, [reply.id]),
    )
    web.posted(answer, f"cite-{reply.id}")
    return answer
