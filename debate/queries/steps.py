"""Which second steps does an account ask for?"""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from debate.models import RecoveryCode, Step


def of(session: Session, user_id: int) -> Sequence[Step]:
    """An account's second steps, oldest first; none: its password is enough."""
    return session.scalars(select(Step).where(Step.user_id == user_id).order_by(Step.id)).all()


def codes_left(session: Session, user_id: int) -> int:
    """How many recovery codes an account has not used."""
    return session.scalar(select(func.count()).where(RecoveryCode.user_id == user_id)) or 0
