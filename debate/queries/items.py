"""The moderators' queue: what waits, what was decided, and what is to be known about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from debate.models import Appeal, Item, Reply, Report, Ruling, Standing, User, Wording, Writer
from debate.models.reports import ITEMS
from debate.queries import rulings, texts

PAGE = 20
UNDO_FOR = timedelta(minutes=10)
UNDOABLE = ("hide", "duplicate", "keep", "ask", "approve", "lock", "suspend", "ban")


@dataclass
class Queue:
    """A page of what waits, the oldest first; how many wait of each kind; what this moderator did just now."""

    kind: str
    items: Sequence[Item]
    counts: dict[str, int]
    wordings: dict[int, Wording] = field(default_factory=dict)  # of the paragraph, by item
    parents: dict[int, Reply] = field(default_factory=dict)
    records: dict[int, "Record"] = field(default_factory=dict)  # by writer
    recent: Sequence[Ruling] = ()


@dataclass
class Record:
    """What is to be known of a writer: replies that stand, and how many were hidden; open suspensions."""

    standing: int = 0
    hidden: int = 0
    bars: list[Standing] = field(default_factory=list)


def waits_for(reply_id: int) -> tuple[ColumnElement[bool], ...]:
    """What waits for a moderator about a reply itself; appeals are decided apart."""
    return (Item.reply_id == reply_id, Item.closed_at.is_(None), Item.kind.in_(("reported", "held")))


def mine(person: User) -> ColumnElement[bool]:
    """Those that a moderator may decide: all, or those of the essays in that person's charge."""
    return true() if person.is_moderator else Item.essay_id.in_(person.charges)


def counted(session: Session, person: User) -> dict[str, int]:
    """How many items wait, by kind."""
    rows = session.execute(
        select(Item.kind, func.count()).where(Item.closed_at.is_(None), mine(person)).group_by(Item.kind)
    )
    waiting: dict[str, int] = {kind: count for kind, count in rows}
    return {kind: waiting.get(kind, 0) for kind in ITEMS}


def queue(session: Session, person: User, kind: str, after: int, now: datetime) -> Queue:
    """What waits of one kind, the oldest first, after an item's id."""
    listed = session.scalars(
        _whole(select(Item))
        .where(Item.kind == kind, Item.closed_at.is_(None), Item.id > after, mine(person))
        .order_by(Item.id)
        .limit(PAGE)
    ).all()
    found = Queue(kind, listed, counted(session, person), recent=recent(session, person, now))
    _know(session, found)
    return found


def _whole(question: Select[Any]) -> Select[Any]:
    reply = joinedload(Item.reply)
    return question.options(
        joinedload(Item.essay),
        joinedload(Item.user),
        reply.joinedload(Reply.author),
        reply.joinedload(Reply.paragraph),
        joinedload(Item.appeal).joinedload(Appeal.ruling).joinedload(Ruling.by),
        joinedload(Item.appeal).joinedload(Appeal.by),
        selectinload(Item.reports).joinedload(Report.by),
    )


def item(session: Session, item_id: int) -> Item | None:
    """An item with all that its page shows, and how it was decided."""
    question = _whole(select(Item)).options(joinedload(Item.outcome).joinedload(Ruling.by))
    return session.scalar(question.where(Item.id == item_id))


def about(session: Session, listed: Sequence[Item]) -> Queue:
    """The same knowledge for given items."""
    found = Queue("", listed, {})
    _know(session, found)
    return found


