"""An essay in Markdown, cut into the blocks of its top level, each with its lines and its safe HTML."""

import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import accumulate, groupby
from typing import Any, Literal

from markdown_it.rules_block import StateBlock, reference, table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote.index import footnote_def, footnote_ref

from debate.text import letters, markup, parser

_KINDS = {
    "blockquote_open": "quote",
    "bullet_list_open": "list",
    "code_block": "code",
    "fence": "code",
    "footnote_reference_open": "note",
    "heading_open": "heading",
    "hr": "divider",
    "ordered_list_open": "list",
    "paragraph_open": "text",
    "table_open": "table",
}
_TAGS = markup.REPLY_TAGS | frozenset("h2 h3 h4 h5 h6 hr sup table tbody td th thead tr".split())
# What nobody argues about, unless it is glued to what is.
_CLOSED = frozenset("divider heading note".split())
_GLUE = "&"
_NOTE_REFERENCE = re.compile(r"\[\^[^\s\]]{1,100}\]")
# In our own rendering nothing else is raised.
_NOTE_NUMBER = re.compile(r"<sup>[^<]*+</sup>")

# Short rows are filled up to the width of their table, so that a little text can make very many cells.
_CELLS_MAX = 30_000
_BLOCK_MAX = 100_000


@dataclass(frozen=True)
class Piece:
    """A block of the text: its kind, its lines as given, its HTML, its words without any markup, if it can be debated.

    The lines of all pieces together are all lines of the text that are not blank. With an empty line between them they
    are read as the same pieces again, as long as they stay together: the addresses of reference links and the text of
    footnotes may stand in another piece. Blank lines at the end of code whose fence is never closed are not kept.
    """

    kind: str
    source: str
    html: str
    words: str
    debatable: bool


def cut(text: str, title_first: bool = False) -> list[Piece]:
    """The pieces of `text`, in order; headings at h2 and below, whatever level the highest has.

    A line of nothing but "&" glues the block above it to the block below. With `title_first` the first piece is the
    title of what follows: it has no say in the levels, and nothing is glued to it.
    """
    parts = [part for part in _parts(_PARSER.parse(text)) if _is_glue(part) or _shows(part)]
    titles = next((number for number, part in enumerate(parts, 1) if not _is_glue(part)), 0) if title_first else 0
    _set_levels(parts[titles:])
    lines = text.split("\n")
    # What makes no block of its own, such as the addresses of reference links, stays with the block that follows it,
    # or with the last: its writer will want it back. So does a "&" with nothing to glue.
    pieces = []
    start = 0
    groups = list(_glued(parts, titles))
    for position, group in enumerate(groups):
        end = _end(group[-1]) if position + 1 < len(groups) else len(lines)
        pieces.append(_piece(group, lines, start, end))
        start = end
    return _without_title_lines(pieces, groups[0], lines) if titles and len(pieces) > 1 else pieces


def unnumbered(html: str) -> str:
    """HTML without the numbers of footnotes, which change with what stands before: they are no words of this piece."""
    return _NOTE_NUMBER.sub("<sup></sup>", html)


def numbered(pieces: Sequence[tuple[str, str]]) -> list[str]:
    """The HTML of all pieces of a text, given with their lines, with the numbers that footnotes have in this text: what
    an earlier one said too may hold those of then.
    """
    found = [html for _, html in pieces]
    noted = [at for at, (source, _) in enumerate(pieces) if "[^" in source]
    if not any(_NOTE_NUMBER.search(found[at]) for at in noted):
        return found
    # Read together, but parted: nothing runs on into what does not follow it in the text.
    sources = [pieces[at][0] for at in noted]
    starts = list(accumulate((source.count("\n") + 4 for source in sources[:-1]), initial=0))
    numbers: list[list[str]] = [[] for _ in noted]
    for part in _parts(_PARSER.parse(f"\n\n{_GLUE}\n\n".join(sources))):
        if part[0].map:
            numbers[bisect(starts, part[0].map[0]) - 1] += _note_numbers(part)
    for at, shown in zip(noted, numbers, strict=True):
        # They differ in number where a part was shown as typed.
        if len(shown) == len(_NOTE_NUMBER.findall(found[at])):
            found[at] = _with_numbers(found[at], shown)
    return found


def _note_numbers(part: Sequence[Token]) -> Iterator[str]:
    """What stands raised in a part, as HTML, in order."""
    for token in part:
        if token.type == "footnote_reference_open":
            yield markup.clean(escape(token.meta["number"]), ())
        yield from (str(child.meta["id"] + 1) for child in token.children or [] if child.type == "footnote_ref")


def _with_numbers(html: str, numbers: Sequence[str]) -> str:
    left = iter(numbers)
    return _NOTE_NUMBER.sub(lambda _: f"<sup>{next(left)}</sup>", html)


