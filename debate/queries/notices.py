"""What a person should hear of."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from debate.models import Notice, Reply, User
from debate.queries import rulings

LIMIT = 100


def of(session: Session, person: User) -> Sequence[Notice]:
    """Answers to a person and rulings on them, newest first, with what they are about; removed answers are left out."""
    reply, ruling = joinedload(Notice.reply), joinedload(Notice.ruling)
    return session.scalars(
        select(Notice)
        .outerjoin(Notice.reply)
        .options(
            reply.options(joinedload(Reply.author), joinedload(Reply.essay), joinedload(Reply.paragraph)),
            ruling.options(*rulings.named()),
        )
        .where(Notice.user_id == person.id, (Notice.kind == "ruling") | (Reply.state == "visible"))
        .order_by(Notice.id.desc())
        .limit(LIMIT)
    ).all()
