"""Replies: one, its ancestors, the debate beneath it or a paragraph, an essay's tree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, UnaryExpression, false, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, load_only
from sqlalchemy.sql import operators

from debate.models import Essay, Paragraph, Reply, ReplyEdit, User

ORDERS = ("best", "new", "old", "disputed")
# How many replies a side a debate shows at first, level by level; where they end, "continue this thread" goes on.
WIDTHS = (3, 3, 2, 1)
SHOWN_DEPTH = len(WIDTHS)
MORE = 10  # and how many at a time are added to the first level


@dataclass
class Node:
    """A reply with what is shown beneath it, each side in the order asked for."""

    reply: Reply
    parent: Reply | None = None  # the reply above, if it is shown too
    pro: list["Node"] = field(default_factory=list)
    con: list["Node"] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=lambda: {"pro": 0, "con": 0})  # how many a side are not shown

    def side(self, stance: str) -> list["Node"]:
        return self.pro if stance == "pro" else self.con

    @property
    def children(self) -> list["Node"]:
        """For first, then against."""
        return self.pro + self.con

    @property
    def alive(self) -> bool:
        """Whether it keeps its place: visible, or something visible is beneath."""
        return self.reply.is_visible or self.reply.branch_count > 0


def order(name: str) -> tuple[UnaryExpression[Any], ...]:
    """The columns of an order, total: ties end at the id. `best` is described in debate/ranking.py."""
    newest = (Reply.made_at.desc(), Reply.id.desc())
    return {
        "best": (Reply.best.desc(), Reply.downs.asc(), *newest),
        "new": newest,
        "old": (Reply.made_at.asc(), Reply.id.asc()),
        "disputed": (Reply.disputed.desc(), Reply.best.desc(), *newest),
    }[name]


def by_id(session: Session, reply_id: int) -> Reply | None:
    """A reply with its author, paragraph and essay, whatever its state."""
    return session.scalar(_whole().where(Reply.id == reply_id))


def ancestors(session: Session, reply: Reply) -> Sequence[Reply]:
    """From the top-level reply down to the parent."""
    if not reply.ancestor_ids:
        return []
    return session.scalars(_with_author().where(Reply.id.in_(reply.ancestor_ids)).order_by(Reply.depth)).all()


def debate(
    session: Session,
    person: User | None,
    paragraph: Paragraph,
    *,
    under: Reply | None = None,
    sort: str = "best",
    after: Reply | None = None,
) -> Node:
    """What is said to a paragraph, or to a reply of it (`under`), as the two sides of a root node.

    At first WIDTHS[0] replies a side, `more` of the root telling what remains; with `after`, a reply shown last, the
    next MORE of its side and none of the other. Beneath each, fewer a side with every level, SHOWN_DEPTH levels in
    all: so what a page costs depends on what it shows. `person` sees what was removed of own words, a moderator all.
    """
    root = Node(under or Reply())
    here = [Reply.paragraph_id == paragraph.id, Reply.parent_id == (under.id if under else None)]
    if under is None:
        here.append(Reply.depth == 1)
    if after is not None:
        here += [Reply.stance == after.stance, _later(sort, after)]
    level = _level(session, person, sort, here, WIDTHS[0] if after is None else MORE, root=root)
    for width in WIDTHS[1:]:
        if not level:
            break
        level = _level(session, person, sort, [Reply.parent_id.in_(level)], width, above=level)
    return root


def _level(
    session: Session,
    person: User | None,
    sort: str,
    here: list[ColumnElement[bool]],
    width: int,
    *,
    root: Node | None = None,
    above: dict[int, Node] | None = None,
) -> dict[int, Node]:
    """One level: the first `width` a side of each parent, hung beneath `root` or their parents in `above`."""
    sides = (Reply.parent_id, Reply.stance)
    places = (
        select(
            Reply.id,
            func.row_number().over(partition_by=sides, order_by=order(sort)).label("place"),
            func.count().over(partition_by=sides).label("of"),
        )
        .where(*here, _stands(person))
        .subquery()
    )
    rows = session.execute(
        _with_author()
        .add_columns(places.c.of)
        .join(places, places.c.id == Reply.id)
        .where(places.c.place <= width)
        .order_by(*order(sort))
    )
    found: dict[int, Node] = {}
    for reply, of in rows:
        parent = root or (above or {})[reply.parent_id]
        side = parent.side(reply.stance)
        side.append(Node(reply, parent.reply if parent.reply.id else None))
        parent.more[reply.stance] = of - len(side)
        found[reply.id] = side[-1]
    return found


def _stands(person: User | None) -> ColumnElement[bool]:
    """Whether a reply has a place on pages: visible, or something visible beneath, or this person may read it."""
    stands = (Reply.state == "visible") | (Reply.branch_count > 0)
    if person is None:
        return stands
    removed = Reply.state.in_(("hidden", "held"))
    return stands | (removed if person.is_moderator else removed & (Reply.author_id == person.id))


def _later(sort: str, reply: Reply) -> ColumnElement[bool]:
    """What comes after a reply in an order."""
    later: ColumnElement[bool] = false()
    for element in reversed(order(sort)):
        column, value = element.element, getattr(reply, str(element.element.key))
        beyond = column < value if element.modifier is operators.desc_op else column > value
        later = beyond | ((column == value) & later)
    return later


def newer(session: Session, person: User | None, paragraph: Paragraph, since: int) -> Sequence[Reply]:
    """What others replied to a paragraph after the reply `since` and is visible, oldest first; 50 at most."""
    question = (
        _with_author()
        .where(Reply.paragraph_id == paragraph.id, Reply.id > since, Reply.state == "visible")
        .order_by(Reply.id)
        .limit(50)
    )
    if person is not None:
        question = question.where(Reply.author_id != person.id)
    return session.scalars(question).all()


def newest(session: Session, paragraph: Paragraph) -> int:
    """The highest id of a reply in a paragraph's debate; 0 where there is none."""
    return session.scalar(select(func.max(Reply.id)).where(Reply.paragraph_id == paragraph.id)) or 0


