"""Who goes with whom, so that the gains of all pairs sum to most: for the alignment of revisions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from heapq import heappop, heappush

_BEARABLE = 500_000  # steps (paragraphs times candidates) that an exact assignment may take


def assigned(gains: Mapping[tuple[int, int], float]) -> dict[int, int]:
    """New index to old index: of all one-to-one assignments of the pairs (old, new), one whose gains sum to most."""
    choices: dict[int, dict[int, float]] = {}
    for (i, j), gain in gains.items():
        choices.setdefault(j, {})[i] = gain
    chosen: dict[int, int] = {}
    for group in _components(choices):
        chosen |= _exactly(group) if _steps(group) <= _BEARABLE else _greedily(group)
    return chosen


def _steps(choices: Mapping[int, Mapping[int, float]]) -> int:
    return len(choices) * sum(map(len, choices.values()))


def _components(choices: Mapping[int, Mapping[int, float]]) -> Iterator[dict[int, Mapping[int, float]]]:
    """The choices in groups that have nothing to do with each other."""
    back: defaultdict[int, list[int]] = defaultdict(list)
    for j, row in choices.items():
        for i in row:
            back[i].append(j)
    seen: set[int] = set()
    for start in choices:
        if start in seen:
            continue
        seen.add(start)
        group = [start]
        for j in group:
            for i in choices[j]:
                fresh = [other for other in back.pop(i, ()) if other not in seen]
                seen.update(fresh)
                group += fresh
        yield {j: choices[j] for j in sorted(group)}


def _greedily(choices: Mapping[int, Mapping[int, float]]) -> dict[int, int]:
    """The best pair first: for thousands of paragraphs that are all alike, where no assignment means much."""
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for _, j, i in sorted((-gain, j, i) for j, row in choices.items() for i, gain in row.items()):
        if j not in chosen and i not in taken:
            chosen[j] = i
            taken.add(i)
    return chosen


def _exactly(choices: Mapping[int, Mapping[int, float]]) -> dict[int, int]:
    """The assignment that is worth most, by shortest augmenting paths (J. Edmonds and R. M. Karp, 1972).

    Each new paragraph may also stay alone, at no gain: it has a seat of its own for that, a negative number.
    """
    if len(choices) == 1:
        ((j, row),) = choices.items()
        return {j: min(row, key=lambda i: (-row[i], i))}
    top = max(max(row.values()) for row in choices.values())
    seats = _Seats({j: {**{i: top - gain for i, gain in row.items()}, -1 - j: top} for j, row in choices.items()})
    for j in choices:
        seats.add(j)
    return {j: i for j, i in seats.taken.items() if i >= 0}


class _Seats:
    """Who sits where at least cost; `costs` are of each new paragraph in each seat that it may take."""

    def __init__(self, costs: Mapping[int, Mapping[int, float]]) -> None:
        self.costs = costs
        self.taken: dict[int, int] = {}  # new paragraph to seat
        self._sitters: dict[int, int] = {}
        self._prices: defaultdict[int, float] = defaultdict(float)

    def add(self, newcomer: int) -> None:
        """Seat one more where it costs least in all, and move others along the cheapest chain."""
        came, seat = self._cheapest(newcomer)
        while True:
            mover = came[seat]
            left = self.taken.get(mover)
            self.taken[mover], self._sitters[seat] = seat, mover
            if left is None:
                break
            seat = left

    def _cheapest(self, newcomer: int) -> tuple[dict[int, int], int]:
        """Who comes to each seat, and the free one at the end of the chain (E. W. Dijkstra's algorithm)."""
        # What each pays where it sits, over the seat's price: with it no step of a chain costs less than nothing.
        rests = {j: self.costs[j][seat] - self._prices[seat] for j, seat in self.taken.items()}
        rests[newcomer] = min(cost - self._prices[seat] for seat, cost in self.costs[newcomer].items())
        lengths: dict[int, float] = {}
        came: dict[int, int] = {}
        queue: list[tuple[float, int, int]] = []
        mover, length = newcomer, 0.0
        while True:
            for seat, cost in self.costs[mover].items():
                if seat not in lengths:
                    step = max(0.0, cost - self._prices[seat] - rests[mover])
                    heappush(queue, (length + step, seat, mover))
            while queue[0][1] in lengths:
                heappop(queue)
            length, seat, mover = heappop(queue)
            lengths[seat], came[seat] = length, mover
            if seat not in self._sitters:
                break
            mover = self._sitters[seat]
        for passed, at in lengths.items():
            self._prices[passed] += at - length
        return came, seat