def _without_title_lines(
    pieces: Sequence[Piece], title: Sequence[Sequence[Token]], lines: Sequence[str]
) -> list[Piece]:
    """The pieces, with what stands before the title and makes no block kept by the one after it: the title is taken out
    of the text, and links below go on to need their addresses.
    """
    begin = title[0][0].map[0] if title[0][0].map else 0
    before = _without_blank_ends(lines[:begin])
    if not before:
        return list(pieces)
    first, second, *others = pieces
    own = _without_blank_ends(lines[begin : _end(title[-1])])
    return [replace(first, source=own), replace(second, source=f"{before}\n\n{second.source}"), *others]


def _is_glue(part: Sequence[Token]) -> bool:
    return part[0].type == "glue"


def _glued(parts: Sequence[Sequence[Token]], titles: int) -> Iterator[list[Sequence[Token]]]:
    """The parts of each piece, and the glue between them."""
    group: list[Sequence[Token]] = []
    for is_glue, run in groupby(enumerate(parts), key=lambda numbered: _is_glue(numbered[1])):
        for number, part in run:
            if not is_glue:
                if group and not _is_glue(group[-1]):
                    yield group
                    group = []
                group.append(part)
            elif group and number > titles and _sticks(parts, number):
                group.append(part)
    if group:
        yield group


def _sticks(parts: Sequence[Sequence[Token]], number: int) -> bool:
    """True if one block stands directly before this glue, and one directly after."""
    around = [*parts[number - 1 : number], *parts[number + 1 : number + 2]]
    return len(around) == 2 and not any(_is_glue(part) for part in around)


def _piece(group: Sequence[Sequence[Token]], lines: Sequence[str], start: int, end: int) -> Piece:
    shown = []
    begin = start
    for part in group:
        if not _is_glue(part):
            stop = end if part is group[-1] else _end(part)
            shown.append((part, _html(part, _without_blank_ends(lines[begin:stop]))))
        begin = _end(part)
    kinds = [_KINDS[part[0].type] for part, _ in shown]
    kind = next((kind for kind in kinds if kind not in _CLOSED), kinds[0])
    return Piece(
        kind,
        _without_blank_ends(lines[start:end]),
        "\n".join(html for _, html in shown),
        "\n".join(_words(part) for part, _ in shown),
        kind not in _CLOSED,
    )


