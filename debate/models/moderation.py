"""Rulings: every moderator's act, one row each, never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, event, inspect
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate import chain
from debate.db import Base, Moment
from debate.models.essays import Essay, Paragraph
from debate.models.users import User

ACTS = (
    "lock", "unlock", "hide", "restore", "reply", "role", "keep", "reopen", "ask", "duplicate", "approve", "hold",
    "suspend", "ban", "lift", "admit", "refuse", "appoint", "dismiss", "erase", "erase-note", "premoderate", "uphold",
    "setting", "merge", "separate", "hide-edit", "show-edit",
    "publish", "unpublish", "archive", "unarchive",
)  # fmt: skip
REASONS = ("spam", "insult", "off-topic", "no-argument", "duplicate", "source", "other")


class Ruling(Base):
    """Who did what to which thing, when and why. `reason` is the category, `note` the moderator's words.

    `number` counts the log from 1 without a gap; `digest` covers the entry and the digest before (debate/chain.py).
    """

    __tablename__ = "rulings"
    __table_args__ = (CheckConstraint(f"act IN {ACTS!r}", name="act"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    act: Mapped[str] = mapped_column(String(12))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # none: by the command line
    made_at: Mapped[datetime] = mapped_column(Moment)
    essay_id: Mapped[int | None] = mapped_column(ForeignKey("essays.id"), index=True)
    paragraph_id: Mapped[int | None] = mapped_column(ForeignKey("paragraphs.id"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)  # the account it is about
    about_id: Mapped[int | None] = mapped_column(
        ForeignKey("rulings.id"), index=True
    )  # the ruling it undoes or upholds
    before: Mapped[str] = mapped_column(String(9), default="")  # the reply's state until then
    reason: Mapped[str] = mapped_column(String(12), default="")
    note: Mapped[str] = mapped_column(String(1000), default="")
    votes: Mapped[bool] = mapped_column(default=False)  # a lock that closed voting too
    until: Mapped[datetime | None] = mapped_column(Moment)
    # Covered, and shown to nobody: where moderators are not named, trying names does not find who it was.
    salt: Mapped[str] = mapped_column(String(32), default="")
    note_salt: Mapped[str] = mapped_column(String(32), default="")
    note_digest: Mapped[str] = mapped_column(String(64), default="")
    digest: Mapped[str] = mapped_column(String(64))

    by: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[by_id])
    user: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[user_id])
    essay: Mapped[Essay | None] = relationship(lazy="raise")
    paragraph: Mapped[Paragraph | None] = relationship(lazy="raise")
    about: Mapped["Ruling | None"] = relationship(lazy="raise", remote_side=[id])

    @property
    def entry(self) -> tuple[chain.Part, ...]:
        """What its digest covers, in this order, forever."""
        return (
            self.salt, self.number, self.act, self.by_id, self.made_at, self.essay_id, self.paragraph_id, self.reply_id,
            self.user_id, self.about_id, self.reason, self.before, self.votes, self.until, self.note_digest,
        )  # fmt: skip


class LogHead(Base):
    """How long the log is and the digest it ends with; held while an entry is added, so that entries queue up."""

    __tablename__ = "log_heads"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))


class Unchangeable(Exception):
    """An entry of the log was about to be changed or deleted."""


@event.listens_for(Ruling, "before_update")
def _only_its_note_goes(_mapper: Any, _connection: Any, ruling: Ruling) -> None:
    changed = {name for name, state in inspect(ruling).attrs.items() if state.history.has_changes()}
    if changed - {"note", "note_salt"} or ruling.note or ruling.note_salt:
        raise Unchangeable


@event.listens_for(Ruling, "before_delete")
def _stays(_mapper: Any, _connection: Any, _ruling: Ruling) -> None:
    raise Unchangeable
