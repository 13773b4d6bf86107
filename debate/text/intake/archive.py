"""The parts of a DOCX or ODT file, read as if its maker meant harm: every byte is counted while it is unpacked."""

import io
import re
import stat
import struct
import zipfile
import zlib

from debate.text.intake import kinds
from debate.text.intake.given import Unreadable
from debate.text.message import N_

_ENTRIES_MAX = 5_000
_DIRECTORY_MAX = 1_000_000
# Parts that hold text; pictures are never unpacked.
PART_MAX = 12_000_000
TOTAL_MAX = 16_000_000
# XML packs well, a bomb far better.
_RATIO_MAX = 150
_RATIO_FROM = 1_000_000
_CHUNK = 1 << 16
_END = b"PK\x05\x06"

DAMAGED = N_("The file is damaged or not complete; open it in a word processor and save it anew.")
HARMFUL = N_("The file is built as no word processor builds one; open it in one and save it anew.")
TOO_LARGE = N_("The file holds far more text than fits; publish it in parts.")


class Archive:
    """A ZIP file in memory, of which parts can be read by name."""

    def __init__(self, data: bytes) -> None:
        refuse_costly(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error, UnicodeError) as error:
            raise Unreadable(DAMAGED) from error
        self._left = TOTAL_MAX
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in self._zip.infolist():
            _refuse_harmful(entry)
            if self._entries.setdefault(entry.filename, entry) is not entry:
                raise Unreadable(HARMFUL)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def names(self) -> list[str]:
        return list(self._entries)

    def read(self, name: str) -> bytes:
        """The bytes of a part, as few as there are and no more than may be; raises Unreadable."""
        entry = self._entries[name]
        unpacked = bytearray()
        try:
            with self._zip.open(entry) as part:
                while chunk := part.read(_CHUNK):
                    unpacked += chunk
                    self._count(len(chunk), len(unpacked), entry.compress_size)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            OSError,
            struct.error,
        ) as error:
            raise Unreadable(DAMAGED) from error
        return bytes(unpacked)

    def _count(self, more: int, unpacked: int, packed: int) -> None:
        self._left -= more
        if unpacked > PART_MAX or self._left < 0:
            raise Unreadable(TOO_LARGE)
        if unpacked > _RATIO_FROM and unpacked > _RATIO_MAX * max(packed, 1):
            raise Unreadable(HARMFUL)


def refuse_costly(data: bytes) -> None:
    """Looks at the size of the directory before anything reads it: a hundred thousand entries take their time."""
    end = data.rfind(_END, max(0, len(data) - 65_557))
    if end < 0 or end + 22 > len(data):
        raise Unreadable(DAMAGED)
    _, _, _, entries, size, offset = struct.unpack("<HHHHLL", data[end + 4 : end + 20])
    if entries == 0xFFFF or size == 0xFFFFFFFF or offset == 0xFFFFFFFF:
        raise Unreadable(HARMFUL)
    # The directory's own count is not to be trusted: its bytes are what a reader goes through.
    if (
        entries > _ENTRIES_MAX
        or size > _DIRECTORY_MAX
        or data.count(b"PK\x01\x02", max(0, end - size), end) > _ENTRIES_MAX
    ):
        raise Unreadable(HARMFUL)


def _refuse_harmful(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & 0x1:
        raise Unreadable(kinds.PROTECTED)
    parts = re.split(r"[/\\]", name)
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", name) or "\0" in name:
        raise Unreadable(HARMFUL)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Unreadable(HARMFUL)