def _parts(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The tokens of each block at the top level."""
    start = 0
    for position, token in enumerate(tokens):
        if token.level == 0 and token.nesting >= 0:
            start = position
        if token.level == 0 and token.nesting <= 0:
            yield tokens[start : position + 1]


def _shows(part: Sequence[Token]) -> bool:
    return part[0].type == "hr" or letters.visible(_words(part)) or parser.gave_up(part)


def _end(part: Sequence[Token]) -> int:
    return part[0].map[1] if part[0].map else 0


def _without_blank_ends(lines: Sequence[str]) -> str:
    seen = [number for number, line in enumerate(lines) if letters.visible(line)]
    return "\n".join(lines[seen[0] : seen[-1] + 1]) if seen else ""


def _image_words(image: Token) -> tuple[str, str]:
    """What an image shows, and what stands under it."""
    return " ".join(_said(image.children or []).split()), " ".join(str(image.attrs.get("title", "")).split())


def _words(part: Sequence[Token]) -> str:
    """What a part says, without markup."""
    said = (_said(token.children or []) if token.type == "inline" else token.content for token in part)
    return "\n".join(words for words in said if words)


def _said(children: Sequence[Token]) -> str:
    breaks = ("softbreak", "hardbreak")
    return "".join("\n" if token.type in breaks else token.content for token in children)


def _html(part: Sequence[Token], source: str) -> str:
    # The sanitiser's time grows with the square of a block's escaped signs, code included.
    if parser.gave_up(part) or len(source) > _BLOCK_MAX:
        return markup.as_typed(source)
    return markup.clean(_PARSER.renderer.render(part, _PARSER.options, {}), _TAGS).strip()


def _set_levels(parts: Sequence[Sequence[Token]]) -> None:
    headings = [token for part in parts for token in part if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=2)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) - highest + 2)}"


def _frugal_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """In place of markdown-it's own rule: reads tables until one would go beyond the cells that a text may have."""
    left = state.env.setdefault("cells_left", _CELLS_MAX)
    if not left or not table(state, start, end, silent=True):
        return False
    columns = state.src.count("|", state.bMarks[start], state.eMarks[start]) + 1
    rows = next((line for line in range(start, end) if state.isEmpty(line)), end) - start
    if silent:
        return columns * rows <= left
    state.env["cells_left"] = max(0, left - columns * rows)
    return columns * rows <= left and table(state, start, end, silent)


def _glue(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line of nothing but "&" at the top level, or one that ends the list or note above it."""
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith(_GLUE, first) or state.src[first : state.eMarks[start]].rstrip(" \t") != _GLUE:
        return False
    indent = state.sCount[start]
    if indent > 3 or (state.level and indent >= state.blkIndent):
        return False
    if not silent:
        state.line = start + 1
        state.push("glue", "", 0).map = [start, start + 1]
    return True


def _note(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A footnote's text, at the top level alone; there it also ends the list or note above it."""
    if not state.src.startswith("[^", state.bMarks[start] + state.tShift[start]):
        return False
    if state.level and not (silent and state.sCount[start] < state.blkIndent):
        return False
    return footnote_def(state, start, end, silent)


def _reference(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Addresses of links; what would be a footnote, were it at the top level, is none and stays to be seen."""
    begins = state.bMarks[start] + state.tShift[start]
    return not state.src.startswith("[^", begins) and reference(state, start, end, silent)


def _number_notes(state: StateCore) -> None:
    """Tells each footnote the number it is referred to by, or its label if it never is; its first words follow that."""
    numbers = state.env.get("footnotes", {}).get("refs", {})
    for position, token in enumerate(state.tokens):
        if token.type == "footnote_reference_open":
            number = numbers.get(f":{token.meta['label']}", -1)
            token.meta["number"] = str(number + 1) if number >= 0 else token.meta["label"]
            following = state.tokens[position + 1 : position + 4]
            if [each.type for each in following[::2]] == ["paragraph_open", "paragraph_close"]:
                following[0].hidden = following[2].hidden = True


def _note_reference(state: StateInline, silent: bool) -> bool:
    """A footnote's number, looked for no further than a label is long."""
    return bool(_NOTE_REFERENCE.match(state.src, state.pos)) and footnote_ref(state, silent)


class _EssayParser(parser.Parser):
    def __init__(self) -> None:
        super().__init__(name_hosts=False)
        self.block.ruler.at("table", _frugal_table, {"alt": ["paragraph", "reference"]})
        self.enable("table")
        self.block.ruler.at("reference", _reference)
        self.block.ruler.before("reference", "note", _note, {"alt": ["paragraph", "reference"]})
        self.block.ruler.before("table", "glue", _glue, {"alt": ["paragraph", "reference", "blockquote", "list"]})
        self.inline.ruler.after("image", "note_reference", _note_reference)
        self.core.ruler.push("number_notes", _number_notes)
        self.add_render_rule("image", self._image)
        self.add_render_rule("footnote_ref", self._note_reference)
        self.add_render_rule("footnote_reference_open", self._note_number)
        self.add_render_rule("footnote_reference_close", lambda *_: "")

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        # An image is named whatever its address. Links are judged once more after this, when they are settled.
        return True

    # Nothing is fetched for a reader's eyes, and no address of theirs is told to another site: an image is named.
    @staticmethod
    def _image(_renderer: Any, tokens: Sequence[Token], position: int, *_: Any) -> str:
        alt, caption = _image_words(tokens[position])
        said = " — ".join(dict.fromkeys(filter(None, (alt, caption))))
        return f"<em>[image: {escape(said)}]</em>" if said else "<em>[image]</em>"

    @staticmethod
    def _note_reference(_renderer: Any, tokens: Sequence[Token], position: int, *_: Any) -> str:
        return f"<sup>{tokens[position].meta['id'] + 1}</sup>"

    @staticmethod
    def _note_number(_renderer: Any, tokens: Sequence[Token], position: int, _options: Any, env: Any) -> str:
        return f"<sup>{escape(tokens[position].meta['number'])}</sup> "


_PARSER = _EssayParser()


# A word, and whether it is strong, emphasised, code, and a link by its writer's doing.
Said = tuple[str, bool, bool, bool, bool]


def read_inline(text: str, place: Literal["paragraph", "heading", "cell"], labels: Iterable[str]) -> list[Said]:
    """What a reader would be shown of one paragraph, heading or cell, in pieces; nothing if it is not one.

    `labels` are those of the footnotes that there are. A footnote's label stands between NULs, and the description and
    the caption of an image end in U+0001 each.
    """
    env = {"footnotes": {"refs": {f":{label}": -1 for label in labels}, "list": {}}}
    before = {"paragraph": "", "heading": "## ", "cell": "|a|\n|-|\n| "}[place]
    tokens = _PARSER.parse(before + text + (" |" if place == "cell" else ""), env)
    opening = {"paragraph": "paragraph_open", "heading": "heading_open", "cell": "table_open"}[place]
    inlines = [token for token in tokens if token.type == "inline"]
    if not tokens or tokens[0].type != opening or len(inlines) != (2 if place == "cell" else 1):
        return []
    return list(_said_how(inlines[-1].children or []))


def _said_how(children: Sequence[Token]) -> Iterator[Said]:
    strong = em = link = 0
    for token in children:
        if token.type in ("strong_open", "strong_close"):
            strong += token.nesting
        elif token.type in ("em_open", "em_close"):
            em += token.nesting
        elif token.type in ("link_open", "link_close"):
            link += token.nesting if token.markup != "linkify" else 0
        elif token.type == "footnote_ref":
            yield f"\0{token.meta['label']}\0", False, False, False, False
        elif token.type == "image":
            yield "".join(f"{words}\1" for words in _image_words(token)), False, False, False, False
        else:
            said = "\n" if token.type in ("hardbreak", "softbreak") else token.content
            yield said, bool(strong), bool(em), token.type == "code_inline", bool(link)
