"""Counts that all processes of a server share, so that whoever is asked answers for the whole node.

One piece of memory, made before the workers are; each worker writes in a block of its own, anybody reads them all. A
worker that dies leaves its counts in its block, and the next one goes on from there.
"""

import mmap
import os
import threading
import time
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)  # seconds: the upper ends of a histogram's buckets
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
BY_HOUR = ("logins refused", "too fast")
HOURS = 49  # two days and the hour that has begun
NOW = ("in flight", "connections")  # how many at this moment; the others only grow
NAMES = ("pid", "since", *NOW, "retries", "busy", "checkpoints", *BY_HOUR)
SLOT = 8  # bytes

Series = tuple[str, str]  # a method and a route's template; both empty for what has no route
NO_ROUTE: Series = ("", "")


@dataclass(frozen=True)
class Served:
    """What was answered on one route: how many by status class and by duration (not summed up), seconds in all."""

    classes: tuple[int, ...]
    buckets: tuple[int, ...]  # one for each of BOUNDS, and one beyond
    seconds: float


@dataclass(frozen=True)
class Worker:
    """A process that answers now."""

    pid: int
    since: int  # seconds since 1970
    in_flight: int


class Figures:
    """The counts of a node in so many blocks; this process counts in the first, unless it takes another."""

    def __init__(self, routes: Iterable[Series], blocks: int = 1) -> None:
        self.routes = [NO_ROUTE, *sorted(set(routes) - {NO_ROUTE})]
        self.blocks = blocks
        self._at = {name: index for index, name in enumerate(NAMES)}
        self._hours = len(NAMES)
        self._first = self._hours + len(BY_HOUR) * HOURS * 2
        self._each = len(CLASSES) + len(BOUNDS) + 2
        self._served = {route: self._first + index * self._each for index, route in enumerate(self.routes)}
        self._width = self._first + len(self.routes) * self._each
        self._slots = memoryview(mmap.mmap(-1, blocks * self._width * SLOT)).cast("q")
        self._start = 0
        self._turn = threading.Lock()

    def take(self, block: int) -> None:
        """From now on this process counts in a block, which no other does; what was counted there stays."""
        self._turn = threading.Lock()  # another's, held while this process was made, would never be let go
        self._start = block * self._width
        self._begin(block, os.getpid(), int(time.time()))

    def leave(self, block: int) -> None:
        """The process that counted in a block has ended."""
        self._begin(block, 0, 0)

    def _begin(self, block: int, pid: int, since: int) -> None:
        start = block * self._width
        for name, value in {"pid": pid, "since": since, **dict.fromkeys(NOW, 0)}.items():
            self._slots[start + self._at[name]] = value

    def add(self, name: str, count: int = 1) -> None:
        """Count one of NAMES; of what is known by hour the hour too."""
        with self._turn:
            self._slots[self._start + self._at[name]] += count
            if name in BY_HOUR:
                hour = int(time.time()) // 3600
                at = self._start + self._place(name, hour)
                if self._slots[at] != hour:
                    self._slots[at], self._slots[at + 1] = hour, 0
                self._slots[at + 1] += count

    def served(self, route: Series, status: int, seconds: float) -> None:
        """Count one answer."""
        at = self._start + self._served.get(route, self._first)
        buckets = at + len(CLASSES)
        with self._turn:
            self._slots[at + min(max(status // 100, 1), 5) - 1] += 1
            self._slots[buckets + bisect_left(BOUNDS, seconds)] += 1
            self._slots[buckets + len(BOUNDS) + 1] += round(seconds * 1e6)

    def total(self, name: str) -> int:
        """One of NAMES, of all processes together."""
        return sum(self._slots[start + self._at[name]] for start in self._starts())

    def all_served(self) -> dict[Series, Served]:
        """What was answered, by route; without those that nobody asked for."""
        found = {}
        for route, at in self._served.items():
            sums = [sum(self._slots[start + at + slot] for start in self._starts()) for slot in range(self._each)]
            classes, buckets = sums[: len(CLASSES)], sums[len(CLASSES) : -1]
            if any(classes):
                found[route] = Served(tuple(classes), tuple(buckets), sums[-1] / 1e6)
        return found

    def by_hour(self, name: str) -> dict[int, int]:
        """One of BY_HOUR: how many in each of the last hours, by the hours since 1970."""
        found: dict[int, int] = {}
        newest = int(time.time()) // 3600
        for hour in range(newest - HOURS + 1, newest + 1):
            places = [start + self._place(name, hour) for start in self._starts()]
            found[hour] = sum(self._slots[at + 1] for at in places if self._slots[at] == hour)
        return found

    def workers(self) -> list[Worker]:
        """The processes that answer now."""
        rows = [
            [self._slots[start + self._at[name]] for name in ("pid", "since", "in flight")] for start in self._starts()
        ]
        return [Worker(pid, since, max(0, in_flight)) for pid, since, in_flight in rows if pid]

    def _starts(self) -> range:
        return range(0, self.blocks * self._width, self._width)

    def _place(self, name: str, hour: int) -> int:
        return self._hours + (BY_HOUR.index(name) * HOURS + hour % HOURS) * 2
