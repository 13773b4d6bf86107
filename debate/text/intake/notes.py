"""The footnotes of a page, in the ways that pages and word processors have of making them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from debate.text.intake.tree import Element

_REFERENCE_CLASSES = (
    "footnote-ref",
    "footnote-reference",
    "noteref",
    "sdfootnoteanc",
    "sdendnoteanc",
    "footnote_referrer",
)
_NOTE_ID = re.compile(
    r"_?(?:fn|ftn|footnote|endnote|edn|en|note|sdfootnote|sdendnote|cite_note|easy-footnote-bottom)[-_:.]?\w*", re.I
)
_BACK = re.compile(r"[\s\[\](){}.:^†‡*↑↩⏎⤴️︎\ufe0e\ufe0f\d]*")
_NUMBER = re.compile(r"\s*+[\[(]?\s*+(?:\d{1,4}|[ivxlc]{1,6}|[*†‡§a-z])\s*+[\])]?\s*+", re.I)
_HOLDS = frozenset("li p div aside dd section td".split())


@dataclass
class Notes:
    """Which links refer to a note, and which elements are one; both by identity, with the note's label."""

    references: dict[int, str] = field(default_factory=dict)
    definitions: dict[int, str] = field(default_factory=dict)


def find(root: Element) -> Notes:
    """The notes that are referred to in `root`, numbered as they are first met; the ways back are taken out of them."""
    named = _named(root)
    found = Notes()
    labels: dict[int, str] = {}
    for link in [each for each in root.elements() if each.tag == "a" and _fragment(each)]:
        target = named.get(_fragment(link))
        note = _note_at(target, link) if target is not None else None
        if target is None or note is None or not _refers(link, target, note):
            continue
        label = labels.setdefault(id(note), str(len(labels) + 1))
        found.references[id(link)] = label
        found.definitions[id(note)] = label
    for note in [each for each in root.elements() if id(each) in found.definitions]:
        _drop_ways_back(note)
    return found


def _fragment(link: Element) -> str:
    href = link.get("href")
    return href.partition("#")[2] if "#" in href and not re.match(r"[a-z]+:|//", href, re.I) else ""


def _named(root: Element) -> dict[str, Element]:
    named: dict[str, Element] = {}
    for each in root.elements():
        for name in filter(None, (each.get("id"), each.get("name") if each.tag == "a" else "")):
            named.setdefault(name, each)
    return named


def _note_at(target: Element, link: Element) -> Element | None:
    """The element that holds the note whose id, or whose number, `target` is."""
    chain = [target, *target.ancestors()]
    inner = next((each for each in chain if each.tag in _HOLDS), None)
    if inner is None:
        return None
    outer = inner.parent
    # LibreOffice and Word: <div id="ftn1"><p><a name="_ftn1">[1]</a> text</p>..</div>
    if (
        inner is not target
        and outer is not None
        and outer.tag in ("div", "li", "aside")
        and _NOTE_ID.fullmatch(outer.get("id"))
    ):
        inner = outer
    # An item whose first paragraph bears the mark is the note, with all its paragraphs.
    if inner.tag == "p" and inner.parent is not None and inner.parent.tag == "li" and _is_first(inner):
        inner = inner.parent
    return None if any(above is inner for above in link.ancestors()) else inner


def _is_first(paragraph: Element) -> bool:
    beside = paragraph.parent.children if paragraph.parent else []
    return next((each for each in beside if isinstance(each, Element) and each.tag), None) is paragraph


def _refers(link: Element, target: Element, note: Element) -> bool:
    if link.says("role", "doc-noteref") or link.says("epub:type", "noteref") or link.says("class", *_REFERENCE_CLASSES):
        return True
    if not _NUMBER.fullmatch(link.words()) or link.says("role", "doc-backlink") or link.says("class", "sdfootnotesym"):
        return False
    raised = any(above.tag == "sup" for above in link.ancestors()) or any(each.tag == "sup" for each in link.elements())
    return (raised or bool(_NOTE_ID.fullmatch(target.get("id") or target.get("name")))) and not _begins(note, link)


def _begins(note: Element, link: Element) -> bool:
    """True if the link is itself the number at the beginning of a note, leading back."""
    holder = next((above for above in link.ancestors() if above.tag in _HOLDS), None)
    if holder is None:
        return False
    return holder.words().startswith(link.words()) and note.words().find(link.words()) != 0


def _drop_ways_back(note: Element) -> None:
    links = [
        each
        for each in note.elements()
        if each.tag == "a"
        and each.get(
            "href",
        ).startswith("#")
    ]
    for link in links:
        if link.says("role", "doc-backlink") or _BACK.fullmatch(link.words()) or _is_sign(note, link):
            holder = link.parent
            link.remove()
            # The <sup> or <span> around it held nothing else.
            while holder is not None and holder is not note and not holder.words() and holder.tag in ("sup", "span"):
                above = holder.parent
                holder.remove()
                holder = above


def _is_sign(note: Element, link: Element) -> bool:
    return bool(_NUMBER.fullmatch(link.words())) and note.words().startswith(link.words())


def labelled(elements: Iterable[Element], notes: Notes) -> list[str]:
    """The labels of the notes among `elements`."""
    return [notes.definitions[id(each)] for each in elements if id(each) in notes.definitions]
