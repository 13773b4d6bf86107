"""Moderators' rulings on replies, and the log that everyone can read."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from debate import addresses, rules, web
from debate.actions import erasing
from debate.actions import moderation as actions
from debate.forms import noted, reasoned
from debate.models.moderation import ACTS, REASONS
from debate.queries import locks as lock_queries
from debate.queries import moderation, replies, rulings, users
from debate.queries.moderation import Wanted
from debate.refusals import Gone
from debate.text.message import N_
from debate.views.replies import changed

blueprint = Blueprint("moderation", __name__)

FILTERS = ("act", "reason", "by", "about", "essay", "since")


@blueprint.get("/moderation/log")
def log() -> Response:
    """Every ruling, newest first; filters by act, reason, who made it, whom it is about, essay, day; `before` goes on
    from an entry's number."""
    form = {name: web.storable(request.args.get(name, "")).strip()[:100] for name in FILTERS}
    by, about = (users.named(web.reading(), form[name]) if form[name] else None for name in ("by", "about"))
    if not web.site().names_moderators and not rules.may_see_queue(web.person()):
        by, form["by"] = None, ""
    essay = addresses.essay_named(form["essay"])
    since = _day(form["since"])
    there = {"by": by, "about": about, "essay": essay, "since": since}
    unknown = [name for name, thing in there.items() if form[name] and thing is None]
    last = web.row_id(request.args.get("before", ""))
    wanted = Wanted(
        form["act"] if form["act"] in ACTS else "", form["reason"] if form["reason"] in REASONS else "", by, about,
        essay, since, last,
    )  # fmt: skip
    found = [] if unknown else moderation.log(web.reading(), wanted)
    asked = urlencode({name: value for name, value in form.items() if value})
    return web.page(
        "moderation/log.html", rulings=found, size=moderation.PAGE, form=form, unknown=unknown, asked=asked, acts=ACTS
    )


def _day(given: str) -> datetime | None:
    try:
        return datetime.fromisoformat(given[:10]).replace(tzinfo=UTC) if given else None
    except ValueError:
        return None


@blueprint.get("/moderation/locks")
def locks() -> Response:
    """All locks that are on, the newest first; `before` goes on from one."""
    last = web.row_id(request.args.get("before", ""))
    listed = lock_queries.listed(web.reading(), datetime.now(UTC), last)
    ends = min((lock.until for lock in listed if lock.until), default=None)
    if ends is not None:
        web.lasts_until(ends)
    return web.page("moderation/locks.html", locks=listed, size=lock_queries.PAGE)


@blueprint.route("/replies/<int:reply_id>/erase", methods=["GET", "POST"])
def erase(reply_id: int) -> ResponseReturnValue:
    """Erase a reply's words everywhere, for good (admins)."""
    reply = addresses.reply(reply_id)
    if web.person() is None:
        return web.to_login(request.path)
    web.permit(rules.may_erase(web.person()), N_("Only admins erase words."))
    if reply.state == "erased":
        raise Gone(reply.state)
    typed = {"reason": web.field("reason"), "note": web.field("note")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        note, errors = reasoned(typed["reason"], typed["note"], always=True)
        if not errors:
            web.write(erasing.erase, web.actor(), reply.id, typed["reason"], note)
            return web.done(f"/replies/{reply.id}#reply-{reply.id}")
    repeated = replies.repeating(web.reading(), reply)
    status = 422 if errors else 200
    return web.page("moderation/erase.html", status, reply=reply, typed=typed, errors=errors, repeated=repeated)


@blueprint.post("/moderation/rulings/<int:ruling_id>/erase-note")
def erase_note(ruling_id: int) -> ResponseReturnValue:
    """Erase the note of an entry in the log; the entry and the chain stay (admins)."""
    web.permit(rules.may_erase(web.person()), N_("Only admins erase words."))
    web.found(rulings.one(web.reading(), ruling_id))
    web.write(erasing.erase_note, web.actor(), ruling_id)
    return web.done(f"/moderation/log#ruling-{ruling_id}")


@blueprint.post("/replies/<int:reply_id>/hide")
def hide(reply_id: int) -> ResponseReturnValue:
    """Hide a reply for a reason; what is beneath stays."""
    reply = addresses.reply(reply_id)
    web.permit(rules.may_moderate(web.person(), reply.essay), N_("Only moderators can hide replies."))
    web.permit(
        rules.may_hide(web.person(), reply),
        N_("Nobody rules on their own words: withdraw your reply, or let another moderator do this."),
    )
    typed = {"reason": web.field("reason"), "note": web.field("note")}
    note, errors = reasoned(typed["reason"], typed["note"])
    if errors:
        return _form_again(reply_id, typed, errors)
    web.write(actions.hide, web.actor(), reply.id, typed["reason"], note)
    return _ruled(reply.id, _("Reply hidden. Undo available."))


@blueprint.post("/replies/<int:reply_id>/restore")
def restore(reply_id: int) -> ResponseReturnValue:
    """Show a hidden reply again."""
    reply = addresses.reply(reply_id)
    web.permit(rules.may_moderate(web.person(), reply.essay), N_("Only moderators can restore replies."))
    web.permit(rules.may_hide(web.person(), reply), N_("Nobody rules on their own words."))
    reason, given = web.field("reason"), web.field("note")
    is_other = reason == "other"
    note, problem = noted(given if is_other else given or reason, N_("Enter a note that says why."), required=is_other)
    if problem:
        return _form_again(reply_id, {"reason": reason, "note": note}, {"note": problem})
    web.write(actions.restore, web.actor(), reply.id, note)
    return _ruled(reply.id, _("Reply restored."))


def _ruled(reply_id: int, say: str) -> ResponseReturnValue:
    """The reply as it now stands, and for htmx the form that undoes what was done."""
    answer = changed(reply_id, say=say)
    if isinstance(answer, Response) and web.wants_fragment():
        inputs = {"reply": addresses.reply(reply_id), "typed": {"reason": "", "note": ""}, "errors": {}, "oob": True}
        answer.set_data(answer.get_data(as_text=True) + render_template("moderation/_hide.html", **inputs))
    return answer


def _form_again(reply_id: int, typed: dict[str, str], errors: dict[str, str]) -> Response:
    inputs = {"reply": addresses.reply(reply_id), "typed": typed, "errors": errors}
    if web.wants_fragment():
        answer = web.fragment("moderation/_hide.html", 422, focus=f"#hide-{reply_id} .errors", **inputs)
        return web.swap(answer, f"#hide-{reply_id}", "outerHTML")
    return web.page("moderation/hide.html", 422, **inputs)
