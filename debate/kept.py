"""What was made once and is kept in memory, up to so many bytes; the least recently used goes first."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    def __len__(self) -> int: ...


V = TypeVar("V", bound=Sized)
BESIDE = 400  # bytes that a key and its place take, about


def _bytes(value: Sized) -> int:
    """What a value takes: a text as it lies in memory, one to four bytes a character; others say it themselves."""
    return (sys.getsizeof(value) if isinstance(value, str) else len(value)) + BESIDE


class Kept(Generic[V]):
    """Values by key, for the threads of one process. A key has to tell all that its value depends on.

    Where `is_over` says that a value is of no more use, it goes as soon as none used longer ago is left.
    """

    def __init__(self, most: int, is_over: Callable[[V], bool] = lambda _: False) -> None:
        self._most = most
        self._is_over = is_over
        self._size = 0
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._turn = threading.Lock()
        self._mark: object = 0

    def get(self, key: Hashable) -> V | None:
        """The value, or None."""
        value = self._values.get(key)
        if value is not None:
            with self._turn:
                if key in self._values:
                    self._values.move_to_end(key)
        return value

    def put(self, key: Hashable, value: V) -> V:
        """Keep a value; returns it. One that is too large by far is not kept."""
        size = _bytes(value)
        if size > self._most // 8:
            return value
        with self._turn:
            before = self._values.pop(key, None)
            if before is not None:
                self._size -= _bytes(before)
            self._values[key] = value
            self._size += size
            while self._values and (self._size > self._most or self._is_over(next(iter(self._values.values())))):
                _, gone = self._values.popitem(last=False)
                self._size -= _bytes(gone)
        return value

    def forget(self, mark: object) -> None:
        """Let go of everything when the mark is another than the last time: words were erased."""
        if mark != self._mark:
            self.clear()
            self._mark = mark

    def clear(self) -> None:
        with self._turn:
            self._values.clear()
            self._size = 0
