"""Evidence: sources, one row a thing, and the citations that use them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate.db import Base, Moment
from debate.models.users import User

SHOWS = ("supports", "undercuts", "context")


class Source(Base):
    """A thing that can be cited; `canonical` is the one form of its address within the scheme."""

    __tablename__ = "sources"
    __table_args__ = (
        CheckConstraint("scheme IN ('url')", name="scheme"),
        UniqueConstraint("scheme", "digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[str] = mapped_column(String(8), default="url")
    canonical: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))  # of the canonical form, which is longer than an index may hold
    made_at: Mapped[datetime] = mapped_column(Moment)


class Citing(Base):
    """How often an essay's debate cites a source: citations by visible replies, by the side those stand on."""

    __tablename__ = "citings"
    __table_args__ = (CheckConstraint("count = pro + con AND pro >= 0 AND con >= 0", name="counts"),)

    essay_id: Mapped[int] = mapped_column(ForeignKey("essays.id"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), primary_key=True, index=True)
    pro: Mapped[int] = mapped_column(default=0)
    con: Mapped[int] = mapped_column(default=0)
    count: Mapped[int] = mapped_column(default=0)


Index("ix_citings_essay_id_count", Citing.essay_id, Citing.count.desc(), Citing.source_id)


class Citation(Base):
    """The use of a source by a reply: the quoted words, where they stand, what it shows. `url` is as it was given."""

    __tablename__ = "citations"
    __table_args__ = (
        CheckConstraint("shows IN ('supports', 'undercuts', 'context')", name="shows"),
        UniqueConstraint("reply_id", "source_id", "quote_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    url: Mapped[str] = mapped_column(String(2000))
    quote: Mapped[str] = mapped_column(Text, default="")
    quote_digest: Mapped[str] = mapped_column(String(64))  # the quote itself is longer than an index may hold
    locator: Mapped[str] = mapped_column(String(200), default="")
    shows: Mapped[str] = mapped_column(String(9), default="supports")
    made_at: Mapped[datetime] = mapped_column(Moment)

    source: Mapped[Source] = relationship(lazy="raise")
    by: Mapped[User] = relationship(lazy="raise")
