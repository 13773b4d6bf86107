"""What other programs save comes in whole: LibreOffice, pandoc, python-docx and odfpy make the files while it runs."""

import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import pytest
from conftest import lacking
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from odf import text as odf_text
from odf.opendocument import OpenDocumentText
from odf.style import Style, TextProperties
from odf.table import Table, TableCell, TableRow

from debate.text import essay
from debate.text.essay import Draft, Given, read

HOW = (
    "Tests of files by other programs are off; to turn them on install LibreOffice and pandoc"
    " (Debian: apt-get install libreoffice-writer-nogui pandoc)"
)

# What every program is given, as HTML; all of it is made up.
PICTURE_DATA = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVQI12P4z8AAAAMBAQAY3Y2wAAAAAElFTkSuQmCC"
PICTURE = f"data:image/png;base64,{PICTURE_DATA}"
SOURCE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The ferry at Ostley</title></head><body>
<h1>The ferry at Ostley</h1>
<p>The ferry is <em>slow</em> and <strong>wet</strong>,
and <i><b>both</b></i> at once in März — “always”.</p>
<h2>What it costs</h2>
<p>The <a href="https://example.org/tolls?year=1801&amp;page=2">toll roll</a>
says 2 * 3 * 4 pence, a_b_c, [sic].</p>
<blockquote><p>Nobody crosses twice.</p><p>Nobody <em>wants</em> to.</p></blockquote>
<ul><li>oars</li><li>a rope<ul><li>of hemp</li></ul></li><li>a bell</li></ul>
<p>In this order:</p>
<ol><li>ring</li><li>wait</li><li>pay</li></ol>
<table><thead><tr><th>Year</th><th>Boats</th></tr></thead><tbody><tr><td>1801</td><td>twelve</td></tr>
<tr><td>1802</td><td><em>none</em></td></tr></tbody></table>
<h3>The <em>last</em> crossing</h3>
<p><img src="{PICTURE}" alt="A flat boat at a quay" width="20" height="20"></p>
<p>Water is H<sub>2</sub>O.<br>And that is all.</p>
</body></html>
"""

# A text with footnotes, which LibreOffice takes from its own format alone.
NOTES = f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
 office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.text">
<office:meta><dc:title>On notes</dc:title><meta:initial-creator>Vera Quill</meta:initial-creator>
<dc:creator>Somebody Else</dc:creator></office:meta>
<office:automatic-styles><style:style style:name="T1" style:family="text"><style:text-properties
 fo:font-style="italic"/></style:style></office:automatic-styles>
<office:body><office:text>
<text:p>First words<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>
<text:p>A note with <text:span text:style-name="T1">weight</text:span>.</text:p></text:note-body></text:note>
 go on.</text:p>
<text:p>Second words<text:note text:note-class="footnote"><text:note-citation>2</text:note-citation><text:note-body>
<text:p>Another note.</text:p><text:p>It has two paragraphs.</text:p></text:note-body></text:note>.</text:p>
<text:p>In fog: <draw:frame draw:name="p" text:anchor-type="as-char" svg:width="1cm" svg:height="1cm"><draw:image>
<office:binary-data>{PICTURE_DATA}</office:binary-data></draw:image>
<svg:title>A boat in fog</svg:title>
<svg:desc>A boat in fog</svg:desc></draw:frame></text:p>
<text:p>Last words.</text:p>
</office:text></office:body></office:document>
"""

FILTERS = {"docx": "docx:MS Word 2007 XML", "odt": "odt:writer8", "html": "html:HTML (StarWriter)"}


@dataclass
class Made:
    """A file that another program made."""

    path: Path

    def given(self) -> Given:
        return read(self.path.read_bytes(), self.path.name)


def soffice(folder: Path, to: str, *files: Path) -> None:
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore", "--writer",
         "--convert-to", FILTERS[to], "--outdir", str(folder / to), *map(str, files)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip


