"""What a person should hear of."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from debate.models import Essay, Notice, Reply, Revision, User
from debate.models.essays import IS_PUBLIC
from debate.models.replies import IS_VISIBLE
from debate.queries import rulings

LIMIT = 100
# What was removed meanwhile, and essays that are not for all to read any more, are not spoken of.
IS_TOLD = (Notice.kind == "ruling") | (IS_PUBLIC & ((Notice.kind == "reworded") | IS_VISIBLE))


def of(session: Session, person: User) -> Sequence[Notice]:
    """Answers to a person and rulings on them, newest first, with what they are about; removed answers are left out."""
    reply, ruling = joinedload(Notice.reply), joinedload(Notice.ruling)
    return session.scalars(
        select(Notice)
        .outerjoin(Notice.reply)
        .outerjoin(Notice.revision)
        .outerjoin(Essay, Essay.id == func.coalesce(Reply.essay_id, Revision.essay_id))
        .options(
            reply.options(joinedload(Reply.author), joinedload(Reply.essay), joinedload(Reply.paragraph)),
            ruling.options(*rulings.named()),
            joinedload(Notice.revision).options(joinedload(Revision.essay), joinedload(Revision.by)),
        )
        .where(Notice.user_id == person.id, IS_TOLD)
        .order_by(Notice.id.desc())
        .limit(LIMIT)
    ).all()
