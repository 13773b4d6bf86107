"""What was measured, as tables of plain text, and beside what it should be."""

from dataclasses import dataclass, field

KB = 1024


@dataclass
class Line:
    """A page: milliseconds kept, 304, of as many constant bytes, afresh and signed in; its size in bytes."""

    name: str
    kept: float
    again: float
    same: float
    fresh: float
    signed_in: float
    size: int
    compressed: int

    @property
    def values(self) -> tuple[str | float, ...]:
        times = (self.kept, self.again, self.same, self.fresh, self.signed_in)
        return (self.name, *times, self.size / KB, self.compressed / KB)


@dataclass
class Table:
    """Rows of a name and numbers under a heading."""

    title: str
    heads: list[str]
    rows: list[list[str]] = field(default_factory=list)

    def add(self, *values: str | float) -> None:
        self.rows.append([value if isinstance(value, str) else _short(value) for value in values])

    def __str__(self) -> str:
        every = [self.heads, *self.rows]
        widths = [max(len(row[at]) for row in every) for at in range(len(self.heads))]
        lines = [
            "  ".join(
                [
                    row[0].ljust(widths[0]),
                    *(value.rjust(width) for value, width in zip(row[1:], widths[1:], strict=True)),
                ]
            )
            for row in every
        ]
        return f"\n{self.title}\n" + "\n".join(lines)


def _short(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def against_goals(kind: str, found: dict[int, dict[str, float]]) -> Table:
    """Each goal with the worst that was measured, over all sizes."""
    least, most = found[min(found)], found[max(found)]
    table = Table(f"{kind}: what is to be reached", ["", "at most", "measured", ""])
    pages = [name.removesuffix(": kept") for name in most if name.endswith(": kept")]

    def goal(words: str, limit: float, *values: float) -> None:
        measured = max(values)
        verdict = "reached" if measured <= limit else f"{measured / limit:.2f} times as much"
        table.add(words, limit, measured, verdict)

    for page in pages:
        for way in ("kept", "afresh", "signed in"):
            words = f"{page}, {way}: {max(found):,} replies over {min(found):,}"
            goal(words, 1.2, most[f"{page}: {way}"] / least[f"{page}: {way}"])
    every = list(found.values())
    goal("kept page over the same bytes", 2.5, *(run[f"{page}: kept/same"] for run in every for page in pages))
    goal("304 over the same bytes", 1.5, *(run[f"{page}: 304/same"] for run in every for page in pages))
    goal("essay afresh over bare essay", 4, *(run["essay: afresh/bare"] for run in every))
    goal("essay signed in over bare essay", 4, *(run["essay: signed in/bare"] for run in every))
    goal("debate afresh over bare thread", 4, *(run["debate: afresh/bare"] for run in every))
    for words, limit in (("vote", 3), ("vote, htmx", 3), ("reply", 4), ("reply, htmx", 4)):
        goal(f"{words} over one insert", limit, *(run[f"{words}/insert"] for run in every))
    goal("SQL statements", 8, *(run[f"{page}: SQL"] for run in every for page in pages))
    goal("essay, KB gzip", 20, *(run["essay: gzip"] / KB for run in every))
    goal("debate, KB gzip", 16, *(run["debate: gzip"] / KB for run in every))
    goal("memory per worker over bare", 1.6, *(run["memory"] / run["bare memory"] for run in every))
    goal("first answer, seconds", 1, *(run["start"] for run in every))
    return table