# Office programs open a text file in a monospaced style, line by line.
PLAIN = """The ferry at Ostley

Nobody rows on Sundays, whatever the toll roll says about it,
and the rope is left to the gulls.


They never pay — “never”.

So it was in 1801.
"""
FORMATS = ("odt", "docx", "html")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of what LibreOffice saved, each format in one of its own."""
    if not shutil.which("soffice"):
        lacking(HOW)
    folder = tmp_path_factory.mktemp("office")
    page, notes = folder / "ferry.html", folder / "notes.fodt"
    page.write_text(SOURCE)
    notes.write_text(NOTES)
    plain = folder / "plain.txt"
    plain.write_text(PLAIN)
    for to in FORMATS:
        soffice(folder, to, plain)
    soffice(folder, "odt", page, notes)
    saved = [folder / "odt" / "ferry.odt", folder / "odt" / "notes.odt"]
    for to in ("docx", "html"):
        soffice(folder, to, *saved)
    return folder


@pytest.fixture(scope="module")
def pandoc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of what pandoc wrote."""
    if not shutil.which("pandoc"):
        lacking(HOW)
    folder = tmp_path_factory.mktemp("pandoc")
    (folder / "ferry.src.html").write_text(SOURCE.replace("<h1>The ferry at Ostley</h1>", ""))
    (folder / "notes.src.md").write_text(
        "---\ntitle: On notes\nauthor: Vera Quill\n---\n\nFirst words[^a] go on.\n\nSecond words[^b].\n\n"
        "In fog: ![A boat in fog](fog.png)\n\nLast words.\n\n"
        "[^a]: A note with *weight*.\n\n[^b]: Another note.\n\n    It has two paragraphs.\n"
    )
    (folder / "fog.png").write_bytes(b64decode(PICTURE_DATA))
    for name in ("ferry", "notes"):
        (source,) = folder.glob(f"{name}.src.*")
        for to in FILTERS:
            (folder / to).mkdir(exist_ok=True)
            target = folder / to / f"{name}.{to}"
            subprocess.run(["pandoc", "-s", source, "-o", target], check=True, capture_output=True, cwd=folder)
    return folder


def shown(draft: Draft) -> list[tuple[str, str]]:
    """The kind of each block and what it shows, with its emphasis and links, on one line."""
    return [(block.kind, re.sub(r"\s+", " ", re.sub(r' rel="[^"]*"', "", block.html))) for block in draft.blocks]


FERRY = [
    (
        "text",
        (
            "<p>The ferry is <em>slow</em> and <strong>wet</strong>, and <em><strong>both</strong></em> at once in März"
            " — “always”.</p>"
        ),
    ),
    ("heading", "<h2>What it costs</h2>"),
    (
        "text",
        (
            '<p>The <a href="https://example.org/tolls?year=1801&amp;page=2">toll roll</a> says 2 * 3 * 4 pence, a_b_c,'
            " [sic].</p>"
        ),
    ),
    ("quote", "<blockquote> <p>Nobody crosses twice.</p> <p>Nobody <em>wants</em> to.</p> </blockquote>"),
    ("list", "<ul> <li>oars</li> <li>a rope <ul> <li>of hemp</li> </ul> </li> <li>a bell</li> </ul>"),
    ("text", "<p>In this order:</p>"),
    ("list", "<ol> <li>ring</li> <li>wait</li> <li>pay</li> </ol>"),
    (
        "table",
        (
            "<table> <thead> <tr> <th>Year</th> <th>Boats</th> </tr> </thead> <tbody>"
            " <tr> <td>1801</td> <td>twelve</td> </tr> <tr> <td>1802</td> <td><em>none</em></td> </tr>"
            " </tbody> </table>"
        ),
    ),
    ("heading", "<h3>The <em>last</em> crossing</h3>"),
    ("text", "<p><em>[image: A flat boat at a quay]</em></p>"),
    ("text", "<p>Water is H₂O.<br> And that is all.</p>"),
]


# LibreOffice keeps what HTML says of a picture out of its DOCX, and pandoc that of any picture out of its ODT.
WITHOUT_DESCRIPTIONS = {("office", "docx"), ("pandoc", "odt")}


