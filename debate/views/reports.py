"""Reporting a reply, also without an account; appealing a ruling."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from debate import addresses, doors, rules, web
from debate.actions import reports as actions
from debate.actions.reports import Flag
from debate.forms import EMAIL, EMAIL_LIMIT, noted, reasoned
from debate.models import Reply, Ruling
from debate.queries import moderation, replies, rulings
from debate.refusals import Barred, Gone
from debate.text.message import N_

blueprint = Blueprint("reports", __name__)


@blueprint.route("/replies/<int:reply_id>/reports", methods=["GET", "POST"])
def form(reply_id: int) -> ResponseReturnValue:
    """Tell moderators of a reply; `sent` says that it was done."""
    reply = addresses.reply(reply_id)
    if request.method == "GET" and request.args.get("sent"):
        return web.page("reports/sent.html", reply=reply)
    if not reply.is_visible:
        raise Gone(reply.state)
    who = web.person()
    web.permit(not rules.is_own(who, reply), N_("This is your own reply: you can edit or withdraw it."))
    bar = who.barred(reply.essay_id) if who is not None else None
    if bar is not None:
        raise Barred(bar)
    typed = {name: web.field(name) for name in ("reason", "note", "contact")}
    if request.method == "GET":
        return _form(reply, typed, {})
    note, errors = reasoned(typed["reason"], typed["note"])
    contact = typed["contact"].strip()
    if who is None:
        if contact and (len(contact) > EMAIL_LIMIT or not EMAIL.fullmatch(contact)):
            errors["contact"] = N_("Enter an e-mail address, as in name@example.org.")
        errors |= doors.problems()
    if errors:
        return _form(reply, typed, errors)
    flag = Flag(typed["reason"], note, contact)
    web.write(actions.report, who.get_id() if who else None, None if who else web.network() or "?", reply.id, flag)
    if web.wants_fragment():
        return web.fragment("reports/_sent.html", say=_("Reported. A moderator will look at it."), reply=reply)
    return web.see(f"/replies/{reply.id}/reports?sent=1#reply-{reply.id}")


def _form(reply: Reply, typed: dict[str, str], errors: dict[str, str]) -> Response:
    status = 422 if errors else 200
    inputs = {"reply": reply, "typed": typed, "errors": errors, "began": doors.kept()}
    if web.wants_fragment():
        focus = f"#report-{reply.id} .errors" if errors else ""
        return web.fragment("reports/_form.html", status, focus=focus, **inputs)
    return web.page("reports/form.html", status, parent=_above(reply), **inputs)


def _above(reply: Reply) -> Reply | None:
    return replies.by_id(web.reading(), reply.parent_id) if reply.parent_id else None


@blueprint.route("/moderation/rulings/<int:ruling_id>/appeal", methods=["GET", "POST"])
def appeal(ruling_id: int) -> ResponseReturnValue:
    """Ask for a ruling on oneself to be looked at again."""
    who = web.person()
    if who is None:
        return web.to_login(request.path)
    ruling: Ruling = web.found(rulings.one(web.reading(), ruling_id))
    reply = replies.by_id(web.reading(), ruling.reply_id) if ruling.reply_id else None
    web.permit(rules.may_appeal(who, ruling, reply), N_("Only rulings on you or on what you wrote can be appealed."))
    there = moderation.appeal_of(web.reading(), ruling)
    if request.method == "GET":
        return web.page("reports/appeal.html", ruling=ruling, there=there, typed={"words": ""}, errors={})
    words, problem = noted(web.field("words"), N_("Say why the ruling should be looked at again."), required=True)
    if problem:
        errors = {"words": problem}
        return web.page("reports/appeal.html", 422, ruling=ruling, there=there, typed={"words": words}, errors=errors)
    web.write(actions.appeal, who.get_id(), ruling.id, words)
    return web.done(f"/moderation/rulings/{ruling.id}/appeal")
