"""What is cited in an essay's debate: by which reply, for which side, how it is spread, what readers found of it."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, TextClause, func, select, text
from sqlalchemy.orm import Session

from debate.models import Citing, Essay, Source
from debate.models.evidence import KINDS
from debate.padded import padded

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


class Citer(NamedTuple):
    """A reply that cites a source: its id, the side that it stands on, and its author's name."""

    id: int
    side: str
    author: str


@dataclass
class Cited:
    """A source with how often visible replies of an essay cite it, by the side they stand on, and the first of each."""

    source: Source
    citing: Citing
    url: str = ""  # as it was given first
    citers: list[Citer] = field(default_factory=list)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it, as it is now, from every other and from itself at other times."""
        source, citing = self.source, self.citing
        of_source = source.id, source.made_at, source.edits, source.unopened, source.dead_since
        return *of_source, citing.pro, citing.con, citing.confirmed, citing.denied, self.url, *self.citers


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
    ids = padded(found)
    named = {f"source{at}": source_id for at, source_id in enumerate(ids)}
    for source_id, url, *citer in session.execute(_first_of(len(ids)), {"essay": essay.id, **named}):
        entry = found[source_id]
        entry.url = entry.url or url
        if (by := Citer(*citer)) not in entry.citers:
            entry.citers.append(by)


@lru_cache(maxsize=8)
def _first_of(count: int) -> TextClause:
    """Made by hand and once: sixty questions in one take SQLAlchemy longer to put together than databases to answer."""
    first = " UNION ".join(
        f"SELECT * FROM (SELECT c.id FROM citations c JOIN replies r ON r.id = c.reply_id "  # noqa: S608
        f"WHERE c.source_id = :source{at} AND r.essay_id = :essay AND r.side = '{side}' AND r.state = 'visible' "
        f"ORDER BY c.id LIMIT {NAMED}) AS first_{side}_{at}"
        for at in range(count)
        for side in ("pro", "con")
    )
    return text(
        f"SELECT c.source_id, c.url, r.id, r.side, u.name FROM ({first}) AS f JOIN citations c ON c.id = f.id "  # noqa: S608
        "JOIN replies r ON r.id = c.reply_id JOIN users u ON u.id = r.author_id ORDER BY c.id"
    )
