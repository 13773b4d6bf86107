"""What a debate looks like before it has words: who answers whom, where, how often it is voted on, what was removed."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

TOP = 0.3  # of all replies stand directly under their paragraph
LATEST = 0.3  # answer one of the six latest there
PULL = 8  # all others go where answers are: each one that came so draws as much as eight replies do


@dataclass(slots=True)
class Row:
    """A reply in the making; ids are numbers from 1, places are paragraphs counted from 0, authors are user ids."""

    id: int
    place: int
    parent: "Row | None"
    stance: str
    author: int
    in_chain: bool = False
    state: str = "visible"
    votes: list[tuple[int, int]] = field(default_factory=list)  # (user id, 1 or -1)
    cited: bool = False
    depth: int = 1
    side: str = ""
    path: str = ""
    answers: int = 0  # whatever their state
    children: Counter[str] = field(default_factory=Counter)  # visible direct answers, by stance
    beneath: int = 0  # visible replies beneath, at any depth

    @property
    def ups(self) -> int:
        return sum(value == 1 for _, value in self.votes)

    @property
    def downs(self) -> int:
        return sum(value == -1 for _, value in self.votes)


def grown(chance: Random, replies: int, places: int, depth: int, writers: list[int]) -> list[Row]:
    """So many replies from the first to the last; one chain among them is `depth` deep, or as deep as half of them."""
    weights = [1 / (rank + 1) for rank in range(places)]
    chance.shuffle(weights)
    chain_place = weights.index(sorted(weights)[places // 2])
    length = depth if replies >= 2 * depth else replies // 2
    stride = replies // length if length else 0
    rows: list[Row] = []
    drawn: list[list[Row]] = [
        [] for _ in range(places)
    ]  # a reply stands here once, and PULL times for each answer it drew
    latest: list[list[Row]] = [[] for _ in range(places)]
    link: Row | None = None
    for number, place in enumerate(chance.choices(range(places), weights, k=replies)):
        if length and number % stride == 0 and number // stride < length:
            link = _add(chance, rows, chain_place, link, writers)
            link.in_chain = True
            continue
        kind = chance.random()
        parent = None
        if kind >= TOP and latest[place]:
            parent = chance.choice(latest[place] if kind < TOP + LATEST else drawn[place])
        row = _add(chance, rows, place, parent, writers)
        drawn[place].append(row)
        if parent is not None and kind >= TOP + LATEST:
            drawn[place] += [parent] * PULL
        latest[place] = [*latest[place][-5:], row]
    return rows


def _add(chance: Random, rows: list[Row], place: int, parent: Row | None, writers: list[int]) -> Row:
    row = Row(len(rows) + 1, place, parent, chance.choice(("pro", "con")), chance.choice(writers))
    row.side = row.stance
    if parent is not None:
        parent.answers += 1
        row.depth = parent.depth + 1
        row.side = parent.side if row.stance == "pro" else "con" if parent.side == "pro" else "pro"
    rows.append(row)
    return row


def argued(chance: Random, rows: list[Row], voters: list[int]) -> None:
    """Votes, about three a reply and most on a few; one in ten has a source, one in 200 was removed."""
    crowded, rare = most_answered(rows), max(1, len(rows) // 400)
    for row in rows:
        liked = chance.betavariate(4, 2)
        count = min(len(voters) - 1, int(chance.paretovariate(1.08)) - 1)
        row.votes = [
            (voter, 1 if chance.random() < liked else -1)
            for voter in chance.sample(voters, count)
            if voter != row.author
        ]
        row.cited = chance.random() < 0.1
    if len(rows) < 20:
        return
    others = [row for row in rows if not row.in_chain and row is not crowded]
    for number, row in enumerate(chance.sample(others, 2 * rare)):
        row.state = "hidden" if number < rare else "withdrawn"


def counted(rows: list[Row]) -> None:
    """What is visible beneath each reply."""
    for row in reversed(rows):
        if row.parent is not None:
            seen = row.state == "visible"
            row.parent.beneath += row.beneath + seen
            row.parent.children[row.stance] += seen


def most_answered(rows: list[Row]) -> Row:
    return max(rows, key=lambda row: row.answers)


def deepest(rows: list[Row]) -> Row:
    return max(rows, key=lambda row: row.depth)
