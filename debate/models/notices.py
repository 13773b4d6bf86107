"""Notices: what a person should hear of."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate.db import Base, Moment
from debate.models.replies import Reply


class Notice(Base):
    """Someone answered (`reply_id` is the answer). What it says is read from the reply, never kept here."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("kind IN ('answer')", name="kind"),
        UniqueConstraint("user_id", "kind", "reply_id"),
        Index("ix_notices_user_id_read_at", "user_id", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(8))
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)

    reply: Mapped[Reply] = relationship(lazy="raise")
