"""I: files made to do harm are refused in a sentence, nothing touched but the file; and the server fetches nothing."""

import ast
import io
import json
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from live import Page, Person, site_on
from packed import RELATIONS, ROOT, TYPES, content, document, docx, odt, packed
from sqlalchemy import select

import debate
from debate.models import Essay
from debate.text.essay import BadText, read

pytestmark = pytest.mark.slow

# The promise is two seconds under 100 MB; a machine that runs other tests meanwhile is given more time, not more room.
SECONDS = 12
MEGABYTES = 100

LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
ZEROS = b"\0" * 50_000_000


def inflated(name: str, template: dict[str, bytes | str]) -> bytes:
    """A part of spaces that unpacks to 600 MB, made without holding them."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    chunk = b" " * 10_000_000
    data = b"".join(squeeze.compress(chunk) for _ in range(60)) + squeeze.flush()
    file = io.BytesIO(packed({**template, name: b"?"}, zipfile.ZIP_STORED))
    with zipfile.ZipFile(file) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    return raw_zip([(each.encode(), 0, part, part) for each, part in entries.items() if each != name]
                   + [(name.encode(), 8, data, 600_000_000)])  # fmt: skip


def raw_zip(
    entries: list[tuple[bytes, int, bytes, bytes | int]], count: int | None = None, said: int | None = None
) -> bytes:
    """A ZIP written by hand, so that its headers can say what they like."""
    out, directory = bytearray(), bytearray()
    for name, method, data, plain in entries:
        size = said if said is not None and method else plain if isinstance(plain, int) else len(plain)
        crc = 0 if isinstance(plain, int) else zlib.crc32(plain)
        head = b"".join(
            number.to_bytes(width, "little")
            for number, width in ((20, 2), (0, 2), (method, 2), (0, 2), (33, 2), (crc, 4), (len(data), 4), (size, 4))
        ) + len(name).to_bytes(2, "little") + b"\0\0"  # fmt: skip
        directory += b"PK\x01\x02\x14\0" + head + b"\0" * 10 + len(out).to_bytes(4, "little") + name
        out += b"PK\x03\x04" + head + name + data
    many = count if count is not None else len(entries)
    end = b"PK\x05\x06\0\0\0\0" + many.to_bytes(2, "little") * 2
    return bytes(
        out + directory + end + len(directory).to_bytes(4, "little") + len(out).to_bytes(4, "little") + b"\0\0"
    )


BASE: dict[str, bytes | str] = {"[Content_Types].xml": TYPES, "_rels/.rels": ROOT}


def many_entries() -> bytes:
    entries = [(b"word/document.xml", 0, document(), document())]
    return raw_zip(entries + [(b"%d" % number, 0, b"", b"") for number in range(100_000)], count=2)


def wrong_sum() -> bytes:
    made = bytearray(packed(BASE | {"word/document.xml": document()}, zipfile.ZIP_STORED))
    place = made.index(b"Words.")
    made[place : place + 5] = b"Sword"
    return bytes(made)


def linked(target: str) -> bytes:
    picture = (
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        '<wp:docPr id="1" name="p"/><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData>'
        '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill>'
        f'<a:blip xmlns:r="{RELATIONS}" r:link="r9"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline>'
        "</w:drawing></w:r></w:p><w:p><w:r><w:t>Words.</w:t></w:r></w:p>"
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r9" '
        f'Type="{RELATIONS}/image" Target="{target}" TargetMode="External"/></Relationships>'
    )
    return packed(BASE | {"word/document.xml": document(picture), "word/_rels/document.xml.rels": relations})


def symlink() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in (BASE | {"word/document.xml": document()}).items():
            archive.writestr(name, part)
        entry = zipfile.ZipInfo("word/styles.xml")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return file.getvalue()


def encrypted() -> bytes:
    made = bytearray(packed(BASE | {"word/document.xml": document()}))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = made.find(sign)
        while place >= 0:
            made[place + offset] |= 1
            place = made.find(sign, place + 4)
    return bytes(made)


REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a zip bomb in DOCX": ("a.docx", lambda: inflated("word/document.xml", BASE), "no word processor|far more"),
    "a zip bomb in DOCX that lies": (
        "a.docx",
        lambda: raw_zip([(b"word/document.xml", 8, zlib.compress(ZEROS, 9)[2:-4], b"")], said=100),
        "damaged",
    ),
    "a zip bomb in ODT": ("a.odt", lambda: inflated("content.xml", {}), "no word processor|far more"),
    "a hundred thousand entries": ("a.docx", many_entries, "no word processor"),
    "a way out": (
        "a.docx",
        lambda: packed(BASE | {"word/document.xml": document(), "../../x": "x"}),
        "no word processor",
    ),
    "a way out for Windows": (
        "a.docx",
        lambda: packed(BASE | {"word/document.xml": document(), "..\\..\\x": "x"}),
        "no word processor",
    ),
    "an absolute name": ("a.odt", lambda: packed({"content.xml": content(), "/etc/x": "x"}), "no word processor"),
    "a symbolic link": ("a.docx", symlink, "no word processor"),
    "a wrong sum": ("a.docx", wrong_sum, "damaged"),
    "a file cut short": ("a.docx", lambda: docx()[:-30], "damaged|archive"),
    "a file cut in half": ("a.odt", lambda: odt()[: len(odt()) // 2], "damaged|archive"),
    "an archive in an archive": ("a.docx", lambda: packed({"a.zip": packed({"b.zip": ZEROS})}), "archive"),
    "an encrypted part": ("a.docx", encrypted, "password"),
    "an encrypted DOCX": (
        "a.docx",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900 + "EncryptedPackage".encode("utf-16-le"),
        "password",
    ),
    "an encrypted ODT": (
        "a.odt",
        lambda: packed(
            {
                "mimetype": "application/vnd.oasis.opendocument.text",
                "content.xml": b"\x8f\x01" * 90,
                "META-INF/manifest.xml": "<m:manifest xmlns:m='urn:oasis:names:tc:opendocument:xmlns:manifest:1.0'>"
                "<m:file-entry><m:encryption-data/></m:file-entry></m:manifest>",
            }
        ),
        "password",
    ),
    "a billion laughs in DOCX": ("a.docx", lambda: docx(document("<w:p>&i;</w:p>", LAUGHS)), "no word processor"),
    "a billion laughs in ODT": ("a.odt", lambda: odt(content("<text:p>&i;</text:p>", LAUGHS)), "no word processor"),
    "an entity from outside in DOCX": (
        "a.docx",
        lambda: docx(document("<w:p>&a;</w:p>", OUTSIDE)),
        "no word processor",
    ),
    "an entity from outside in ODT": (
        "a.odt",
        lambda: odt(content("<text:p>&a;</text:p>", OUTSIDE)),
        "no word processor",
    ),
    "a document type in UTF-16": (
        "a.docx",
        lambda: docx(
            document("<w:p>&i;</w:p>", LAUGHS).decode().replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16")
        ),
        "no word processor",
    ),
    "a document type in the core": (
        "a.docx",
        lambda: packed(BASE | {"word/document.xml": document(), "docProps/core.xml": f"{LAUGHS}<x>&i;</x>"}),
        "no word processor",
    ),
    "deep XML": ("a.docx", lambda: docx(document("<w:p>" * 100_000)), "no word processor"),
    "deep lists in ODT": (
        "a.odt",
        lambda: odt(content("<text:list><text:list-item>" * 50_000)),
        "no word processor",
    ),
    "many elements": ("a.odt", lambda: odt(content("<text:p/>" * 1_000_000)), "no word processor|far more"),
    "many attributes": (
        "a.docx",
        lambda: docx(document("<w:p " + " ".join(f'a{number}=""' for number in range(100_000)) + "/>")),
        "no word processor",
    ),
    "no text at all": ("a.docx", lambda: packed(BASE), "archive|no Word"),
    "an empty document": ("a.docx", lambda: docx(document("")), "empty"),
    "an EPUB": ("a.docx", lambda: packed({"mimetype": "application/epub+zip", "content.opf": "x"}, 0), "EPUB"),
    "a spreadsheet": ("a.docx", lambda: packed(BASE | {"xl/workbook.xml": "x"}), "spreadsheet"),
    "slides": ("a.odt", lambda: packed(BASE | {"ppt/presentation.xml": "x"}), "slides"),
    "deep HTML": ("a.html", lambda: b"<div>" * 100_000 + b"x", "nested"),
    "deep HTML of names nobody knows": ("a.html", lambda: b"<x-y>" * 100_000 + b"x", "nested"),
    "deep HTML of what may stay open": ("a.html", lambda: b"<li><p>" * 100_000 + b"x", "."),
    "many attributes in HTML": (
        "a.html",
        lambda: b"<p " + b" ".join(b"a%d=1" % number for number in range(1_000_000)) + b">x",
        "attributes",
    ),
    "many attributes without values": ("a.html", lambda: b"<p " + b"/a" * 1_000_000 + b">x", "attributes"),
    "a giant table": ("a.html", lambda: b"<table>" + b"<tr><td>x<td>y" * 300_000 + b"</table>", "tags"),
    "many tags": ("a.html", lambda: b"<b>x</b>" * 1_000_000, "tags"),
    "many things that are no text": ("a.html", lambda: b"<i hidden></i><br hidden>" * 29_000, "empty"),
    "many empty items": ("a.html", lambda: b"<ul>" + b"<li>" * 59_000, "empty"),
    "a large file": ("a.html", lambda: b"x" * 17_000_000, "too large"),
    "a long text": ("a.html", lambda: b"<p>" + b"many words " * 200_000, "characters"),
}
MEASURE = """
import json, resource, sys, time
from debate.text.essay import BadText, read
data = sys.stdin.buffer.read()
before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
try:
    said = "taken: " + read(data, sys.argv[1]).text[:200]
