"""What changed between two wordings, word by word, for people to read."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from difflib import SequenceMatcher
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
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Piece("same", "".join(new[c:d])))
        else:
            found += _changed("".join(old[a:b]), "".join(new[c:d]))
    return found


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
