"""Locking and unlocking an essay, a paragraph's debate, a reply's branch."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from debate import addresses, rules, web
from debate.actions import locks as actions
from debate.actions.locks import Target
from debate.forms import noted
from debate.models import Essay
from debate.queries import locks
from debate.text.message import N_
from debate.views.replies import changed

blueprint = Blueprint("locks", __name__)

LONGEST = timedelta(days=36525)


@blueprint.post("/essays/<slug>/<any(lock, unlock):act>")
def on_essay(slug: str, act: str) -> ResponseReturnValue:
    essay = addresses.essay(slug)
    return _done(essay, act, Target(essay.id), f"/essays/{slug}")


@blueprint.post("/essays/<slug>/p/<key>/<any(lock, unlock):act>")
def on_paragraph(slug: str, key: str, act: str) -> ResponseReturnValue:
    paragraph = addresses.paragraph(slug, key)
    target = Target(paragraph.essay_id, paragraph.id)
    return _done(paragraph.essay, act, target, f"/essays/{slug}/p/{key}")


@blueprint.post("/replies/<int:reply_id>/<any(lock, unlock):act>")
def on_reply(reply_id: int, act: str) -> ResponseReturnValue:
    reply = addresses.reply(reply_id)
    target = Target(reply.essay_id, reply.paragraph_id, reply.id)
    return _done(reply.essay, act, target, f"/replies/{reply_id}#reply-{reply_id}")


def _done(essay: Essay, act: str, target: Target, location: str) -> ResponseReturnValue:
    """Permit, parse, do, commit and answer for all three."""
    web.permit(rules.may_moderate(web.person(), essay), N_("Only moderators can lock and unlock."))
    typed = {name: web.field(name) for name in ("reason", "until", "votes", "newcomers")}
    reason, problem = noted(typed["reason"], N_("Enter the reason for the lock."), required=act == "lock")
    errors = {"reason": problem} if problem else {}
    until = None
    if act == "lock":
        until, problem = _end(typed["until"])
        if problem:
            errors["until"] = problem
    if errors:
        return _form_again(act, typed, errors, location)
    if act == "lock":
        web.write(actions.place, web.actor(), target, reason, until, typed["votes"] == "1", typed["newcomers"] == "1")
    else:
        web.write(actions.lift, web.actor(), target, reason)
    if not web.wants_fragment():
        return web.see(location)
    if target.reply_id is not None:
        return changed(target.reply_id, say=_("Locked.") if act == "lock" else _("Unlocked."))
    on = locks.on_now(web.reading(), essay.id)
    lock = on.closing_paragraph(target.paragraph_id) if target.paragraph_id else on.essay
    return web.fragment("locks/_banner.html", say=_("Locked.") if lock else _("Unlocked."), lock=lock)


def _form_again(act: str, typed: dict[str, str], errors: dict[str, str], location: str) -> ResponseReturnValue:
    action = location.partition("#")[0]
    inputs = {"action": action, "typed": typed, "errors": errors, "lock": act == "unlock"}
    if web.wants_fragment():
        return web.fragment("locks/_form.html", 422, focus=".lock-form .errors", **inputs)
    return web.page("locks/form.html", 422, **inputs)


def _end(typed: str) -> tuple[datetime | None, str | None]:
    """A lock's end: UTC, ISO 8601, in the future; None for no end; and what is wrong with it."""
    typed = typed.strip()
    if not typed:
        return None, None
    try:
        end = datetime.fromisoformat(typed[:40])
    except ValueError:
        return None, N_("Enter the end as date and time in UTC, as in 2027-01-31T18:00.")
    end = end.replace(tzinfo=UTC) if end.tzinfo is None else end
    try:
        end = end.astimezone(UTC)
    except OverflowError:
        return None, N_("Enter the end as date and time in UTC, as in 2027-01-31T18:00.")
    if end <= datetime.now(UTC):
        return None, N_("The end must be in the future (UTC).")
    if end > datetime.now(UTC) + LONGEST:
        return None, N_("The end must be within 100 years; without one the lock stays until it is lifted.")
    return end, None
