"""Voting on a reply."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from debate import addresses, rules, web
from debate.actions import votes as actions
from debate.models import Ballot
from debate.queries import locks, replies, texts
from debate.queries.debates import Shown
from debate.refusals import Invalid
from debate.text.message import N_

blueprint = Blueprint("votes", __name__)

VALUES = {"1": 1, "-1": -1, "0": 0}


@blueprint.post("/replies/<int:reply_id>/vote")
def cast(reply_id: int) -> ResponseReturnValue:
    """Make the reader's vote the value asked for: 1, -1, or 0 for none."""
    reply = addresses.reply(reply_id)
    web.permit(not rules.is_own(web.person(), reply), N_("You cannot vote on your own reply."))
    value = VALUES.get(web.field("value"))
    if value is None:
        raise Invalid({"value": N_("A vote is 1, -1 or 0.")})
    seen = web.write(actions.cast, web.actor(), reply.id, value, *web.seen())
    if not web.wants_fragment():
        return web.see(web.back_to(reply))
    essay, reply = reply.essay, web.found(replies.scored(web.reading(), reply.id))
    now = texts.now(web.reading(), essay)
    ballots = {reply.id: Ballot(value, seen[1], seen[0])} if value else {}
    shown = Shown(web.person(), essay, locks.on_now(web.reading(), essay.id), now, ballots)
    score = reply.score
    say = {
        1: _("Your vote: agree. Score %(score)s.", score=score),
        -1: _("Your vote: disagree. Score %(score)s.", score=score),
        0: _("Your vote: none. Score %(score)s.", score=score),
    }[value]
    return web.fragment("replies/_vote.html", say=say, reply=reply, shown=shown, seen=seen)
