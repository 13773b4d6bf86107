"""What a person should hear of."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from debate.models import Notice, Reply, User

LIMIT = 100


def of(session: Session, person: User) -> Sequence[Notice]:
    """Answers to a person, newest first, with the answer, its writer and its essay; removed answers are left out."""
    return session.scalars(
        select(Notice)
        .join(Notice.reply)
        .options(
            contains_eager(Notice.reply).options(
                joinedload(Reply.author), joinedload(Reply.essay), joinedload(Reply.paragraph)
            )
        )
        .where(Notice.user_id == person.id, Reply.state == "visible")
        .order_by(Notice.id.desc())
        .limit(LIMIT)
    ).all()
