"""What is to be reached, beside what was: of everything that a line speaks of, the worst."""

from collections.abc import Iterator
from dataclasses import dataclass

from measure import Found
from report import KB, table

SEEN = ("kept", "signed in", "afresh", "signed in, afresh")


@dataclass(frozen=True)
class Target:
    """A line; `measured` is the worst of all (value, where) it was measured at."""

    what: str
    most: float
    unit: str
    measured: tuple[float, str] | None

    def cells(self) -> list[str]:
        """The line in words. Units: x a ratio of medians, else as they say."""
        if self.measured is None:
            return [self.what, self._say(self.most), "-", "not measured", ""]
        value, where = self.measured
        met = value <= self.most
        verdict = "met" if met else f"missed by {100 * (value / self.most - 1):,.0f} %" if self.most else "missed"
        return [self.what, self._say(self.most), self._say(value), verdict, where]

    def _say(self, value: float) -> str:
        space = "" if self.unit in ("x", "") else " "
        return f"{value:.2f}{space}{self.unit}" if value % 1 and value < 100 else f"{value:,.0f}{space}{self.unit}"


def lines(found: Found) -> str:
    rows = [target.cells() for target in _targets(found)]
    head = ["what", "at most", "measured", "", "worst at"]
    return table(f"{found.kind}: to reach", head, rows)


def _targets(found: Found) -> Iterator[Target]:
    small, large = found.sizes[0], found.sizes[-1]
    pages = list(dict.fromkeys(page for _, page in found.weights))
    if large > small:
        grown = [(large, page, state, small, page, state) for page in pages for state in SEEN]
        yield Target(f"any page, {large:,} replies over {small:,}", 1.2, "x", _ratio(found, grown))
    each = [(size, page) for size in found.sizes for page in pages]
    kept = [(*at, "kept", *at, "same bytes") for at in each]
    yield Target("visitor's page kept since the last write / bare, same bytes", 2.5, "x", _ratio(found, kept))
    not_changed = [(*at, "304", *at, "same bytes") for at in each]
    yield Target("the same answered 304 / bare, same bytes", 1.5, "x", _ratio(found, not_changed))
    for page, name in (("essay", "essay-with-counts"), ("debate", "one-thread")):
        for state, words in (("afresh, plain", "afresh"), ("signed in, plain", "signed in")):
            over = [(size, page, state, size, page, "bare") for size in found.sizes]
            yield Target(f"{page} {words} / bare {name} view", 4, "x", _ratio(found, over))
    for what, most in (("vote", 3), ("reply to a paragraph", 4), ("reply to a reply", 4)):
        over = [(size, what, how, size, "insert", "bare") for size in found.sizes for how in ("htmx", "plain")]
        yield Target(f"{what} / bare insert", most, "x", _ratio(found, over))
    yield from _counts(found)
    yield from _bytes(found)
    yield from _servers(found)


def _ratio(found: Found, pairs: list[tuple]) -> tuple[float, str] | None:
    """The largest of the ratios between the medians of two keys (replies, page, state) each."""
    ratios = []
    for pair in pairs:
        over, under = found.p50(*pair[:3]), found.p50(*pair[3:])
        if over is not None and under:
            ratios.append((over / under, f"{pair[1]}, {pair[2]}, {pair[0]:,}"))
    return max(ratios, default=None)


def _counts(found: Found) -> Iterator[Target]:
    counts = [(count, f"{page}, {state}, {size:,}") for (size, page, state), count in found.statements.items()]
    yield Target("SQL statements on any page", 8, "", max(counts, default=None))
    by_page: dict[tuple[str, str], list[int]] = {}
    for (_, page, state), count in found.statements.items():
        by_page.setdefault((page, state), []).append(count)
    spread = [(max(counts) - min(counts), ", ".join(at)) for at, counts in by_page.items()]
    yield Target("and as many at every size: difference", 0, "", max(spread, default=None))


def _bytes(found: Found) -> Iterator[Target]:
    for page, most in (("essay", 20), ("debate", 16)):
        packed = [
            (found.weights[size, page].packed / KB, f"{size:,}")
            for size in found.sizes
            if (size, page) in found.weights
        ]
        yield Target(f"{page}, gzip", most, "KB", max(packed, default=None))
    slopes = [(slope, f"{size:,}") for size, slope in found.per_reply.items()]
    yield Target("per extra reply, gzip", 180, "B", max(slopes, default=None))


def _servers(found: Found) -> Iterator[Target]:
    memory = [
        (found.memory[size, "debate"]["Rss"] / found.memory[size, "bare"]["Rss"], f"{size:,}") for size in found.sizes
    ]
    yield Target("memory per worker after the run / bare (RSS)", 1.6, "x", max(memory))
    for what, name in (("/livez", "first answer after start"), ("essay", "first essay after start")):
        yield Target(name, 1, "s", max((found.first[size, "debate", what], f"{size:,}") for size in found.sizes))