except BadText as refused:
    said = str(refused)
seconds = time.monotonic() - begun
most = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
print(json.dumps([said, seconds, most[0] / 1024, (most[1] - before) / 1024]))
"""


def measured(data: bytes, name: str) -> tuple[str, float, float]:
    """What is said of a file, how long it took, and how many megabytes its reader took at most."""
    done = subprocess.run([sys.executable, "-c", MEASURE, name], input=data, capture_output=True, check=True)
    said, seconds, megabytes, beside = json.loads(done.stdout)
    assert beside < 3 * len(data) / 1e6 + 20, "the server itself only passes the file on"
    print(f"{name}: {len(data):,} bytes, {seconds:.2f} s, {megabytes:.0f} MB: {said}")
    return said, seconds, megabytes


@pytest.mark.parametrize("name", REFUSED)
def test_i1_a_file_made_to_do_harm_is_refused_in_a_sentence(name: str) -> None:
    filename, make, expected = REFUSED[name]
    said, seconds, megabytes = measured(make(), filename)
    assert not said.startswith("taken: ")
    with pytest.raises(BadText, match=expected):
        raise BadText(said)
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


@pytest.mark.parametrize("target", ["file:///etc/passwd", "file:///dev/zero", "http://127.0.0.1:9/x.png", "/dev/zero"])
def test_i1_a_linked_picture_is_never_opened(target: str) -> None:
    given = read(linked(target), "a.docx")
    assert given.text == "Words.\n"
    assert [str(each) for each in given.left_out] == ["Images without a description, left out: 1."]


def test_i1_a_picture_is_never_unpacked() -> None:
    bomb = zlib.compress(ZEROS, 9)[2:-4]
    parts = [(name.encode(), 0, part if isinstance(part, bytes) else part.encode()) for name, part in BASE.items()]
    parts.append((b"word/document.xml", 0, document()))
    entries = [(name, method, part, part) for name, method, part in parts] + [
        (b"word/media/x.png", 8, bomb, 50_000_000)
    ]
    assert read(raw_zip(entries), "a.docx").text == "Words.\n"


def test_i1_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where it runs, nor where temporary files go, nor above either of them, nor where a name itself leads."""
    inside = tmp_path / "a" / "b" / "c"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    monkeypatch.setenv("TMPDIR", str(inside))
    monkeypatch.setattr(tempfile, "tempdir", str(inside))
    read(docx(), "a.docx")
    read(odt(), "a.odt")
    name = f"escaped-{secrets.token_hex(8)}"
    for out in (f"../../{name}", f"{'../' * 20}{name}", str(tmp_path / name), f"..\\..\\{name}"):
        with pytest.raises(BadText):
            read(packed(BASE | {"word/document.xml": document(), out: "x"}), "a.docx")
    assert set(tmp_path.rglob("*")) == {tmp_path / "a", tmp_path / "a" / "b", inside}
    assert not [above for above in tmp_path.parents if (above / name).exists()]


