"""Casting and clearing votes."""

from sqlalchemy.orm import Session

from debate.actions import paces
from debate.models import Reply, Vote
from debate.queries import ground as grounds
from debate.ranking import disputed, wilson
from debate.refusals import Forbidden
from debate.text.message import N_


def cast(session: Session, actor: str, reply_id: int, value: int) -> None:
    """Make the actor's vote on a reply `value` (1, −1, or 0 for none); the same value again changes nothing.

    Raises SignedOut, Missing, Gone, Forbidden (own reply), Locked (where a lock closes votes).
    """
    ground = grounds.on_reply(session, actor, reply_id)
    reply = ground.must_be_visible()
    if reply.author_id == ground.actor.id:
        raise Forbidden(N_("You cannot vote on your own reply."))
    ground.must_be_open(votes=True)
    vote = session.get(Vote, (ground.actor.id, reply.id))
    before = vote.value if vote else 0
    if before == value:
        return
    paces.on_votes(session, ground.actor, ground.now)
    if vote is None:
        session.add(Vote(user_id=ground.actor.id, reply_id=reply.id, value=value, edit=reply.edits, cast_at=ground.now))
    elif value == 0:
        session.delete(vote)
    else:
        vote.value, vote.edit, vote.cast_at = value, reply.edits, ground.now
    reply.ups += (value == 1) - (before == 1)
    reply.downs += (value == -1) - (before == -1)
    rank(reply)
    ground.touch()
    session.flush()


def rank(reply: Reply) -> None:
    """Bring a reply's rank columns up to its votes."""
    reply.best = wilson(reply.ups, reply.ups + reply.downs)
    reply.disputed = disputed(reply.ups, reply.downs)
