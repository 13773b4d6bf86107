"""A page of HTML as a tree of our own, light enough to be walked many times and never deeper than Python can bear."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from debate.text.intake.given import Unreadable
from debate.text.message import N_

_TAGS_MAX = 60_000
_DEPTH_MAX = 1_000
_ATTRIBUTES_MAX = 1_000

# Elements that HTML lets stand open without nesting, or that hold nothing.
_OPEN = frozenset(
    "area base body br col colgroup dd dt embed head hr html img input li link meta option p param rb rp rt source"
    " tbody td tfoot th thead tr track wbr".split()
)
# Elements that stand within a word as easily as around it.
_WITHIN = frozenset(
    "a abbr b bdi bdo cite code del dfn em font i ins kbd mark q rb rp s samp small span strong sub sup tt u var"
    " wbr".split()
) | {""}
_ATTRIBUTE = re.compile(r"[^\s=/]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?")
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)([^>]*)")
_HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)


@dataclass(eq=False, slots=True)
class Element:
    """An element: its name in lower case, its attributes, and what stands in it."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: "list[Element | str]" = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def says(self, name: str, *words: str) -> bool:
        """True if an attribute that is a list of words holds one of these."""
        return not set(self.get(name).lower().split()).isdisjoint(words)

    def hidden(self) -> bool:
        return "hidden" in self.attributes or _HIDES.search(self.get("style")) is not None

    def walk(self) -> "Iterator[Element | str]":
        """This element and all that stands in it, in order."""
        stack: list[Element | str] = [self]
        while stack:
            node = stack.pop()
            yield node
            if isinstance(node, Element) and node.children:
                stack.extend(reversed(node.children))

    def elements(self) -> "Iterator[Element]":
        return (node for node in self.walk() if isinstance(node, Element))

    def words(self) -> str:
        """All text in it, on one line."""
        said = (node if isinstance(node, str) else "" if node.tag in _WITHIN else " " for node in self.walk())
        return " ".join("".join(said).split())

    def ancestors(self) -> "Iterator[Element]":
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    def remove(self) -> None:
        """Leaves nothing of it; its place stays, because looking for that in a long row of others takes time."""
        self.tag, self.attributes, self.children, self.parent = "", {}, [], None


def read(page: str) -> Element:
    """The <html> element of a page; raises Unreadable for what is a page by name only."""
    _refuse_costly(page)
    parsed = LexborHTMLParser(page)
    if parsed.root is None:
        return Element("html", {})
    return _copied(parsed.root)


def _refuse_costly(page: str) -> None:
    """Parsing takes time by the square of depth, and of the attributes of one tag: both are looked at before."""
    depth = opened = 0
    for tag in _TAG.finditer(page):
        closing, name, rest = tag.groups()
        opened += not closing
        if opened > _TAGS_MAX:
            raise Unreadable(
                N_(
                    "The page has more than %(most)s tags: save only the article, or publish it in parts.",
                    most=_TAGS_MAX,
                )
            )
        if len(rest) > 2 * _ATTRIBUTES_MAX and _has_too_many(rest):
            raise Unreadable(N_("A tag of the page has too many attributes to be part of a text."))
        if name.lower() not in _OPEN and not rest.endswith("/"):
            depth = max(0, depth - 1) if closing else depth + 1
            if depth > _DEPTH_MAX:
                raise Unreadable(N_("The page is nested more deeply than a text can be."))


def _has_too_many(tag: str) -> bool:
    """True for a tag of very many attributes; an image in its address is long and full of slashes, but only one."""
    return any(number > _ATTRIBUTES_MAX for number, _ in enumerate(_ATTRIBUTE.finditer(tag)))


def _copied(root: LexborNode) -> Element:
    top = _element(root, None)
    stack = [(root, top)]
    while stack:
        node, copy = stack.pop()
        child = node.first_child
        while child is not None:
            if child.is_text_node:
                copy.children.append(child.text_content or "")
            elif child.is_element_node:
                made = _element(child, copy)
                copy.children.append(made)
                stack.append((child, made))
            child = child.next
    return top


def _element(node: LexborNode, parent: Element | None) -> Element:
    return Element((node.tag or "").lower(), {name: value or "" for name, value in node.attributes.items()}, parent)
