"""The chain of the moderation log: each entry's digest covers the one before, so none can be changed or taken out.

An entry covers a digest of its note, not the note: a note can be erased by law, and the chain stays whole.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

START = ""  # what stands before the first entry

Part = str | int | bool | datetime | None


def digest(before: str, entry: Sequence[Part]) -> str:
    """SHA-256, in hexadecimal, of the digest before and an entry's parts in their order; times in UTC."""
    parts = [part.astimezone(UTC).isoformat() if isinstance(part, datetime) else part for part in entry]
    return hashlib.sha256(json.dumps([before, *parts], separators=(",", ":")).encode()).hexdigest()


def salt() -> str:
    """What a note is digested with, so that nobody finds an erased one by trying likely words."""
    return secrets.token_hex(16)


def of_note(salt: str, note: str) -> str:
    """The digest of a note; empty for no note."""
    return hashlib.sha256(f"{salt}\n{note}".encode()).hexdigest() if note else ""