def upload(who: Person, name: str, data: bytes) -> Page:
    """Send a file to be published as an essay."""
    begin, end = b"--edge\r\nContent-Disposition: form-data; name=", b"\r\n"
    fields = {"csrf_token": who.token, "title": "What it is", "intent": "publish"}
    body = b"".join(begin + f'"{field}"\r\n\r\n{value}\r\n'.encode() for field, value in fields.items())
    body += begin + f'"file"; filename="{name}"\r\n\r\n'.encode() + data + end + b"--edge--" + end
    return who.request("POST", "/essays/new", body, {"Content-Type": "multipart/form-data; boundary=edge"})


def test_i1_a_running_site_says_so_on_the_form_and_goes_on(tmp_path: Path) -> None:
    with site_on("sqlite", tmp_path / "site") as site:
        (writer,) = site.add_people(["Writer"], role="moderator")
        site.start()
        writer.walk_in()
        for each in ("a zip bomb in DOCX that lies", "a way out", "an entity from outside in ODT"):
            filename, make, expected = REFUSED[each]
            answer = upload(writer, filename, make())
            assert answer.status == 422, (each, answer.words[:500])
            (sentence,) = (node.text() for node in answer.all(".errors li"))
            assert re.search(expected, sentence), (each, sentence)
            assert Person(site).get("/").status == 200
        assert upload(writer, "a.docx", docx()).status == 303
        assert [row.title for row in site.rows(select(Essay.title))] == ["What it is"]
        assert "Traceback" not in site.log


