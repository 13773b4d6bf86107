"""Linking a source to anybody's reply, asking for one, saying whether one says what it is cited for."""

from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from debate import addresses, rules, web
from debate.actions import checks
from debate.actions import evidence as actions
from debate.forms import cited
from debate.models import Citation, Reply
from debate.models.evidence import ANSWERS
from debate.queries import debates, locks, replies, sources
from debate.refusals import Gone, Invalid
from debate.text.message import N_
from debate.views.replies import reply_page

blueprint = Blueprint("evidence", __name__)

FIELDS = ("url", "quote", "locator", "shows")


@blueprint.post("/replies/<int:reply_id>/citations")
def cite(reply_id: int) -> ResponseReturnValue:
    """Link a source to a reply; `intent` preview only tells which it is, and where else it is cited."""
    reply = addresses.reply(reply_id)
    web.permit(rules.may_write(web.person(), reply.essay_id), N_("You cannot link sources now."))
    if not reply.is_visible:
        raise Gone(reply.state)
    addresses.must_be_live(reply.essay)
    typed = {name: web.field(name) for name in FIELDS}
    evidence, errors = cited(**typed)
    if evidence is None:
        return _form(reply, typed, 422, errors=errors)
    if request.form.get("intent") == "preview":
        return _form(reply, typed, looked=sources.looked_up(web.reading(), evidence.thing))
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


def _form(reply: Reply, typed: dict[str, str], status: int = 200, **inputs: Any) -> ResponseReturnValue:
    inputs = {"typed": typed, "errors": {}, "looked": None} | inputs
    if not web.wants_fragment():
        return reply_page(reply, status, cite=inputs)
    focus = ".errors" if inputs["errors"] else ".looked"
    return web.fragment("replies/_cite.html", status, focus=f"#cite-{reply.id} {focus}", reply=reply, **inputs)


@blueprint.post("/replies/<int:reply_id>/asks")
def ask(reply_id: int) -> ResponseReturnValue:
    """Ask for a source of a reply (`wanted` 1), or no more (0)."""
    reply = addresses.reply(reply_id)
    web.permit(rules.may_ask(web.person(), reply), N_("You cannot ask for a source of this reply."))
    if not reply.is_visible:
        raise Gone(reply.state)
    wanted = web.field("wanted")
    if wanted not in ("0", "1"):
        raise Invalid({"wanted": N_("Choose whether you ask for a source.")})
    web.write(actions.ask, web.actor(), reply.id, wanted=wanted == "1")
    if not web.wants_fragment():
        return web.see(f"/replies/{reply.id}#ask-{reply.id}")
    reply = web.found(replies.by_id(web.reading(), reply_id))
    shown = debates.shown(web.reading(), web.person(), reply.essay, [reply.id])
    asked = shown.asks.get(reply.id)
    say = _("You asked for a source.") if asked else _("You ask no more.")
    return web.fragment("replies/_ask.html", say=say, reply=reply, asked=asked, shown=shown, oob=True)


@blueprint.get("/citations/<int:citation_id>")
def show(citation_id: int) -> ResponseReturnValue:
    """What a source is cited for, whether readers found it there, and the reader's own answer."""
    citation = _citation(citation_id)
    if web.wants_fragment():
        return web.fragment("replies/_check.html", **_check(citation))
    return web.page("replies/check.html", parent=_above(citation.reply), **_check(citation))


@blueprint.post("/citations/<int:citation_id>/check")
def check(citation_id: int) -> ResponseReturnValue:
    """Answer whether the source says that: `answer` is one of ANSWERS, or empty for none."""
    citation = _citation(citation_id)
    reply = citation.reply
    web.permit(rules.may_check(web.person(), citation), N_("You cannot answer this."))
    if not reply.is_visible:
        raise Gone(reply.state)
    given = web.field("answer")
    if given not in ("", *ANSWERS):
        raise Invalid({"answer": N_("Choose yes, no or can't open.")})
    web.write(checks.answer, web.actor(), citation_id, given)
    if not web.wants_fragment():
        return web.see(f"/citations/{citation_id}#check-{citation_id}")
    citation = _citation(citation_id)
    say = _("Your answer was counted.") if given else _("Your answer was taken back.")
    return web.fragment("replies/_check.html", say=say, oob=True, **_check(citation))


def _citation(citation_id: int) -> Citation:
    """The citation, or 404 where there is none whose reply this person may read."""
    if citation_id >= 2**31:
        abort(404)
    citation = web.found(sources.citation(web.reading(), citation_id))
    if not rules.may_read(web.person(), citation.reply) or not rules.may_see_essay(web.person(), citation.reply.essay):
        abort(404)
    return citation


def _check(citation: Citation) -> dict[str, Any]:
    who = web.person()
    own = sources.answer(web.reading(), who, citation)
    on = locks.on_now(web.reading(), citation.reply.essay_id)
    is_live = citation.reply.essay.status == "published" and citation.reply.is_visible
    is_open = is_live and on.closes(citation.reply, who, votes=True) is None
    return {"citation": citation, "own": own, "is_open": is_open}


def _above(reply: Reply) -> Reply | None:
    return replies.by_id(web.reading(), reply.parent_id) if reply.parent_id else None
