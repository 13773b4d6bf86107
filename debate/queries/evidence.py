"""What is cited in an essay's debate: by which reply, for which side, how it is spread, what readers found of it."""

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, func, select, union_all
from sqlalchemy.orm import Session, joinedload, load_only

from debate.models import Citation, Citing, Essay, Reply, Source
from debate.models.evidence import KINDS
from debate.models.replies import IS_VISIBLE

PAGE = 30  # sources on a page
NAMED = 3  # of the replies that cite one, so many of either side are named
MOST_TAKEN = 5_000  # sources that are taken out at once

SORTS = {
    "cited": (Citing.count.desc(),),
    "for": (Citing.pro.desc(), Citing.con),
    "against": (Citing.con.desc(), Citing.pro),
    "title": (Source.title == "", func.lower(Source.title), Source.canonical),
    "year": (Source.year.is_(None), Source.year.desc()),
    "new": (Source.id.desc(),),
}
SIDES = {
    "both": (Citing.pro > 0) & (Citing.con > 0),
    "pro": Citing.con == 0,
    "con": Citing.pro == 0,
}
STATES = {
    "dead": Source.dead_since.is_not(None),
    "denied": Citing.denied > 0,
    "confirmed": (Citing.confirmed > 0) & (Citing.denied == 0),
    "unchecked": (Citing.confirmed == 0) & (Citing.denied == 0),
}


@dataclass(frozen=True)
class Wanted:
    """Which sources are asked for, and in what order; empty is any. See SORTS, SIDES, STATES."""

    sort: str = "cited"
    kind: str = ""
    side: str = ""
    state: str = ""

    @property
    def is_any(self) -> bool:
        return not (self.kind or self.side or self.state)

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        found = [Source.kind == self.kind] if self.kind in KINDS else []
        found += [SIDES[self.side]] if self.side in SIDES else []
        return found + ([STATES[self.state]] if self.state in STATES else [])


@dataclass
class Cited:
    """A source with how often visible replies of an essay cite it, by the side they stand on, and the first of each."""

    source: Source
    citing: Citing
    url: str = ""  # as it was given first
    replies: list[Reply] = field(default_factory=list)


@dataclass(frozen=True)
class Totals:
    """How many sources an essay's debate cites, how often on each side, and how many of them on both."""

    sources: int = 0
    pro: int = 0
    con: int = 0
    both: int = 0


def cited_in(session: Session, essay: Essay, wanted: Wanted, page: int) -> tuple[list[Cited], bool]:
    """A page of the sources that visible replies of an essay cite, and whether more follow. Two statements."""
    question = _of(essay).where(*wanted.conditions).order_by(*SORTS[wanted.sort], Citing.source_id)
    rows = session.execute(question.limit(PAGE + 1).offset(PAGE * (page - 1))).all()
    found = {source.id: Cited(source, citing) for source, citing in rows[:PAGE]}
    if found:
        _name(session, essay, found)
    return list(found.values()), len(rows) > PAGE


def all_cited_in(session: Session, essay: Essay) -> list[Cited]:
    """Every source that visible replies of an essay cite (MOST_TAKEN at most), by title. One statement."""
    question = _of(essay).order_by(*SORTS["title"], Citing.source_id).limit(MOST_TAKEN)
    return [Cited(source, citing) for source, citing in session.execute(question)]


def totals(session: Session, essay: Essay) -> Totals:
    """One statement."""
    both = func.count().filter((Citing.pro > 0) & (Citing.con > 0))
    question = select(func.count(), func.sum(Citing.pro), func.sum(Citing.con), both)
    count, pro, con, shared = session.execute(question.where(Citing.essay_id == essay.id, Citing.count > 0)).one()
    return Totals(count, pro or 0, con or 0, shared)


def _of(essay: Essay) -> Select[Source, Citing]:
    return (
        select(Source, Citing)
        .join(Citing, Citing.source_id == Source.id)
        .where(Citing.essay_id == essay.id, Citing.count > 0)
    )


def _name(session: Session, essay: Essay, found: dict[int, Cited]) -> None:
    """Give each source the first replies of either side that cite it: looked up one by one, in one statement."""
    first = union_all(
        *(
            select(
                select(Citation.id)
                .join(Reply, Reply.id == Citation.reply_id)
                .where(Citation.source_id == source_id, Reply.essay_id == essay.id, Reply.side == side, IS_VISIBLE)
                .order_by(Citation.id)
                .limit(NAMED)
                .subquery()
            )
            for source_id in found
            for side in ("pro", "con")
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
