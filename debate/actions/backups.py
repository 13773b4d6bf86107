"""Noting what was done with backups that the database's own tools make."""

from datetime import datetime

from sqlalchemy.orm import Session

from debate.db import now
from debate.models import BackupNote


def made(session: Session, made_at: datetime, size: int) -> None:
    """A backup was made; whether it can be read is not known yet. One older than the newest changes nothing."""
    row = _row(session)
    if row.made_at is None or made_at >= row.made_at:
        row.made_at, row.size = made_at, size


def checked(session: Session, made_at: datetime) -> None:
    """The backup of that time was read back whole."""
    row = _row(session)
    row.checked_at, row.checked_of = now(session), made_at


def restored(session: Session, made_at: datetime) -> None:
    """The backup of that time was read back whole, and is what the site runs on now."""
    checked(session, made_at)
    _row(session).restored_at = now(session)


def _row(session: Session) -> BackupNote:
    row = session.get(BackupNote, 1, with_for_update=True)
    if row is None:
        row = BackupNote(id=1, size=0)
        session.add(row)
        session.flush()
    return row
