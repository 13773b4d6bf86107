"""Replies: one, its ancestors, what is beneath it, a paragraph's debate, an essay's tree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, load_only

from debate.models import Essay, Paragraph, Reply, ReplyEdit, User

ORDERS = ("best", "new", "old", "disputed")
SHOWN_DEPTH = 4  # levels a debate unfolds before "continue this thread"


@dataclass
class Node:
    """A reply with what is shown beneath it, each side in the order asked for."""

    reply: Reply
    parent: Reply | None = None  # the reply above, if it is shown too
    pro: list["Node"] = field(default_factory=list)
    con: list["Node"] = field(default_factory=list)

    @property
    def children(self) -> list["Node"]:
        """For first, then against."""
        return self.pro + self.con

    @property
    def alive(self) -> bool:
        """Whether it keeps its place: visible, or something visible is beneath."""
        return self.reply.is_visible or self.reply.branch_count > 0


def order(name: str) -> tuple[ColumnElement[object], ...]:
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


def debate_of(session: Session, paragraph: Paragraph, sort: str) -> Node:
    """The replies of a paragraph down to SHOWN_DEPTH, as the children of a rootless node's two sides."""
    rows = session.scalars(
        _with_author().where(Reply.paragraph_id == paragraph.id, Reply.depth <= SHOWN_DEPTH).order_by(*order(sort))
    )
    return grown(rows)


def beneath(session: Session, reply: Reply, sort: str) -> Node:
    """What stands beneath a reply, SHOWN_DEPTH levels of it, as the two sides of a node."""
    rows = session.scalars(
        _with_author()
        .where(
            Reply.paragraph_id == reply.paragraph_id,
            Reply.depth.between(reply.depth + 1, reply.depth + SHOWN_DEPTH),
            func.substr(Reply.path, 1, len(reply.path)) == reply.path,
        )
        .order_by(*order(sort))
    )
    return grown(rows, under=reply)


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
            (parent.pro if node.reply.stance == "pro" else parent.con).append(node)
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
