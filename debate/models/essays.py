"""Essays: their revisions, their paragraphs with permanent keys, and the words those had at each time."""

import json
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate.db import Base, Moment
from debate.models.users import User

KINDS = ("text", "heading", "quote", "list", "code", "table", "divider", "note")
STATUSES = ("draft", "published", "unpublished", "archived")
DRAFT = "draft_"  # how the address of a draft begins, before its number; no title makes such an address


class Essay(Base):
    """A text. Its row is the one that every write beneath it holds, and `version` rises with each.

    A draft is its owner's, and of those who have its secret link; what was unpublished is its owner's and moderators';
    what is archived everybody reads and nobody writes to. When and why it became so is in the log of rulings.
    """

    __tablename__ = "essays"
    __table_args__ = (CheckConstraint(f"status IN {STATUSES!r}", name="status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    author_name: Mapped[str] = mapped_column(String(100), default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    language: Mapped[str] = mapped_column(String(35), default="en")
    status: Mapped[str] = mapped_column(String(12), default="published")
    share: Mapped[str] = mapped_column(String(32), default="")  # what a draft's secret link is made from; empty: none
    revision: Mapped[int] = mapped_column(default=1)  # the number of the revision that is shown
    reply_count: Mapped[int] = mapped_column(default=0)  # visible replies, at any depth
    writer_count: Mapped[int] = mapped_column(default=0)  # people who wrote them
    newest_id: Mapped[int] = mapped_column(default=0)  # the highest id of a reply, whatever its state
    version: Mapped[int] = mapped_column(default=1)
    premoderated: Mapped[bool] = mapped_column(
        default=False
    )  # whether every reply is held until a moderator has seen it
    made_at: Mapped[datetime] = mapped_column(Moment)
    debated_at: Mapped[datetime] = mapped_column(Moment, index=True)  # the newest reply's time

    owner: Mapped[User | None] = relationship(lazy="raise")

    @property
    def is_public(self) -> bool:
        return self.status in ("published", "archived")


IS_PUBLIC = Essay.status.in_(("published", "archived"))


class Revision(Base):
    """One published state of an essay's text. `summary` counts what became of the paragraphs before, as JSON."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("essay_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    essay_id: Mapped[int] = mapped_column(ForeignKey("essays.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    format: Mapped[str] = mapped_column(String(3), default="txt")  # txt or md: what its paragraphs' sources are in
    note: Mapped[str] = mapped_column(String(1000), default="")
    summary: Mapped[str] = mapped_column(String(300), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)

    essay: Mapped[Essay] = relationship(lazy="raise")
    by: Mapped[User | None] = relationship(lazy="raise")

    @property
    def counts(self) -> dict[str, int]:
        """How many paragraphs were kept, reworded and so on (text/plan.py names them); empty for the first one."""
        return json.loads(self.summary) if self.summary else {}


class Paragraph(Base):
    """One block of an essay for as long as it can be followed; what it says is a Wording."""

    __tablename__ = "paragraphs"
    __table_args__ = (UniqueConstraint("essay_id", "key"), UniqueConstraint("id", "essay_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    essay_id: Mapped[int] = mapped_column(ForeignKey("essays.id"))
    key: Mapped[str] = mapped_column(String(8))
    debatable: Mapped[bool]
    for_count: Mapped[int] = mapped_column(default=0)  # visible top-level replies, pro
    against_count: Mapped[int] = mapped_column(default=0)
    reply_count: Mapped[int] = mapped_column(default=0)  # visible replies, at any depth
    second_count: Mapped[int] = mapped_column(default=0)  # those on the second level
    third_count: Mapped[int] = mapped_column(default=0)
    fourth_count: Mapped[int] = mapped_column(default=0)
    cited_for: Mapped[int] = mapped_column(default=0)  # citations by visible replies that stand for it
    cited_against: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    essay: Mapped[Essay] = relationship(lazy="raise")

    def count_to(self, depth: int | None) -> int:
        """Visible replies on the first `depth` levels, 1 to 4 (None: on all)."""
        if depth is None:
            return self.reply_count
        levels = (self.for_count + self.against_count, self.second_count, self.third_count, self.fourth_count)
        return sum(levels[:depth])


class Writer(Base):
    """Somebody with visible replies in an essay's debate, and how many."""

    __tablename__ = "writers"

    essay_id: Mapped[int] = mapped_column(ForeignKey("essays.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    reply_count: Mapped[int] = mapped_column(default=0)


class Wording(Base):
    """The words of a paragraph at one time; never changed, only followed by another."""

    __tablename__ = "wordings"
    __table_args__ = (
        CheckConstraint(
            f"kind IN {KINDS!r}",
            name="kind",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    paragraph_id: Mapped[int] = mapped_column(ForeignKey("paragraphs.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)


class Placement(Base):
    """Where a revision has a paragraph, and with which words."""

    __tablename__ = "placements"

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    paragraph_id: Mapped[int] = mapped_column(ForeignKey("paragraphs.id"), index=True)
    wording_id: Mapped[int] = mapped_column(ForeignKey("wordings.id"))


class Descent(Base):
    """In a revision a paragraph was split off from another, or merged into it."""

    __tablename__ = "descents"
    __table_args__ = (CheckConstraint("kind IN ('split', 'merge')", name="kind"),)

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    paragraph_id: Mapped[int] = mapped_column(ForeignKey("paragraphs.id"), primary_key=True, index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("paragraphs.id"), index=True)
    kind: Mapped[str] = mapped_column(String(5))
