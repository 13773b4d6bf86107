"""An OpenDocument text, read event by event into the page that it would be."""

import re
from collections import Counter
from collections.abc import Callable
from html import escape

from debate.text.intake import core, kinds, limits, page, xml
from debate.text.intake.archive import DAMAGED, Archive
from debate.text.intake.given import Found, Unreadable
from debate.text.intake.odt_styles import Styles

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
PREFIXES = {
    f"{_OASIS}office:1.0": "office",
    f"{_OASIS}text:1.0": "text",
    f"{_OASIS}table:1.0": "table",
    f"{_OASIS}style:1.0": "style",
    f"{_OASIS}drawing:1.0": "draw",
    f"{_OASIS}xsl-fo-compatible:1.0": "fo",
    f"{_OASIS}svg-compatible:1.0": "svg",
    f"{_OASIS}manifest:1.0": "manifest",
    f"{_OASIS}meta:1.0": "meta",
    f"{_OASIS}presentation:1.0": "presentation",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://www.w3.org/1999/xlink": "xlink",
}
# What is passed over with all that is in it, and the kind that it is counted as.
_SKIPPED = {
    "office:annotation": "comment",
    "office:forms": "form",
    "office:scripts": None,
    "office:event-listeners": None,
    "office:binary-data": None,
    "text:note-citation": None,
    "text:sequence-decls": None,
    "text:variable-decls": None,
    "text:user-field-decls": None,
    "text:hidden-text": None,
    "text:script": None,
    "text:table-of-content": "index",
    "text:alphabetical-index": "index",
    "text:illustration-index": "index",
    "text:table-index": "index",
    "text:user-index": "index",
    "draw:glue-point": None,
    "table:covered-table-cell": None,
}
_SHAPES = frozenset(
    "draw:text-box draw:custom-shape draw:rect draw:ellipse draw:caption draw:line draw:connector".split()
)
_REPEATED_MAX = 50


def prepare() -> None:
    """Imports whatever is imported late, while that can still be done."""
    page.read("<p>x*y</p>")


def read(data: bytes) -> Found:
    """The text of a document with what stands beside it; raises Unreadable."""
    if kinds.is_flat_odt(data):
        parts = dict.fromkeys(("styles.xml", "content.xml", "meta.xml"), data)
    else:
        archive = Archive(data)
        if "content.xml" not in archive:
            raise Unreadable(DAMAGED)
        _refuse_encrypted(archive)
        parts = {name: archive.read(name) for name in ("styles.xml", "content.xml", "meta.xml") if name in archive}
    styles = Styles()
    for name in ("styles.xml", "content.xml"):
        if name in parts:
            xml.read(parts[name], PREFIXES, styles.start, styles.end, lambda _: None)
    limits.go_on()
    reader = _Reader(styles)
    xml.read(parts["content.xml"], PREFIXES, reader.start, reader.end, reader.words)
    said = core.read(parts["meta.xml"]) if "meta.xml" in parts else {}
    said["language"] = said.get("language", "") or styles.language
    return page.read(page.document(reader.body(), said, "LibreOffice"), reader.left_out)


def _refuse_encrypted(archive: Archive) -> None:
    def start(tag: str, _: xml.Attributes) -> None:
        if tag == "manifest:encryption-data":
            raise Unreadable(kinds.PROTECTED)

    if "META-INF/manifest.xml" in archive:
        manifest = archive.read("META-INF/manifest.xml")
        # Some old programs begin it with a document type; only its absence elsewhere is insisted on.
        if b"encryption-data" in manifest:
            xml.read(manifest, PREFIXES, start, lambda _: None, lambda _: None)


