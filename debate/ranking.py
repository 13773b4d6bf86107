"""From votes to order: how replies are ranked, and what of each side a page shows, in plain arithmetic over counts."""

import hmac
from collections.abc import Iterable
from hashlib import sha256
from math import sqrt

# The normal quantile of an 80 % interval. At 95 % what comes late is buried: a good reply with few votes stays below.
Z80 = 1.281552

LOTS = 2**31  # replies are given a lot below this


def wilson(ups: float, votes: float, z: float = Z80) -> float:
    """Lower bound of the share of ups, from 0 to 1, that `ups` of `votes` still vouch for; 0 without votes or ups.

    Counts may be fractions, where votes are weighted. The bound is Wilson's score interval (E. B. Wilson, "Probable
    inference, the law of succession, and statistical inference", JASA 22, 1927), `z` its normal quantile.
    """
    # Exactly nothing, not a rounding error above it: replies without an up tie, and then fewer downs decide.
    if votes <= 0 or ups <= 0:
        return 0.0
    share = ups / votes
    spread = z * sqrt(max(0.0, share * (1 - share) + z * z / (4 * votes)) / votes)
    bound = (share + z * z / (2 * votes) - spread) / (1 + z * z / votes)
    return min(1.0, max(0.0, bound))


def drawn(secret: str, reader: int, replies: Iterable[int]) -> list[int]:
    """The ids of replies in the order of the lots that a reader drew: by hmac(secret, reader, reply).

    A pure function: nothing is kept, and nobody who does not know the secret can choose what comes first.
    """
    key = sha256(secret.encode()).digest()
    return sorted(replies, key=lambda reply: hmac.digest(key, f"{reader}:{reply}".encode(), "sha256"))


def disputed(ups: int, downs: int) -> float:
    """How disputed a reply is: its votes, times how evenly they are split (0 to 1); 0 where all agree."""
    if ups <= 0 or downs <= 0:
        return 0.0
    return (ups + downs) * min(ups, downs) / max(ups, downs)


def shares_of(counts: tuple[int, int], part: int, size: int) -> list[tuple[int, int]]:
    """Where in each side, given how many lines each has, a part (counted from 0) begins and ends.

    Half of it is for either, as long as either has any: a page of one side alone would speak for it. `size` lines are
    in every part but the last.
    """
    fewer, more = sorted(counts)

    def ends(parts: int) -> tuple[int, int]:
        of_fewer = min(fewer, max(parts * (size // 2), parts * size - more))
        of_more = min(more, parts * size - of_fewer)
        return (of_fewer, of_more) if counts == (fewer, more) else (of_more, of_fewer)

    return list(zip(ends(part), ends(part + 1), strict=True))
