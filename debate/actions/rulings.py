"""Writing down what a moderator did."""

from datetime import datetime

from sqlalchemy.orm import Session

from debate.models import Ruling
from debate.queries.ground import Ground


def record(
    session: Session,
    ground: Ground,
    act: str,
    *,
    paragraph_id: int | None = None,
    reply_id: int | None = None,
    reason: str = "",
    note: str = "",
    until: datetime | None = None,
    votes: bool = False,
) -> None:
    """Add a ruling by the ground's actor at the ground's time; see models.Ruling for the rest."""
    session.add(
        Ruling(
            act=act,
            by_id=ground.actor.id,
            made_at=ground.now,
            essay_id=ground.essay.id,
            paragraph_id=paragraph_id,
            reply_id=reply_id,
            reason=reason,
            note=note,
            until=until,
            votes=votes,
        )
    )
