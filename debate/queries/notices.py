"""What a person should hear of."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from debate.models import Essay, Notice, Reply, Revision, User
from debate.models.essays import IS_PUBLIC
from debate.models.replies import IS_VISIBLE
from debate.queries import rulings

PAGE = 100
# What was removed meanwhile, and essays that are not for all to read any more, are not spoken of.
IS_TOLD = (Notice.kind == "ruling") | (IS_PUBLIC & ((Notice.kind == "reworded") | IS_VISIBLE))


def of(session: Session, person: User, before: int | None = None) -> tuple[Sequence[Notice], bool]:
    """Answers to a person and rulings on them, newest first, with what they are about, and whether more follow; removed
    answers are left out. `before` is the id to go on from.
    """
    reply, ruling = joinedload(Notice.reply), joinedload(Notice.ruling)
    question = (
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
        .limit(PAGE + 1)
    )
    if before is not None:
        question = question.where(Notice.id < before)
    rows = session.scalars(question).all()
    return rows[:PAGE], len(rows) > PAGE
