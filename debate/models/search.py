"""What search finds: the terms of everything that is said, one row each."""

from typing import Any

from sqlalchemy import CheckConstraint, Connection, ForeignKey, Text, event, inspect, text
from sqlalchemy.orm import Mapped, mapped_column

from debate.db import Base


class Find(Base):
    """The terms (see debate/text/terms.py) of a wording, a reply or a citation; the database indexes them.

    They begin with what it is and where: its kind, its essay and language, for replies their side and writer too.
    """

    __tablename__ = "finds"
    __table_args__ = (
        CheckConstraint(
            "(wording_id IS NOT NULL AND reply_id IS NULL AND citation_id IS NULL)"
            " OR (wording_id IS NULL AND reply_id IS NOT NULL AND citation_id IS NULL)"
            " OR (wording_id IS NULL AND reply_id IS NULL AND citation_id IS NOT NULL)",
            name="one",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wording_id: Mapped[int | None] = mapped_column(ForeignKey("wordings.id"), unique=True)
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"), unique=True)
    citation_id: Mapped[int | None] = mapped_column(ForeignKey("citations.id"), unique=True)
    terms: Mapped[str] = mapped_column(Text)


# PostgreSQL keeps its index by a trigger. SQLite would too, but refuses that to schemas it is not told to trust.
_ADD = text("INSERT INTO finds_index (rowid, terms) VALUES (:id, :terms)")
_TAKE = text("INSERT INTO finds_index (finds_index, rowid, terms) VALUES ('delete', :id, :terms)")


@event.listens_for(Find, "after_insert")
def _index(_mapper: Any, connection: Connection, find: Find) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(_ADD, {"id": find.id, "terms": find.terms})


@event.listens_for(Find, "after_update")
def _index_again(_mapper: Any, connection: Connection, find: Find) -> None:
    before = inspect(find).attrs.terms.history.deleted
    if connection.dialect.name == "sqlite" and before:
        connection.execute(_TAKE, {"id": find.id, "terms": before[0]})
        connection.execute(_ADD, {"id": find.id, "terms": find.terms})
