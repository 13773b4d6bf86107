"""A Word document: read by mammoth, from nothing but the parts that hold its text."""

import io
import re
import zipfile
from collections import Counter
from typing import Any

import mammoth

from debate.text.intake import core, limits, page, slim
from debate.text.intake import xml as events
from debate.text.intake.archive import DAMAGED, Archive
from debate.text.intake.given import Found, Unreadable
from debate.text.message import N_

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PREFIXES = {
    _WORD: "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "c",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
}
_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|word/[\w-]+\.xml|word/_rels/[\w-]+\.xml\.rels|docProps/core\.xml"
)
_NOT_READ = re.compile(
    r"word/(?:settings|webSettings|fontTable|people|commentsExtended|commentsIds|header\d*|footer\d*)\.xml"
)
_MARGIN = re.compile(r"word/(?:header|footer)\d*\.xml")

_STYLES = """
p[style-name='Title'] => h1.title:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Heading 7'] => h6:fresh
p[style-name='heading 7'] => h6:fresh
p[style-name='heading 8'] => h6:fresh
p[style-name='heading 9'] => h6:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
p[style-name='Block Text'] => blockquote > p:fresh
p[style-name='Quotations'] => blockquote > p:fresh
p[style-name='Footnote Block Text'] => blockquote > p:fresh
p[style-name='Source Code'] => pre:separator('\\n')
p[style-name='Preformatted Text'] => pre:separator('\\n')
p[style-name='HTML Preformatted'] => pre:separator('\\n')
p[style-name='Plain Code'] => pre:separator('\\n')
p[style-name='Author'] => p.author:fresh
p[style-name='Horizontal Line'] => hr
p[style-name='List Bullet 2'] => ul|ol > li > ul > li:fresh
p[style-name='List Bullet 3'] => ul|ol > li > ul|ol > li > ul > li:fresh
p[style-name='List Number 2'] => ul|ol > li > ol > li:fresh
p[style-name='List Number 3'] => ul|ol > li > ul|ol > li > ol > li:fresh
p[style-name='toc 1'] => !
p[style-name='toc 2'] => !
p[style-name='toc 3'] => !
p[style-name='toc 4'] => !
p[style-name='toc 5'] => !
p[style-name='toc 6'] => !
p[style-name='toc 7'] => !
p[style-name='toc 8'] => !
p[style-name='toc 9'] => !
p[style-name='TOC Heading'] => !
r[style-name='Emphasis'] => em
r[style-name='Intense Emphasis'] => em
r[style-name='Subtle Emphasis'] => em
r[style-name='Strong Emphasis'] => strong
r[style-name='Strong'] => strong
r[style-name='Intense Reference'] => strong
r[style-name='Verbatim Char'] => code
r[style-name='Source Text'] => code
r[style-name='HTML Code'] => code
r[style-name='Citation'] => em
"""


# Never opened: what an image shows is what its writer says it shows.
_IMAGES = mammoth.images.img_element(lambda _: {"src": ""})


def prepare() -> None:
    """Makes mammoth import all that it will ask for, while that can still be done."""
    _html({"word/document.xml": f"<d xmlns='{_WORD}'><body/></d>".encode()}, Counter())
    page.read("<p>x*y</p>")


def read(data: bytes) -> Found:
    """The text of a document with what stands beside it; raises Unreadable."""
    archive = Archive(data)
    if "word/document.xml" not in archive:
        raise Unreadable(
            N_("The file is no Word document that can be read; open it in a word processor and save it as DOCX.")
        )
    left_out: Counter[str] = Counter()
    parts = {
        name: archive.read(name) for name in archive.names() if _PARTS.fullmatch(name) and not _NOT_READ.fullmatch(name)
    }
    for name, part in parts.items():
        _look_through(part, name, left_out)
    _count_margins(archive, left_out)
    limits.go_on()
    numbers = slim.numberings(parts["word/numbering.xml"]) if "word/numbering.xml" in parts else slim.Numberings()
    for name in ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml"):
        if name in parts:
            parts[name] = slim.slimmed(parts[name], numbers, left_out)
    left_out["numbering"] += len(numbers.signs)
    said = core.read(parts["docProps/core.xml"]) if "docProps/core.xml" in parts else {}
    said["language"] = said.get("language", "") or _language(parts.get("word/styles.xml", b""))
    return page.read(page.document(_html(parts, left_out), said, "Microsoft Word"), left_out)


def _look_through(part: bytes, name: str, left_out: Counter[str]) -> None:
    """Reads a part once to refuse what is dangerous in it, and to count what will not come through."""
    kinds = {"m:oMath": "formula", "c:chart": "drawing", "w:txbxContent": "textbox"}
    inside: list[str] = []

    def start(tag: str, attributes: events.Attributes) -> None:
        above = inside[-1] if inside else ""
        inside.append(tag)
        if tag in ("w:del", "w:moveFrom") and above not in ("w:rPr", "w:trPr", "w:tcPr"):
            left_out["deletion"] += 1
        elif tag in ("w:ins", "w:moveTo") and above not in ("w:rPr", "w:trPr", "w:tcPr"):
            left_out["insertion"] += 1
        elif tag == "w:comment":
            left_out["comment"] += 1
        elif tag == "w:pStyle" and re.fullmatch(r"TOC\d|Contents\d", attributes.get("w:val", "")):
            left_out["index"] = 1
        elif tag in kinds and name == "word/document.xml" and "mc:Choice" not in inside:
            left_out[kinds[tag]] += 1

    events.read(part, _PREFIXES, start, lambda _: inside.pop(), lambda _: None)


def _count_margins(archive: Archive, left_out: Counter[str]) -> None:
    for name in archive.names():
        if _MARGIN.fullmatch(name):
            said: list[str] = []
            events.read(archive.read(name), _PREFIXES, lambda *_: None, lambda _: None, said.append)
            left_out["margin"] += bool("".join(said).strip())


def _html(parts: dict[str, bytes], left_out: Counter[str]) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    packed.seek(0)
    options: dict[str, Any] = {
        "ignore_empty_paragraphs": False,
        "style_map": _STYLES,
        "include_embedded_style_map": False,
        "convert_image": _IMAGES,
    }
    try:
        made = mammoth.convert_to_html(packed, **options)
    except (OSError, LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable(DAMAGED) from error
    unknown = [message.message for message in made.messages if "unrecognised element" in message.message]
    left_out["unknown"] += sum(not re.search(r"(?:m:oMath|/math\}oMath|math\}oMathPara)", each) for each in unknown)
    return made.value


def _language(styles: bytes) -> str:
    defaults = styles.partition(b"<w:docDefaults>")[2][:4000]
    said = re.search(rb"<w:lang [^<>]{0,200}?w:val=\"([A-Za-z]{2,3})", defaults)
    return said[1].decode() if said else ""
