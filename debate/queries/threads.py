"""The debate beneath a paragraph or a reply: so many a side, level by level, at a cost that depends on what is shown.

One statement finds all levels (debate/queries/levels.py); here they are made into a tree.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import UnaryExpression, select, true
from sqlalchemy.orm import Session

from debate.models import Ballot, Paragraph, Reply, User
from debate.queries import levels
from debate.queries.levels import BENEATH, FIRST, MORE, ORDERS, SMALL, STANCES, Kind

# What the statement says of each reply beside its columns.
_BESIDE = ("level", "n", *(f"vote_{name}" for name in Ballot._fields))


@dataclass
class Node:
    """A reply with what is shown beneath it, each side in the order asked for."""

    reply: Reply
    parent: Reply | None = None  # the reply above, if it is shown too
    vote: Ballot | None = None  # the reader's own
    pro: list["Node"] = field(default_factory=list)
    con: list["Node"] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=lambda: {"pro": 0, "con": 0})  # how many a side are not shown
    drawn: dict[str, "Node"] = field(default_factory=dict)  # by side, the one drawn for this reader

    def side(self, stance: str) -> list["Node"]:
        return self.pro if stance == "pro" else self.con

    @property
    def children(self) -> list["Node"]:
        """For first, then against."""
        return self.pro + self.con


@dataclass(frozen=True)
class Place:
    """Where a debate hangs: a paragraph, or a reply to it."""

    paragraph: Paragraph
    under: Reply | None = None

    @property
    def is_small(self) -> bool:
        return (self.under.branch_count if self.under else self.paragraph.reply_count) <= SMALL

    def count(self, stance: str) -> int:
        """How many visible replies one side has at the first level."""
        pro = stance == "pro"
        if self.under is not None:
            return self.under.children_pro if pro else self.under.children_con
        return self.paragraph.for_count if pro else self.paragraph.against_count

    @property
    def values(self) -> dict[str, int]:
        """What the statements of a place are bound to."""
        return {"paragraph": self.paragraph.id} | ({"parent": self.under.id} if self.under else {})


def order(name: str) -> tuple[UnaryExpression[Any], ...]:
    """The columns of an order, for other statements."""
    columns = ((getattr(Reply, column), way) for column, way in ORDERS[name])
    return tuple(column.desc() if way == "DESC" else column.asc() for column, way in columns)


def debate(
    session: Session,
    person: User | None,
    place: Place,
    *,
    sort: str = "best",
    after: Reply | None = None,
    stood: str = "",
    drawn: Sequence[int] = (),
) -> Node:
    """What is said at a place, as the two sides of a root node; the replies without their words. One statement.

    At first FIRST a side, `more` of the root telling how many come with the next MORE; with `after`, a reply shown
    last, the next MORE of its side and none of the other, from where it `stood` then (see levels.place_of): a vote on
    it must not pass over those between. Beneath each BENEATH a side, level by level. `person` sees
    what was removed of own words, a moderator all of it. Of the replies `drawn` of the first level, the first of each
    side that is not shown anyway stands in `drawn` of the root.
    """
    kind = Kind(
        sort=sort,
        stances=(after.stance,) if after else STANCES,
        first=MORE if after else FIRST,
        beneath=BENEATH[place.is_small and after is None],
        top=place.under is None,
        goes_on=after is not None,
        reader="" if person is None else "moderator" if person.moderates(place.paragraph.essay_id) else "person",
        draws=bool(drawn),
    )
    values: dict[str, Any] = place.values
    if after is not None:
        values |= {f"after_{column}": value for column, value in levels.place_after(sort, after, stood).items()}
    if person is not None:
        values["person"] = person.id
    if drawn:
        values["drawn"] = list(drawn)
    statement = levels.statement(kind)
    rows = session.execute(
        select(Reply, *(statement.selected_columns[name] for name in _BESIDE)).from_statement(statement),
        values,
    )
    return _grown(place, list(rows), kind, drawn)


def _grown(place: Place, rows: list[Any], kind: Kind, drawn: Sequence[int]) -> Node:
    """The rows as a tree; those too many are only counted, in `more` of what is above them."""
    root = Node(place.under or Reply())
    shown: dict[int, Node] = {}
    others: dict[int, Node] = {}
    rows.sort(key=lambda row: (row[1], row[2], rank(kind.sort, row[0])))
    for reply, level, n, *ballot in rows:
        above = root if level == 1 else shown.get(reply.parent_id)
        if above is None or reply.id in shown:
            continue
        node = Node(reply, above.reply if above is not root else place.under, Ballot(*ballot) if ballot[0] else None)
        width = kind.first if level == 1 else kind.beneath[level - 2]
        if n == 0 and len(above.side(reply.stance)) < width:
            above.side(reply.stance).append(node)
            shown[reply.id] = node
        elif reply.id not in others:
            others[reply.id] = node
            above.more[reply.stance] += 1
    root.more = {stance: min(MORE, count) for stance, count in root.more.items()}
    for node in shown.values():
        _count_more(node)
    for reply_id in drawn:
        if reply_id in others:
            root.drawn.setdefault(others[reply_id].reply.stance, others[reply_id])
    return root


def _count_more(node: Node) -> None:
    """How many visible answers are not shown; those that only hold a place count where no visible one is left."""
    for stance, count in (("pro", node.reply.children_pro), ("con", node.reply.children_con)):
        left = count - sum(1 for child in node.side(stance) if child.reply.is_visible)
        node.more[stance] = max(left, min(1, node.more[stance]))


def rank(sort: str, reply: Reply) -> tuple[float, ...]:
    """What an order compares, for sorting in memory."""
    values = ((getattr(reply, column), way) for column, way in ORDERS[sort])
    numbers = ((value.timestamp() if isinstance(value, datetime) else value, way) for value, way in values)
    return tuple(-value if way == "DESC" else value for value, way in numbers)


def is_among_first(session: Session, reply: Reply) -> bool:
    """Whether a reply is among the first of its side that the debate it answers in shows."""
    first = (
        select(Reply.id)
        .where(
            Reply.paragraph_id == reply.paragraph_id,
            Reply.parent_id == reply.parent_id,
            Reply.stance == reply.stance,
            Reply.stands == true(),
        )
        .order_by(Reply.parent_id, *order("best"))
        .limit(FIRST)
    )
    return reply.id in session.scalars(first).all()


def flat(root: Node) -> list[tuple[int, Node]]:
    """A tree read from top to bottom as (level from 1, node), however deep it is."""
    found: list[tuple[int, Node]] = []
    waiting = [(1, node) for node in reversed(root.children)]
    while waiting:
        level, node = waiting.pop()
        found.append((level, node))
        waiting += [(level + 1, child) for child in reversed(node.children)]
    return found
