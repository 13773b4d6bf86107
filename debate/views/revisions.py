"""The history of an essay: its revisions, what a paragraph said when, and whose words answer others by now."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from debate import addresses, articles, rules, web
from debate.actions import revisions as actions
from debate.models import Essay, Wording
from debate.queries import debates, revisions, texts
from debate.queries.revisions import Waiting
from debate.queries.texts import Passage
from debate.text import difference
from debate.text.difference import Piece
from debate.text.message import N_
from debate.views.replies import changed

blueprint = Blueprint("revisions", __name__)


@blueprint.get("/essays/<slug>/revisions")
def index(slug: str) -> Response:
    """Every revision of an essay, the newest first: when, by whom, and what changed."""
    essay = addresses.essay(slug)
    return web.page("revisions/index.html", essay=essay, revisions=revisions.listed(web.reading(), essay))


@blueprint.get("/essays/<slug>/revisions/<int:number>")
def show(slug: str, number: int) -> Response:
    """An essay as it was at a revision; with `from`, what is different from that one."""
    essay = addresses.essay(slug)
    listed = revisions.listed(web.reading(), essay)
    found = web.found(next((one for one in listed if one.number == number), None))
    passages = texts.at_revision(web.reading(), essay, number)
    other = web.row_id(request.args.get("from", ""))
    if other is not None:
        web.found(next((one for one in listed if one.number == other), None))
    changes = revisions.compared(texts.at_revision(web.reading(), essay, other), passages) if other is not None else []
    return web.page(
        "revisions/show.html",
        essay=essay,
        revision=found,
        revisions=listed,
        passages=passages,
        there={passage.paragraph.id for passage in texts.of(web.reading(), essay).passages},
        other=other,
        changes=changes,
    )


@blueprint.get("/essays/<slug>/p/<key>/wordings")
def wordings(slug: str, key: str) -> Response:
    """What a paragraph said, from the first wording to the last, with the differences."""
    essay = addresses.essay(slug)
    text = texts.of(web.reading(), essay)
    passage = web.found(text.passage(key))
    said = revisions.wordings(web.reading(), passage.paragraph)
    steps = [
        (revision, wording, difference.between(before.source, wording.source) if before is not None else [])
        for (revision, wording), before in zip(said, [None, *(wording for _, wording in said)], strict=False)
    ]
    return web.page(
        "revisions/wordings.html",
        essay=essay,
        passage=passage,
        steps=steps,
        kin=revisions.kin(web.reading(), passage.paragraph),
        names=text.numbers,
    )


@blueprint.get("/replies/<int:reply_id>/wording")
def of_reply(reply_id: int) -> Response:
    """The words that a reply answers, beside what its paragraph says now."""
    reply = addresses.reply(reply_id)
    web.permit(rules.may_read(web.person(), reply), N_("This reply was removed."))
    answered = web.found(web.reading().get(Wording, reply.wording_id))
    now = texts.wording_of(web.reading(), reply.essay, reply.paragraph)
    shown = debates.shown(web.reading(), web.person(), reply.essay, [reply.id])
    since = next(
        (one for one, wording in revisions.wordings(web.reading(), reply.paragraph) if wording.id == answered.id), None
    )
    return web.page(
        "revisions/reply.html",
        reply=reply,
        shown=shown,
        number=texts.number_of(web.reading(), reply.essay, reply.paragraph),
        answered=answered,
        revision=since,
        pieces=difference.between(answered.source, now.source) if now is not None else [],
        article=articles.of(shown, [(reply, None)])[reply.id],
    )


@blueprint.get("/essays/<slug>/reworded")
def reworded(slug: str) -> ResponseReturnValue:
    """The reader's own replies and votes that are on other words than there are now, to confirm, change or withdraw."""
    essay = addresses.essay(slug)
    who = web.person()
    if who is None:
        return web.to_login(request.path)
    waiting = revisions.outdated(web.reading(), who, essay, texts.now(web.reading(), essay))
    listed = [one.reply for one in waiting]
    shown = debates.shown(web.reading(), who, essay, [reply.id for reply in listed])
    return web.page(
        "revisions/reworded.html",
        essay=essay,
        shown=shown,
        places=_places(essay, waiting),
        articles=articles.of(shown, [(reply, None) for reply in listed]),
    )


def _places(essay: Essay, waiting: list[Waiting]) -> list[tuple[Passage, list[tuple[list[Piece], list[Waiting]]]]]:
    """What waits by paragraph, in the order of the text, and there by the words it is on, each with the difference."""
    text = texts.of(web.reading(), essay)
    said = revisions.said(web.reading(), waiting)
    found = []
    for passage in (*text.passages, *text.gone):
        groups: dict[int, list[Waiting]] = {}
        for one in waiting:
            if one.reply.paragraph_id == passage.paragraph.id:
                groups.setdefault(one.wording_id, []).append(one)
        told = []
        for wording_id, here in groups.items():
            same = wording_id == passage.wording.id
            told.append(([] if same else difference.between(said[wording_id], passage.wording.source), here))
        if told:
            found.append((passage, told))
    return found


@blueprint.post("/replies/<int:reply_id>/confirm")
def confirm(reply_id: int) -> ResponseReturnValue:
    """Say that one's own reply, or one's vote on it, holds for the words of today too."""
    reply = addresses.reply(reply_id)
    web.write(actions.confirm, web.actor(), reply.id, *web.seen())
    if not web.wants_fragment() and request.referrer and web.split_address(request.referrer).path.endswith("/reworded"):
        return web.see(f"/essays/{reply.essay.slug}/reworded")
    return changed(reply.id, say=_("Confirmed: it holds for the words of today."))
