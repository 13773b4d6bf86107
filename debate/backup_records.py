"""What is known of backups: on SQLite a small file beside the database, on PostgreSQL a row of what was told.

`debate backup` and `debate restore` write it. On SQLite it is not a row: it has to be there when the database is not,
and to stay when another is put in its place.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from debate.models import BackupNote

LATE = 26 * 3600  # seconds: a daily backup, and two hours


@dataclass(frozen=True)
class Records:
    """The newest backup: when it was made (UTC, ISO 8601; empty: never), its bytes, the digest of its database.

    `checked_at` is when one was last read back whole, `checked_of` when that one had been made. SQLite's is as it is
    made, and by `debate restore`. `restored_at` is when one was last put in the database's place.
    """

    made_at: str = ""
    size: int = 0
    digest: str = ""
    checked_at: str = ""
    checked_of: str = ""
    restored_at: str = ""

    @property
    def made(self) -> datetime | None:
        return _moment(self.made_at)

    @property
    def checked(self) -> datetime | None:
        return _moment(self.checked_at)

    @property
    def checked_made(self) -> datetime | None:
        """When the backup had been made that was last read back."""
        return _moment(self.checked_of)

    @property
    def restored(self) -> datetime | None:
        return _moment(self.restored_at)

    def is_late(self, now: datetime) -> bool:
        """Whether there is none, or none of the last day."""
        return self.made is None or (now - self.made).total_seconds() > LATE


def of(database: Path) -> Records:
    """What is known; nothing where the file is not there or cannot be read."""
    try:
        found: dict[str, Any] = json.loads(_file(database).read_text(encoding="utf-8"))
        return Records(**{name: type(value)(found.get(name, value)) for name, value in asdict(Records()).items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return Records()


def noted(session: Session) -> Records:
    """What was told of backups that the database's own tools made."""
    row = session.get(BackupNote, 1)
    if row is None:
        return Records()
    times = {name: getattr(row, name) for name in ("made_at", "checked_at", "checked_of", "restored_at")}
    return Records(size=row.size, **{name: time.isoformat() for name, time in times.items() if time})


def made(database: Path, made_at: str, size: int, digest: str) -> None:
    """A backup was made, and read back. Raises OSError."""
    _keep(
        database,
        replace(of(database), made_at=made_at, size=size, digest=digest, checked_at=_now(), checked_of=made_at),
    )


def checked(database: Path, made_at: str) -> None:
    """A backup was read back whole. Raises OSError."""
    _keep(database, replace(of(database), checked_at=_now(), checked_of=made_at))


def restored(database: Path, made_at: str) -> None:
    """A backup was read back whole and put in the database's place. Raises OSError."""
    _keep(database, replace(of(database), checked_at=_now(), checked_of=made_at, restored_at=_now()))


def _keep(database: Path, records: Records) -> None:
    file = _file(database)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        # No secret is in it, and the site may run as somebody else than who makes backups.
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w") as out:
            json.dump(asdict(records), out, indent=1)
        os.replace(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def _file(database: Path) -> Path:
    return database.with_name(f"{database.name}.backups.json")


def _moment(given: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
