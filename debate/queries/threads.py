"""The debate beneath a paragraph or a reply: so many a side, level by level, at a cost that depends on what is shown.

One statement finds all levels. Each parent's first answers are looked up in the index of the order asked for, so it
does not matter how many it has; the statement is made of constants and bound values only, and made once a kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, String, TextualSelect, UnaryExpression, bindparam, select, text, true
from sqlalchemy.orm import Session

from debate.db import Moment
from debate.models import Paragraph, Reply, User

# The columns of each order, total: ties end at the id. `best` is described in debate/ranking.py.
_NEWEST = (("made_at", "DESC"), ("id", "DESC"))
ORDERS = {
    "best": (("best", "DESC"), ("downs", "ASC"), *_NEWEST),
    "new": _NEWEST,
    "old": (("made_at", "ASC"), ("id", "ASC")),
    "disputed": (("disputed", "DESC"), ("best", "DESC"), *_NEWEST),
}
STANCES = ("pro", "con")
FIRST = 3  # a side, on the first level
MORE = 10  # and how many at a time are added to it
# How many a side stand beneath each, level by level; "continue this thread" goes on where they end. A small debate is
# shown nearly whole.
SMALL = 80
BENEATH = {True: (3, 2, 2), False: (1, 1, 1)}
# What is asked of every reply; its words are asked for where they are needed.
SLIM = (
    Reply.id, Reply.essay_id, Reply.paragraph_id, Reply.parent_id, Reply.author_id, Reply.stance, Reply.side,
    Reply.depth, Reply.path, Reply.state, Reply.under_lock, Reply.made_at, Reply.removed_at, Reply.edits, Reply.ups,
    Reply.downs, Reply.best, Reply.disputed, Reply.children_pro, Reply.children_con, Reply.branch_count,
    Reply.citation_count, Reply.stands,
)  # fmt: skip


@dataclass
class Node:
    """A reply with what is shown beneath it, each side in the order asked for."""

    reply: Reply
    parent: Reply | None = None  # the reply above, if it is shown too
    vote: int = 0  # the reader's own: 1, −1, or 0
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

    @property
    def values(self) -> dict[str, int]:
        """What `_here` is bound to."""
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
    drawn: Sequence[int] = (),
) -> Node:
    """What is said at a place, as the two sides of a root node; the replies without their words. One statement.

    At first FIRST a side, `more` of the root telling how many come with the next MORE; with `after`, a reply shown
    last, the next MORE of its side and none of the other. Beneath each BENEATH a side, level by level. `person` sees
    what was removed of own words, a moderator all of it. Of the replies `drawn` of the first level, the first of each
    side that is not shown anyway stands in `drawn` of the root.
    """
    kind = _Kind(
        sort=sort,
        stances=(after.stance,) if after else STANCES,
        first=MORE if after else FIRST,
        beneath=BENEATH[place.is_small and after is None],
        top=place.under is None,
        goes_on=after is not None,
        reader="" if person is None else "moderator" if person.is_moderator else "person",
        draws=bool(drawn),
    )
    values: dict[str, Any] = place.values
    if after is not None:
        values |= {f"after_{column}": getattr(after, column) for column, _ in ORDERS[sort]}
    if person is not None:
        values["person"] = person.id
    if drawn:
        values["drawn"] = list(drawn)
    statement = _statement(kind)
    rows = session.execute(
        select(
            Reply, statement.selected_columns.level, statement.selected_columns.n, statement.selected_columns.vote
        ).from_statement(statement),
        values,
    )
    return _grown(place, list(rows), kind, drawn)


@dataclass(frozen=True)
class _Kind:
    """All that the text of the statement depends on."""

    sort: str
    stances: tuple[str, ...]
    first: int
    beneath: tuple[int, ...]
    top: bool
    goes_on: bool
    reader: str
    draws: bool

    @property
    def order(self) -> str:
        return ", ".join(f"r.{column} {way}" for column, way in ORDERS[self.sort])

    @property
    def standings(self) -> list[str]:
        """The kinds of replies that have a place: those that stand for all, and what the reader may see of the rest."""
        removed = "r.stands = false AND r.state IN ('hidden', 'held')"
        own = f"{removed} AND r.author_id = :person"
        return ["r.stands = true", *{"": [], "moderator": [removed], "person": [own]}[self.reader]]

    @property
    def ranges(self) -> list[str]:
        """What comes after a reply in the order, as ranges of its index, the nearest first."""
        if not self.goes_on:
            return [""]
        found: list[str] = []
        same = ""
        for column, way in ORDERS[self.sort]:
            found.insert(0, f"{same} AND r.{column} {'<' if way == 'DESC' else '>'} :after_{column}")
            same += f" AND r.{column} = :after_{column}"
        return found


@lru_cache(maxsize=200)
def _statement(kind: _Kind) -> TextualSelect:
    """The statement: id, slim columns, level from 1, n (0: shown, 1: only counted, or drawn), the reader's vote."""
    levels = [_first_level(kind)]
    for at, width in enumerate(kind.beneath, start=1):
        levels.append(_next_level(kind, at, width))
    names = [f"level{at}" for at in range(1, len(levels) + 1)]
    ctes = ", ".join(f"{name} AS MATERIALIZED ({level})" for name, level in zip(names, levels, strict=True))
    every = " UNION ALL ".join(f"SELECT id, level, n FROM {name}" for name in names)  # noqa: S608
    slim = ", ".join(f"r.{column.key}" for column in SLIM)
    votes = "LEFT JOIN votes v ON v.reply_id = r.id AND v.user_id = :person" if kind.reader else ""
    sql = (
        f"WITH {ctes} SELECT {slim}, f.level AS level, f.n AS n, {'v.value' if kind.reader else '0'} AS vote "  # noqa: S608
        f"FROM ({every}) f JOIN replies r ON r.id = f.id {votes}"
    )
    typed = [bindparam("after_made_at", type_=Moment)] if kind.goes_on else []
    if kind.draws:
        typed.append(bindparam("drawn", expanding=True))
    return text(sql).bindparams(*typed).columns(*SLIM, level=Integer, n=Integer, vote=Integer)


