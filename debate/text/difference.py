"""What changed between two wordings, word by word, for people to read."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

# A word with the blanks after it, or a sign; for scripts that put no blanks between words, one sign at a time.
_PARTS = re.compile(r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+\s*|\s+|.\s*", re.DOTALL)
# Beyond so many pairs of parts the middle is shown as replaced whole: comparing costs time by their number.
PAIRS_MAX = 4_000_000


class Piece(NamedTuple):
    """A run of words: `same` in both, `gone` from the earlier wording, or `new` in the later one."""

    kind: str
    words: str


def between(earlier: str, later: str) -> list[Piece]:
    """The two wordings as one run of pieces; those that are not `new` make up the earlier, not `gone` the later one."""
    old, new = _PARTS.findall(earlier), _PARTS.findall(later)
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    found = [Piece("same", "".join(new[:start]))]
    found += _middle(old[start : len(old) - end], new[start : len(new) - end])
    found.append(Piece("same", "".join(new[len(new) - end :])))
    return _joined(found)


def in_order(numbers: Sequence[int]) -> list[int]:
    """The places of a longest rising run among different numbers: what stands elsewhere is what was moved.

    By patience sorting (C. Schensted, "Longest increasing and decreasing subsequences", 1961).
    """
    tails: list[int] = []  # of the runs of each length found so far, where the one with the least last number ends
    before: list[int] = []
    for at, number in enumerate(numbers):
        length = bisect_left(tails, number, key=numbers.__getitem__)
        before.append(tails[length - 1] if length else -1)
        tails[length : length + 1] = [at]
    found: list[int] = []
    at = tails[-1] if tails else -1
    while at >= 0:
        found.append(at)
        at = before[at]
    return found[::-1]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many parts two sequences begin with in common."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _middle(old: Sequence[str], new: Sequence[str]) -> list[Piece]:
    if len(old) * len(new) > PAIRS_MAX:
        return [Piece("gone", "".join(old)), Piece("new", "".join(new))]
    found: list[Piece] = []
    for is_same, steps in groupby(_steps(old, new), key=lambda step: step[0] == "same"):
        run = list(steps)
        if is_same:
            found.append(Piece("same", "".join(word for _, word in run)))
        else:
            words = ("".join(word for kind, word in run if kind == which) for which in ("gone", "new"))
            found += _changed(*words)
    return found


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The parts of both in order, each `same`, `gone` or `new`: a longest common subsequence, read off its table.

    A row of the table is a number: its bits that are 0 are where the length rises (M. Crochemore et al., "A fast and
    practical bit-vector algorithm for the longest common subsequence problem", 2001). So it takes the same time
    whatever the words are; difflib takes minutes where one word stands a thousand times.
    """
    places: defaultdict[str, int] = defaultdict(int)
    for at, word in enumerate(old):
        places[word] |= 1 << at
    every = (1 << len(old)) - 1
    rows = [every]
    for word in new:
        row, there = rows[-1], places.get(word, 0)
        rows.append((row + (row & there) | row & ~there) & every)
    found: list[tuple[str, str]] = []
    i, j = len(old), len(new)
    while i or j:
        if i and j and old[i - 1] == new[j - 1]:
            i, j = i - 1, j - 1
            found.append(("same", new[j]))
        elif j and (not i or not rows[j] >> (i - 1) & 1):
            j -= 1
            found.append(("new", new[j]))
        else:
            i -= 1
            found.append(("gone", old[i]))
    return reversed(found)


def _changed(old: str, new: str) -> list[Piece]:
    """The two as pieces; the blank that both end with is the same in both."""
    blank = old[len(old.rstrip()) :]
    if not blank or not new.endswith(blank) or not new.rstrip():
        return [Piece("gone", old), Piece("new", new)]
    return [Piece("gone", old.removesuffix(blank)), Piece("new", new.removesuffix(blank)), Piece("same", blank)]


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Without empty pieces, and with one piece where two of a kind follow each other."""
    found: list[Piece] = []
    for piece in pieces:
        if not piece.words:
            continue
        if found and found[-1].kind == piece.kind:
            found[-1] = Piece(piece.kind, found[-1].words + piece.words)
        else:
            found.append(piece)
    return found
