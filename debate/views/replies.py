"""Replies: reading one, writing one, editing and withdrawing own ones."""

from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from debate import addresses, articles, rules, web
from debate.actions import replies as actions
from debate.forms import ReplyForm, body_problem
from debate.models import Essay, Paragraph, Reply
from debate.queries import debates, locks, moderation, replies, search, sources, texts, visits
from debate.queries.outline import Line
from debate.queries.threads import Place
from debate.refusals import Barred, Gone, Locked
from debate.text import markup
from debate.text.message import N_

blueprint = Blueprint("replies", __name__)


@blueprint.get("/replies/<int:reply_id>")
def show(reply_id: int) -> ResponseReturnValue:
    """A reply with its ancestors and what is beneath; what was removed says so. With `folded` those that say the
    same, from after an id on (0: the first)."""
    reply = addresses.reply(reply_id, own_too=True)
    if web.wants_fragment() and request.args.get("alone"):  # an edit given up
        return changed(reply.id)
    return reply_page(reply)


def reply_page(reply: Reply, status: int = 200, *, cite: dict[str, Any] | None = None) -> ResponseReturnValue:
    """The reply's own page; `cite` is the source form as typed with its errors."""
    if not rules.may_see_essay(web.person(), reply.essay):
        return web.page("replies/own.html", status, reply=reply)
    if not reply.is_visible and not reply.branch_count and not rules.may_read(web.person(), reply):
        return _removed(reply)
    ids, between = replies.above(reply)
    shown = debates.shown(web.reading(), web.person(), reply.essay, [*ids, reply.id])
    above = [shown.whole[number] for number in ids]
    debate = articles.debate(
        reply.essay,
        Place(reply.paragraph, reply),
        beside=shown,
        also=[(reply, above[-1] if above else None)],
        **web.debate_asked(),
    )
    if web.wants_fragment() and request.args.get("after"):
        return articles.more_of(debate)
    after = web.row_id(request.args.get("folded", ""))
    folded, is_more = ([], False) if after is None else replies.folded_under(web.reading(), reply, after)
    return web.page(
        "replies/show.html",
        status,
        reply=reply,
        above=above,
        lines=articles.lines(shown, _lines_of(above, bool(between))),
        between=between,
        debate=debate,
        number=texts.number_of(web.reading(), reply.essay, reply.paragraph),
        earlier=replies.earlier_words(web.reading(), reply) if rules.may_read(web.person(), reply) else [],
        cite=cite,
        asked=shown.asks.get(reply.id),
        folded=folded,
        more_folded=is_more,
        fresh=visits.fresh(web.reading(), web.person(), reply.essay),
    )


def _lines_of(above: list[Reply], is_cut: bool) -> list[Line]:
    """The replies above one as lines; after the first ones some may be left out."""
    parents: list[Reply | None] = [None, *above[:-1]]
    if is_cut:
        parents[replies.ABOVE_FIRST] = None
    return [Line(reply, parent=parent) for reply, parent in zip(above, parents, strict=False)]


@blueprint.route("/essays/<slug>/p/<key>/replies", methods=["GET", "POST"])
def to_paragraph(slug: str, key: str) -> ResponseReturnValue:
    """Write a top-level reply."""
    paragraph = addresses.paragraph(slug, key)
    return _write(paragraph.essay, paragraph, None)


@blueprint.route("/replies/<int:reply_id>/replies", methods=["GET", "POST"])
def to_reply(reply_id: int) -> ResponseReturnValue:
    """Write an answer to a reply."""
    parent = addresses.reply(reply_id)
    return _write(parent.essay, parent.paragraph, parent)


def _write(essay: Essay, paragraph: Paragraph, parent: Reply | None) -> ResponseReturnValue:
    who = web.person()
    if who is None:
        return web.to_login(request.path)
    bar = who.barred(essay.id)
    if bar is not None:
        raise Barred(bar)
    if parent is not None and not parent.is_visible:
        raise Gone(parent.state)
    addresses.must_be_live(essay)
    web.permit(paragraph.debatable, N_("This part of the essay is not open to debate."))
    if request.method == "GET":
        _must_be_open(essay, paragraph, parent)
        form = ReplyForm(deep=parent is not None, stance=request.args.get("stance", ""))
        return _form(form, essay, paragraph, parent)
    form = ReplyForm.typed(web.field, deep=parent is not None)
    form.wording = web.seen()[0]
    words = form.words()
    if words is None:
        return _form(form, essay, paragraph, parent, 422)
    if request.form.get("intent") == "preview":
        _must_be_open(essay, paragraph, parent)
        form.preview = words.html
        form.looked = sources.looked_up(web.reading(), words.source.thing) if words.source else None
        form.similar = search.similar(web.reading(), essay, _side(words.stance, parent), words.body)
        return _form(form, essay, paragraph, parent)
    parent_id = parent.id if parent else None
    reply_id = web.write(actions.post, web.actor(), paragraph.id, parent_id, words)
    return _posted(reply_id)


def _side(stance: str, parent: Reply | None) -> str:
    """The side toward the paragraph on which a reply would stand."""
    if parent is None or stance == "pro":
        return parent.side if parent else stance
    return "con" if parent.side == "pro" else "pro"


def _must_be_open(essay: Essay, paragraph: Paragraph, parent: Reply | None) -> None:
    """Raises Locked where a reply could not be posted; the action asks again when it is."""
    on = locks.on_now(web.reading(), essay.id)
    who = web.person()
    lock = on.closes(parent, who) if parent else on.closes_paragraph(paragraph.id, who)
    if lock is not None and not rules.may_moderate(web.person(), essay):
        raise Locked(lock)


