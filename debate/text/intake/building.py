"""From the elements of an article to the blocks of a text."""

import re
from collections import Counter
from collections.abc import Callable
from urllib.parse import urljoin

from debate.text import letters
from debate.text.intake import inline
from debate.text.intake.blocks import Block, Code, Heading, Listing, Note, Paragraph, Quote, Rule, Table
from debate.text.intake.inline import Break, Image, Inline, Reference, Run
from debate.text.intake.notes import Notes
from debate.text.intake.tree import Element

# What ends one paragraph and begins another; all other elements only colour the words in them.
_PARTING = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3"
    " h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre search section summary table"
    " tbody td tfoot th thead tr ul caption".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_UNSEEN = frozenset("rp script style template head noscript".split())
_CODE = frozenset("code kbd samp tt".split())
_STRUCK = frozenset("del s strike".split())
# How much nesting our Markdown reads, and what a list and a quote add to it.
_NESTING_MAX = 16
_COST = {"ul": 2, "ol": 2, "menu": 2, "dl": 2, "blockquote": 1}
_SPAN_MAX = 100

_RAISED = dict(zip("0123456789+-=()ni−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ⁻", strict=True))
_LOWERED = dict(zip("0123456789+-=()−", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎₋", strict=True))
# The letters of ordinal numbers lose nothing on the line: 1st, 2e, 3o.
_ORDINAL = re.compile(r"st|nd|rd|th|er?|re|ère|ème|de|nde|o|a|º|ª|TM|SM|®|™|s|me|lle|r|bis|ter", re.I)

_Exit = Callable[[], None] | None


def build(root: Element, notes: Notes, base: str, left_out: Counter[str]) -> list[Block]:
    """The blocks of all that stands in `root`; `base` is what relative addresses are relative to, or ""."""
    builder = _Builder(notes, base, left_out)
    builder.read(root)
    return builder.blocks


class _Builder:
    def __init__(self, notes: Notes, base: str, left_out: Counter[str]) -> None:
        self.notes = notes
        self.base = base
        self.left_out = left_out
        self.blocks: list[Block] = []
        self.sinks: list[list[Block]] = [self.blocks]
        self.waiting: list[Note] = []
        self.inlines: list[Inline] = []
        self.heading = 0
        self.nesting = 0
        self.strong = 0
        self.em = 0
        self.code = 0
        self.hrefs: list[str] = []
        self.listings: list[Listing | None] = []
        self.captioned: dict[int, str] = {}

    def read(self, root: Element) -> None:
        """Goes through the tree without calling itself: a page may be nested deeper than calls may be."""
        stack: list[Element | str | Callable[[], None]] = [root]
        while stack:
            node = stack.pop()
            if isinstance(node, str):
                self._say(node)
            elif not isinstance(node, Element):
                node()
            elif node.tag not in _UNSEEN:
                leave, children = self._enter(node)
                if leave:
                    stack.append(leave)
                stack.extend(reversed(children))
        self._flush()

    def _enter(self, node: Element) -> tuple[_Exit, list[Element | str]]:
        """What to do when the element ends, and what to go through until then."""
        if node.tag in _PARTING:
            self._flush()
        if id(node) in self.notes.definitions:
            return self._enter_note(node), node.children
        if node.tag in _PARTING:
            return self._enter_block(node)
        return self._enter_inline(node)

    # Blocks

    def _enter_note(self, node: Element) -> Callable[[], None]:
        self._flush()
        note = Note(self.notes.definitions[id(node)])
        kept = self.sinks, self.nesting, self.listings
        self.sinks, self.nesting, self.listings = [note.blocks], 1, []

        def leave() -> None:
            self._flush()
            self.sinks, self.nesting, self.listings = kept
            self.waiting.append(note)
            self._settle_notes()

        return leave

    def _settle_notes(self) -> None:
        """A note stands between blocks of the text, not in the list or the quote that it was found in."""
        if len(self.sinks) == 1 and self.sinks[0] is self.blocks:
            self.blocks += [note for note in self.waiting if note.blocks]
            self.waiting = []

    def _enter_block(self, node: Element) -> tuple[_Exit, list[Element | str]]:
        if node.tag in _HEADINGS:
            return self._enter_heading(node), node.children
        if node.tag in ("blockquote", "ul", "ol", "menu", "dl"):
            return self._enter_container(node), node.children
        if node.tag in ("li", "dt", "dd"):
            return self._enter_item(node), node.children
        if node.tag == "pre":
            self._add_code(node)
            return None, []
        if node.tag == "table":
            self._add_table(node)
            return None, []
        if node.tag == "hr":
            if not self._parts_notes(node):
                self._add(Rule())
            return None, []
        if node.tag == "figure":
            self._find_caption(node)
        if node.tag == "figcaption" and id(node) in self.captioned:
            return self._flush, []
        if node.tag in ("summary", "legend"):
            return self._enter_strong(node, parting=True), node.children
        return self._flush, node.children

    def _parts_notes(self, rule: Element) -> bool:
        """True for the line that only sets footnotes off from the text."""
        beside = rule.parent.children if rule.parent else []
        after = [
            each
            for each in beside[next(i for i, each in enumerate(beside) if each is rule) + 1 :]
            if isinstance(each, Element)
        ]
        return bool(after) and any(id(inner) in self.notes.definitions for inner in after[0].elements())

    def _enter_heading(self, node: Element) -> Callable[[], None]:
        before, self.heading = self.heading, _HEADINGS[node.tag]

        def leave() -> None:
            self._flush()
            self.heading = before

        return leave

    def _enter_container(self, node: Element) -> Callable[[], None]:
        cost = _COST[node.tag]
        if self.nesting + cost > _NESTING_MAX:
            self.left_out["deep"] += 1
            self.listings.append(None)
            return self._left_list
        self.nesting += cost
        if node.tag == "blockquote":
            quote = Quote()
            self.sinks.append(quote.blocks)
            self.listings.append(None)
            return lambda: self._left_container(quote, quote.blocks, cost)
        listing = Listing(_start(node) if node.tag == "ol" else None)
        if node.tag == "ol" and node.get("type") in ("a", "A", "i", "I"):
            self.left_out["numbering"] += 1
        self.listings.append(listing)
        return lambda: self._left_container(listing, listing.items, cost)

    def _left_list(self) -> None:
        self._flush()
        self.listings.pop()

    def _left_container(self, block: Quote | Listing, content: list, cost: int) -> None:
        self._flush()
        self.listings.pop()
        self.nesting -= cost
        if isinstance(block, Quote):
            self.sinks.pop()
        if content:
            self._add_list(block) if isinstance(block, Listing) else self._add(block)
        self._settle_notes()

    def _add_list(self, listing: Listing) -> None:
        """LibreOffice closes lists to begin one of another kind inside, and then goes on with the first."""
        inside = self.listings[-1] if self.listings else None
        before = self.sinks[-1][-1] if self.sinks[-1] else None
        if inside is not None or not isinstance(before, Listing):
            self._add(listing if inside is not None else _unwrapped(listing))
        elif listing.indents:
            _nest(before, listing)
        elif before.start is not None and listing.start == before.start + len(before.items):
            before.items += listing.items
        else:
            self._add(listing)

    def _enter_item(self, node: Element) -> Callable[[], None]:
        listing = self.listings[-1] if self.listings else None
        if listing is None:
            return self._flush
        strong = self._enter_strong(node) if node.tag == "dt" else None
        continues = node.tag == "dd" and listing.items
        item: list[Block] = listing.items[-1] if continues else []
        self.sinks.append(item)
        # Quotes and lists inside are theirs; an item directly inside this one belongs to no list.
        self.listings.append(None)

        def leave() -> None:
            self._flush()
            if strong:
                strong()
            self.listings.pop()
            self.sinks.pop()
            if item and not continues:
                self._number(listing, node)
                self.listings[-1].items.append(item)  # type: ignore[union-attr]

        return leave

    def _number(self, listing: Listing, node: Element) -> None:
        """Where the numbers jump, a new list begins: Markdown counts on from the first."""
        value = node.get("value")
        if listing.start is None or not re.fullmatch(r"\d{1,9}", value):
            return
        if not listing.items:
            listing.start = int(value)
        elif int(value) != listing.start + len(listing.items):
            done = Listing(listing.start, list(listing.items))
            self.listings.pop()
            self._add(done)
            self.listings.append(listing)
            listing.start = int(value)
            listing.items.clear()

    def _enter_strong(self, node: Element, parting: bool = False) -> Callable[[], None]:
        self.strong += 1

        def leave() -> None:
            if parting:
                self._flush()
            self.strong -= 1

        return leave

    def _add(self, block: Block) -> None:
        listing = self.listings[-1] if self.listings else None
        if listing is None:
            self.sinks[-1].append(block)
        elif listing.items:
            # A list directly in a list belongs to the item before it.
            listing.items[-1].append(block)
        else:
            listing.items.append([block])
            listing.indents = isinstance(block, Listing)

    def _flush(self) -> None:
        inlines, self.inlines = inline.tidied(self.inlines), []
        if inline.shows(inlines):
            self._add(Heading(self.heading, inlines) if self.heading else Paragraph(inlines))
        self._settle_notes()

    def _add_code(self, node: Element) -> None:
        text = "".join(
            "\n" if isinstance(each, Element) and each.tag == "br" else each if isinstance(each, str) else ""
            for each in node.walk()
        )
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        seen = [number for number, line in enumerate(lines) if letters.visible(line)]
        if seen:
            self._add(Code("\n".join(lines[seen[0] : seen[-1] + 1])))

    def _find_caption(self, figure: Element) -> None:
        """A caption of nothing but words goes into its image; any other stands under it."""
        images = [each for each in figure.elements() if each.tag == "img"]
        captions = [each for each in figure.elements() if each.tag == "figcaption"]
        if len(images) == len(captions) == 1:
            plain = not any(
                each.tag in ("a", "img", "p", "em", "strong", "i", "b") for each in list(captions[0].elements())[1:]
            )
            if plain and captions[0].words():
                self.captioned[id(captions[0])] = self.captioned[id(images[0])] = captions[0].words()

    # Tables

    def _add_table(self, table: Element) -> None:
        caption = next((each for each in table.children if isinstance(each, Element) and each.tag == "caption"), None)
        if caption is not None:
            self.blocks_of(caption, self.sinks[-1])
        rows = [[(cell, self._cell(cell)) for cell in _cells(row)] for row in _rows(table)]
        rows = [row for row in rows if row]
        if not rows:
            # Not a table at all, whatever its name: nothing of it may be lost.
            for each in table.children:
                if isinstance(each, Element) and each.tag != "caption":
                    self.blocks_of(each, self.sinks[-1])
        elif _is_layout(rows, table):
            for _, blocks in (cell for row in rows for cell in row):
                self.sinks[-1].extend(blocks)
            if max(len(row) for row in rows) > 1:
                self.left_out["unfolded"] += 1
        else:
            self._add(Table(self._grid(rows)))

    def _cell(self, cell: Element) -> list[Block]:
        blocks: list[Block] = []
        self.blocks_of(cell, blocks)
        return blocks

    def blocks_of(self, node: Element, sink: list[Block]) -> None:
        """The blocks of one cell, by a builder of its own; notes found in it are kept for later."""
        inner = _Builder(self.notes, self.base, self.left_out)
        inner.nesting = self.nesting
        inner.read(Element("div", {}, None, node.children))
        sink.extend(block for block in inner.blocks if not isinstance(block, Note))
        self.waiting += [block for block in inner.blocks if isinstance(block, Note)]

    def _grid(self, rows: list[list[tuple[Element, list[Block]]]]) -> list[list[list[Inline]]]:
        """Cells as a grid: what spans several columns or rows stands in the first, the others are empty."""
        grid: list[list[list[Inline]]] = []
        below: Counter[int] = Counter()
        spans = False
        for row in rows:
            line: list[list[Inline]] = []
            for cell, blocks in row:
                while below[len(line)]:
                    below[len(line)] -= 1
                    line.append([])
                across, down = _span(cell, "colspan"), min(_span(cell, "rowspan"), len(rows))
                spans = spans or across > 1 or down > 1
                for column in range(across):
                    below[len(line)] += down - 1
                    line.append([] if column else _joined(blocks))
            while below[len(line)]:
                below[len(line)] -= 1
                line.append([])
            grid.append(line)
        self.left_out["joined"] += spans
        return grid

    # Words

    def _enter_inline(self, node: Element) -> tuple[_Exit, list[Element | str]]:
        tag = node.tag
        if id(node) in self.notes.references:
            self.inlines.append(Reference(self.notes.references[id(node)]))
            return None, []
        if tag == "br":
            self.inlines.append(Break())
            return None, []
        if tag in ("img", "svg", "math"):
            self._add_figure(node)
            return None, []
        if tag == "a":
            return self._enter_link(node), node.children
        if tag == "q":
            self._say("“")
            return lambda: self._say("”"), node.children
        if tag == "rt":
            self._say("(")
            return lambda: self._say(")"), node.children
        if tag in ("sup", "sub"):
            return self._enter_raised(node)
        self.left_out["struck"] += tag in _STRUCK and letters.visible(node.words())
        return self._enter_look(node), node.children

    def _enter_look(self, node: Element) -> _Exit:
        style = node.get("style").replace(" ", "").lower()
        weight = re.search(r"font-weight:(\w+)", style)
        strong = node.tag in ("b", "strong")
        if weight:
            strong = weight[1] in ("bold", "bolder") or (weight[1].isdigit() and int(weight[1]) >= 600)
        em = node.tag in ("i", "em", "cite", "dfn", "var")
        if "font-style:" in style:
            em = "font-style:italic" in style or "font-style:oblique" in style
        code = node.tag in _CODE
        if not (strong or em or code):
            return None
        self.strong, self.em, self.code = self.strong + strong, self.em + em, self.code + code

        def leave() -> None:
            self.strong, self.em, self.code = self.strong - strong, self.em - em, self.code - code

        return leave

    def _enter_link(self, node: Element) -> _Exit:
        href = node.get("href").strip()
        if not href:
            return None
        address = urljoin(self.base, href) if self.base and not href.startswith("#") else href
        if not inline.is_address(address):
            self.left_out["link"] += letters.visible(node.words())
            return None
        self.hrefs.append(address)

        def leave() -> None:
            self.hrefs.pop()

        return leave

    def _enter_raised(self, node: Element) -> tuple[_Exit, list[Element | str]]:
        if any(id(each) in self.notes.references for each in node.elements()):
            return None, node.children
        words = node.words()
        signs = _RAISED if node.tag == "sup" else _LOWERED
        if words and all(char in signs for char in words):
            self._say("".join(signs[char] for char in words))
            return None, []
        self.left_out["raised"] += letters.visible(words) and not _ORDINAL.fullmatch(words)
        return None, node.children

    def _add_figure(self, node: Element) -> None:
        if node.tag == "math":
            self.left_out["formula"] += 1
            self._say(node.get("alttext") or node.words())
            return
        caption = self.captioned.get(id(node), "")
        alt = node.get("alt") or node.get("aria-label")
        if node.tag == "svg":
            alt = alt or next((each.words() for each in node.elements() if each.tag == "title"), "")
        caption = "" if caption == " ".join(alt.split()) else caption
        if letters.visible(alt + caption):
            source = urljoin(self.base, node.get("src")) if self.base else node.get("src")
            source = source if inline.is_address(source) else ""
            self.inlines.append(Image(" ".join(alt.split()), caption, source, self.hrefs[-1] if self.hrefs else ""))
        elif node.tag == "svg":
            self.left_out["drawing"] += node.get("aria-hidden") != "true"
        elif (node.get("width"), node.get("height")) != ("1", "1"):
            self.left_out["image"] += 1

    def _say(self, text: str) -> None:
        if text:
            href = self.hrefs[-1] if self.hrefs else ""
            # A heading is strong as it is.
            strong = bool(self.strong) and not self.heading
            self.inlines.append(
                Run(text, strong and not self.code, bool(self.em) and not self.code, bool(self.code), href)
            )


def _unwrapped(listing: Listing) -> Block:
    """What a list holds that only indents."""
    block: Block = listing
    while isinstance(block, Listing) and block.indents and len(block.items) == len(block.items[0]) == 1:
        block = block.items[0][0]
    return block


def _nest(before: Listing, indented: Listing) -> None:
    """Puts what is indented into the last item of the list before it, as deep as it is indented."""
    while indented.indents and len(indented.items) == 1:
        inner = indented.items[0][0]
        last = before.items[-1]
        if not isinstance(inner, Listing) or len(indented.items[0]) > 1:
            break
        if not inner.indents or not isinstance(last[-1], Listing):
            last.append(_unwrapped(inner))
            return
        before, indented = last[-1], inner
    before.items[-1].append(indented)


def _start(node: Element) -> int:
    start = node.get("start").strip()
    return int(start) if re.fullmatch(r"\d{1,9}", start) else 1


def _span(cell: Element, name: str) -> int:
    span = cell.get(name).strip()
    return max(1, min(_SPAN_MAX, int(span))) if re.fullmatch(r"\d{1,9}", span) else 1


def _rows(table: Element) -> list[Element]:
    """The rows of a table itself, its head first; those of tables inside are not its own."""
    rows: list[Element] = []
    for each in table.children:
        if isinstance(each, Element) and each.tag == "tr":
            rows.append(each)
        elif isinstance(each, Element) and each.tag in ("thead", "tbody", "tfoot"):
            rows += [row for row in each.children if isinstance(row, Element) and row.tag == "tr"]
    return rows


def _cells(row: Element) -> list[Element]:
    return [each for each in row.children if isinstance(each, Element) and each.tag in ("td", "th")]


def _is_layout(rows: list[list[tuple[Element, list[Block]]]], table: Element) -> bool:
    """True if more stands in the cells than words, or if it is no table but a way to place things."""
    if table.says("role", "presentation", "none") or max(len(row) for row in rows) == 1:
        return True
    return any(not isinstance(block, Paragraph) for row in rows for _, blocks in row for block in blocks)


def _joined(blocks: list[Block]) -> list[Inline]:
    joined: list[Inline] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            joined += [Run(" "), *block.inlines] if joined else block.inlines
    return inline.tidied(joined)
