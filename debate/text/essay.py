"""From a file or a paste to an essay: its title and the blocks that can be argued about."""

import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePath
from typing import Literal, cast, get_args

from debate.text import letters, markdown, markup
from debate.text.intake import apart, archive, kinds
from debate.text.intake.given import Unreadable, sentences
from debate.text.message import N_, Message

TITLE_LIMIT = 300
TEXT_LIMIT = 1_000_000
PARAGRAPH_LIMIT = 5_000

# The largest file that is looked at; documents carry pictures, which do not count as text.
FILE_LIMIT = 16_000_000

Format = Literal["txt", "md", "html", "docx", "odt"]
FORMATS: tuple[str, ...] = get_args(Format)

# What an essay can say it is written in (BCP 47), so that it is hyphenated, quoted and spoken as it should be.
LANGUAGES = tuple(
    "ar bg bn ca cs cy da de el en es et eu fa fi fr ga gl he hi hr hu hy id is it ja ka ko lt lv mk mt nb nl pl pt ro"
    " ru sk sl sq sr sv sw ta th tr uk ur vi zh".split()
)

# Markdown costs time by the line; an essay at every other limit, hard-wrapped, has fewer.
_MARKDOWN_LINES_MAX = 15_000

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

    `kind` is text, heading, quote, list, code, table, note or divider.
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


@dataclass(frozen=True)
class Given:
    """What a file gives: the text as it can be edited from now on, what was found beside it, what did not come through.

    `format` is txt for plain text and md for all else. `language` is one of LANGUAGES or "".
    """

    text: str
    format: Literal["txt", "md"]
    title: str = ""
    author: str = ""
    language: str = ""
    left_out: tuple[Message, ...] = ()


_ENDINGS: dict[str, Format] = {
    ".txt": "txt", ".text": "txt",
    ".md": "md", ".markdown": "md", ".mdown": "md",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".xht": "html",
    ".docx": "docx", ".docm": "docx", ".dotx": "docx",
    ".odt": "odt", ".ott": "odt", ".fodt": "odt",
}  # fmt: skip


def format_of(filename: str, data: bytes = b"") -> Format:
    """The format that a file's name speaks of; where it speaks of none, what the bytes begin with; else plain text."""
    if by_name := _ENDINGS.get(PurePath(filename).suffix.lower()):
        return by_name
    if data.startswith(kinds.ZIP):
        with suppress(Unreadable):
            return cast(Format, kinds.in_zip(data))
    if kinds.is_flat_odt(data):
        return "odt"
    return "html" if kinds.is_html(data) else "txt"


def read(data: bytes, filename: str = "", format: str | None = None) -> Given:
    """The text in a file of any of FORMATS, by its name and bytes unless a format is given; raises BadText, Crowded.

    DOCX, ODT and HTML are read in a process of their own and become Markdown; plain text if they are nothing else.
    """
    try:
        kind = _kind(data, filename, format)
        if kind in ("txt", "md"):
            return Given(decode(data), "md" if kind == "md" else "txt")
        found = apart.read(data, kind)
    except Unreadable as refused:
        raise BadText(refused.message) from refused
    _refuse_unfit(found.text)
    language = found.language.replace("_", "-").partition("-")[0].lower()
    language = _RENAMED.get(language, language)
    coat = _MONOSPACED.fullmatch(found.text)
    is_plain = coat is not None and "\n\n" in coat[2].strip() and f"\n{coat[1]}" not in coat[2]
    return Given(
        coat[2] if coat is not None and is_plain else found.text,
        "txt" if is_plain else "md",
        _or_nothing(found.title),
        _or_nothing(found.author),
        language if language in LANGUAGES else "",
        sentences(found.left_out),
    )


# A document that is one block of code from its first line to its last is a plain text in a program's coat: what office
# programs make of a text file.
_MONOSPACED = re.compile(r"\s*(`{3,})\n(.*\n)\1\s*", re.DOTALL)

# Codes of before that pages still use, and one that stands for two.
_RENAMED = {"iw": "he", "in": "id", "no": "nb"}


def _kind(data: bytes, filename: str, format: str | None) -> str:
    """What a file is to be read as. Its bytes have the last word: a ZIP is no plain text whatever it is called."""
    if len(data) > FILE_LIMIT:
        raise BadText(
            N_("The file is too large; at most %(most)s bytes fit: take pictures out of it.", most=FILE_LIMIT)
        )
    if format is not None and format not in FORMATS:
        raise BadText(N_("The format is none that is known here; choose one of those offered."))
    if not data:
        raise BadText(N_("The text is empty."))
    kinds.refuse_foreign(data)
    if data.startswith(kinds.ZIP):
        archive.refuse_costly(data)
        return kinds.in_zip(data)
    kind = format or format_of(filename, data)
    if kind == "odt" and kinds.is_flat_odt(data):
        return kind
    if kind in ("docx", "odt"):
        if kinds.is_html(data):
            return "html"
        raise BadText(kinds.NOT_WHAT_IT_SAYS)
    return kind