def _form(form: ReplyForm, essay: Essay, paragraph: Paragraph, parent: Reply | None, status: int = 200) -> Response:
    inputs = {"form": form, "essay": essay, "paragraph": paragraph, "parent": parent}
    if web.wants_fragment():
        focus = ".errors" if form.errors else ".preview h4" if form.preview else "textarea"
        return web.fragment(
            "replies/_form.html",
            status,
            focus=f"#{form_id(paragraph, parent)} {focus}",
            say=_("Preview updated.") if form.preview else "",
            **inputs,
        )
    wording = texts.wording_of(web.reading(), essay, paragraph)
    return web.page("replies/form.html", status, wording=wording, **inputs)


def form_id(paragraph: Paragraph, parent: Reply | None) -> str:
    """The element id of the reply form for a target."""
    return f"form-r-{parent.id}" if parent else f"form-p-{paragraph.key}"


def _posted(reply_id: int) -> ResponseReturnValue:
    reply = web.found(replies.by_id(web.reading(), reply_id))
    if not web.wants_fragment():
        return web.see(web.place_of(reply))
    parent = _parent(reply)
    beside = parent is not None and web.is_on(f"/replies/{parent.id}")
    debate = debates.alone(web.reading(), web.person(), reply, parent)
    articles.fill(debate)
    answer = web.fragment(
        "replies/_posted.html",
        focus=f"#reply-{reply.id}",
        reply=reply,
        parent=parent,
        debate=debate,
        beside=beside,
        form=ReplyForm(deep=False),
        number=texts.number_of(web.reading(), reply.essay, reply.paragraph)
        if web.is_on(f"/essays/{reply.essay.slug}")
        else 0,
    )
    target = f"#{reply.stance}-{reply.paragraph.key}"
    if parent is not None:
        # On the page of the reply that was answered, its two sides stand beside each other.
        target = f"#{reply.stance}-r{parent.id}" if beside else f"#beneath-{parent.id}"
    web.posted(answer, form_id(reply.paragraph, parent))
    return web.swap(answer, target, "beforeend")


@blueprint.route("/replies/<int:reply_id>/edit", methods=["GET", "POST"])
def edit(reply_id: int) -> ResponseReturnValue:
    """Give an own reply new words."""
    reply = addresses.reply(reply_id)
    who = web.person()
    if who is None:
        return web.to_login(request.path)
    web.permit(rules.is_own(who, reply), N_("You can edit your own replies only."))
    if not rules.may_edit(who, reply):
        bar = who.barred(reply.essay_id)
        raise Barred(bar) if bar is not None else Gone(reply.state)
    addresses.must_be_live(reply.essay)
    lock = locks.on_now(web.reading(), reply.essay_id).closes(reply, web.person())
    if lock is not None:
        raise Locked(lock)
    if request.method == "GET":
        return _edit_form(reply, reply.body)
    body = markup.tidy(web.field("body"))
    problem = body_problem(body)
    if problem:
        return _edit_form(reply, body, problem, 422)
    html = markup.render(body)
    if request.form.get("intent") == "preview":
        return _edit_form(reply, body, preview=html)
    web.write(actions.edit, web.actor(), reply.id, body, html, web.seen()[0])
    return changed(reply.id, form=f"edit-{reply.id}")


def _edit_form(reply: Reply, body: str, problem: str = "", status: int = 200, preview: str = "") -> Response:
    inputs = {"reply": reply, "body": body, "problem": problem, "preview": preview, "wording": web.seen()[0]}
    if web.wants_fragment():
        focus = ".errors" if problem else ".preview h4" if preview else "textarea"
        say = _("Preview updated.") if preview else ""
        return web.fragment("replies/_edit.html", status, focus=f"#edit-{reply.id} {focus}", say=say, **inputs)
    return web.page("replies/edit.html", status, **inputs)


@blueprint.post("/replies/<int:reply_id>/withdraw")
def withdraw(reply_id: int) -> ResponseReturnValue:
    """Take an own reply back, for good."""
    reply = addresses.reply(reply_id, own_too=True)
    web.permit(rules.is_own(web.person(), reply), N_("You can withdraw your own replies only."))
    web.write(actions.withdraw, web.actor(), reply.id)
    return changed(reply.id, to_paragraph_if_gone=True)


def changed(reply_id: int, *, to_paragraph_if_gone: bool = False, say: str = "", form: str = "") -> ResponseReturnValue:
    """Answer a change of a reply: its article for htmx, or 303 to it. `form` is the one whose words were stored."""
    reply = web.found(replies.by_id(web.reading(), reply_id))
    if not rules.may_see_essay(web.person(), reply.essay):
        return web.done(f"/replies/{reply.id}")
    if web.wants_fragment():
        answer = web.fragment(
            "replies/_reply.html",
            focus=f"#reply-{reply.id}",
            say=say,
            reply=reply,
            parent=_parent(reply),
            shown=debates.shown(web.reading(), web.person(), reply.essay, [reply.id]),
        )
        if form:
            web.posted(answer, form)
        return answer
    if to_paragraph_if_gone and not reply.is_visible and not reply.branch_count:
        return web.see(f"/essays/{reply.essay.slug}/p/{reply.paragraph.key}#reply-{reply.id}")
    return web.see(f"/replies/{reply.id}#reply-{reply.id}")


def _parent(reply: Reply) -> Reply | None:
    return replies.by_id(web.reading(), reply.parent_id) if reply.parent_id else None


def _removed(reply: Reply) -> Response:
    """410 with the date and the kind of reason, and the paragraph offered instead."""
    hidings = moderation.hidings(web.reading(), [reply.id]) if reply.state == "hidden" else {}
    return web.page("replies/gone.html", 410, reply=reply, ruling=hidings.get(reply.id))
