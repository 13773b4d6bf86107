"""What moderators do to replies: hide, restore, let in, hold, fold, ask; each a ruling that the writer hears of."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from debate.actions import counts, notices, rulings
from debate.models import Item, Reply, Ruling
from debate.queries import ground as grounds
from debate.queries import items
from debate.queries.ground import Ground
from debate.refusals import Forbidden, Gone, Invalid, Missing, Twice
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
    if reply_of(ground).author_id == ground.actor.id:
        raise Forbidden(N_("Nobody rules on their own words: another moderator has to do this."))
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
    if other is None or other.essay_id != reply.essay_id or other.state != "visible" or other.id == reply.id:
        why = N_("Enter the number of a visible reply in this essay: it is in its address.")
    elif reply.id in other.ancestor_ids:
        why = N_("A reply cannot be folded under one of its own answers.")
    if other is None or why:
        raise Invalid({"of": why or ""})
    reply.duplicate_of_id = other.id
    return put(session, ground, "duplicate", "duplicate", reason="duplicate", note=note)


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
    ruling = rulings.on_reply(session, ground, reply_of(ground), "keep", note=note)
    close(session, ground, ruling)
    return ruling


def put(session: Session, ground: Ground, act: str, state: str, *, about: Ruling | None = None, reason: str = "",
        note: str = "") -> Ruling:  # fmt: skip
    """Bring the ground's reply to a state, count again, write it down, tell its writer, close what waits for it."""
    reply = reply_of(ground)
    before = reply.state
    if "visible" in (before, state):
        counts.visible(session, ground, reply, 1 if state == "visible" else -1)
    reply.state = state
    reply.removed_at = None if state in ("visible", "held") else ground.now
    refold(session, reply, before)
    ruling = rulings.on_reply(
        session, ground, reply, act, reason=reason, note=note, before=before, about_id=about.id if about else None
    )
    rulings.tell(session, ruling, reply.author_id)
    if state != "held":
        close(session, ground, ruling)
    ground.touch()
    session.flush()
    return ruling


def refold(session: Session, reply: Reply, before: str) -> None:
    """Count on the other reply that one was folded under it, or is not any more."""
    by = (reply.state == "duplicate") - (before == "duplicate")
    if by and reply.duplicate_of_id is not None:
        session.execute(
            update(Reply)
            .where(Reply.id == reply.duplicate_of_id)
            .values(duplicate_count=Reply.duplicate_count + by)
            .execution_options(synchronize_session="fetch")
        )
    if reply.state not in ("duplicate", "withdrawn", "erased"):
        reply.duplicate_of_id = None


def close(session: Session, ground: Ground, ruling: Ruling | None) -> None:
    """What waits for a moderator about the ground's reply was decided by a ruling, or (none) by itself."""
    for item in session.scalars(select(Item).where(*items.waits_for(reply_of(ground).id))):
        item.closed_at, item.outcome_id = ground.now, ruling.id if ruling else None
