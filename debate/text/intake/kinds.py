"""What a file is, by what it begins with rather than by its name."""

import re

from debate.text.intake.given import Unreadable
from debate.text.message import N_, Message

ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?><!--.{0,2000}?-->\s*)*+<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_FLAT = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}\?>.{0,2000}?<office:document\b", re.S)

_PICTURES = rb"\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0\0\0\0|II\*\0|MM\0\*|RIFF.{4}WEBP|.{4}ftyp(?:heic|heix|mif1|avif)"
# What people send in place of a text, and what to do about it.
_FOREIGN: tuple[tuple[bytes, Message], ...] = (
    (
        rb".{0,1000}%PDF-",
        N_(
            "The file is a PDF, which holds pages rather than text; "
            "send what it was made from, as DOCX, ODT, HTML or plain text."
        ),
    ),
    (
        rb"\{\\rtf",
        N_("The file is in Rich Text Format (RTF); open it in a word processor and save it as DOCX or ODT."),
    ),
    (_PICTURES, N_("The file is a picture; send its words as a text.")),
    (
        rb"(?:From: .{0,500}?)?(?:MIME-Version: 1\.0|Content-Type: multipart/related)",
        N_("The file is a web archive (MHTML); save the page as HTML only."),
    ),
    (rb"bplist00", N_("The file is a web archive of Safari; save the page as its source (HTML).")),
    (
        rb"\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|Rar!|\x28\xb5\x2f\xfd",
        N_("The file is a packed archive; unpack it and send the text in it."),
    ),
    (rb"%!PS", N_("The file is PostScript; send what it was made from, as DOCX, ODT, HTML or plain text.")),
    (
        rb"\xffWPC",
        N_("The file is a WordPerfect document; open it in a word processor and save it as DOCX or ODT."),
    ),
    (rb"\x7fELF|MZ|\xcf\xfa\xed\xfe", N_("The file is a program, not a text.")),
)

# Archives by the type they state in their first entry, or by a name that only such have.
_SPREADSHEET = N_("The file is a spreadsheet; save the text as DOCX, ODT or HTML.")
_SLIDES = N_("The file holds slides; save their words as DOCX, ODT or plain text.")
_ZIPPED: tuple[tuple[bytes, Message], ...] = (
    (b"application/epub+zip", N_("The file is an EPUB book; save the text as DOCX, ODT or HTML.")),
    (b"application/vnd.oasis.opendocument.spreadsheet", _SPREADSHEET),
    (b"application/vnd.oasis.opendocument.presentation", _SLIDES),
    (b"xl/workbook", _SPREADSHEET),
    (b"ppt/presentation", _SLIDES),
    (b"Index/Document.iwa", N_("The file is from Apple Pages; export it as Word (DOCX).")),
)


def refuse_foreign(data: bytes) -> None:
    """Raises Unreadable, naming what it is, for a file of a kind that cannot be brought in."""
    head = data[:4096]
    if head.startswith(_OLE):
        if _ENCRYPTED in data:
            raise Unreadable(PROTECTED)
        raise Unreadable(
            N_("The file is in the old Word format (.doc); open it in a word processor and save it as DOCX.")
        )
    for pattern, message in _FOREIGN:
        if re.match(pattern, head, re.S | re.I if b"MIME" in pattern else re.S):
            raise Unreadable(message)


def in_zip(data: bytes) -> str:
    """docx or odt; raises Unreadable, naming it if it can be named, for any other archive."""
    if data[30:38] == b"mimetype" and data.startswith(b"application/vnd.oasis.opendocument.text", 38):
        return "odt"
    # Names stand in the directory at the end, as they are; an archive of archives has those of its own there only.
    names = data[-min(len(data), 400_000) :]
    for sign, message in _ZIPPED:
        if data.startswith(sign, 38) or sign in names:
            raise Unreadable(message)
    if b"word/document" in names:
        return "docx"
    if b"content.xml" in names:
        return "odt"
    if b"word/" in names and b"[Content_Types].xml" in names:
        return "docx"
    raise Unreadable(N_("The file is an archive (ZIP) without a text in it that can be read; send the text itself."))


def is_html(data: bytes) -> bool:
    return bool(_HTML.match(data[:4096]))


def is_flat_odt(data: bytes) -> bool:
    """OpenDocument as one XML file, as LibreOffice saves .fodt."""
    return bool(_FLAT.match(data[:4096]))


PROTECTED = N_("The file is protected by a password; save it without one.")
NOT_WHAT_IT_SAYS = N_(
    "The file is not what its name says, or it is damaged; open it in a word processor and save it as DOCX or ODT."
)
