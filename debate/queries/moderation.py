"""Rulings: the public log, and what was ruled on a reply."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from debate.models import Ruling

PAGE = 100


def log(session: Session, before: int | None = None) -> Sequence[Ruling]:
    """The newest rulings, or those before one id."""
    question = (
        select(Ruling)
        .options(joinedload(Ruling.by), joinedload(Ruling.user), joinedload(Ruling.essay), joinedload(Ruling.paragraph))
        .order_by(Ruling.id.desc())
        .limit(PAGE)
    )
    if before is not None:
        question = question.where(Ruling.id < before)
    return session.scalars(question).all()


def hidings(session: Session, reply_ids: Sequence[int]) -> dict[int, Ruling]:
    """For hidden replies the last ruling that hid each, by reply id."""
    if not reply_ids:
        return {}
    rows = session.scalars(
        select(Ruling)
        .options(joinedload(Ruling.by))
        .where(Ruling.reply_id.in_(reply_ids), Ruling.act == "hide")
        .order_by(Ruling.id)
    )
    return {ruling.reply_id: ruling for ruling in rows if ruling.reply_id is not None}
