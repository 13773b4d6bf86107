"""From a file or a paste to an essay: its title and the blocks that can be argued about."""

import re
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePath
from typing import Literal

from debate.text import letters, markdown, markup

TITLE_LIMIT = 300
TEXT_LIMIT = 1_000_000
PARAGRAPH_LIMIT = 5_000

Format = Literal["txt", "md"]

# Markdown costs time by the line; an essay at every other limit, hard-wrapped, has fewer.
_MARKDOWN_LINES_MAX = 20_000

_ASCII_SPACE = " \t\n\r\f\v"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class BadText(ValueError):
    """A text that cannot become an essay; the message tells the person who sent it what to do, in one sentence."""

    def __init__(self, message: str, field: Literal["title", "text"] = "text") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Block:
    """One paragraph to be: its lines as they were given, and the same as safe HTML.

    `kind` is text, heading, quote, list, code, table or divider.
    """

    kind: str
    source: str
    html: str
    debatable: bool


@dataclass(frozen=True)
class Draft:
    """An essay before it is stored."""

    title: str
    blocks: tuple[Block, ...]


def format_of(filename: str) -> Format:
    """The format that a file's name speaks of: Markdown for .md, .markdown and .mdown, else plain text."""
    return "md" if PurePath(filename).suffix.lower() in (".md", ".markdown", ".mdown") else "txt"


def decode(data: bytes) -> str:
    """The text of a file in UTF-8, without its byte order mark; raises BadText if it is empty or anything else."""
    if len(data) > 4 * TEXT_LIMIT + 3:
        raise BadText(f"The file is too long; at most {TEXT_LIMIT:,} characters fit: publish it in parts.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadText("The file is in UTF-16; save it as UTF-8.")
    if b"\0" in data:
        raise BadText("The file is not a text; save it as plain text or Markdown in UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_at(data[: error.start].decode("utf-8"), error.start)
        raise BadText(f"The file is not in UTF-8 (line {line}); save it as UTF-8.") from error
    _refuse_unfit(text)
    return text


def parse(text: str, format: Format = "txt", title: str | None = None) -> Draft:
    """The essay in `text`; without a title (or with a blank one) its first block is the title.

    In plain text nothing is guessed: each group of lines between blank ones is a block open to debate. Raises BadText.
    """
    _refuse_unfit(text)
    text = _normal_lines(text)
    given = _fit_title(title) if title is not None and title.strip() else None
    essay_title, blocks = _markdown(text, given) if format == "md" else _plain(text, given)
    if not any(block.debatable for block in blocks):
        raise BadText(
            "There is no paragraph beneath the title; leave an empty line after the title, and between paragraphs."
        )
    if len(blocks) > PARAGRAPH_LIMIT:
        raise BadText(f"The text has {len(blocks):,} paragraphs; at most {PARAGRAPH_LIMIT:,} fit: publish it in parts.")
    return Draft(essay_title, tuple(blocks))


def _normal_lines(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _line_at(text: str, position: int) -> int:
    return _normal_lines(text[:position]).count("\n") + 1


def _refuse_unfit(text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise BadText(f"The text has {len(text):,} characters; at most {TEXT_LIMIT:,} fit: publish it in parts.")
    if not letters.visible(text):
        raise BadText("The text is empty.")
    _refuse_controls(text, "text")


def _refuse_controls(text: str, field: Literal["title", "text"]) -> None:
    if control := _CONTROL.search(text):
        where = f"Line {_line_at(text, control.start())} of the {field}"
        raise BadText(f"{where} holds a control character (U+{ord(control[0]):04X}); remove it.", field)
    if half := _SURROGATE.search(text):
        where = f"Line {_line_at(text, half.start())} of the {field}"
        raise BadText(f"{where} holds half a character (U+{ord(half[0]):04X}); type it anew.", field)


def _fit_title(title: str, found: bool = False) -> str:
    """`title` on one line and within its limit; `found` if it was found in the text rather than given beside it."""
    _refuse_controls(title, "title")
    title = re.sub(r"[ \t\f\v]*\n[ \t\f\v]*", " ", _normal_lines(title).strip(_ASCII_SPACE))
    if not letters.visible(title):
        raise BadText("The title shows nothing; give one that can be read.", "title")
    if len(title) > TITLE_LIMIT:
        what = "The first paragraph, taken as the title," if found else "The title"
        do = "give a title of its own" if found else "shorten it"
        raise BadText(f"{what} has {len(title):,} characters; at most {TITLE_LIMIT} fit: {do}.", "title")
    return title


def _plain(text: str, title: str | None) -> tuple[str, list[Block]]:
    # Never str.splitlines, which also splits at U+0085 and U+2028: those belong to what was written.
    groups = groupby(text.split("\n"), key=letters.visible)
    sources = ["\n".join(lines) for seen, lines in groups if seen]
    if title is None:
        title = _fit_title(sources.pop(0), found=True)
    return title, [Block("text", source, markup.as_typed(source), True) for source in sources]


def _markdown(text: str, title: str | None) -> tuple[str, list[Block]]:
    lines = text.count("\n") + 1
    if lines > _MARKDOWN_LINES_MAX:
        most = f"at most {_MARKDOWN_LINES_MAX:,} fit in Markdown"
        raise BadText(f"The text has {lines:,} lines; {most}: send it as plain text.")
    pieces = markdown.cut(text, title_first=title is None)
    if title is None:
        if not pieces or pieces[0].kind not in ("heading", "text"):
            raise BadText("The text does not begin with a title; give one of its own.", "title")
        title = _fit_title(pieces.pop(0).words, found=True)
    return title, [
        Block(piece.kind, piece.source, piece.html, piece.kind not in ("heading", "divider")) for piece in pieces
    ]