@pytest.mark.slow
@pytest.mark.parametrize("format", FILTERS)
@pytest.mark.parametrize("program", ["office", "pandoc"])
def test_what_another_program_saves_comes_in_whole(program: str, format: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(program)
    given = Made(folder / format / f"ferry.{format}").given()
    draft = essay.parse(given.text, given.format, given.title or None)
    assert draft.title == "The ferry at Ostley"
    if (program, format) in WITHOUT_DESCRIPTIONS:
        assert shown(draft) == [block for block in FERRY if "image" not in block[1]]
        assert "Images without a description, left out: 1." in list(map(str, given.left_out))
    else:
        assert shown(draft) == FERRY


@pytest.mark.slow
@pytest.mark.parametrize("format", FILTERS)
@pytest.mark.parametrize("program", ["office", "pandoc"])
def test_footnotes_that_another_program_saves_come_in_with_their_numbers(
    program: str, format: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(program)
    given = Made(folder / format / f"notes.{format}").given()
    draft = essay.parse(given.text, given.format, given.title or None)
    picture_lost = (program, format) == ("pandoc", "odt")
    assert (draft.title, given.author) == ("On notes", "Vera Quill")
    assert shown(draft) == [
        ("text", "<p>First words<sup>1</sup> go on.</p>"),
        ("text", "<p>Second words<sup>2</sup>.</p>"),
        ("text", "<p>In fog:</p>" if picture_lost else "<p>In fog: <em>[image: A boat in fog]</em></p>"),
        ("text", "<p>Last words.</p>"),
        ("note", "<sup>1</sup> A note with <em>weight</em>."),
        ("note", "<sup>2</sup> Another note. <p>It has two paragraphs.</p>"),
    ]


def by_python_docx(folder: Path) -> Made:
    document = docx.Document()
    document.core_properties.title, document.core_properties.author = "By hand", "Vera Quill"
    document.add_paragraph("By hand", style="Title")
    paragraph = document.add_paragraph("It is ")
    paragraph.add_run("heavy").bold = True
    paragraph.add_run(" and ")
    paragraph.add_run("slanted").italic = True
    paragraph.add_run(". See ")
    link = OxmlElement("w:hyperlink")
    link.set(
        qn("r:id"), document.part.relate_to("https://example.org/x", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    )
    run = OxmlElement("w:r")
    words = OxmlElement("w:t")
    words.text = "there"
    run.append(words)
    link.append(run)
    paragraph._p.append(link)
    document.add_heading("A heading", 2)
    document.add_paragraph("Quoted.", style="Quote")
    document.add_paragraph("one", style="List Bullet")
    document.add_paragraph("inner", style="List Bullet 2")
    document.add_paragraph("two", style="List Bullet")
    document.add_paragraph("Between.")
    document.add_paragraph("first", style="List Number")
    document.add_paragraph("second", style="List Number")
    table = document.add_table(2, 2)
    for cell, said in zip(table._cells, ["a", "b", "c", "d"], strict=True):
        cell.text = said
    document.save(str(folder / "hand.docx"))
    return Made(folder / "hand.docx")


def by_odfpy(folder: Path) -> Made:
    document = OpenDocumentText()
    bold = Style(name="B", family="text")
    bold.addElement(TextProperties(fontweight="bold"))
    slanted = Style(name="I", family="text")
    slanted.addElement(TextProperties(fontstyle="italic"))
    for style in (bold, slanted):
        document.automaticstyles.addElement(style)
    for name in ("Title", "Quotations"):
        document.styles.addElement(Style(name=name, family="paragraph"))
    document.text.addElement(odf_text.P(text="By hand", stylename="Title"))
    paragraph = odf_text.P(text="It is ")
    paragraph.addElement(odf_text.Span(text="heavy", stylename=bold))
    paragraph.addText(" and ")
    paragraph.addElement(odf_text.Span(text="slanted", stylename=slanted))
    paragraph.addText(". See ")
    paragraph.addElement(odf_text.A(href="https://example.org/x", text="there"))
    document.text.addElement(paragraph)
    document.text.addElement(odf_text.H(outlinelevel=2, text="A heading"))
    document.text.addElement(odf_text.P(text="Quoted.", stylename="Quotations"))

    def listing(style: str, *items: tuple[str, Any]) -> Any:
        made = odf_text.List(stylename=style) if style else odf_text.List()
        for said, inner in items:
            item = odf_text.ListItem()
            item.addElement(odf_text.P(text=said))
            if inner:
                item.addElement(inner)
            made.addElement(item)
        return made

    numbered = odf_text.ListStyle(name="N")
    numbered.addElement(odf_text.ListLevelStyleNumber(level=1, numformat="1"))
    bullets = odf_text.ListStyle(name="U")
    bullets.addElement(odf_text.ListLevelStyleBullet(level=1, bulletchar="•"))
    document.automaticstyles.addElement(numbered)
    document.automaticstyles.addElement(bullets)
    document.text.addElement(listing("U", ("one", listing("", ("inner", None))), ("two", None)))
    document.text.addElement(odf_text.P(text="Between."))
    document.text.addElement(listing("N", ("first", None), ("second", None)))
    table = Table(name="T")
    for said in ("ab", "cd"):
        row = TableRow()
        for letter in said:
            cell = TableCell()
            cell.addElement(odf_text.P(text=letter))
            row.addElement(cell)
        table.addElement(row)
    document.text.addElement(table)
    document.save(str(folder / "hand.odt"))
    return Made(folder / "hand.odt")


HAND = """\
It is **heavy** and *slanted*. See [there](https://example.org/x)

## A heading

> Quoted.

- one
  - inner
- two

Between.

1. first
2. second

| a | b |
| --- | --- |
| c | d |
"""


@pytest.mark.parametrize("make", [by_python_docx, by_odfpy])
def test_what_libraries_write_comes_in_whole(make: Callable[[Path], Made], tmp_path: Path) -> None:
    given = make(tmp_path).given()
    assert given.title == "By hand"
    assert given.text == HAND


@pytest.mark.parametrize("format", FORMATS)
def test_a_text_file_that_an_office_program_saved_is_the_same_text(office: Path, format: str) -> None:
    file = office / format / f"plain.{format}"
    given = read(file.read_bytes(), file.name)
    assert essay.parse(given.text, given.format) == essay.parse(PLAIN, "txt")
