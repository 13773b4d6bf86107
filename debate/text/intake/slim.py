"""A part of a Word document without what says nothing about its text, and with what mammoth would not tell.

Word writes ten elements about the look of every few words; without them a document is read in a fraction of the time
and the memory. Numbers of list items are written before their words, between two signs of their own, because mammoth
starts every list at one.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from debate.text.intake.archive import DAMAGED, HARMFUL
from debate.text.intake.given import Unreadable

# Before and after the number of a list item. They are private, and taken out of what the document says itself.
NUMBER = "\ue0b7"
NUMBER_END = "\ue0b8"

_DROPPED = frozenset(
    "w:proofErr w:lastRenderedPageBreak w:sectPr w:tblPr w:tblGrid w:bookmarkEnd w:commentRangeStart"
    " w:commentRangeEnd w:commentReference w:annotationRef w:permStart w:permEnd w:del w:moveFrom w:moveFromRangeStart"
    " w:moveFromRangeEnd w:moveToRangeStart w:moveToRangeEnd mc:Choice w:delText w:delInstrText".split()
)
_UNWRAPPED = frozenset("w:ins w:moveTo w:smartTag w:dir w:bdo".split())
# Of these, nothing but what is named.
_KEPT = {
    "w:rPr": frozenset("w:rStyle w:b w:i w:strike w:dstrike w:vertAlign w:position w:del".split()),
    "w:pPr": frozenset("w:pStyle w:numPr w:rPr".split()),
    "w:trPr": frozenset("w:tblHeader w:del".split()),
    "w:tcPr": frozenset("w:gridSpan w:vMerge".split()),
}
_UNSAID = re.compile(r"w:rsid|w14:|w15:|w16|wp14:")
_ELEMENTS_MAX = 120_000


@dataclass
class Numberings:
    """How the lists of a document are numbered, from its numbering part, and how far they have come."""

    levels: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    restarts: dict[tuple[str, str], int] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    signs: set[str] = field(default_factory=set)

    def next(self, number: str, level: str) -> int | None:
        """The number of the next item of a list, or None if it has bullets or is unknown."""
        kind = self.lists.get(number, "")
        form, start = self.levels.get((kind, level), ("bullet", 1))
        counts = self.counts.setdefault(kind, {})
        depth = int(level) if level.isdecimal() else 0
        restart = self.restarts.pop((number, level), None)
        counts[depth] = restart if restart is not None else counts[depth] + 1 if depth in counts else start
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        if form in ("bullet", "none"):
            return None
        if form not in ("decimal", "decimalZero"):
            self.signs.add(f"{kind} {level}")
        return counts[depth]


def numberings(part: bytes) -> Numberings:
    """What the numbering part says; raises Unreadable."""
    found = Numberings()
    inside = {"abstract": "", "level": "", "number": ""}

    def start(name: str, attributes: dict[str, str]) -> None:
        value = attributes.get("w:val", "")
        if name == "w:abstractNum":
            inside.update(abstract=attributes.get("w:abstractNumId", ""), number="")
        elif name == "w:num":
            inside.update(number=attributes.get("w:numId", ""), abstract="")
        elif name in ("w:lvl", "w:lvlOverride"):
            inside["level"] = attributes.get("w:ilvl", "")
        elif name == "w:abstractNumId":
            found.lists[inside["number"]] = value
        elif name == "w:startOverride" and value.isdecimal():
            found.restarts[inside["number"], inside["level"]] = int(value)
        elif inside["abstract"] and name in ("w:start", "w:numFmt"):
            form, first = found.levels.get((inside["abstract"], inside["level"]), ("decimal", 1))
            key = inside["abstract"], inside["level"]
            found.levels[key] = (value, first) if name == "w:numFmt" else (form, int(value) if value.isdecimal() else 1)

    _parse(part, start, lambda _: None, lambda _: None)
    return found


def slimmed(part: bytes, numbers: Numberings, left_out: Counter[str]) -> bytes:
    """The same part, saying the same in less; raises Unreadable."""
    writer = _Writer(numbers, left_out)
    _parse(part, writer.start, writer.end, writer.words)
    return "".join(writer.out).encode()


def _parse(part: bytes, start: Any, end: Any, words: Any) -> None:
    def on_doctype(*_: Any) -> None:
        raise Unreadable(HARMFUL)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, words
    parser.StartDoctypeDeclHandler = on_doctype
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, LookupError) as error:
        raise Unreadable(DAMAGED) from error


class _Writer:
    def __init__(self, numbers: Numberings, left_out: Counter[str]) -> None:
        self.numbers = numbers
        self.left_out = left_out
        self.out: list[str] = ['<?xml version="1.0" encoding="UTF-8"?>']
        self.names: list[str] = []
        self.closings: list[str] = []
        self.skipping = 0
        self.written = 0
        self.numbering = ("", "")
        self.fallbacks: list[bool] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        above = self.names[-1] if self.names else ""
        self.names.append(name)
        if self.skipping or self._is_dropped(name, above):
            self.skipping += 1
            return
        if name == "mc:AlternateContent":
            self.fallbacks.append(False)
        elif name == "mc:Fallback" and self.fallbacks:
            self.fallbacks[-1] = True
        if name in ("w:numId", "w:ilvl"):
            number, level = self.numbering
            value = attributes.get("w:val", "")
            self.numbering = (value, level) if name == "w:numId" else (number, value)
        self._write(name, attributes)

    def _is_dropped(self, name: str, above: str) -> bool:
        kept = _KEPT.get(above)
        return name not in kept if kept is not None else name in _DROPPED

    def _write(self, name: str, attributes: dict[str, str]) -> None:
        opening, closing = f"<{name}", f"</{name}>"
        if name == "m:t":
            # A formula is at least its letters in a row.
            opening, closing = "<w:r><w:t", "</w:t></w:r>"
        elif name in _UNWRAPPED or name.startswith("m:"):
            self.closings.append("")
            return
        elif name == "w:dstrike":
            opening, closing = "<w:strike", "</w:strike>"
        elif name == "w:position":
            # LibreOffice has its own way to raise and lower.
            lowered = attributes.get("w:val", "").startswith("-")
            opening, closing = "<w:vertAlign", "</w:vertAlign>"
            attributes = {"w:val": "subscript" if lowered else "superscript"}
        self.written += 1
        if self.written > _ELEMENTS_MAX:
            raise Unreadable(HARMFUL)
        said = [f" {each}={quoteattr(value)}" for each, value in attributes.items() if not _UNSAID.match(each)]
        self.out.append(f"{opening}{''.join(said)}>")
        self.closings.append(closing)

    def end(self, name: str) -> None:
        self.names.pop()
        if self.skipping:
            self.skipping -= 1
            return
        if name == "mc:AlternateContent" and not self.fallbacks.pop():
            self.left_out["unknown"] += 1
        self.out.append(self.closings.pop())
        if name == "w:pPr" and self.numbering[0]:
            self._number(*self.numbering)
        if name == "w:pPr":
            self.numbering = ("", "")

    def _number(self, number: str, level: str) -> None:
        value = self.numbers.next(number, level or "0")
        if value is not None:
            self.out.append(f"<w:r><w:t>{NUMBER}{value}{NUMBER_END}</w:t></w:r>")

    def words(self, text: str) -> None:
        # White space between elements is nothing; in w:t it is.
        if not self.skipping and (self.names[-1] in ("w:t", "m:t", "w:instrText") or text.strip()):
            self.out.append(escape(text.replace(NUMBER, "").replace(NUMBER_END, "")))
