"""How long it takes: one at a time, the things compared in turns."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from client import Answer

Key = tuple[Any, ...]
SLOW = 5.0  # seconds; what takes longer is asked once


@dataclass
class Sample:
    """Times in milliseconds, the statuses of all answers, and the last one's size in bytes."""

    times: list[float] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    size: int = 0

    @property
    def p50(self) -> float:
        return median(self.times)


@dataclass
class Entry:
    """One thing in a race: `before` is done before each request and not timed."""

    key: Key
    ask: Callable[[], Answer]
    before: Callable[[], object]


def race(entries: Sequence[Entry], rounds: int, budget: float) -> dict[Key, Sample]:
    """Ask each once untimed, then all in turns; one that has taken `budget` seconds of its own rests."""
    samples = {entry.key: Sample() for entry in entries}
    for entry in entries:
        warm = _time(entry, samples[entry.key])
        if warm > SLOW * 1000:
            samples[entry.key].times.append(warm)
    for _ in range(rounds):
        for entry in entries:
            sample = samples[entry.key]
            if sum(sample.times) < 1000 * min(budget, SLOW):
                sample.times.append(_time(entry, sample))
    return samples


def _time(entry: Entry, sample: Sample) -> float:
    entry.before()
    began = time.perf_counter()
    answer = entry.ask()
    took = (time.perf_counter() - began) * 1000
    sample.statuses.add(answer.status)
    sample.size = len(answer.body)
    return took
