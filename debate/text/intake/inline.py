"""Words with emphasis, links and notes in them, written as Markdown that says literally what they say.

What is written is read again by the parser that will read it later. Where emphasis cannot be written so that it comes
back, as between letters and brackets, less of it is written; the words always stay.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from debate.text import letters, links, markdown

_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_ADDRESS = re.compile(r"https?://[^\s<>]+", re.I)
_LINE_SIGN = re.compile(r"(?:#{1,6}(?=\s|$)|>|[-+](?=\s|$)|=+\s*$|~~~|[-:|][-:|\s]*$|\||&\s*$)", re.M)
_LINE_NUMBER = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_ENTITY = re.compile(r"&(?=#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[a-zA-Z][a-zA-Z0-9]{1,31};)")
_BRACKETS = re.compile(r"\][(:\[]")
# With none of these in it, a text is read as it stands.
_SIGNS = re.compile(r"[\\`*_\[\]<>&!:~|#=+]|^[^\S\n]*+(?:-|\d)", re.M)


@dataclass(frozen=True)
class Run:
    """Words that look the same; `href` is where they lead."""

    text: str
    strong: bool = False
    em: bool = False
    code: bool = False
    href: str = ""

    def looks_like(self, other: "Run") -> bool:
        return replace(self, text="") == replace(other, text="")

    def shared(self, other: "Run | None") -> "Run":
        """The look of what stands between this and another: what both have."""
        if other is None:
            return Run("")
        return Run(
            "",
            self.strong and other.strong,
            self.em and other.em,
            False,
            self.href if self.href == other.href else "",
        )


@dataclass(frozen=True)
class Break:
    """A line end that was meant."""


@dataclass(frozen=True)
class Reference:
    """The number of a footnote."""

    label: str


@dataclass(frozen=True)
class Image:
    """What stands for an image: its description, its caption, where it was and where it led."""

    alt: str
    caption: str = ""
    source: str = ""
    href: str = ""


Inline = Run | Break | Reference | Image


def tidied(inlines: Iterable[Inline]) -> list[Inline]:
    """The same with white space as a browser shows it, and nothing at the ends."""
    merged = _merged(inlines)
    tidy: list[Inline] = []
    spaced = True
    for each in merged:
        if isinstance(each, Run):
            text = re.sub(r"[ \t\n\r\f]+", " ", each.text)
            text = text[1:] if spaced and text.startswith(" ") else text
            if not text:
                continue
            spaced = text.endswith(" ")
            tidy.append(replace(each, text=text))
        else:
            if isinstance(each, Break) and tidy and isinstance(tidy[-1], Run):
                tidy[-1] = replace(tidy[-1], text=tidy[-1].text.rstrip(" "))
            spaced = isinstance(each, Break)
            tidy.append(each)
    return _without_ends(tidy)


def _merged(inlines: Iterable[Inline]) -> list[Inline]:
    merged: list[Inline] = []
    for each in inlines:
        last = merged[-1] if merged else None
        if isinstance(each, Run) and isinstance(last, Run) and each.looks_like(last):
            merged[-1] = replace(last, text=last.text + each.text)
        elif not isinstance(each, Run) or each.text:
            merged.append(each)
    return merged


def _without_ends(tidy: list[Inline]) -> list[Inline]:
    while tidy and (isinstance(tidy[0], Break) or (isinstance(tidy[0], Run) and not tidy[0].text.strip())):
        tidy.pop(0)
    while tidy and (isinstance(tidy[-1], Break) or (isinstance(tidy[-1], Run) and not tidy[-1].text.strip())):
        tidy.pop()
    if tidy and isinstance(tidy[0], Run):
        tidy[0] = replace(tidy[0], text=tidy[0].text.lstrip())
    if tidy and isinstance(tidy[-1], Run):
        tidy[-1] = replace(tidy[-1], text=tidy[-1].text.rstrip())
    return tidy


def shows(inlines: Iterable[Inline]) -> bool:
    return any(
        not isinstance(each, Run | Break) or (isinstance(each, Run) and letters.visible(each.text)) for each in inlines
    )


def words(inlines: Iterable[Inline]) -> str:
    """The words alone, on one line."""
    said = (each.text if isinstance(each, Run) else " " if isinstance(each, Break) else "" for each in inlines)
    return " ".join("".join(said).split())


Place = Literal["paragraph", "heading", "cell"]


def write(inlines: Sequence[Inline], place: Place = "paragraph") -> tuple[str, bool]:
    """Markdown of tidied inlines, and whether all emphasis and links are in it."""
    if place != "paragraph":
        inlines = tidied(Run(" ") if isinstance(each, Break) else each for each in inlines)
    # With `_` where `*` fails: two signs that follow each other are not taken for one.
    for em in "*_":
        written = _Writer(em, place).write(inlines)
        if not _SIGNS.search(written) or _reads_as(written, inlines, place):
            return written, True
    written = ""
    for loss in (_plain_em, _plain_em_and_strong, _plain):
        less = tidied(loss(each) if isinstance(each, Run) else each for each in inlines)
        for careful in (True, False):
            written = _Writer("*", place, careful).write(less)
            if _reads_as(written, less, place):
                return written, less == inlines
    return written, False


def _plain_em(run: Run) -> Run:
    return replace(run, em=False) if run.strong or run.em else run


def _plain_em_and_strong(run: Run) -> Run:
    return replace(run, em=False, strong=False)


def _plain(run: Run) -> Run:
    return Run(run.text)


class _Writer:
    """Writes one paragraph; `careful` escapes only what would be read as a sign, else every sign there is."""

    def __init__(self, em: str, place: Place, careful: bool = True) -> None:
        self.marks = {"strong": "**", "em": em}
        self.place = place
        self.in_cell = place == "cell"
        self.careful = careful
        self.brackets = False

    def write(self, inlines: Sequence[Inline]) -> str:
        inlines = _flanked(inlines)
        self.brackets = bool(_BRACKETS.search("".join(each.text for each in inlines if isinstance(each, Run))))
        out: list[str] = []
        open_marks: list[tuple[str, str]] = []
        for position, each in enumerate(inlines):
            wanted = _wanted(each)
            keep = 0
            while keep < len(open_marks) and open_marks[keep] in wanted:
                keep += 1
            while len(open_marks) > keep:
                out.append(self._closed(*open_marks.pop()))
            missing = [mark for mark in wanted if mark not in open_marks]
            # What lasts longest is opened first, so that it need not be closed between.
            for mark in sorted(missing, key=lambda mark: -_lasts(inlines, position, mark)):
                out.append("[" if mark[0] == "href" else self.marks[mark[0]])
                open_marks.append(mark)
            out.append(self._one(each, inlines, position, "".join(out[-3:])))
        while open_marks:
            out.append(self._closed(*open_marks.pop()))
        return self._guard_lines("".join(out))

    def _closed(self, mark: str, href: str) -> str:
        return f"]({_address(href)})" if mark == "href" else self.marks[mark]

    def _one(self, each: Inline, inlines: Sequence[Inline], position: int, before: str) -> str:
        if isinstance(each, Break):
            return "\\\n"
        if isinstance(each, Reference):
            return f"[^{each.label}]"
        if isinstance(each, Image):
            return self._image(each)
        if each.code:
            return self._code(each.text)
        following = inlines[position + 1] if position + 1 < len(inlines) else None
        return self._text(each.text, before[-1:], _first_char(following, each))

    def _image(self, image: Image) -> str:
        alt = re.sub(r"([\\\[\]`*_<&!|])", r"\\\1", " ".join(image.alt.split()))
        caption = re.sub(r"([\\\"`&|])", r"\\\1", " ".join(image.caption.split()))
        source = _address(image.source) or ("<>" if caption else "")
        named = f'![{alt}]({source} "{caption}")' if caption else f"![{alt}]({source})"
        return f"[{named}]({_address(image.href)})" if image.href else named

    def _code(self, text: str) -> str:
        longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
        fence = "`" * (longest + 1)
        padded = f" {text} " if text[:1] in ("`", " ") or text[-1:] in ("`", " ") else text
        padded = padded if text.strip() else text
        return fence + (padded.replace("|", "\\|") if self.in_cell else padded) + fence

    def _text(self, text: str, before: str, after: str) -> str:
        if not self.careful:
            return "".join(f"\\{char}" if char in _PUNCTUATION else char for char in text)
        out: list[str] = []
        start = 0
        for address in _ADDRESS.finditer(text):
            out.append(self._escaped(text, start, address.start(), before, after))
            found = address[0].replace("|", "%7C") if self.in_cell else address[0]
            out.append(found)
            start = address.end()
        out.append(self._escaped(text, start, len(text), before, after))
        return "".join(out)

    def _escaped(self, text: str, start: int, end: int, before: str, after: str) -> str:
        out: list[str] = []
        for position in range(start, end):
            char = text[position]
            if char in "\\`*_[]<&!|":
                previous = text[position - 1] if position else before
                following = text[position + 1] if position + 1 < len(text) else after
                if self._is_sign(char, previous, following, text[position : position + 40], position + 1 == len(text)):
                    out.append("\\")
            out.append(char)
        return "".join(out)

    def _is_sign(self, char: str, previous: str, following: str, rest: str, last: bool) -> bool:
        if char == "\\":
            return last or following in _PUNCTUATION or following == "\n"
        if char == "_":
            return not (previous.isalnum() and following.isalnum())
        if char == "*":
            return not ((not previous or previous.isspace()) and following.isspace()) or not previous
        if char in "[]":
            return self.brackets or following == "^" or (char == "]" and following in "([:" and last)
        if char == "<":
            return following.isalpha() or following in "/!?"
        if char == "&":
            return bool(_ENTITY.match(rest))
        if char == "!":
            return following == "["
        return self.in_cell if char == "|" else True

    def _guard_lines(self, written: str) -> str:
        """Signs at the beginning of a line that would make it something else than a line of this paragraph."""
        return "\n".join(self._guarded(line) for line in written.split("\n"))

    def _guarded(self, line: str) -> str:
        if self.place == "cell":
            return line
        if self.place == "heading":
            return re.sub(r"(?<!#)(#++)$", r"\\\1", line)
        if number := _LINE_NUMBER.match(line):
            return f"{number[1]}\\{line[len(number[1]) :]}"
        return f"\\{line}" if _LINE_SIGN.match(line) else line


def _wanted(each: Inline) -> list[tuple[str, str]]:
    if not isinstance(each, Run):
        return []
    marks = [("href", each.href)] if each.href else []
    return marks + [(name, "") for name in ("strong", "em") if getattr(each, name)]


def _lasts(inlines: Sequence[Inline], position: int, mark: tuple[str, str]) -> int:
    count = 0
    for each in inlines[position:]:
        if mark not in _wanted(each):
            break
        count += 1
    # A link stands outside of emphasis that lasts as long.
    return 2 * count + (mark[0] == "href")


def _first_char(following: Inline | None, current: Run) -> str:
    if following is None:
        return ""
    if isinstance(following, Run):
        if following.href and following.href != current.href:
            return "["
        if following.code:
            return "`"
        return following.text[:1] if following.looks_like(current) else "*"
    return "\n" if isinstance(following, Break) else "["


def _flanked(inlines: Sequence[Inline]) -> list[Inline]:
    """The same, with blanks and such signs moved out of emphasis as it cannot begin or end with where it stands."""
    runs: list[Inline] = []
    for position, each in enumerate(inlines):
        if not isinstance(each, Run) or each.code or not (each.strong or each.em or each.href):
            runs.append(each)
            continue
        before = inlines[position - 1] if position else None
        after = inlines[position + 1] if position + 1 < len(inlines) else None
        lead, core, trail = _cores(each, _last_char_of(before), _first_char_of(after))
        left = before if isinstance(before, Run) else None
        right = after if isinstance(after, Run) else None
        runs += [
            replace(each.shared(left), text=lead),
            replace(each, text=core),
            replace(each.shared(right), text=trail),
        ]
    return _merged(each for each in runs if not isinstance(each, Run) or each.text)


def _cores(run: Run, before: str, after: str) -> tuple[str, str, str]:
    text = run.text
    start, end = 0, len(text)
    emphasised = run.strong or run.em
    while start < end and (
        text[start].isspace()
        or (emphasised and _is_mark(text[start]) and (text[start - 1] if start else before).isalnum())
    ):
        start += 1
    while end > start and (
        text[end - 1].isspace()
        or (emphasised and _is_mark(text[end - 1]) and (text[end] if end < len(text) else after).isalnum())
    ):
        end -= 1
    return text[:start], text[start:end], text[end:]


def _is_mark(char: str) -> bool:
    return not char.isalnum() and not char.isspace()


def _last_char_of(each: Inline | None) -> str:
    return each.text[-1:] if isinstance(each, Run) else ""


def _first_char_of(each: Inline | None) -> str:
    return each.text[:1] if isinstance(each, Run) else ""


def _address(href: str) -> str:
    """An address as it can stand in parentheses."""
    href = href.strip().replace("\\", "%5C").replace("\n", "").replace("|", "%7C")
    href = re.sub(r"[\s<>`*\[\]]", lambda sign: f"%{ord(sign[0]):02X}", href)
    href = _ENTITY.sub("&amp;", href)
    return href if _balanced(href) else href.replace("(", "%28").replace(")", "%29")


def _balanced(href: str) -> bool:
    depth = 0
    for char in href:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return False
    return depth == 0


def is_address(href: str) -> bool:
    return links.fits(href)


def _reads_as(written: str, inlines: Sequence[Inline], place: Place) -> bool:
    """True if our own parser finds in `written` the very words, emphasis, links, notes and images of `inlines`."""
    labels = [each.label for each in inlines if isinstance(each, Reference)]
    return _spelled(_expected(inlines)) == _spelled(markdown.read_inline(written, place, labels))


def _expected(inlines: Iterable[Inline]) -> list[markdown.Said]:
    found: list[markdown.Said] = []
    for each in inlines:
        if isinstance(each, Run):
            found.append((each.text, each.strong, each.em, each.code, bool(each.href)))
        elif isinstance(each, Break):
            found.append(("\n", False, False, False, False))
        elif isinstance(each, Reference):
            found.append((f"\0{each.label}\0", False, False, False, False))
        else:
            said = "".join(f"{' '.join(words.split())}\1" for words in (each.alt, each.caption))
            found.append((said, False, False, False, False))
    return found


def _spelled(pieces: Iterable[markdown.Said]) -> list[tuple[str, bool, bool, bool, bool]]:
    """Letter by letter; signs and blanks may stand just outside of emphasis, and inside or outside of a link."""
    spelled = []
    for text, strong, em, code, link in pieces:
        for char in text:
            spelled.append((char, strong, em, code, link) if char.isalnum() else (char, False, False, False, False))
    return spelled
