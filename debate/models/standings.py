"""Standings: what an account may not do, or may do in one essay; and whom a participant has muted."""

from datetime import UTC, datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate.db import Base, Moment
from debate.models.essays import Essay

_ALL = text("lifted_at IS NULL AND essay_id IS NULL")
_ONE = text("lifted_at IS NULL AND essay_id IS NOT NULL")


class Standing(Base):
    """One account's suspension, ban, wait for approval, or charge of one essay; on until it ends or is lifted.

    Without `essay_id` it counts everywhere.
    """

    __tablename__ = "standings"
    __table_args__ = (
        CheckConstraint("kind IN ('suspended', 'banned', 'waiting', 'moderator')", name="kind"),
        CheckConstraint("kind <> 'moderator' OR essay_id IS NOT NULL", name="essay"),
        Index("uq_standings_everywhere", "user_id", "kind", unique=True, sqlite_where=_ALL, postgresql_where=_ALL),
        Index(
            "uq_standings_essay", "user_id", "kind", "essay_id", unique=True, sqlite_where=_ONE, postgresql_where=_ONE
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(9))
    essay_id: Mapped[int | None] = mapped_column(ForeignKey("essays.id"), index=True)
    reason: Mapped[str] = mapped_column(String(12), default="")
    note: Mapped[str] = mapped_column(String(1000), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    placed_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime | None] = mapped_column(Moment)
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    essay: Mapped[Essay | None] = relationship(lazy="raise")

    def is_on(self, now: datetime | None = None) -> bool:
        """Whether it counts at `now` (none: the present)."""
        now = now or datetime.now(UTC)
        return self.lifted_at is None and (self.until is None or self.until > now)

    @classmethod
    def on_at(cls, now: datetime) -> ColumnElement[bool]:
        """The same as a condition for statements."""
        return cls.lifted_at.is_(None) & (cls.until.is_(None) | (cls.until > now))


class Mute(Base):
    """A participant folds another's replies, for oneself alone."""

    __tablename__ = "mutes"
    __table_args__ = (CheckConstraint("user_id <> muted_id", name="other"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    muted_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