def _know(session: Session, found: Queue) -> None:
    """The replies above, and the writers' records."""
    above = {one.reply.parent_id for one in found.items if one.reply is not None} - {None}
    if above:
        rows = session.scalars(select(Reply).options(joinedload(Reply.author)).where(Reply.id.in_(above)))
        found.parents = {reply.id: reply for reply in rows}
    for one in found.items:
        if one.reply is not None and one.essay is not None:
            wording = texts.wording_of(session, one.essay, one.reply.paragraph)
            found.wordings |= {one.id: wording} if wording is not None else {}
    people = {one.reply.author_id for one in found.items if one.reply is not None}
    if not people:
        return
    found.records = {number: Record() for number in people}
    for number, standing in session.execute(
        select(Writer.user_id, func.sum(Writer.reply_count)).where(Writer.user_id.in_(people)).group_by(Writer.user_id)
    ):
        found.records[number].standing = standing
    for number, hidden in session.execute(
        select(Reply.author_id, func.count())
        .where(Reply.author_id.in_(people), Reply.state == "hidden")
        .group_by(Reply.author_id)
    ):
        found.records[number].hidden = hidden
    for bar in session.scalars(
        select(Standing)
        .options(joinedload(Standing.essay))
        .where(Standing.user_id.in_(people), Standing.lifted_at.is_(None), Standing.kind != "moderator")
    ):
        if bar.is_on():
            found.records[bar.user_id].bars.append(bar)


def recent(session: Session, person: User, now: datetime) -> Sequence[Ruling]:
    """What a moderator did in the last minutes and can undo, the newest first."""
    return session.scalars(
        rulings.lines()
        .where(Ruling.by_id == person.id, Ruling.made_at > now - UNDO_FOR, Ruling.act.in_(UNDOABLE), rulings.stands())
        .order_by(Ruling.id.desc())
        .limit(PAGE)
    ).all()


def was_left_alone(session: Session, reply: Reply) -> bool:
    """Whether a moderator has looked at these very words and left them."""
    question = (
        select(Item.id)
        .join(Ruling, Ruling.id == Item.outcome_id)
        .where(Item.reply_id == reply.id, Item.edit == reply.edits, Ruling.act == "keep", rulings.stands())
    )
    return session.scalar(question.limit(1)) is not None


def heat(session: Session, reply_ids: Sequence[int]) -> tuple[int, int] | None:
    """The first of these replies that reports wait about, and how many participants' reports wait about all of them;
    None for none. Visitors' reports slow nobody down.
    """
    rows = session.execute(
        select(Item.reply_id, func.count(Report.id))
        .join(Report, Report.item_id == Item.id)
        .where(Item.reply_id.in_(reply_ids), Item.kind == "reported", Item.closed_at.is_(None))
        .where(Report.by_id.is_not(None))
        .group_by(Item.reply_id)
        .order_by(Item.reply_id)
    ).all()
    return (rows[0][0] or 0, sum(count for _, count in rows)) if rows else None


def other_moderators(session: Session, essay_id: int | None, besides: set[int], now: datetime) -> bool:
    """Whether anybody else could decide: a moderator of the site, or of the essay, who is not barred."""
    on = Standing.on_at(now)
    barred = select(Standing.user_id).where(Standing.kind != "moderator", on, Standing.essay_id.is_(None))
    charged = select(Standing.user_id).where(Standing.kind == "moderator", on, Standing.essay_id == essay_id)
    question = select(User.id).where(
        or_(User.role.in_(("moderator", "admin")), User.id.in_(charged)),
        User.id.not_in(besides),
        User.id.not_in(barred),
    )
    return session.scalar(question.limit(1)) is not None


def several(session: Session, ids: Sequence[int]) -> Sequence[Item]:
    """Open items about replies, by their ids."""
    question = _whole(select(Item)).where(
        Item.id.in_(ids), Item.closed_at.is_(None), Item.kind.in_(("reported", "held"))
    )
    return session.scalars(question.order_by(Item.id)).all()


def of_outcome(session: Session, ruling_id: int) -> Item | None:
    """The item that a ruling closed."""
    return session.scalar(select(Item).where(Item.outcome_id == ruling_id).limit(1))


def following(session: Session, person: User, item: Item) -> int | None:
    """The id of the next open item of the same kind, else of the first there is."""
    question = select(Item.id).where(Item.kind == item.kind, Item.closed_at.is_(None), Item.id != item.id, mine(person))
    after = session.scalar(question.where(Item.id > item.id).order_by(Item.id).limit(1))
    return after or session.scalar(question.order_by(Item.id).limit(1))