class _Reader:
    """Writes a page while the elements go by."""

    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self.left_out: Counter[str] = Counter()
        self.out: list[str] = []
        self.outs: list[list[str]] = []  # where writing goes on after a note, a text box or a description
        self.after: list[str] = []  # text boxes that wait for the end of their paragraph
        self.notes: list[str] = []
        self.ends: list[Callable[[], None] | None] = []
        self.skipping = 0
        self.paragraphs = 0
        self.group = ""  # blockquote or pre, while paragraphs of that style follow each other
        self.pre = False
        self.lists: list[str] = []  # ol or ul, outermost first
        self.list_styles: list[str] = []
        self.counts: list[int] = []
        self.last_count = 0
        self.frames: list[dict[str, str]] = []

    def body(self) -> str:
        self._ungroup()
        notes = "".join(f"<li id='note-{number}'>{note}</li>" for number, note in enumerate(self.notes, 1))
        section = f"<section role=doc-endnotes><ol>{notes}</ol></section>" if notes else ""
        return "".join(self.out) + section

    # Events

    def start(self, tag: str, attributes: xml.Attributes) -> None:
        if self.skipping:
            self.skipping += 1
            if tag == "text:deletion":
                self.left_out["deletion"] += 1
            elif tag == "text:insertion":
                self.left_out["insertion"] += 1
            return
        if tag in _SKIPPED or tag in (
            "text:tracked-changes",
            "office:meta",
            "office:styles",
            "office:automatic-styles",
            "office:master-styles",
            "office:settings",
        ):
            self.skipping = 1
            if kind := _SKIPPED.get(tag):
                self.left_out[kind] += 1
            return
        handler = _HANDLERS.get(tag) or (_Reader.shape if tag in _SHAPES else None)
        self.ends.append(handler(self, attributes) if handler else None)

    def end(self, tag: str) -> None:
        if self.skipping:
            self.skipping -= 1
            return
        leave = self.ends.pop()
        if leave:
            leave()

    def words(self, text: str) -> None:
        if not self.skipping and (self.paragraphs or self._describing()):
            self.out.append(escape(re.sub(r"[ \t\r\n]+", " ", text)))

    def _describing(self) -> bool:
        return bool(self.frames) and self.frames[-1].get("open", "") != ""

    # Paragraphs

    def paragraph(self, attributes: xml.Attributes) -> Callable[[], None]:
        style = self.styles.paragraph(attributes.get("text:style-name", ""))
        if style.hidden:
            return self._hidden()
        if style.kind == "rule":
            self._ungroup()
            self.out.append("<hr>")
        group = style.kind if style.kind in ("blockquote", "pre") else ""
        if group and group == self.group:
            self.out.append("\n" if group == "pre" else "")
        else:
            self._ungroup()
            self.out.append(f"<{group}>" if group else "")
            self.group = group
        self.pre = group == "pre"
        if self.pre:
            return self._in_paragraph("", "")
        opening, closing = ("<h1 class=title>", "</h1>") if style.kind == "title" else ("<p>", "</p>")
        before, behind = style.tags if style.kind != "title" else ("", "")
        return self._in_paragraph(opening + before, behind + closing)

    def heading(self, attributes: xml.Attributes) -> Callable[[], None]:
        style = self.styles.paragraph(attributes.get("text:style-name", ""))
        if style.kind == "title":
            return self.paragraph(attributes)
        self._ungroup()
        level = min(6, _number(attributes.get("text:outline-level", ""), 1))
        # A numbered heading stands in lists that are none.
        before = "".join(f"</li></{name}>" for name in reversed(self.lists))
        behind = "".join(f"<{name}><li>" for name in self.lists)
        return self._in_paragraph(f"{before}<h{level}>", f"</h{level}>{behind}")

    def _in_paragraph(self, opening: str, closing: str) -> Callable[[], None]:
        self.out.append(opening)
        self.paragraphs += 1
        after, self.after = self.after, []

        def leave() -> None:
            self.paragraphs -= 1
            self.out.append(closing)
            if self.after:
                self._ungroup()
            self.out += self.after
            self.after = after

        return leave

    def _ungroup(self) -> None:
        if self.group:
            self.out.append(f"</{self.group}>")
        self.group, self.pre = "", False

    def _hidden(self) -> Callable[[], None]:
        self.outs.append(self.out)
        self.out = hidden = []
        self.paragraphs += 1

        def leave() -> None:
            self.paragraphs -= 1
            self.left_out["hidden"] += len(re.sub("<[^<>]*+>", " ", "".join(hidden)).split())
            self.out = self.outs.pop()

        return leave

    def span(self, attributes: xml.Attributes) -> Callable[[], None]:
        style = self.styles.span(attributes.get("text:style-name", ""))
        if style.hidden:
            return self._hidden()
        before, behind = style.tags
        self.out.append(before)
        return lambda: self.out.append(behind)

    def link(self, attributes: xml.Attributes) -> Callable[[], None]:
        self.out.append(f'<a href="{escape(attributes.get("xlink:href", ""))}">')
        return lambda: self.out.append("</a>")

    def bookmark(self, attributes: xml.Attributes) -> None:
        self.out.append(f'<a name="{escape(attributes.get("text:name", ""))}"></a>')

    def blanks(self, attributes: xml.Attributes) -> None:
        if self.paragraphs:
            self.out.append(" " * min(1_000, _number(attributes.get("text:c", ""), 1)))

    def tab(self, _: xml.Attributes) -> None:
        self.out.append("\t")

    def line_break(self, _: xml.Attributes) -> None:
        self.out.append("\n" if self.pre else "<br>")

    def ruby(self, _: xml.Attributes) -> Callable[[], None]:
        self.out.append("<ruby>")
        return lambda: self.out.append("</ruby>")

    def ruby_text(self, _: xml.Attributes) -> Callable[[], None]:
        self.out.append("<rt>")
        return lambda: self.out.append("</rt>")

    # Notes

    def note(self, _: xml.Attributes) -> None:
        number = len(self.notes) + 1
        self.notes.append("")
        self.out.append(f"<sup><a role=doc-noteref href='#note-{number}'>{number}</a></sup>")

    def note_body(self, _: xml.Attributes) -> Callable[[], None]:
        number = len(self.notes) - 1

        def keep(body: str) -> None:
            self.notes[number] = body

        return self._elsewhere(keep)

    def _elsewhere(self, keep: Callable[[str], None]) -> Callable[[], None]:
        """What follows is written somewhere else, and given to `keep` when it ends."""
        self.outs.append(self.out)
        self.out = []
        state = self.paragraphs, self.group, self.pre, self.lists, self.list_styles, self.counts, self.after
        self.paragraphs, self.group, self.pre, self.lists, self.list_styles, self.counts, self.after = (
            0,
            "",
            False,
            [],
            [],
            [],
            [],
        )

        def leave() -> None:
            self._ungroup()
            keep("".join(self.out))
            self.out = self.outs.pop()
            self.paragraphs, self.group, self.pre, self.lists, self.list_styles, self.counts, self.after = state

        return leave

    # Lists

    def listing(self, attributes: xml.Attributes) -> Callable[[], None]:
        self._ungroup()
        style = attributes.get("text:style-name") or (self.list_styles[-1] if self.list_styles else "")
        numbered = self.styles.numbering(style, len(self.lists) + 1)
        continues = attributes.get("text:continue-numbering") == "true" or "text:continue-list" in attributes
        start = (self.last_count + 1 if continues and not self.lists else numbered.start) if numbered else 0
        self.out.append(f"<ol start={start} type={numbered.sign}>" if numbered else "<ul>")
        self.lists.append("ol" if numbered else "ul")
        self.list_styles.append(style)
        self.counts.append(start - 1)

        def leave() -> None:
            self._ungroup()
            self.lists.pop()
            self.list_styles.pop()
            count = self.counts.pop()
            if not self.lists:
                self.last_count = count
            self.out.append("</ol>" if numbered else "</ul>")

        return leave

    def item(self, attributes: xml.Attributes) -> Callable[[], None]:
        self._ungroup()
        if self.counts:
            self.counts[-1] = _number(attributes.get("text:start-value", ""), self.counts[-1] + 1)
        value = f" value={self.counts[-1]}" if "text:start-value" in attributes and self.counts else ""
        self.out.append(f"<li{value}>")

        def leave() -> None:
            self._ungroup()
            self.out.append("</li>")

        return leave

    # Tables

    def table(self, _: xml.Attributes) -> Callable[[], None]:
        return self._box("<table>", "</table>")

    def head(self, _: xml.Attributes) -> Callable[[], None]:
        return self._box("<thead>", "</thead>")

    def row(self, _: xml.Attributes) -> Callable[[], None]:
        return self._box("<tr>", "</tr>")

    def cell(self, attributes: xml.Attributes) -> Callable[[], None]:
        across = _number(attributes.get("table:number-columns-spanned", ""), 1)
        down = _number(attributes.get("table:number-rows-spanned", ""), 1)
        again = min(_REPEATED_MAX, _number(attributes.get("table:number-columns-repeated", ""), 1))
        return self._box(f"<td colspan={across} rowspan={down}>", "</td>" + "<td></td>" * (again - 1))

    def division(self, attributes: xml.Attributes) -> Callable[[], None]:
        if attributes.get("text:display") == "none":
            return self._hidden()
        return self._box("<div>", "</div>")

    def _box(self, opening: str, closing: str) -> Callable[[], None]:
        self._ungroup()
        self.out.append(opening)

        def leave() -> None:
            self._ungroup()
            self.out.append(closing)

        return leave

    # Frames

    def frame(self, _: xml.Attributes) -> Callable[[], None]:
        self.frames.append({})

        def leave() -> None:
            frame = self.frames.pop()
            alt = frame.get("desc", "").strip() or frame.get("title", "").strip()
            if "image" in frame and ("object" not in frame or alt):
                image = f'<img alt="{alt}">'
                # Between paragraphs it is one of its own.
                self.out.append(image if self.paragraphs else f"<p>{image}</p>")
            elif "object" in frame:
                self.left_out["drawing"] += 1

        return leave

    def image(self, _: xml.Attributes) -> None:
        self._in_frame("image")

    def thing(self, _: xml.Attributes) -> None:
        self._in_frame("object")

    def _in_frame(self, name: str) -> None:
        if self.frames:
            self.frames[-1][name] = "yes"

    def title(self, _: xml.Attributes) -> Callable[[], None] | None:
        return self._description("title")

    def desc(self, _: xml.Attributes) -> Callable[[], None] | None:
        return self._description("desc")

    def _description(self, name: str) -> Callable[[], None] | None:
        if not self.frames:
            return self._elsewhere(lambda _: None)
        frame = self.frames[-1]

        def keep(text: str) -> None:
            frame["open"] = ""
            frame[name] = text

        leave = self._elsewhere(keep)
        frame["open"] = name
        return leave

    def shape(self, _: xml.Attributes) -> Callable[[], None]:
        after = self.after if self.paragraphs else self.out
        self.frames.append({})

        def keep(text: str) -> None:
            self.frames.pop()
            if re.sub("<[^<>]*+>", "", text).strip() or "<img" in text:
                self.left_out["textbox"] += 1
                after.append(f"<div>{text}</div>")

        return self._elsewhere(keep)


