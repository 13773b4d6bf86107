"""Replies: one, its ancestors, what is new, what somebody wrote."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, null, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, load_only

from debate.models import Ask, Ballot, Citation, Essay, Paragraph, Reply, ReplyEdit, Ruling, User, Vote, Writer
from debate.models.essays import IS_PUBLIC
from debate.models.replies import IS_VISIBLE
from debate.padded import padded

# Of the replies above one, those its page shows: the first, and the nearest.
ABOVE_FIRST, ABOVE_LAST = 2, 48
FOLDED = 20  # of those that say the same as another, so many stand beneath it
FOLDED_PAGE = 100  # and so many on a page of them


@dataclass
class Whole:
    """Replies with their words and writers, what they cite, for hidden ones the ruling, the reader's votes and asks;
    by id."""

    replies: dict[int, Reply] = field(default_factory=dict)
    citations: dict[int, list[Citation]] = field(default_factory=dict)
    hidings: dict[int, Ruling] = field(default_factory=dict)
    votes: dict[int, Ballot] = field(default_factory=dict)
    asks: dict[int, Ask] = field(default_factory=dict)


def by_id(session: Session, reply_id: int) -> Reply | None:
    """A reply with its author, paragraph and essay, whatever its state."""
    return session.scalar(_complete().where(Reply.id == reply_id))


def scored(session: Session, reply_id: int) -> Reply | None:
    """A reply with its votes, its place and its author, and nothing else."""
    told = (Reply.author_id, Reply.paragraph_id, Reply.wording_id, Reply.path, Reply.state, Reply.edits)
    scores = load_only(Reply.ups, Reply.downs, *told)
    return session.scalar(_with_author().options(scores).where(Reply.id == reply_id))


def whole(session: Session, person: User | None, ids: Iterable[int]) -> Whole:
    """Replies with all that an article shows; one statement."""
    found = Whole()
    wanted = padded(ids)
    if not wanted:
        return found
    rows: Iterable[Any] = session.execute(_whole(person).where(Reply.id.in_(wanted)))
    for reply, citation, ruling, ask, *ballot in rows:
        found.replies[reply.id] = reply
        if citation is not None:
            found.citations.setdefault(reply.id, []).append(citation)
        if ruling is not None:
            found.hidings[reply.id] = ruling
        if ballot[0]:
            found.votes[reply.id] = Ballot(*ballot)
        if ask is not None:
            found.asks[reply.id] = ask
    return found


def _whole(person: User | None) -> Any:
    last = select(func.max(Ruling.id)).where(Ruling.reply_id == Reply.id, Ruling.act == "hide")
    question = (
        _with_author()
        .add_columns(Citation, Ruling)
        .outerjoin(Citation, Citation.reply_id == Reply.id)
        .outerjoin(Ruling, (Reply.state == "hidden") & (Ruling.id == last.correlate(Reply).scalar_subquery()))
        .options(
            joinedload(Citation.source),
            joinedload(Citation.given),
            joinedload(Citation.by).load_only(User.id, User.name, User.deleted_at),
        )
        .order_by(Citation.id)
    )
    if person is None:
        return question.add_columns(null(), *(null() for _ in Ballot._fields))
    own = (Vote.reply_id == Reply.id) & (Vote.user_id == person.id)
    asked = (Ask.reply_id == Reply.id) & (Ask.user_id == person.id)
    return (
        question.outerjoin(Vote, own)
        .outerjoin(Ask, asked)
        .add_columns(Ask, *(getattr(Vote, name) for name in Ballot._fields))
    )


def folded(session: Session, listed: Sequence[Reply]) -> dict[int, list[Reply]]:
    """What moderators folded under these replies, FOLDED of each at most, the oldest first. One statement, or none."""
    found: dict[int, list[Reply]] = {}
    if not listed:
        return found
    nth = func.row_number().over(partition_by=Reply.duplicate_of_id, order_by=Reply.id).label("nth")
    of = padded(reply.id for reply in listed)
    first = select(Reply.id, nth).where(Reply.duplicate_of_id.in_(of)).subquery()
    question = _with_author().join(first, first.c.id == Reply.id).where(first.c.nth <= FOLDED).order_by(Reply.id)
    for reply in session.scalars(question):
        found.setdefault(reply.duplicate_of_id or 0, []).append(reply)
    return found


def folded_under(session: Session, reply: Reply, after: int) -> tuple[Sequence[Reply], bool]:
    """What moderators folded under a reply, the oldest first, a page from after an id on; whether more follow."""
    question = _with_author().where(Reply.duplicate_of_id == reply.id, Reply.id > after).order_by(Reply.id)
    rows = session.scalars(question.limit(FOLDED_PAGE + 1)).all()
    return rows[:FOLDED_PAGE], len(rows) > FOLDED_PAGE


def repeating(session: Session, reply: Reply) -> Sequence[Reply]:
    """Other visible replies of the essay that hold a line of this one, 20 characters or longer: they may quote it."""
    lines = {line.strip(" >*_-") for line in reply.body.splitlines()}
    telling = sorted((line for line in lines if len(line) >= 20), key=len, reverse=True)[:10]
    if not telling:
        return []
    held = or_(*(Reply.body.contains(line, autoescape=True) for line in telling))
    question = _with_author().where(Reply.essay_id == reply.essay_id, Reply.id != reply.id, held, IS_VISIBLE)
    return session.scalars(question.order_by(Reply.id).limit(50)).all()


def above(reply: Reply) -> tuple[list[int], list[int]]:
    """The ids of the replies above one, from the top: the first and the nearest, and those left out between."""
    ids = reply.ancestor_ids
    if len(ids) <= ABOVE_FIRST + ABOVE_LAST:
        return ids, []
    return ids[:ABOVE_FIRST] + ids[-ABOVE_LAST:], ids[ABOVE_FIRST:-ABOVE_LAST]


def newer(session: Session, person: User | None, paragraph: Paragraph, since: int) -> Sequence[Reply]:
    """What others replied to a paragraph after the reply `since` and is visible, oldest first; 50 at most."""
    question = (
        _with_author()
        .where(
            Reply.essay_id == paragraph.essay_id,
            Reply.paragraph_id == paragraph.id,
            Reply.id > since,
            Reply.state == "visible",
        )
        .order_by(Reply.id)
        .limit(50)
    )
    if person is not None:
        question = question.where(Reply.author_id != person.id)
    return session.scalars(question).all()


def by_writer(session: Session, writer: User, before: int | None, limit: int) -> Sequence[Reply]:
    """A person's visible replies, newest first, with their essays; `before` is the id to go on from."""
    question = (
        _with_author()
        .join(Reply.essay)
        .join(Reply.paragraph)
        .options(contains_eager(Reply.essay), contains_eager(Reply.paragraph))
        .where(Reply.author_id == writer.id, Reply.state == "visible", IS_PUBLIC)
        .order_by(Reply.id.desc())
        .limit(limit)
    )
    if before is not None:
        question = question.where(Reply.id < before)
    return session.scalars(question).all()


def count_by_writer(session: Session, writer: User) -> int:
    """How many visible replies somebody wrote."""
    question = select(func.sum(Writer.reply_count)).join(Essay, Essay.id == Writer.essay_id)
    return session.scalar(question.where(Writer.user_id == writer.id, IS_PUBLIC)) or 0


def earlier_words(session: Session, reply: Reply) -> Sequence[ReplyEdit]:
    """What a reply said before, newest first."""
    if not reply.edits:
        return []
    return session.scalars(
        select(ReplyEdit).where(ReplyEdit.reply_id == reply.id).order_by(ReplyEdit.number.desc())
    ).all()


def _with_author() -> Select[Reply]:
    author = joinedload(Reply.author).options(load_only(User.id, User.name, User.role, User.deleted_at))
    return select(Reply).options(author)


def _complete() -> Select[Reply]:
    owner = joinedload(Reply.essay).joinedload(Essay.owner)
    return _with_author().options(owner, joinedload(Reply.paragraph))
