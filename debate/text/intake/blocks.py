"""The blocks of a text, as Markdown has them, and how they are written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from debate.text.intake import inline
from debate.text.intake.inline import Inline


@dataclass
class Paragraph:
    inlines: list[Inline]


@dataclass
class Heading:
    level: int
    inlines: list[Inline]


@dataclass
class Code:
    text: str


@dataclass
class Rule:
    """A line across the page."""


@dataclass
class Quote:
    blocks: "list[Block]" = field(default_factory=list)


@dataclass
class Listing:
    """A list; `start` is its first number, or None for one with bullets. One that `indents` only holds another."""

    start: int | None
    items: "list[list[Block]]" = field(default_factory=list)
    indents: bool = False


@dataclass
class Table:
    """Rows of cells; the first row is the head."""

    rows: list[list[list[Inline]]]


@dataclass
class Note:
    label: str
    blocks: "list[Block]" = field(default_factory=list)


Block = Paragraph | Heading | Code | Rule | Quote | Listing | Table | Note


def write(blocks: Sequence[Block], left_out: Counter[str]) -> str:
    """The Markdown of a text."""
    return "\n\n".join(_Writer(left_out).blocks(blocks)) + "\n"


class _Writer:
    def __init__(self, left_out: Counter[str]) -> None:
        self.left_out = left_out

    def blocks(self, blocks: Sequence[Block], in_list: bool = False) -> list[str]:
        """Each block's Markdown; two lists in a row get other signs, or they would be one."""
        written: list[str] = []
        other = False
        for position, block in enumerate(blocks):
            before = blocks[position - 1] if position else None
            if isinstance(block, Listing):
                follows = isinstance(before, Listing) and (before.start is None) == (block.start is None)
                other = follows and not other
                written.append(self._listing(block, other))
            elif isinstance(block, Rule):
                written.append("___" if in_list else "***")
            else:
                written.append(self._block(block))
        return [each for each in written if each]

    def _block(self, block: Block) -> str:
        if isinstance(block, Paragraph):
            return self._inline(block.inlines, "paragraph")
        if isinstance(block, Heading):
            return f"{'#' * block.level} {self._inline(block.inlines, 'heading')}"
        if isinstance(block, Code):
            return _fenced(block.text)
        if isinstance(block, Quote):
            lines = "\n\n".join(self.blocks(block.blocks)).split("\n")
            return "\n".join(f"> {line}" if line else ">" for line in lines)
        if isinstance(block, Note):
            return _indented(f"[^{block.label}]: ", "\n\n".join(self.blocks(block.blocks)), 4)
        return self._table(block) if isinstance(block, Table) else ""

    def _inline(self, inlines: Sequence[Inline], place: inline.Place) -> str:
        written, whole = inline.write(inlines, place)
        self.left_out["unmarked"] += not whole
        return written

    def _listing(self, listing: Listing, other: bool) -> str:
        gap = "\n" if all(_is_tight(item) for item in listing.items) else "\n\n"
        number = listing.start
        items = []
        for item in listing.items:
            sign = ("*" if other else "-") if number is None else f"{number}{')' if other else '.'}"
            parts = self.blocks(item, in_list=True)
            items.append(_indented(f"{sign} ", gap.join(parts), len(sign) + 1).rstrip())
            number = None if number is None else number + 1
        return gap.join(items)

    def _table(self, table: Table) -> str:
        width = max(len(row) for row in table.rows)
        rows = [[self._inline(cell, "cell") for cell in row] + [""] * (width - len(row)) for row in table.rows]
        head, *body = [f"| {' | '.join(row)} |" for row in rows]
        return "\n".join([head, "|" + " --- |" * width, *body])


def _is_tight(item: Sequence[Block]) -> bool:
    """True for an item of one line, or of one and a list under it."""
    first, *others = item or [Paragraph([])]
    return isinstance(first, Paragraph | Listing) and all(isinstance(block, Listing) for block in others)


def _indented(sign: str, text: str, indent: int) -> str:
    first, *others = text.split("\n")
    return "\n".join([sign + first, *(" " * indent + line if line else "" for line in others)])


def _fenced(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"
