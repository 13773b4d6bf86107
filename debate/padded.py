"""Lists of ids for statements, in few lengths."""

from collections.abc import Iterable

LONGEST = 10_000  # a database takes some ten thousand values in one statement, and no more


def padded(ids: Iterable[int]) -> list[int]:
    """The same ids, the last of them as often as makes their number a power of two; for `IN`, which does not mind.

    Each length makes another statement, and a connection keeps those it has prepared: SQLite 80 KB of one for a debate.
    """
    found = list(ids)
    if not 0 < len(found) < LONGEST:
        return found
    return found + found[-1:] * ((1 << (len(found) - 1).bit_length()) - len(found))
