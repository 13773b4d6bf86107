"""The moderators' queue: what waits, deciding it, undoing what was decided."""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from debate import rules, web
from debate.actions import queue as actions
from debate.actions import standings
from debate.forms import Sentence, noted
from debate.models import Item
from debate.models.reports import ITEMS
from debate.queries import items, rulings
from debate.refusals import Decided, Gone, Invalid
from debate.text.message import N_

blueprint = Blueprint("queue", __name__)

MOST_AT_ONCE = 50


@blueprint.get("/moderation")
def index() -> ResponseReturnValue:
    """What waits, of one `kind`, the oldest first; `after` goes on from an item."""
    who = web.person()
    if who is None:
        return web.to_login("/moderation")
    web.permit(rules.may_see_queue(who), N_("Only moderators can open this page."))
    kind = request.args.get("kind", "")
    now = datetime.now(UTC)
    if kind not in ITEMS:
        waiting = items.counted(web.reading(), who)
        kind = next((name for name in ITEMS if waiting[name]), ITEMS[0])
    after = web.row_id(request.args.get("after", "")) or 0
    return web.page("moderation/queue.html", queue=items.queue(web.reading(), who, kind, after, now), size=items.PAGE)


@blueprint.post("/moderation/items/<int:item_id>")
def decide(item_id: int) -> ResponseReturnValue:
    """Decide one item: keep, hide, lock, ask, fold, suspend, let in; for appeals uphold or overturn."""
    item = _item(item_id)
    if item.closed_at is not None:
        raise _closed(item)
    if item.kind in ("appeal", "account"):
        ruling_id, problem = _settled(item)
        sentence = Sentence(note=web.field("note"), errors=problem)
    else:
        sentence = Sentence.typed(web.field)
        decision = sentence.decision(datetime.now(UTC))
        try:
            ruling_id = web.write(actions.decide, web.actor(), item.id, decision) if decision else 0
        except Invalid as refused:
            sentence.errors, ruling_id = refused.errors, 0
    if not ruling_id:
        return _item_again(item, sentence)
    return _decided(item, ruling_id)


def _closed(item: Item) -> Decided | Gone:
    """How an item was decided. Of what an admin erased only that: the form, and a ruling on an account, would tell who
    wrote it."""
    is_erased = item.reply is not None and item.reply.state == "erased"
    if item.outcome_id is not None and not is_erased:
        return Decided(web.found(rulings.one(web.reading(), item.outcome_id)))
    return Gone(item.reply.state if item.reply is not None else "withdrawn")


def _settled(item: Item) -> tuple[int, dict[str, str]]:
    """Decide an appeal or an account; the ruling's id, or what is wrong."""
    act = web.field("act")
    note, problem = noted(web.field("note"), "", required=False)
    if problem:
        return 0, {"note": problem}
    if item.kind == "appeal" and act in actions.ON_APPEALS:
        return web.write(actions.settle, web.actor(), item.id, act == "uphold", note), {}
    if item.kind == "account" and act in ("admit", "refuse"):
        return web.write(standings.admit, web.actor(), item.id, act == "admit", note), {}
    return 0, {"act": N_("Choose what to do.")}


@blueprint.post("/moderation/rulings/<int:ruling_id>/undo")
def undo(ruling_id: int) -> ResponseReturnValue:
    """Take back one's own ruling of the last ten minutes."""
    web.permit(rules.may_see_queue(web.person()), N_("Only moderators can do this."))
    ruling = web.found(rulings.one(web.reading(), ruling_id))
    waited = items.of_outcome(web.reading(), ruling.id)
    web.write(actions.undo, web.actor(), ruling_id)
    if not web.wants_fragment():
        kind = f"?kind={waited.kind}#item-{waited.id}" if waited else ""
        return web.see(f"/moderation{kind}")
    if waited is None:
        return web.fragment("moderation/_undone.html", say=_("Undone."), ruling_id=ruling_id)
    return _item_part(_item(waited.id), Sentence(), focus=f"#item-{waited.id}", say=_("Undone."))