def _or_nothing(words: str) -> str:
    words = " ".join(_SURROGATE.sub("", _CONTROL.sub("", words)).split())[:TITLE_LIMIT]
    return words if letters.visible(words) else ""


def decode(data: bytes) -> str:
    """The text of a file in UTF-8, without its byte order mark; raises BadText if it is empty or anything else."""
    if len(data) > 4 * TEXT_LIMIT + 3:
        raise BadText(
            N_("The file is too long; at most %(most)s characters fit: publish it in parts.", most=TEXT_LIMIT)
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadText(N_("The file is in UTF-16; save it as UTF-8."))
    if b"\0" in data:
        raise BadText(N_("The file is not a text; save it as plain text or Markdown in UTF-8, as HTML, DOCX or ODT."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_at(data[: error.start].decode("utf-8"), error.start)
        raise BadText(N_("The file is not in UTF-8 (line %(line)s); save it as UTF-8.", line=line)) from error
    _refuse_unfit(text)
    return text


def parse(text: str, format: str = "txt", title: str | None = None) -> Draft:
    """The essay in `text`; without a title (or with a blank one) its first block is the title.

    In plain text nothing is guessed: each group of lines between blank ones is a block open to debate. Raises BadText.
    """
    _refuse_unfit(text)
    text = _normal_lines(text)
    given = _fit_title(title) if title is not None and title.strip() else None
    essay_title, blocks = _markdown(text, given) if format == "md" else _plain(text, given)
    if not any(block.debatable for block in blocks):
        raise BadText(
            N_("There is no paragraph beneath the title; leave an empty line after the title, and between paragraphs.")
        )
    if len(blocks) > PARAGRAPH_LIMIT:
        raise BadText(
            N_(
                "The text has %(length)s paragraphs; at most %(most)s fit: publish it in parts.",
                length=len(blocks),
                most=PARAGRAPH_LIMIT,
            )
        )
    return Draft(essay_title, tuple(blocks))


def _normal_lines(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _line_at(text: str, position: int) -> int:
    return _normal_lines(text[:position]).count("\n") + 1


def _refuse_unfit(text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise BadText(
            N_(
                "The text has %(length)s characters; at most %(most)s fit: publish it in parts.",
                length=len(text),
                most=TEXT_LIMIT,
            )
        )
    if not letters.visible(text):
        raise BadText(N_("The text is empty."))
    _refuse_controls(text, "text")


def _refuse_controls(text: str, field: Literal["title", "text"]) -> None:
    if control := _CONTROL.search(text):
        found = {"line": _line_at(text, control.start()), "code": f"U+{ord(control[0]):04X}"}
        if field == "title":
            raise BadText(N_("The title holds a control character (%(code)s); remove it.", code=found["code"]), field)
        raise BadText(N_("Line %(line)s of the text holds a control character (%(code)s); remove it.", **found), field)
    if half := _SURROGATE.search(text):
        found = {"line": _line_at(text, half.start()), "code": f"U+{ord(half[0]):04X}"}
        if field == "title":
            raise BadText(N_("The title holds half a character (%(code)s); type it anew.", code=found["code"]), field)
        raise BadText(N_("Line %(line)s of the text holds half a character (%(code)s); type it anew.", **found), field)


def _fit_title(title: str, found: bool = False) -> str:
    """`title` on one line and within its limit; `found` if it was found in the text rather than given beside it."""
    _refuse_controls(title, "title")
    title = " ".join(line.strip(" \t\f\v") for line in _normal_lines(title).strip(_ASCII_SPACE).split("\n"))
    title = markup.undisguised(title)  # it stands among other words everywhere, and must not turn or hide them
    if not letters.visible(title):
        raise BadText(N_("The title shows nothing; give one that can be read."), "title")
    if len(title) > TITLE_LIMIT:
        sizes = {"length": len(title), "most": TITLE_LIMIT}
        if found:
            words = N_(
                "The first paragraph, taken as the title, has %(length)s characters; at most %(most)s fit: "
                "give a title of its own.",
                **sizes,
            )
        else:
            words = N_("The title has %(length)s characters; at most %(most)s fit: shorten it.", **sizes)
        raise BadText(words, "title")
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
    # Signs that nobody sees make no line, here as in plain text, nor do empty lines at the end: blocks would carry them
    # that do not find them again when their lines are put together.
    seen = [line if letters.visible(line) or not line.strip(" \t") else "" for line in text.split("\n")]
    while seen and not seen[-1].strip(" \t"):
        seen.pop()
    pieces = markdown.cut("\n".join(seen), title_first=title is None)
    if title is None:
        if not pieces or pieces[0].kind not in ("heading", "text"):
            raise BadText(N_("The text does not begin with a title; give one of its own."), "title")
        title = _fit_title(pieces.pop(0).words, found=True)
    return title, [Block(piece.kind, piece.source, piece.html, piece.debatable) for piece in pieces]
