"""What is cited, by which reply, for which side."""

from dataclasses import dataclass, field

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session, joinedload, load_only

from debate.models import Citation, Citing, Essay, Reply, Source
from debate.models.replies import IS_VISIBLE

PAGE = 30  # sources on a page
NAMED = 5  # of the replies that cite one, so many are named


@dataclass
class Cited:
    """A source with how often visible replies of an essay cite it, by the side they stand on, and the first of them."""

    source: Source
    pro: int
    con: int
    url: str = ""  # as it was given first
    replies: list[Reply] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.pro + self.con


def cited_in(session: Session, essay: Essay, page: int) -> tuple[list[Cited], bool]:
    """A page of the sources that visible replies of an essay cite, most cited first, and whether more follow."""
    rows = session.execute(
        select(Source, Citing.pro, Citing.con)
        .join(Citing, Citing.source_id == Source.id)
        .where(Citing.essay_id == essay.id, Citing.count > 0)
        .order_by(Citing.count.desc(), Citing.source_id)
        .limit(PAGE + 1)
        .offset(PAGE * (page - 1))
    ).all()
    found = {source.id: Cited(source, pro, con) for source, pro, con in rows[:PAGE]}
    if found:
        _name(session, essay, found)
    return list(found.values()), len(rows) > PAGE


def _name(session: Session, essay: Essay, found: dict[int, Cited]) -> None:
    """Give each source the first replies that cite it: looked up one source at a time, in one statement."""
    first = union_all(
        *(
            select(
                select(Citation.id)
                .join(Reply, Reply.id == Citation.reply_id)
                .where(Citation.source_id == source_id, Reply.essay_id == essay.id, IS_VISIBLE)
                .order_by(Citation.id)
                .limit(NAMED)
                .subquery()
            )
            for source_id in found
        )
    ).subquery()
    rows = session.execute(
        select(Citation, Reply)
        .join(first, first.c.id == Citation.id)
        .join(Reply, Reply.id == Citation.reply_id)
        .options(joinedload(Reply.author), load_only(Reply.id, Reply.side, Reply.author_id))
        .order_by(Citation.id)
    )
    for citation, reply in rows:
        entry = found[citation.source_id]
        entry.url = entry.url or citation.url
        if reply not in entry.replies:
            entry.replies.append(reply)