@blueprint.post("/moderation/bulk")
def bulk() -> ResponseReturnValue:
    """Hide several replies, or leave them alone, for one reason: first a page that says what will happen."""
    who = web.person()
    web.permit(rules.may_see_queue(who), N_("Only moderators can do this."))
    edits = _looked_at(request.form.getlist("item")[:MOST_AT_ONCE])
    chosen = [item for item in items.several(web.reading(), list(edits)) if rules.may_decide(who, item)]
    sentence = Sentence.typed(web.field)
    if not chosen:
        raise Invalid({"item": N_("Choose at least one item.")})
    decision = sentence.decision(datetime.now(UTC)) if web.field("confirmed") else None
    if decision is not None and decision.act not in ("keep", "hide"):
        sentence.errors["act"] = N_("Choose what to do.")
    if decision is None or sentence.errors:
        status = 422 if web.field("confirmed") else 200
        return web.page("moderation/bulk.html", status, chosen=chosen, edits=edits, sentence=sentence, outcome=None)
    outcome = {item.id: _one_of_many(item, replace(decision, bar="", edit=edits[item.id])) for item in chosen}
    return web.page("moderation/bulk.html", chosen=chosen, edits=edits, sentence=sentence, outcome=outcome)


def _looked_at(given: list[str]) -> dict[int, int | None]:
    """Items by id with the wording that was looked at, as the checkboxes send them: `12:0`."""
    found = {}
    for one in given:
        number, _colon, edit = one.partition(":")
        if (item_id := web.row_id(number)) is not None:
            found[item_id] = web.row_id(edit)
    return found


def _one_of_many(item: Item, decision: actions.Decision) -> str:
    """Decide one of several; empty, or why it was not decided. What is held is let in where others are left alone."""
    if item.kind == "held" and decision.act == "keep":
        decision = replace(decision, act="approve")
    try:
        web.write(actions.decide, web.actor(), item.id, decision)
    except Invalid as refused:
        return " ".join(web.told(words) for words in refused.errors.values())
    except actions.REFUSALS as refused:
        return web.told(getattr(refused, "why", "")) or _("Another moderator was first, or it is gone.")
    return ""


def _item(item_id: int) -> Item:
    item = web.found(items.item(web.reading(), item_id) if item_id < 2**31 else None)
    web.permit(rules.may_see_queue(web.person()), N_("Only moderators can do this."))
    web.permit(rules.may_decide(web.person(), item), N_("This essay is in the charge of other moderators."))
    return item


def _decided(item: Item, ruling_id: int) -> ResponseReturnValue:
    who = web.found(web.person())
    following = items.following(web.reading(), who, item)
    if not web.wants_fragment():
        return web.see(f"/moderation?kind={item.kind}" + (f"#item-{following}" if following else ""))
    left = items.counted(web.reading(), who)[item.kind]
    return web.fragment(
        "moderation/_decided.html",
        focus=f"#item-{following}" if following else f"#item-{item.id}",
        say=ngettext("%(n)s left", "%(n)s left", left, n=left),
        item=item,
        ruling=rulings.one(web.reading(), ruling_id),
        left=left,
    )


def _item_again(item: Item, sentence: Sentence) -> Response:
    if web.wants_fragment():
        return _item_part(item, sentence, 422, focus=f"#item-{item.id} .errors")
    queue = items.about(web.reading(), [item])
    return web.page("moderation/item.html", 422, queue=queue, item=item, sentence=sentence)


def _item_part(item: Item, sentence: Sentence, status: int = 200, *, focus: str, say: str = "") -> Response:
    queue = items.about(web.reading(), [item])
    return web.fragment(
        "moderation/_item.html", status, focus=focus, say=say, queue=queue, item=item, sentence=sentence
    )
