"""What the styles of an OpenDocument text mean: what is strong, what is a quote, which lists have numbers."""

from dataclasses import dataclass, field
from functools import cached_property

from debate.text.intake import xml

# Styles that every writer of OpenDocument knows, and what a paragraph of them is.
_KINDS = {
    "Title": "title",
    "Quotations": "blockquote",
    "Block_20_Text": "blockquote",
    "Preformatted_20_Text": "pre",
    "Source_20_Code": "pre",
    "Horizontal_20_Line": "rule",
}
# Styles whose weight says what they are, which the page says in another way.
_WEIGHTED = frozenset("Heading Table_20_Heading Caption Subtitle Illustration Figure".split())
_CODE = frozenset("Source_20_Text Source_Text User_20_Entry Example Teletype".split())
_ANCESTORS_MAX = 20


@dataclass
class Style:
    """How a paragraph or a span is shown."""

    kind: str = ""
    strong: bool = False
    em: bool = False
    code: bool = False
    struck: bool = False
    raised: str = ""
    hidden: bool = False

    @cached_property
    def tags(self) -> tuple[str, str]:
        """The HTML that begins and ends it."""
        named = (("strong", self.strong), ("em", self.em), ("code", self.code), ("s", self.struck))
        names = [name for name, is_so in named if is_so] + ([self.raised] if self.raised else [])
        return "".join(f"<{name}>" for name in names), "".join(f"</{name}>" for name in reversed(names))


@dataclass
class Numbering:
    """The numbers of a list: the first, and the HTML sign for their kind."""

    start: int
    sign: str


@dataclass
class _Said:
    """What a style says itself, before its parents are asked."""

    parent: str = ""
    properties: dict[str, str] = field(default_factory=dict)


class Styles:
    """All styles of a document, by family and name."""

    def __init__(self) -> None:
        self.language = ""
        self._said: dict[tuple[str, str], _Said] = {}
        self._levels: dict[tuple[str, int], Numbering | None] = {}
        self._list = ""
        self._current: _Said | None = None
        self._default = False
        self._resolved: dict[tuple[str, str], Style] = {}

    def start(self, tag: str, attributes: xml.Attributes) -> None:
        if tag == "style:style":
            key = attributes.get("style:family", ""), attributes.get("style:name", "")
            self._current = self._said[key] = _Said(attributes.get("style:parent-style-name", ""))
        elif tag == "style:default-style":
            self._default = attributes.get("style:family") == "paragraph"
        elif tag == "style:text-properties":
            if self._current is not None:
                self._current.properties.update(attributes)
            elif self._default and not self.language:
                self.language = attributes.get("fo:language", "")
        elif tag in ("text:list-style", "text:outline-style"):
            self._list = attributes.get("style:name", "")
        elif tag in ("text:list-level-style-number", "text:list-level-style-bullet", "text:list-level-style-image"):
            self._set_level(attributes)

    def _set_level(self, attributes: xml.Attributes) -> None:
        level, start = attributes.get("text:level", "1"), attributes.get("text:start-value", "1")
        sign = attributes.get("style:num-format", "")
        # Without a format no number is shown, and the list reads as one with bullets.
        if level.isdecimal() and start.isdecimal() and len(start) < 9:
            numbering = Numbering(int(start), sign if sign in "aAiI" else "1") if sign else None
            self._levels[self._list, int(level)] = numbering

    def end(self, tag: str) -> None:
        if tag == "style:style":
            self._current = None
        elif tag == "style:default-style":
            self._default = False

    def numbering(self, name: str, level: int) -> Numbering | None:
        """How a list of that style is numbered at a level from 1 on; None for bullets."""
        # Some define the first level alone, however deep the list stands.
        return self._levels.get((name, level), self._levels.get((name, 1)))

    def paragraph(self, name: str) -> Style:
        return self._style("paragraph", name)

    def span(self, name: str) -> Style:
        return self._style("text", name)

    def _style(self, family: str, name: str) -> Style:
        key = family, name
        if key not in self._resolved:
            self._resolved[key] = self._resolve(family, name)
        return self._resolved[key]

    def _resolve(self, family: str, name: str) -> Style:
        names = self._ancestry(family, name)
        properties: dict[str, str] = {}
        for each in names:
            if family == "paragraph" and (each in _WEIGHTED or each in _KINDS or each.startswith("Heading_20_")):
                break
            if (said := self._said.get((family, each))) is not None:
                properties = {**said.properties, **properties}
        weight = properties.get("fo:font-weight", "")
        position = properties.get("style:text-position", "").split()[:1]
        return Style(
            kind=next((_KINDS[each] for each in names if each in _KINDS), "") if family == "paragraph" else "",
            strong=weight == "bold" or (weight.isdecimal() and int(weight) >= 600),
            em=properties.get("fo:font-style") in ("italic", "oblique"),
            code=family == "text" and not _CODE.isdisjoint(names),
            struck=properties.get("style:text-line-through-style", "none") != "none",
            raised=_raised(position[0]) if position else "",
            hidden=properties.get("text:display") == "none",
        )

    def _ancestry(self, family: str, name: str) -> list[str]:
        """The style and those it descends from; a circle of them is cut."""
        names: list[str] = []
        while name and len(names) < _ANCESTORS_MAX and name not in names:
            names.append(name)
            said = self._said.get((family, name))
            name = said.parent if said else ""
        return names


def _raised(position: str) -> str:
    """sup or sub, from "super", "sub" or a height in per cent."""
    if position == "super" or (position[:1].isdigit() and not position.startswith("0%")):
        return "sup"
    return "sub" if position == "sub" or position.startswith("-") else ""
