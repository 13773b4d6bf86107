"""What was told of backups that the database's own tools make."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from debate.db import Base, Moment


class BackupNote(Base):
    """The one row on PostgreSQL's backups: see backup_records.Records, which SQLite's are kept as in a file.

    A row, so that every node knows; it comes back with a dump, and then says what was known when that was made.
    """

    __tablename__ = "backup_notes"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime | None] = mapped_column(Moment)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    checked_at: Mapped[datetime | None] = mapped_column(Moment)
    checked_of: Mapped[datetime | None] = mapped_column(Moment)
    restored_at: Mapped[datetime | None] = mapped_column(Moment)