def _first_level(kind: _Kind) -> str:
    """The first of each side, MORE of those that follow them (n = 1), and what was drawn (n = 1 too)."""
    parent = "r.parent_id IS NULL" if kind.top else "r.parent_id = :parent"
    parts = [
        f"SELECT id, 1 AS level, {n} AS n FROM (SELECT r.id FROM replies r WHERE r.paragraph_id = :paragraph "  # noqa: S608
        f"AND {parent} AND r.stance = '{stance}' AND {standing}{later} "
        f"ORDER BY r.parent_id, {kind.order} LIMIT {limit} OFFSET {offset}) {stance}{n}{at}_{nth}"
        for stance in kind.stances
        for at, standing in enumerate(kind.standings)
        for nth, later in enumerate(kind.ranges)
        for n, limit, offset in ((0, kind.first, 0), (1, MORE, kind.first))
    ]
    if kind.draws:
        parts.append("SELECT id, 1 AS level, 1 AS n FROM replies WHERE id IN :drawn")
    return " UNION ALL ".join(parts)


def _next_level(kind: _Kind, above: int, width: int) -> str:
    """The first `width` of each side beneath those above, and one more (n = 1) that tells whether there are more.

    Each has a slot: the level above is named once, since SQLite takes a named level apart anew wherever it is named.
    """
    slots = [(stance, standing, at) for stance in STANCES for standing in kind.standings for at in range(width + 1)]
    chosen = " ".join(
        f"WHEN {slot} THEN (SELECT r.id FROM replies r WHERE r.paragraph_id = :paragraph AND r.parent_id = above.id "  # noqa: S608
        f"AND r.stance = '{stance}' AND {standing} ORDER BY {kind.order} LIMIT 1 OFFSET {at})"
        for slot, (stance, standing, at) in enumerate(slots)
    )
    numbered = " UNION ALL ".join(
        f"SELECT {slot} AS slot, {int(at == width)} AS n" for slot, (_, _, at) in enumerate(slots)
    )
    return (
        f"SELECT CASE slots.slot {chosen} END AS id, {above + 1} AS level, slots.n AS n "  # noqa: S608
        f"FROM level{above} above CROSS JOIN ({numbered}) slots WHERE above.n = 0"
    )


def _grown(place: Place, rows: list[Any], kind: _Kind, drawn: Sequence[int]) -> Node:
    """The rows as a tree; those too many are only counted, in `more` of what is above them."""
    root = Node(place.under or Reply())
    shown: dict[int, Node] = {}
    others: dict[int, Node] = {}
    rows.sort(key=lambda row: (row[1], row[2], rank(kind.sort, row[0])))
    for reply, level, n, vote in rows:
        above = root if level == 1 else shown.get(reply.parent_id)
        if above is None or reply.id in shown:
            continue
        node = Node(reply, above.reply if above is not root else place.under, vote or 0)
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


def drawable(session: Session, person: User, place: Place, points: dict[str, int], limit: int) -> list[tuple[int, str]]:
    """Visible replies of the first level, (id, stance), that `person` neither wrote nor voted on.

    All of a side up to `limit`; of a larger one those whose lots follow the point given for that side.
    """
    parent = "r.parent_id IS NULL" if place.under is None else "r.parent_id = :parent"
    rows = session.execute(
        _drawing(parent, limit),
        place.values | {"person": person.id} | {f"point_{stance}": point for stance, point in points.items()},
    )
    found: dict[str, list[int]] = {stance: [] for stance in STANCES}
    for reply_id, stance, *_ in sorted(rows, key=lambda row: row[2:]):
        if reply_id not in found[stance] and len(found[stance]) < limit:
            found[stance].append(reply_id)
    return [(reply_id, stance) for stance in STANCES for reply_id in found[stance]]


@lru_cache(maxsize=4)
def _drawing(parent: str, limit: int) -> TextualSelect:
    parts = [
        f"SELECT id, '{stance}' AS stance, {turn} AS turn, lot FROM (SELECT r.id, r.lot FROM replies r "  # noqa: S608
        f"WHERE r.paragraph_id = :paragraph AND {parent} AND r.stance = '{stance}' AND r.stands = true "
        f"AND r.lot {compared} :point_{stance} AND r.state = 'visible' AND r.author_id <> :person "
        "AND NOT EXISTS (SELECT 1 FROM votes v WHERE v.user_id = :person AND v.reply_id = r.id) "
        f"ORDER BY r.parent_id, r.lot LIMIT {limit}) {stance}{turn}"
        for stance in STANCES
        for turn, compared in ((0, ">="), (1, "<"))
    ]
    return text(" UNION ALL ".join(parts)).columns(id=Integer, stance=String, turn=Integer, lot=Integer)