def grown(rows: Iterable[Reply], under: Reply | None = None) -> Node:
    """Replies, ordered, made into the tree under `under` (none: the paragraph); dead ends nobody may see are left out.

    A dead end is a reply that is not visible with nothing visible beneath.
    """
    root = Node(under or Reply())
    nodes = {reply.id: Node(reply) for reply in rows}
    root_id = under.id if under else None
    for node in nodes.values():
        if not node.alive:
            continue
        parent = root if node.reply.parent_id == root_id else nodes.get(node.reply.parent_id or 0)
        if parent is not None:
            node.parent = parent.reply if parent is not root else under
            parent.side(node.reply.stance).append(node)
    return root


def flat(root: Node) -> list[tuple[int, Node]]:
    """A tree read from top to bottom as (level from 1, node), however deep it is."""
    found: list[tuple[int, Node]] = []
    waiting = [(1, node) for node in reversed(root.children)]
    while waiting:
        level, node = waiting.pop()
        found.append((level, node))
        waiting += [(level + 1, child) for child in reversed(node.children)]
    return found


def tree_of(session: Session, essay: Essay, depth: int | None) -> dict[int, Node]:
    """An essay's replies by paragraph id, `depth` levels deep (None: all)."""
    question = _with_author().where(Reply.essay_id == essay.id).order_by(*order("best"))
    if depth is not None:
        question = question.where(Reply.depth <= depth)
    return _by_paragraph(session.scalars(question))


def three_a_side(session: Session, essay: Essay) -> dict[int, Node]:
    """By paragraph id the three best visible top-level replies of each side: what was removed takes no place."""
    place = func.row_number().over(partition_by=(Reply.paragraph_id, Reply.stance), order_by=order("best"))
    ranked = (
        select(Reply.id, place.label("place"))
        .where(Reply.essay_id == essay.id, Reply.depth == 1, Reply.state == "visible")
        .subquery()
    )
    question = _with_author().join(ranked, ranked.c.id == Reply.id).where(ranked.c.place <= 3)
    return _by_paragraph(session.scalars(question.order_by(*order("best"))))


def _by_paragraph(rows: Iterable[Reply]) -> dict[int, Node]:
    sorted_out: dict[int, list[Reply]] = {}
    for reply in rows:
        sorted_out.setdefault(reply.paragraph_id, []).append(reply)
    return {paragraph_id: grown(replies) for paragraph_id, replies in sorted_out.items()}


def by_writer(session: Session, writer: User, before: int | None, limit: int) -> Sequence[Reply]:
    """A person's visible replies, newest first, with their essays; `before` is the id to go on from."""
    question = (
        _with_author()
        .join(Reply.essay)
        .join(Reply.paragraph)
        .options(contains_eager(Reply.essay), contains_eager(Reply.paragraph))
        .where(Reply.author_id == writer.id, Reply.state == "visible")
        .order_by(Reply.id.desc())
        .limit(limit)
    )
    if before is not None:
        question = question.where(Reply.id < before)
    return session.scalars(question).all()


def count_by_writer(session: Session, writer: User) -> int:
    return session.scalar(select(func.count()).where(Reply.author_id == writer.id, Reply.state == "visible")) or 0


def earlier_words(session: Session, reply: Reply) -> Sequence[ReplyEdit]:
    """What a reply said before, newest first."""
    if not reply.edits:
        return []
    return session.scalars(
        select(ReplyEdit).where(ReplyEdit.reply_id == reply.id).order_by(ReplyEdit.number.desc())
    ).all()


def _with_author() -> Select[Reply]:
    author = joinedload(Reply.author).options(load_only(User.id, User.name, User.role))
    return select(Reply).options(author)


def _whole() -> Select[Reply]:
    owner = joinedload(Reply.essay).joinedload(Essay.owner)
    return _with_author().options(owner, joinedload(Reply.paragraph))
