"""What admins set for the whole site, and how often whom did what lately."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from debate.db import Base, Moment

REGISTRATIONS = ("open", "approval", "closed")


class Site(Base):
    """The one row of settings that win over the environment; none is as if nothing had been set."""

    __tablename__ = "site"
    __table_args__ = (
        CheckConstraint("id = 1", name="one"),
        CheckConstraint("registration IN ('', 'open', 'approval', 'closed')", name="registration"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    registration: Mapped[str] = mapped_column(String(8), default="")  # empty: as the environment says
    names_moderators: Mapped[bool] = mapped_column(default=True)  # who acted is shown by name, or as "a moderator"
    holds_new: Mapped[bool] = mapped_column(default=False)  # whether everything that new accounts post is held
    source_changes: Mapped[int] = mapped_column(default=0)  # rises when what is said of any source changes
    erasures: Mapped[int] = mapped_column(default=0)  # each worker forgets what it has kept of pages when it rises


class Pace(Base):
    """Something was done at a time by whom the key names; kept for as long as a limit looks back."""

    __tablename__ = "paces"
    __table_args__ = (Index("ix_paces_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Moment)
