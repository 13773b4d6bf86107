"""What moderators do to replies: hide, restore, let in, hold, fold, ask; each a ruling that the writer hears of."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from debate.actions import counts, holding, notices, rulings
from debate.db import removed
from debate.models import Item, Paragraph, Reply, Ruling
from debate.queries import ground as grounds
from debate.queries import items
from debate.queries.ground import Ground
from debate.refusals import Gone, Invalid, Missing, Twice
from debate.text.message import N_


def hide(session: Session, actor: str, reply_id: int, reason: str, note: str) -> None:
    """Hide a reply; what is beneath stays. Raises Twice where it is hidden already, Gone where withdrawn or erased."""
    hidden(session, ruled_on(session, actor, reply_id), reason, note)


def restore(session: Session, actor: str, reply_id: int, note: str) -> None:
    """Show a hidden or folded reply again; nothing happens where it is visible. Raises Gone where it is gone."""
    ground = ruled_on(session, actor, reply_id)
    reply = reply_of(ground)
    if reply.state == "visible":
        return
    if reply.state not in ("hidden", "duplicate"):
        raise Gone(reply.state)
    put(session, ground, "restore", "visible", note=note)


def ruled_on(session: Session, actor: str, reply_id: int) -> Ground:
    """Ground for a ruling on a reply. Raises Forbidden where the actor wrote it or has no power there."""
    ground = grounds.on_reply(session, actor, reply_id)
    ground.must_moderate()
    ground.must_be_anothers()
    return ground


def reply_of(ground: Ground) -> Reply:
    if ground.reply is None:
        raise Missing
    return ground.reply


def hidden(session: Session, ground: Ground, reason: str, note: str) -> Ruling:
    """Hide the ground's reply, whether it was visible, folded, or held. Raises Twice, Gone."""
    reply = reply_of(ground)
    if reply.state == "hidden":
        raise Twice(N_("A moderator has hidden this reply already."), reply.id)
    if reply.state not in ("visible", "held", "duplicate"):
        raise Gone(reply.state)
    return put(session, ground, "hide", "hidden", reason=reason, note=note)


def approved(session: Session, ground: Ground, note: str) -> Ruling:
    """Let a held reply in; who is answered by it hears of that now. Raises Gone where it is not held any more."""
    reply = reply_of(ground)
    if reply.state != "held":
        raise Gone(reply.state)
    ruling = put(session, ground, "approve", "visible", note=note)
    notices.answered(session, ground, reply)
    return ruling


def folded(session: Session, ground: Ground, of_id: int, note: str) -> Ruling:
    """Fold a reply under another one that says the same: of the same essay and side, visible, and not beneath it."""
    reply = reply_of(ground)
    if reply.state not in ("visible", "held"):
        raise Gone(reply.state)
    other = session.get(Reply, of_id, populate_existing=True)
    why = None
    place = (reply.essay_id, reply.side, "visible")
    if other is None or other.id == reply.id or (other.essay_id, other.side, other.state) != place:
        why = N_("Enter the number of a visible reply on the same side of this essay: it is in its address.")
    elif reply.id in other.ancestor_ids:
        why = N_("A reply cannot be folded under one of its own answers.")
    if other is None or why:
        raise Invalid({"of": why or ""})
    return put(session, ground, "duplicate", "duplicate", reason="duplicate", note=note, duplicate_of=other.id)


def asked(session: Session, ground: Ground, reason: str, note: str) -> Ruling:
    """Ask a reply's writer to edit it; it stays as it is meanwhile."""
    reply = reply_of(ground)
    if reply.state not in ("visible", "held"):
        raise Gone(reply.state)
    ruling = rulings.on_reply(session, ground, reply, "ask", reason=reason, note=note)
    rulings.tell(session, ruling, reply.author_id)
    close(session, ground, ruling)
    return ruling


def left_alone(session: Session, ground: Ground, note: str) -> Ruling:
    """Remember that a reply was looked at and left as it is: these words are not reported again."""
    reply = reply_of(ground)
    ruling = rulings.on_reply(session, ground, reply, "keep", note=note)
    for item in session.scalars(select(Item).where(*items.waits_for(reply.id), Item.kind == "reported")):
        item.edit, item.closed_at, item.outcome_id = reply.edits, ground.now, ruling.id
    return ruling


def put(
    session: Session,
    ground: Ground,
    act: str,
    state: str,
    *,
    about: Ruling | None = None,
    reason: str = "",
    note: str = "",
    duplicate_of: int | None = None,
) -> Ruling:
    """Bring the ground's reply to a state, count again, write it down, tell its writer, close what waits for it."""
    reply = reply_of(ground)
    before = shift(session, ground, state, duplicate_of)
    ruling = rulings.on_reply(
        session, ground, reply, act, reason=reason, note=note, before=before, about_id=about.id if about else None
    )
    rulings.tell(session, ruling, reply.author_id)
    if state == "held":
        holding.wait(session, ground, reply, "")
    else:
        close(session, ground, ruling)
    rulings.close_appeals(session, ruling, Ruling.reply_id == reply.id, Ruling.act.in_(("hide", "duplicate")))
    session.flush()
    return ruling


def shift(session: Session, ground: Ground, state: str, duplicate_of: int | None = None) -> str:
    """Bring the ground's reply to another state and count again; returns the state before.

    What was folded under a reply that is no longer visible stands for itself again: no argument goes with another's.
    """
    reply = reply_of(ground)
    before, folded_under = reply.state, reply.duplicate_of_id
    if before != state and "visible" in (before, state):
        counts.visible(session, ground, reply, 1 if state == "visible" else -1)
    reply.state, reply.duplicate_of_id = state, duplicate_of
    if state not in ("visible", "duplicate"):
        removed(session)
    reply.removed_at = None if state in ("visible", "held") else ground.now
    session.flush()
    for other_id, by in ((folded_under, -1), (duplicate_of, 1)):
        if other_id is not None:
            other = session.get_one(Reply, other_id, populate_existing=True)
            other.duplicate_count += by
    if before == "visible" and reply.duplicate_count:
        beneath = select(Reply).where(Reply.duplicate_of_id == reply.id).order_by(Reply.id)
        for other in session.scalars(beneath).all():
            _unfold(session, ground, other)
    ground.touch()
    return before


def _unfold(session: Session, ground: Ground, reply: Reply) -> None:
    """By nobody's ruling but for the other reply's fate; the log names the ruling that it ends."""
    there = replace(ground, reply=reply, paragraph=session.get_one(Paragraph, reply.paragraph_id))
    shift(session, there, "visible")
    folding = select(Ruling.id).where(Ruling.reply_id == reply.id, Ruling.act == "duplicate")
    about_id = session.scalar(folding.order_by(Ruling.id.desc()).limit(1))
    where: dict[str, Any] = {"essay_id": reply.essay_id, "paragraph_id": reply.paragraph_id, "reply_id": reply.id}
    ruling = rulings.add(session, "restore", None, ground.now, about_id=about_id, before="duplicate", **where)
    rulings.tell(session, ruling, reply.author_id)


def close(session: Session, ground: Ground, ruling: Ruling | None) -> None:
    """What waits for a moderator about the ground's reply was decided by a ruling, or (none) by itself."""
    for item in session.scalars(select(Item).where(*items.waits_for(reply_of(ground).id))):
        item.closed_at, item.outcome_id = ground.now, ruling.id if ruling else None
