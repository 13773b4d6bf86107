"""Replies: the tree of pro and con under a paragraph."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate.db import Base, Moment
from debate.models.essays import Essay, Paragraph
from debate.models.users import User
from debate.ranking import LOTS

STEP = 9  # characters that a reply takes in a path: its stance, and eight hexadecimal digits of its id
HEAD = 50 * STEP  # as much of a path as an index holds

STATES = ("visible", "held", "hidden", "duplicate", "withdrawn", "erased")
_VISIBLE = "state = 'visible'"
_FOLDED = text("duplicate_of_id IS NOT NULL")
DISPUTED = "(ups >= 2 AND downs >= 2 OR children_pro >= 2 AND children_con >= 2)"


def _outline(name: str, condition: str, *columns: str) -> Index:
    """Serves an essay's replies from the first to the last as its tree lists them: those that meet a condition."""
    where = text(condition)
    return Index(
        f"ix_replies_{name}",
        "essay_id",
        "paragraph_id",
        "path_head",
        *columns,
        sqlite_where=where,
        postgresql_where=where,
    )


class Reply(Base):
    """One contribution, pro or con toward its parent: the paragraph (no `parent_id`) or another reply.

    `path` is a step for each reply from the top-level one down to this: 0 for pro or 1 for con, then the id as 8
    hexadecimal digits. So a branch sorts together, for before against and old before new, and the ancestors are read
    off it. At depth 1,000 it is longer than PostgreSQL can index; `path_head`, its beginning, is not.
    """

    __tablename__ = "replies"
    __table_args__ = (
        CheckConstraint("stance IN ('pro', 'con')", name="stance"),
        CheckConstraint("side IN ('pro', 'con')", name="side"),
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        CheckConstraint("(parent_id IS NULL) = (depth = 1)", name="depth"),
        CheckConstraint("ups >= 0 AND downs >= 0 AND children_pro >= 0 AND children_con >= 0", name="counts"),
        UniqueConstraint("id", "paragraph_id"),
        # A parent is in the same paragraph, and a paragraph's essay is this essay, by the database's word.
        ForeignKeyConstraint(["parent_id", "paragraph_id"], ["replies.id", "replies.paragraph_id"]),
        ForeignKeyConstraint(["paragraph_id", "essay_id"], ["paragraphs.id", "paragraphs.essay_id"]),
        UniqueConstraint("author_id", "once"),
        CheckConstraint("stands = (state = 'visible' OR branch_count > 0)", name="stands"),
        CheckConstraint("(state = 'duplicate') = (duplicate_of_id IS NOT NULL)", name="duplicate"),
        Index("ix_replies_author_id_id", "author_id", "id"),
        Index("ix_replies_alike", "alike", "id"),
        Index("ix_replies_duplicate_of_id", "duplicate_of_id", sqlite_where=_FOLDED, postgresql_where=_FOLDED),
        Index("ix_replies_essay_id_id", "essay_id", "id"),
        _outline("outline", _VISIBLE, "depth", "id"),
        _outline("sourced", f"{_VISIBLE} AND citation_count > 0", "id"),
        _outline("split", f"{_VISIBLE} AND {DISPUTED}", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    essay_id: Mapped[int] = mapped_column(ForeignKey("essays.id"))
    paragraph_id: Mapped[int]
    parent_id: Mapped[int | None]
    wording_id: Mapped[int] = mapped_column(ForeignKey("wordings.id"))  # the words it answers, see Confirmation
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    stance: Mapped[str] = mapped_column(String(3))  # toward the parent
    side: Mapped[str] = mapped_column(String(3))  # toward the paragraph: the product of the stances on the path
    depth: Mapped[int]  # 1 for a top-level reply
    path: Mapped[str] = mapped_column(Text)
    path_head: Mapped[str] = mapped_column(String(HEAD))  # its first fifty steps
    lot: Mapped[int] = mapped_column(default=lambda: secrets.randbelow(LOTS))  # by which it is drawn for readers
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
    citation_count: Mapped[int] = mapped_column(default=0)
    ask_count: Mapped[int] = mapped_column(default=0)  # readers who wait for a source
    evidence_version: Mapped[int] = mapped_column(
        default=0
    )  # rises whenever its citations, or what is said of them, change
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"))  # what a moderator folded it under
    duplicate_count: Mapped[int] = mapped_column(default=0)  # replies folded under this one
    alike: Mapped[str] = mapped_column(String(32), default="")  # digest of its words, whatever their order and marks
    stands: Mapped[bool] = mapped_column(default=True)  # has a place on pages: visible, or something visible beneath

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


class Confirmation(Base):
    """Until then a reply answered an earlier wording of its paragraph; since then its writer stands by it or has edited
    it.
    """

    __tablename__ = "confirmations"

    id: Mapped[int] = mapped_column(primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"), index=True)
    wording_id: Mapped[int] = mapped_column(ForeignKey("wordings.id"))  # the words it answered until then
    made_at: Mapped[datetime] = mapped_column(Moment)


# Not bound to a value: the indexes are for this very one.
IS_VISIBLE = Reply.state == literal_column("'visible'")


def _order(name: str, *columns: Any) -> None:
    """Serves the first of one side under any parent, in an order."""
    Index(f"ix_replies_{name}", Reply.paragraph_id, Reply.parent_id, Reply.stance, Reply.stands, *columns)


_order("best", Reply.best.desc(), Reply.downs, Reply.made_at.desc(), Reply.id.desc())
_order("time", Reply.made_at, Reply.id)
_order("disputed", Reply.disputed.desc(), Reply.best.desc(), Reply.made_at.desc(), Reply.id.desc())
_order("lot", Reply.lot)


@event.listens_for(Reply, "before_insert")
@event.listens_for(Reply, "before_update")
def _keep_standing(_mapper: Any, _connection: Any, reply: Reply) -> None:
    reply.stands = reply.state in (None, "visible") or (reply.branch_count or 0) > 0
    reply.path_head = reply.path[:HEAD]


def step(reply_id: int, stance: str) -> str:
    """A reply as it stands in a path."""
    return f"{0 if stance == 'pro' else 1}{reply_id:08x}"


def ids_of(path: str) -> list[int]:
    """The ids of a path, from the top-level reply down."""
    return [int(path[at + 1 : at + STEP], 16) for at in range(0, len(path), STEP)]
