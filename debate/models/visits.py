"""Visits: up to where somebody has seen an essay's debate."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from debate.db import Base, Moment


class Visit(Base):
    """What a person has seen of an essay: replies up to the id `seen`, and `latest` when last there, at `at`.

    While a visit goes on only `latest` moves, so what was new at its start stays marked; the next one begins at it.
    """

    __tablename__ = "visits"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    essay_id: Mapped[int] = mapped_column(ForeignKey("essays.id"), primary_key=True)
    seen: Mapped[int]
    latest: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
