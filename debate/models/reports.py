"""Reports, appeals, and the items of the moderators' queue that they make."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate.db import Base, Moment
from debate.models.essays import Essay
from debate.models.moderation import Ruling
from debate.models.replies import Reply
from debate.models.users import User

ITEMS = ("reported", "held", "appeal", "account")
HELD_FOR = ("links", "alike", "essay", "new", "many")
_OPEN = text("closed_at IS NULL")
_ONE = text("closed_at IS NULL AND kind <> 'appeal'")


class Appeal(Base):
    """What somebody says against a ruling on them; one a ruling."""

    __tablename__ = "appeals"

    id: Mapped[int] = mapped_column(primary_key=True)
    ruling_id: Mapped[int] = mapped_column(ForeignKey("rulings.id"), unique=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    words: Mapped[str] = mapped_column(String(1000))
    made_at: Mapped[datetime] = mapped_column(Moment)

    ruling: Mapped[Ruling] = relationship(lazy="raise")
    by: Mapped[User] = relationship(lazy="raise")


class Item(Base):
    """One thing that waits for a moderator: a reply that was reported or held, an appeal, a new account.

    One a reply and kind, however many report it. `edit` is the wording it is about, `outcome` what closed it.
    """

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint("kind IN ('reported', 'held', 'appeal', 'account')", name="kind"),
        Index("uq_items_reply", "reply_id", "kind", unique=True, sqlite_where=_ONE, postgresql_where=_ONE),
        Index("ix_items_open", "kind", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    essay_id: Mapped[int | None] = mapped_column(ForeignKey("essays.id"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # the account, or who appeals
    appeal_id: Mapped[int | None] = mapped_column(ForeignKey("appeals.id"), unique=True)
    why: Mapped[str] = mapped_column(String(8), default="")  # what held it
    edit: Mapped[int] = mapped_column(default=0)
    report_count: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome_id: Mapped[int | None] = mapped_column(ForeignKey("rulings.id"), index=True)

    essay: Mapped[Essay | None] = relationship(lazy="raise")
    reply: Mapped[Reply | None] = relationship(lazy="raise")
    user: Mapped[User | None] = relationship(lazy="raise")
    appeal: Mapped[Appeal | None] = relationship(lazy="raise")
    outcome: Mapped[Ruling | None] = relationship(lazy="raise")
    reports: Mapped[list["Report"]] = relationship(lazy="raise", order_by="Report.id")


class Report(Base):
    """One flag: by a participant (`by_id`), or by a visitor, known by a digest of the address and perhaps a contact."""

    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint("(by_id IS NULL) <> (visitor IS NULL)", name="one"),
        UniqueConstraint("by_id", "reply_id", "edit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    visitor: Mapped[str | None] = mapped_column(String(64))
    contact: Mapped[str] = mapped_column(String(254), default="")
    reason: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(1000), default="")
    edit: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(Moment)

    by: Mapped[User | None] = relationship(lazy="raise")
