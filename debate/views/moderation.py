"""Moderators' rulings on replies, and the log that everyone can read."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from debate import rules, web
from debate.actions import moderation as actions
from debate.forms import noted
from debate.models.moderation import REASONS
from debate.queries import moderation
from debate.text.message import N_
from debate.views.replies import changed, seen

blueprint = Blueprint("moderation", __name__)


@blueprint.get("/moderation/log")
def log() -> Response:
    """Every ruling, newest first; `before` goes on from one."""
    last = web.row_id(request.args.get("before", ""))
    return web.page("moderation/log.html", rulings=moderation.log(web.reading(), last), size=moderation.PAGE)


@blueprint.post("/replies/<int:reply_id>/hide")
def hide(reply_id: int) -> ResponseReturnValue:
    """Hide a reply for a reason; what is beneath stays."""
    reply = seen(reply_id)
    web.permit(rules.may_moderate(web.person(), reply.essay), N_("Only moderators can hide replies."))
    web.permit(
        rules.may_hide(web.person(), reply),
        N_("Nobody rules on their own words: withdraw your reply, or let another moderator do this."),
    )
    typed = {"reason": web.field("reason"), "note": web.field("note")}
    note, problem = noted(typed["note"], N_("Enter a note that says why."), required=typed["reason"] == "other")
    errors = {"note": problem} if problem else {}
    if typed["reason"] not in REASONS:
        errors["reason"] = N_("Choose a reason.")
    if errors:
        return _form_again(reply_id, typed, errors)
    web.write(actions.hide, web.actor(), reply.id, typed["reason"], note)
    return _ruled(reply.id, _("Reply hidden. Undo available."))


@blueprint.post("/replies/<int:reply_id>/restore")
def restore(reply_id: int) -> ResponseReturnValue:
    """Show a hidden reply again."""
    reply = seen(reply_id)
    web.permit(rules.may_moderate(web.person(), reply.essay), N_("Only moderators can restore replies."))
    web.permit(rules.may_hide(web.person(), reply), N_("Nobody rules on their own words."))
    note, problem = noted(web.field("note") or web.field("reason"), "", required=False)
    if problem:
        return _form_again(reply_id, {"reason": "", "note": note}, {"note": problem})
    web.write(actions.restore, web.actor(), reply.id, note)
    return _ruled(reply.id, _("Reply restored."))


def _ruled(reply_id: int, say: str) -> ResponseReturnValue:
    """The reply as it now stands, and for htmx the form that undoes what was done."""
    answer = changed(reply_id, say=say)
    if isinstance(answer, Response) and web.wants_fragment():
        inputs = {"reply": seen(reply_id), "typed": {"reason": "", "note": ""}, "errors": {}, "oob": True}
        answer.set_data(answer.get_data(as_text=True) + render_template("moderation/_hide.html", **inputs))
    return answer


def _form_again(reply_id: int, typed: dict[str, str], errors: dict[str, str]) -> Response:
    inputs = {"reply": seen(reply_id), "typed": typed, "errors": errors}
    if web.wants_fragment():
        answer = web.fragment("moderation/_hide.html", 422, focus=f"#hide-{reply_id} .errors", **inputs)
        return web.swap(answer, f"#hide-{reply_id}", "outerHTML")
    return web.page("moderation/hide.html", 422, **inputs)
