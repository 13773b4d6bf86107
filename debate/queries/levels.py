"""The one statement that finds a debate, level by level.

Each parent's first answers are looked up in the index of the order asked for, so it does not matter how many it has.
The text is made of constants and bound values only, and made once a kind.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, TextualSelect, bindparam, text

from debate.db import Moment
from debate.models import Ballot, Reply

# The columns of each order, total: ties end at the id. `best` is described in debate/ranking.py.
_NEWEST = (("made_at", "DESC"), ("id", "DESC"))
ORDERS = {
    "best": (("best", "DESC"), ("downs", "ASC"), *_NEWEST),
    "new": _NEWEST,
    "old": (("made_at", "ASC"), ("id", "ASC")),
    "disputed": (("disputed", "DESC"), ("best", "DESC"), *_NEWEST),
}
STILL = ("made_at", "id")  # what never changes of a reply
STANCES = ("pro", "con")
MOST = 2**31  # beyond any count of votes
FIRST = 3  # a side, on the first level
MORE = 10  # and how many at a time are added to it
# How many a side stand beneath each, level by level; "continue this thread" goes on where they end. A small debate is
# shown nearly whole.
SMALL = 80
BENEATH = {True: (3, 2, 2), False: (1, 1, 1)}
# What is asked of every reply; its words are asked for where they are needed.
SLIM = (
    Reply.id, Reply.essay_id, Reply.paragraph_id, Reply.parent_id, Reply.wording_id, Reply.author_id, Reply.stance,
    Reply.side, Reply.depth, Reply.path, Reply.state, Reply.under_lock, Reply.made_at, Reply.removed_at, Reply.edits,
    Reply.ups, Reply.downs, Reply.best, Reply.disputed, Reply.children_pro, Reply.children_con, Reply.branch_count,
    Reply.citation_count, Reply.ask_count, Reply.evidence_version, Reply.duplicate_count, Reply.stands,
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
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
        return [f" AND r.id <> :after_id{each}" for each in found]  # which may have moved behind its own place


def place_of(sort: str, reply: Reply) -> str:
    """Where in an order a reply stands now, as far as that changes: to go on from there when it has moved."""
    return "~".join(str(getattr(reply, column)) for column, _ in ORDERS[sort] if column not in STILL)


def place_after(sort: str, reply: Reply, place: str) -> dict[str, Any]:
    """What the order compares, of a reply that stood at a `place`; where it stands now if there is none such."""
    now = {column: getattr(reply, column) for column, _ in ORDERS[sort]}
    moving = [column for column in now if column not in STILL]
    with suppress(ValueError):
        then = [type(now[column])(said) for column, said in zip(moving, place.split("~"), strict=True)]
        if all(abs(value) < MOST for value in then):
            return now | dict(zip(moving, then, strict=True))
    return now


@lru_cache(maxsize=200)
def statement(kind: Kind) -> TextualSelect:
    """The statement: id, slim columns, level from 1, n (0: shown, 1: only counted, or drawn), the reader's vote (value,
    edit, wording: see models.Ballot)."""
    levels = [_first_level(kind)]
    for at, width in enumerate(kind.beneath, start=1):
        levels.append(_next_level(kind, at, width))
    names = [f"level{at}" for at in range(1, len(levels) + 1)]
    ctes = ", ".join(f"{name} AS MATERIALIZED ({level})" for name, level in zip(names, levels, strict=True))
    every = " UNION ALL ".join(f"SELECT id, level, n FROM {name}" for name in names)  # noqa: S608
    slim = ", ".join(f"r.{column.key}" for column in SLIM)
    ballot = ", ".join(f"{f'v.{name}' if kind.reader else 'NULL'} AS vote_{name}" for name in Ballot._fields)
    votes = "LEFT JOIN votes v ON v.reply_id = r.id AND v.user_id = :person" if kind.reader else ""
    sql = (
        f"WITH {ctes} SELECT {slim}, f.level AS level, f.n AS n, {ballot} "  # noqa: S608
        f"FROM ({every}) f JOIN replies r ON r.id = f.id {votes}"
    )
    typed = [bindparam("after_made_at", type_=Moment)] if kind.goes_on else []
    if kind.draws:
        typed.append(bindparam("drawn", expanding=True))
    return (
        text(sql)
        .bindparams(*typed)
        .columns(*SLIM, level=Integer, n=Integer, **{f"vote_{name}": Integer for name in Ballot._fields})
    )


def _first_level(kind: Kind) -> str:
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


def _next_level(kind: Kind, above: int, width: int) -> str:
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
