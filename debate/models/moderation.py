"""Rulings: every moderator's act, one row each, never changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate.db import Base, Moment
from debate.models.essays import Essay, Paragraph
from debate.models.users import User

ACTS = ("lock", "unlock", "hide", "restore", "reply", "role")
REASONS = ("spam", "insult", "off-topic", "no-argument", "duplicate", "source", "other")


class Ruling(Base):
    """Who did what to which thing, when and why. `reason` is the category, `note` the moderator's words."""

    __tablename__ = "rulings"
    __table_args__ = (CheckConstraint("act IN ('lock', 'unlock', 'hide', 'restore', 'reply', 'role')", name="act"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(String(12))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # none: by the command line
    made_at: Mapped[datetime] = mapped_column(Moment)
    essay_id: Mapped[int | None] = mapped_column(ForeignKey("essays.id"), index=True)
    paragraph_id: Mapped[int | None] = mapped_column(ForeignKey("paragraphs.id"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # whose role it changed
    reason: Mapped[str] = mapped_column(String(12), default="")
    note: Mapped[str] = mapped_column(String(1000), default="")
    votes: Mapped[bool] = mapped_column(default=False)  # a lock that closed voting too
    until: Mapped[datetime | None] = mapped_column(Moment)

    by: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[by_id])
    user: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[user_id])
    essay: Mapped[Essay | None] = relationship(lazy="raise")
    paragraph: Mapped[Paragraph | None] = relationship(lazy="raise")