FETCHERS = {
    "aiohttp",
    "ftplib",
    "http.client",
    "httpx",
    "requests",
    "smtplib",
    "socket",
    "telnetlib",
    "urllib.request",
    "urllib3",
}
ALLOWED = {
    "mail.py": {"smtplib"},
    "draining.py": {"socket"},
    "replica.py": {"socket"},
    "serve.py": {"socket"},
    "worker.py": {"socket"},
}


def test_i2_nothing_in_the_code_could_fetch_anything() -> None:
    """But for databases, Redis and the mail server, which are the site's own. The sockets are those it is served on."""
    for file in sorted((Path(debate.__file__).parent).rglob("*.py")):
        names: set[str] = set()
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
        assert names & FETCHERS <= ALLOWED.get(file.name, set()), file


def test_i2_an_address_that_is_cited_is_never_asked(tmp_path: Path) -> None:
    """Whatever is cited, linked or brought in: a listener on this machine sees nobody."""
    with socket.create_server(("127.0.0.1", 0)) as listener, site_on("sqlite", tmp_path / "site") as site:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        essay = site.add_essay()
        (writer,) = site.add_people(["Writer"], role="moderator")
        site.start()
        writer.walk_in()
        for number, host in enumerate(("127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]", "2130706433")):
            url = f"http://{host}:{port}/x{number}.png"
            said = f"See {url} and ![x]({url})."
            fields = {"stance": "pro", "body": said, "source_url": url, "intent": "preview"}
            assert writer.post(f"{essay.paragraph(1)}/replies", **fields).status in (200, 422)
            assert writer.post(f"{essay.paragraph(1)}/replies", **fields | {"intent": ""}).status in (303, 422)
            assert writer.get(f"/sources?url={url}").status in (200, 303, 404)
            fields = {"title": f"T{number}", "text": said, "format": "md", "intent": "publish"}
            assert writer.post("/essays/new", **fields).status in (200, 303, 422)
        with pytest.raises(BlockingIOError):
            listener.accept()