_HANDLERS: dict[str, Callable[[_Reader, xml.Attributes], Callable[[], None] | None]] = {
    "text:p": _Reader.paragraph,
    "text:h": _Reader.heading,
    "text:span": _Reader.span,
    "text:a": _Reader.link,
    "text:bookmark": _Reader.bookmark,
    "text:bookmark-start": _Reader.bookmark,
    "text:s": _Reader.blanks,
    "text:tab": _Reader.tab,
    "text:line-break": _Reader.line_break,
    "text:ruby": _Reader.ruby,
    "text:ruby-text": _Reader.ruby_text,
    "text:note": _Reader.note,
    "text:note-body": _Reader.note_body,
    "text:list": _Reader.listing,
    "text:list-item": _Reader.item,
    "text:list-header": _Reader.item,
    "text:section": _Reader.division,
    "table:table": _Reader.table,
    "table:table-header-rows": _Reader.head,
    "table:table-row": _Reader.row,
    "table:table-cell": _Reader.cell,
    "draw:frame": _Reader.frame,
    "draw:image": _Reader.image,
    "draw:object": _Reader.thing,
    "draw:object-ole": _Reader.thing,
    "draw:plugin": _Reader.thing,
    "svg:title": _Reader.title,
    "svg:desc": _Reader.desc,
}


def _number(text: str, default: int) -> int:
    return int(text) if re.fullmatch(r"\d{1,9}", text) else default
