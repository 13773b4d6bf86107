"""An essay in Markdown, cut into the blocks of its top level, each with its lines and its safe HTML."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token

from debate.text import letters, markup, parser

_KINDS = {
    "blockquote_open": "quote",
    "bullet_list_open": "list",
    "code_block": "code",
    "fence": "code",
    "heading_open": "heading",
    "hr": "divider",
    "ordered_list_open": "list",
    "paragraph_open": "text",
    "table_open": "table",
}
_TAGS = markup.REPLY_TAGS | frozenset("h2 h3 h4 h5 h6 hr table tbody td th thead tr".split())

# Short rows are filled up to the width of their table, so that a little text can make very many cells.
_CELLS_MAX = 30_000
_BLOCK_MAX = 100_000


@dataclass(frozen=True)
class Piece:
    """A block of the text: its kind, its lines as given, its HTML, and its words without any markup.

    The lines of all pieces together are all lines of the text that are not blank.
    """

    kind: str
    source: str
    html: str
    words: str


def cut(text: str, title_first: bool = False) -> list[Piece]:
    """The pieces of `text`, in order; headings at h2 and below, whatever level the highest has.

    With `title_first` the first piece is the title of what follows and has no say in the levels.
    """
    parts = [part for part in _parts(_PARSER.parse(text)) if _shows(part)]
    _set_levels(parts[1:] if title_first else parts)
    lines = text.split("\n")
    # What makes no block of its own, such as the addresses of reference links, stays with the block that follows it,
    # or with the last: its writer will want it back.
    ends = [_end(part) for part in parts[:-1]] + [len(lines)]
    starts = [0, *ends]
    return [
        Piece(_KINDS[part[0].type], source, _html(part, source), _words(part))
        for part, start, end in zip(parts, starts, ends, strict=False)
        for source in [_without_blank_ends(lines[start:end])]
    ]


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


class _EssayParser(parser.Parser):
    def __init__(self) -> None:
        super().__init__(name_hosts=False)
        self.block.ruler.at("table", _frugal_table, {"alt": ["paragraph", "reference"]})
        self.enable("table")
        self.add_render_rule("image", self._image)

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        # An image is named whatever its address. Links are judged once more after this, when they are settled.
        return True

    # Nothing is fetched for a reader's eyes, and no address of theirs is told to another site: an image is named.
    @staticmethod
    def _image(_renderer: Any, tokens: Sequence[Token], position: int, *_: Any) -> str:
        alt = " ".join(_said(tokens[position].children or []).split())
        return f"<em>[image: {escape(alt)}]</em>" if alt else "<em>[image]</em>"


_PARSER = _EssayParser()
