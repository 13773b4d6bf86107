"""What is found in a file, and what is said when nothing can be."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from debate.text.message import N_, Message


class Unreadable(ValueError):
    """A file that cannot be brought in; the message says what it is and what to do, in one sentence."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


@dataclass
class Found:
    """What a reader found in a file: the text as HTML or Markdown, what stands beside it, what was left out."""

    text: str
    title: str = ""
    author: str = ""
    language: str = ""
    left_out: Counter[str] = field(default_factory=Counter)


# One sentence for each thing that can be left out. They take their number after the words, where every language can
# put one.
LEFT_OUT: Mapping[str, Message] = {
    "comment": N_("Comments by reviewers, left out: %(count)s."),
    "deletion": N_("Tracked deletions, left out: %(count)s."),
    "insertion": N_("Tracked insertions, taken in as if accepted: %(count)s."),
    "image": N_("Images without a description, left out: %(count)s."),
    "drawing": N_("Drawings and charts, left out: %(count)s."),
    "formula": N_("Formulas, left out or written on one line: %(count)s."),
    "margin": N_("Page headers and footers, left out: %(count)s."),
    "textbox": N_("Text boxes, taken in after the paragraph they were tied to: %(count)s."),
    "form": N_("Forms, left out: %(count)s."),
    "field": N_("Fields and buttons of forms, left out: %(count)s."),
    "frame": N_("Embedded pages, left out: %(count)s."),
    "media": N_("Videos and sounds, left out: %(count)s."),
    "hidden": N_("Hidden words, left out: %(count)s."),
    "around": N_("Words around the article, such as menus and footers, left out: %(count)s."),
    "link": N_("Links that lead to no http or https address, kept as words: %(count)s."),
    "joined": N_("Tables with joined cells, laid out plainly: %(count)s."),
    "unfolded": N_("Tables that held more than a table can here, unfolded into blocks: %(count)s."),
    "struck": N_("Passages struck through, kept as plain words: %(count)s."),
    "raised": N_("Raised or lowered passages, written on the line: %(count)s."),
    "numbering": N_("Lists with letters or Roman numerals, numbered with digits: %(count)s."),
    "deep": N_("Lists and quotes nested too deep, moved outwards: %(count)s."),
    "control": N_("Control characters, left out: %(count)s."),
    "undecoded": N_("Characters that could not be read, shown as %(sign)s: %(count)s.", sign="\ufffd", count=0),
    "unmarked": N_("Paragraphs whose emphasis or links could not be kept: %(count)s."),
    "unknown": N_("Parts of the file that are of no kind known here, left out: %(count)s."),
    "index": N_("Generated tables of contents, left out: %(count)s."),
}


def sentences(left_out: Mapping[str, int]) -> tuple[Message, ...]:
    """The sentences that name what was left out, in the order of LEFT_OUT."""
    return tuple(_sentence(kind, left_out[kind]) for kind in LEFT_OUT if left_out.get(kind))


def _sentence(kind: str, count: int) -> Message:
    template = LEFT_OUT[kind]
    values = {name: value for name, value in template.values.items() if name != "count"}
    return Message(template.template, **values, count=count)


def without_controls(text: str, left_out: Counter[str]) -> str:
    """`text` without the control characters that no essay may hold."""
    kept = text.translate(_CONTROLS)
    if len(kept) < len(text):
        left_out["control"] += len(text) - len(kept)
    return kept


def _codes(*ranges: tuple[int, int]) -> Iterable[int]:
    return (code for first, last in ranges for code in range(first, last + 1))


_CONTROLS = dict.fromkeys(_codes((0, 8), (0x0E, 0x1F), (0x7F, 0x7F), (0xD800, 0xDFFF)))
