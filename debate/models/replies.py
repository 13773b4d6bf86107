"""Replies: the tree of pro and con under a paragraph."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate.db import Base, Moment
from debate.models.essays import Essay, Paragraph
from debate.models.users import User

ID_WIDTH = 8  # hexadecimal digits an id takes in a path


class Reply(Base):
    """One contribution, pro or con toward its parent: the paragraph (no `parent_id`) or another reply.

    `path` is the ids from the top-level reply down to this one, each as 8 hexadecimal digits, so that a branch sorts
    together and the ancestors are read off it. It carries no index: at depth 1,000 it is longer than PostgreSQL
    can index.
    """

    __tablename__ = "replies"
    __table_args__ = (
        CheckConstraint("stance IN ('pro', 'con')", name="stance"),
        CheckConstraint("side IN ('pro', 'con')", name="side"),
        CheckConstraint("state IN ('visible', 'held', 'hidden', 'withdrawn')", name="state"),
        CheckConstraint("(parent_id IS NULL) = (depth = 1)", name="depth"),
        CheckConstraint("ups >= 0 AND downs >= 0 AND children_pro >= 0 AND children_con >= 0", name="counts"),
        UniqueConstraint("id", "paragraph_id"),
        # A parent is in the same paragraph, and a paragraph's essay is this essay, by the database's word.
        ForeignKeyConstraint(["parent_id", "paragraph_id"], ["replies.id", "replies.paragraph_id"]),
        ForeignKeyConstraint(["paragraph_id", "essay_id"], ["paragraphs.id", "paragraphs.essay_id"]),
        UniqueConstraint("author_id", "once"),
        Index("ix_replies_paragraph_id_depth", "paragraph_id", "depth"),
        Index("ix_replies_author_id_id", "author_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    essay_id: Mapped[int] = mapped_column(ForeignKey("essays.id"), index=True)
    paragraph_id: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(index=True)
    wording_id: Mapped[int] = mapped_column(ForeignKey("wordings.id"))  # the words it was written against
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    stance: Mapped[str] = mapped_column(String(3))  # toward the parent
    side: Mapped[str] = mapped_column(String(3))  # toward the paragraph: the product of the stances on the path
    depth: Mapped[int]  # 1 for a top-level reply
    path: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(9), default="visible")
    under_lock: Mapped[bool] = mapped_column(default=False)  # posted by a moderator while a lock was on
    once: Mapped[str | None] = mapped_column(String(64))  # digest of the form's key and words: one post, one reply
    made_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime | None] = mapped_column(Moment)  # the last edit's time
    removed_at: Mapped[datetime | None] = mapped_column(Moment)  # hidden or withdrawn when
    edits: Mapped[int] = mapped_column(default=0)
    ups: Mapped[int] = mapped_column(default=0)
    downs: Mapped[int] = mapped_column(default=0)
    best: Mapped[float] = mapped_column(default=0.0)
    disputed: Mapped[float] = mapped_column(default=0.0)
    children_pro: Mapped[int] = mapped_column(default=0)  # visible direct answers
    children_con: Mapped[int] = mapped_column(default=0)
    branch_count: Mapped[int] = mapped_column(default=0)  # visible replies beneath, at any depth

    author: Mapped[User] = relationship(lazy="raise")
    essay: Mapped[Essay] = relationship(lazy="raise")
    paragraph: Mapped[Paragraph] = relationship(lazy="raise", overlaps="essay")

    @property
    def score(self) -> int:
        return self.ups - self.downs

    @property
    def is_visible(self) -> bool:
        return self.state == "visible"

    @property
    def ancestor_ids(self) -> list[int]:
        """Ids from the top-level reply down to the parent; empty for a top-level reply."""
        return ids_of(self.path)[:-1]


class ReplyEdit(Base):
    """What a reply said before an edit."""

    __tablename__ = "reply_edits"
    __table_args__ = (UniqueConstraint("reply_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"))
    number: Mapped[int]  # 0 for the words first posted
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(Moment)


def step(reply_id: int) -> str:
    """An id as it stands in a path."""
    return f"{reply_id:0{ID_WIDTH}x}"


def ids_of(path: str) -> list[int]:
    """The ids of a path, from the top-level reply down."""
    return [int(path[at : at + ID_WIDTH], 16) for at in range(0, len(path), ID_WIDTH)]
