"""Writing down what a moderator did: an entry at the end of the log, chained to the one before."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from debate import chain
from debate.models import Appeal, Item, LogHead, Notice, Reply, Ruling, User
from debate.queries.ground import Ground


def record(session: Session, ground: Ground, act: str, **about: Any) -> Ruling:
    """Add a ruling by the ground's actor, at its time, in its essay; see models.Ruling for the rest."""
    return add(session, act, ground.actor.id, ground.now, essay_id=ground.essay.id, **about)


def on_reply(session: Session, ground: Ground, reply: Reply, act: str, **about: Any) -> Ruling:
    """The same about a reply, as it stood `before` if that is not said."""
    about = {"before": reply.state} | about
    return record(session, ground, act, paragraph_id=reply.paragraph_id, reply_id=reply.id, **about)


def add(session: Session, act: str, by_id: int | None, at: datetime, *, note: str = "", **about: Any) -> Ruling:
    """Add a ruling to the end of the log; whoever adds one at the same time waits for the commit. `by_id` None: the
    command line."""
    head = _head(session)
    salt = chain.salt() if note else ""
    ruling = Ruling(
        number=head.count + 1,
        act=act,
        by_id=by_id,
        made_at=at,
        note=note,
        salt=chain.salt(),
        note_salt=salt,
        note_digest=chain.of_note(salt, note),
        **{"reason": "", "before": "", "votes": False} | about,
    )
    ruling.digest = chain.digest(head.digest, ruling.entry)
    head.count, head.digest = ruling.number, ruling.digest
    session.add(ruling)
    session.flush()
    return ruling


def add_about(session: Session, ruling: Ruling, act: str, by_id: int, at: datetime, note: str = "") -> Ruling:
    """Add one about another ruling, on the same place and account."""
    where = {name: getattr(ruling, name) for name in ("essay_id", "paragraph_id", "reply_id", "user_id")}
    return add(session, act, by_id, at, note=note, about_id=ruling.id, **where)


def tell(session: Session, ruling: Ruling, user_id: int) -> None:
    """Let somebody know of a ruling on them; nobody is told of what they did themselves, or whose account is gone."""
    if ruling.by_id != user_id and session.get_one(User, user_id).deleted_at is None:
        session.add(
            Notice(
                user_id=user_id, kind="ruling", reply_id=ruling.reply_id, ruling_id=ruling.id, made_at=ruling.made_at
            )
        )


def close_appeals(
    session: Session, outcome: Ruling | None, *about: ColumnElement[bool], at: datetime | None = None
) -> None:
    """Appeals against rulings (those that meet the conditions) have nothing to ask for any more: `outcome` has settled
    them, or (none) the writer has, at `at`."""
    question = (
        select(Item)
        .join(Appeal, Appeal.id == Item.appeal_id)
        .join(Ruling, Ruling.id == Appeal.ruling_id)
        .where(Item.kind == "appeal", Item.closed_at.is_(None), *about)
    )
    for item in session.scalars(question):
        item.closed_at, item.outcome_id = (outcome.made_at, outcome.id) if outcome else (at, None)


def _head(session: Session) -> LogHead:
    session.flush()
    found = session.get(LogHead, 1, with_for_update=True, populate_existing=True)
    if found is None:  # the very first entry; of two at once one waits here
        session.execute(text("INSERT INTO log_heads (id, count, digest) VALUES (1, 0, '') ON CONFLICT DO NOTHING"))
        found = session.get_one(LogHead, 1, with_for_update=True, populate_existing=True)
    return found
