"""The counts kept beside what they count, changed in the same transaction."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from debate.models import Essay, Reply
from debate.queries import counts
from debate.queries.counts import Difference
from debate.queries.ground import Ground
from debate.refusals import Missing


def visible(session: Session, ground: Ground, reply: Reply, by: int) -> None:
    """A reply became visible (`by` = 1) or ceased to be (−1): essay, paragraph and ancestors count again."""
    ground.essay.reply_count += by
    if by < 0:  # the time of the latest reply must not tell of one that is gone
        others = select(func.max(Reply.made_at)).where(
            Reply.essay_id == ground.essay.id, Reply.state == "visible", Reply.id != reply.id
        )
        ground.essay.debated_at = session.scalar(others) or ground.essay.made_at
    else:
        ground.essay.debated_at = max(ground.essay.debated_at, reply.made_at)
    paragraph = ground.paragraph
    if paragraph is None:
        raise Missing
    paragraph.reply_count += by
    if reply.parent_id is None:
        if reply.stance == "pro":
            paragraph.for_count += by
        else:
            paragraph.against_count += by
        return
    children = Reply.children_pro if reply.stance == "pro" else Reply.children_con
    session.execute(
        update(Reply)
        .where(Reply.id.in_(reply.ancestor_ids))
        .values(branch_count=Reply.branch_count + by)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Reply)
        .where(Reply.id == reply.parent_id)
        .values({children: children + by})
        .execution_options(synchronize_session=False)
    )


def mend(session: Session) -> list[Difference]:
    """Put right every kept number that differs from the rows; returns what differed.

    Holds all essays first, so that nothing is written under any of them meanwhile.
    """
    session.scalars(select(Essay.id).order_by(Essay.id).with_for_update(key_share=True)).all()
    found = counts.differences(session)
    for difference in found:
        session.execute(
            update(difference.kind)
            .where(difference.kind.id == difference.id)
            .values({difference.column: difference.counted})
            .execution_options(synchronize_session=False)
        )
    return found
