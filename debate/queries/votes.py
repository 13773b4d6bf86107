"""What a reader has voted."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from debate.models import User, Vote


def own(session: Session, person: User | None, reply_ids: Iterable[int]) -> dict[int, int]:
    """The reader's votes on these replies: reply id to 1 or −1; empty for a visitor."""
    ids = list(reply_ids)
    if person is None or not ids:
        return {}
    rows = session.execute(select(Vote.reply_id, Vote.value).where(Vote.user_id == person.id, Vote.reply_id.in_(ids)))
    return {reply_id: value for reply_id, value in rows}
