"""Everything that is counted, counted again from the rows, beside what was kept."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from debate.models import Essay, Paragraph, Reply, Vote
from debate.ranking import disputed, wilson


@dataclass(frozen=True)
class Difference:
    """A kept number that is not what the rows say."""

    kind: type[Essay] | type[Paragraph] | type[Reply]
    id: int
    column: str
    kept: float
    counted: float

    def __str__(self) -> str:
        return f"{self.kind.__tablename__} {self.id} {self.column}: kept {self.kept}, counted {self.counted}"


def differences(session: Session) -> list[Difference]:
    """Kept counts and ranks that differ from the rows; should be empty."""
    replies = session.scalars(select(Reply)).all()
    votes = {
        (reply_id, value): count
        for reply_id, value, count in session.execute(
            select(Vote.reply_id, Vote.value, func.count()).group_by(Vote.reply_id, Vote.value)
        )
    }
    tally: Counter[tuple[str, int]] = Counter()
    for reply in replies:
        if reply.state == "visible":
            _count(tally, reply)
    found: list[Difference] = []
    for reply in replies:
        ups, downs = votes.get((reply.id, 1), 0), votes.get((reply.id, -1), 0)
        found += _compared(
            reply,
            ups=ups,
            downs=downs,
            best=wilson(ups, ups + downs),
            disputed=disputed(ups, downs),
            children_pro=tally["children_pro", reply.id],
            children_con=tally["children_con", reply.id],
            branch_count=tally["branch_count", reply.id],
        )
    for paragraph in session.scalars(select(Paragraph)):
        columns = ("for_count", "against_count", "reply_count")
        found += _compared(paragraph, **{name: tally[name, paragraph.id] for name in columns})
    for essay in session.scalars(select(Essay)):
        found += _compared(essay, reply_count=tally["essay", essay.id])
    return found


def _count(tally: Counter[tuple[str, int]], reply: Reply) -> None:
    tally["essay", reply.essay_id] += 1
    tally["reply_count", reply.paragraph_id] += 1
    if reply.parent_id is None:
        tally["for_count" if reply.stance == "pro" else "against_count", reply.paragraph_id] += 1
    else:
        tally[f"children_{reply.stance}", reply.parent_id] += 1
    for ancestor in reply.ancestor_ids:
        tally["branch_count", ancestor] += 1


def _compared(row: Essay | Paragraph | Reply, **counted: float) -> list[Difference]:
    return [
        Difference(type(row), row.id, name, getattr(row, name), number)
        for name, number in counted.items()
        if abs(getattr(row, name) - number) > 1e-9
    ]
