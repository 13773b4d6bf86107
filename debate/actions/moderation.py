"""Hiding and restoring replies; each act is a ruling."""

from sqlalchemy.orm import Session

from debate.actions import counts, rulings
from debate.models import Reply
from debate.queries import ground as grounds
from debate.queries.ground import Ground
from debate.refusals import Forbidden, Gone, Missing, Twice
from debate.text.message import N_


def hide(session: Session, actor: str, reply_id: int, reason: str, note: str) -> None:
    """Hide a visible reply; what is beneath stays. Raises Twice where it is hidden already, Gone where withdrawn."""
    ground, reply = _ruled_on(session, actor, reply_id)
    if reply.state == "hidden":
        raise Twice(N_("A moderator has hidden this reply already."), reply.id)
    ground.must_be_visible()
    counts.visible(session, ground, reply, -1)
    reply.state, reply.removed_at = "hidden", ground.now
    _rule(session, ground, reply, "hide", reason, note)


def restore(session: Session, actor: str, reply_id: int, note: str) -> None:
    """Show a hidden reply again; nothing happens where it is visible. Raises Gone where its writer withdrew it."""
    ground, reply = _ruled_on(session, actor, reply_id)
    if reply.state == "visible":
        return
    if reply.state != "hidden":
        raise Gone(reply.state)
    counts.visible(session, ground, reply, 1)
    reply.state, reply.removed_at = "visible", None
    _rule(session, ground, reply, "restore", "", note)


def _ruled_on(session: Session, actor: str, reply_id: int) -> tuple[Ground, Reply]:
    ground = grounds.on_reply(session, actor, reply_id)
    ground.must_moderate()
    if ground.reply is None:
        raise Missing
    if ground.reply.author_id == ground.actor.id:
        raise Forbidden(N_("Nobody rules on their own words: another moderator has to do this."))
    return ground, ground.reply


def _rule(session: Session, ground: Ground, reply: Reply, act: str, reason: str, note: str) -> None:
    rulings.record(session, ground, act, paragraph_id=reply.paragraph_id, reply_id=reply.id, reason=reason, note=note)
    ground.touch()
    session.flush()
