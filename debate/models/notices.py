"""Notices: what a person should hear of."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate.db import Base, Moment
from debate.models.moderation import Ruling
from debate.models.replies import Reply

_ANSWER = text("kind = 'answer'")


class Notice(Base):
    """Someone answered (`reply_id` is the answer), or a moderator ruled on something of theirs (`ruling_id`).

    What it says is read from there, never kept here.
    """

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("kind IN ('answer', 'ruling')", name="kind"),
        CheckConstraint("(kind = 'answer') = (ruling_id IS NULL)", name="about"),
        CheckConstraint("kind <> 'answer' OR reply_id IS NOT NULL", name="answer"),
        Index("uq_notices_answer", "user_id", "reply_id", unique=True, sqlite_where=_ANSWER, postgresql_where=_ANSWER),
        UniqueConstraint("user_id", "ruling_id"),
        Index("ix_notices_user_id_read_at", "user_id", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(8))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"))
    ruling_id: Mapped[int | None] = mapped_column(ForeignKey("rulings.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)

    reply: Mapped[Reply | None] = relationship(lazy="raise")
    ruling: Mapped[Ruling | None] = relationship(lazy="raise")
