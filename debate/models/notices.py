"""Notices: what a person should hear of."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate.db import Base, Moment
from debate.models.essays import Revision
from debate.models.moderation import Ruling
from debate.models.replies import Reply

_ONCE = text("kind IN ('answer', 'ask', 'source', 'edited')")


class Notice(Base):
    """Someone answered (`reply_id` is the answer), asks for a source, linked one, or edited a reply that was voted on;
    paragraphs that someone wrote or voted under say something else (`revision_id`); or a moderator ruled on something
    of theirs (`ruling_id`).

    What it says is read from there, never kept here.
    """

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("kind IN ('answer', 'ask', 'source', 'edited', 'reworded', 'ruling')", name="kind"),
        CheckConstraint("(kind = 'ruling') = (ruling_id IS NOT NULL)", name="about"),
        CheckConstraint("(kind = 'reworded') = (revision_id IS NOT NULL)", name="revision"),
        CheckConstraint("kind IN ('ruling', 'reworded') OR reply_id IS NOT NULL", name="reply"),
        Index(
            "uq_notices_once", "user_id", "reply_id", "kind", unique=True, sqlite_where=_ONCE, postgresql_where=_ONCE
        ),
        UniqueConstraint("user_id", "ruling_id"),
        UniqueConstraint("user_id", "revision_id"),
        Index("ix_notices_user_id_read_at", "user_id", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(8))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"))
    ruling_id: Mapped[int | None] = mapped_column(ForeignKey("rulings.id"))
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)

    reply: Mapped[Reply | None] = relationship(lazy="raise")
    ruling: Mapped[Ruling | None] = relationship(lazy="raise")
    revision: Mapped[Revision | None] = relationship(lazy="raise")
