"""A banned account's votes: moved aside, out of all counts, and back again."""

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from debate.models import Reply, User, Vote, VoteAside
from debate.queries import ground as grounds
from debate.ranking import disputed, wilson

_VOTE = ("user_id", "reply_id", "value", "edit", "wording_id", "cast_at")


def set_aside(session: Session, user: User) -> None:
    """Take somebody's votes out of all counts; every essay is held."""
    _recount(session, user, Vote, -1)
    _move(session, user, Vote, VoteAside)


def put_back(session: Session, user: User) -> None:
    """Let them count again."""
    _recount(session, user, VoteAside, 1)
    _move(session, user, VoteAside, Vote)


def _move(session: Session, user: User, source: type[Vote | VoteAside], to: type[Vote | VoteAside]) -> None:
    kept = select(*(getattr(source, name) for name in _VOTE)).where(source.user_id == user.id)
    session.execute(insert(to).from_select(_VOTE, kept))
    session.execute(delete(source).where(source.user_id == user.id))


def _recount(session: Session, user: User, votes: type[Vote | VoteAside], by: int) -> None:
    """Add somebody's votes to the counts of what they are on, or take them off."""
    rows = session.execute(
        select(Reply.id, Reply.ups, Reply.downs, votes.value)
        .join(votes, votes.reply_id == Reply.id)
        .where(votes.user_id == user.id)
    ).all()
    changed = []
    for reply_id, ups, downs, value in rows:
        ups, downs = ups + by * (value == 1), downs + by * (value == -1)
        rank = {"best": wilson(ups, ups + downs), "disputed": disputed(ups, downs)}
        changed.append({"id": reply_id, "ups": ups, "downs": downs} | rank)
    if changed:
        session.execute(update(Reply), changed)
        for there in session.identity_map.values():
            if isinstance(there, Reply):
                session.expire(there, ["ups", "downs", "best", "disputed"])
        grounds.touch_all(session)
