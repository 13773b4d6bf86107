"""Voting on a reply."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from debate import rules, web
from debate.actions import votes as actions
from debate.queries import debates, replies
from debate.refusals import Invalid
from debate.views.replies import seen

blueprint = Blueprint("votes", __name__)

VALUES = {"1": 1, "-1": -1, "0": 0}


@blueprint.post("/replies/<int:reply_id>/vote")
def cast(reply_id: int) -> ResponseReturnValue:
    """Make the reader's vote the value asked for: 1, -1, or 0 for none."""
    reply = seen(reply_id)
    web.permit(rules.may_vote(web.person(), reply), "You cannot vote on your own reply.")
    value = VALUES.get(web.field("value"))
    if value is None:
        raise Invalid({"value": "A vote is 1, -1 or 0."})
    web.write(actions.cast, web.actor(), reply.id, value)
    if not web.wants_fragment():
        return web.see(web.back_to(reply))
    reply = web.found(replies.by_id(web.reading(), reply_id))
    word = {1: "agree", -1: "disagree", 0: "none"}[value]
    return web.fragment(
        "replies/_vote.html",
        say=f"Your vote: {word}. {reply.score} points.",
        reply=reply,
        shown=debates.shown(web.reading(), web.person(), reply.essay, [reply]),
    )
