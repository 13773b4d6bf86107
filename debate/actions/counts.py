"""The counts kept beside what they count, changed in the same transaction."""

from collections.abc import Sequence

from sqlalchemy import case, literal, or_, select, update
from sqlalchemy.orm import Session

from debate.models import Citation, Citing, Essay, Paragraph, Reply, Writer
from debate.padded import padded
from debate.queries import counts
from debate.queries import ground as grounds
from debate.queries.counts import DEEPER, Difference
from debate.queries.ground import Ground
from debate.refusals import Missing


def visible(session: Session, ground: Ground, reply: Reply, by: int) -> None:
    """A reply became visible (`by` = 1) or ceased to be (−1): essay, paragraph, ancestors and writers count again."""
    if ground.paragraph is None:
        raise Missing
    if reply.parent_id is not None:
        _above(session, reply, by)  # first: it would write what the others have changed by then, and they once more
    _in_essay(session, ground.essay, reply, by)
    _in_paragraph(ground.paragraph, reply, by)
    if reply.citation_count:
        for citation in session.scalars(select(Citation).where(Citation.reply_id == reply.id)):
            citing(session, ground.paragraph, citation, reply.side, by)


def citing(session: Session, paragraph: Paragraph, citation: Citation, side: str, by: int) -> None:
    """A visible reply on a side of a paragraph cites a source (`by` = 1), or one that did is visible no more (−1)."""
    if side == "pro":
        paragraph.cited_for += by
    else:
        paragraph.cited_against += by
    kept = session.get(Citing, (paragraph.essay_id, citation.source_id))
    if kept is None:
        none = dict.fromkeys(counts.OF_CITINGS, 0)
        kept = Citing(essay_id=paragraph.essay_id, source_id=citation.source_id, **none)
        session.add(kept)
    setattr(kept, side, getattr(kept, side) + by)
    kept.count += by
    _judge(kept, citation.verdict, by)


def judged(session: Session, essay: Essay, citation: Citation, before: str) -> None:
    """What readers found of a citation by a visible reply is another thing than `before`."""
    kept = session.get_one(Citing, (essay.id, citation.source_id))
    _judge(kept, before, -1)
    _judge(kept, citation.verdict, 1)


def _judge(kept: Citing, verdict: str, by: int) -> None:
    if verdict:
        setattr(kept, verdict, getattr(kept, verdict) + by)


def recite(session: Session, source_ids: Sequence[int]) -> None:
    """Count the citings of sources anew, in every essay; all are held."""
    session.flush()
    counted = counts.citings(session, source_ids)
    there = {
        (kept.essay_id, kept.source_id): kept
        for kept in session.scalars(
            select(Citing).where(Citing.source_id.in_(source_ids)).execution_options(populate_existing=True)
        )
    }
    for key in counted.keys() | there.keys():
        kept = there.get(key) or Citing(essay_id=key[0], source_id=key[1])
        session.add(kept)
        for name in counts.OF_CITINGS:
            setattr(kept, name, counted.get(key, {}).get(name, 0))
    session.flush()


def _in_essay(session: Session, essay: Essay, reply: Reply, by: int) -> None:
    essay.reply_count += by
    if by < 0:  # the time of the latest reply must not tell of one that is gone
        latest = select(Reply.made_at).where(Reply.essay_id == essay.id, Reply.state == "visible", Reply.id != reply.id)
        essay.debated_at = session.scalar(latest.order_by(Reply.id.desc()).limit(1)) or essay.made_at
    else:
        essay.debated_at = max(essay.debated_at, reply.made_at)
        essay.newest_id = max(essay.newest_id, reply.id)
    with session.no_autoflush:
        writer = session.get(Writer, (essay.id, reply.author_id))
    if writer is None:
        writer = Writer(essay_id=essay.id, user_id=reply.author_id, reply_count=0)
        session.add(writer)
    before, writer.reply_count = writer.reply_count, writer.reply_count + by
    essay.writer_count += (writer.reply_count > 0) - (before > 0)


def _in_paragraph(paragraph: Paragraph, reply: Reply, by: int) -> None:
    paragraph.reply_count += by
    if reply.depth in DEEPER:
        name = DEEPER[reply.depth]
        setattr(paragraph, name, getattr(paragraph, name) + by)
    elif reply.depth == 1 and reply.stance == "pro":
        paragraph.for_count += by
    elif reply.depth == 1:
        paragraph.against_count += by


def _above(session: Session, reply: Reply, by: int) -> None:
    """The ancestors have one reply more or fewer beneath them, and the parent one more or fewer answers."""
    children = Reply.children_pro if reply.stance == "pro" else Reply.children_con
    session.execute(
        update(Reply)
        .where(Reply.id.in_(padded(reply.ancestor_ids)))
        .values(
            {
                Reply.branch_count: Reply.branch_count + by,
                Reply.stands: or_(Reply.state == "visible", Reply.branch_count + by > 0),
                children: children + case((Reply.id == reply.parent_id, by), else_=0),
            }
        )
        .execution_options(synchronize_session=False)
    )


def mend(session: Session) -> list[Difference]:
    """Put right every kept number that differs from the rows; returns what differed.

    Holds all essays first, so that nothing is written under any of them meanwhile.
    """
    session.scalars(select(Essay.id).order_by(Essay.id).with_for_update(key_share=True)).all()
    found = counts.differences(session)
    by_row: dict[tuple[type, tuple[int, ...]], dict[str, float]] = {}
    for difference in found:
        by_row.setdefault((difference.kind, difference.key), {})[difference.column] = difference.counted
    for (kind, key), values in by_row.items():
        if kind in (Writer, Citing) and session.get(kind, key) is None:
            names = [column.name for column in kind.__mapper__.primary_key]
            session.add(kind(**dict(zip(names, key, strict=True)), **values))
            continue
        if kind is Reply:  # a removed reply stands as long as something is beneath it
            beneath = literal(values["branch_count"]) if "branch_count" in values else Reply.branch_count
            values = values | {"stands": or_(Reply.state == "visible", beneath > 0)}
        session.execute(
            update(kind)
            .where(*(column == part for column, part in zip(kind.__mapper__.primary_key, key, strict=True)))
            .values(values)
            .execution_options(synchronize_session=False)
        )
    if found:
        grounds.touch_all(session)
    return found
