"""Casting and clearing votes."""

from sqlalchemy.orm import Session

from debate.actions import paces
from debate.models import Reply, Vote
from debate.queries import ground as grounds
from debate.queries import texts
from debate.ranking import disputed, wilson
from debate.refusals import Forbidden
from debate.text.message import N_


def cast(
    session: Session, actor: str, reply_id: int, value: int, wording: int = 0, edit: int | None = None
) -> tuple[int, int]:
    """Make the actor's vote on a reply `value` (1, −1, or 0 for none); returns the wording and the edit that it is on:
    those that were looked at (the id of its paragraph's `wording`, and `edit`, how often the reply had been edited), or
    those of now where it is not said.

    The same value again changes nothing, but which words the vote is on.

    Raises SignedOut, Missing, Gone, Forbidden (own reply), Locked (where a lock closes votes).
    """
    ground = grounds.on_reply(session, actor, reply_id)
    reply = ground.must_be_visible()
    if reply.author_id == ground.actor.id:
        raise Forbidden(N_("You cannot vote on your own reply."))
    ground.must_be_open(votes=True)
    vote = session.get(Vote, (ground.actor.id, reply.id))
    before = vote.value if vote else 0
    edit = reply.edits if edit is None else min(edit, reply.edits)
    wording_id = texts.seen(session, ground.essay, reply.paragraph_id, wording) or reply.wording_id
    if before == value and (vote is None or (vote.edit, vote.wording_id) == (edit, wording_id)):
        return wording_id, edit
    paces.on_votes(session, ground.actor, ground.now)
    if vote is not None:  # a vote has one time, however often it is changed
        paces.keep(session, "vote", ground.actor, ground.now)
    if vote is None:
        session.add(
            Vote(
                user_id=ground.actor.id,
                reply_id=reply.id,
                value=value,
                edit=edit,
                wording_id=wording_id,
                cast_at=ground.now,
            )
        )
    elif value == 0:
        session.delete(vote)
    else:
        vote.value, vote.edit, vote.wording_id, vote.cast_at = value, edit, wording_id, ground.now
    reply.ups += (value == 1) - (before == 1)
    reply.downs += (value == -1) - (before == -1)
    rank(reply)
    ground.touch()
    session.flush()
    return wording_id, edit


def rank(reply: Reply) -> None:
    """Bring a reply's rank columns up to its votes."""
    reply.best = wilson(reply.ups, reply.ups + reply.downs)
    reply.disputed = disputed(reply.ups, reply.downs)
