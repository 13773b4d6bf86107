"""Votes: at most one by a participant on a reply."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from debate.db import Base, Moment


class Vote(Base):
    """+1 or −1; no vote is no row. `edit` is the number of the reply's edit that was voted on, `wording_id` what the
    paragraph said then."""

    __tablename__ = "votes"
    __table_args__ = (
        CheckConstraint("value IN (-1, 1)", name="value"),
        Index("ix_votes_user_id_cast_at", "user_id", "cast_at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"), primary_key=True, index=True)
    value: Mapped[int]
    edit: Mapped[int]
    wording_id: Mapped[int] = mapped_column(ForeignKey("wordings.id"))
    cast_at: Mapped[datetime] = mapped_column(Moment)


class Ballot(NamedTuple):
    """What a vote says, and which words it is on: of the reply (the number of its edit), of the paragraph."""

    value: int
    edit: int
    wording_id: int


class VoteAside(Base):
    """A banned account's vote: in no count, and back among the votes when the ban is lifted."""

    __tablename__ = "votes_aside"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"), primary_key=True, index=True)
    value: Mapped[int]
    edit: Mapped[int]
    wording_id: Mapped[int] = mapped_column(ForeignKey("wordings.id"))
    cast_at: Mapped[datetime] = mapped_column(Moment)
