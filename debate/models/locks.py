"""Locks: what a moderator closed, when, why and until when."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate.db import Base, Moment
from debate.models.essays import Essay, Paragraph
from debate.models.users import User

_OPEN = "lifted_at IS NULL"


def _one_open(name: str, column: str, condition: str) -> Index:
    where = text(f"{condition} AND {_OPEN}")
    return Index(name, column, unique=True, sqlite_where=where, postgresql_where=where)


class Lock(Base):
    """Closes a reply's branch (`reply_id`), a paragraph's debate (`paragraph_id` alone) or an essay (neither)."""

    __tablename__ = "locks"
    __table_args__ = (
        CheckConstraint("reply_id IS NULL OR paragraph_id IS NOT NULL", name="target"),
        _one_open("uq_locks_reply", "reply_id", "reply_id IS NOT NULL"),
        _one_open("uq_locks_paragraph", "paragraph_id", "reply_id IS NULL AND paragraph_id IS NOT NULL"),
        _one_open("uq_locks_essay", "essay_id", "paragraph_id IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    essay_id: Mapped[int] = mapped_column(ForeignKey("essays.id"), index=True)
    paragraph_id: Mapped[int | None] = mapped_column(ForeignKey("paragraphs.id"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(String(1000))
    votes: Mapped[bool]  # whether voting is closed too
    newcomers: Mapped[bool] = mapped_column(default=False)  # whether it closes to new accounts only
    placed_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime | None] = mapped_column(Moment)
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    by: Mapped[User] = relationship(lazy="raise", foreign_keys=[by_id])
    essay: Mapped[Essay] = relationship(lazy="raise")
    paragraph: Mapped[Paragraph | None] = relationship(lazy="raise")

    def is_on(self, now: datetime) -> bool:
        """Whether it closes anything at `now`."""
        return self.lifted_at is None and (self.until is None or self.until > now)
