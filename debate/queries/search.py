"""What matches: paragraphs, replies and citations, the newest first; bounded by the index, whatever matches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextualSelect, bindparam, select, text
from sqlalchemy.orm import Session, contains_eager, joinedload

from debate.models import Citation, Essay, Find, Paragraph, Placement, Reply, Revision, User, Wording
from debate.models.essays import IS_PUBLIC
from debate.models.replies import IS_VISIBLE
from debate.text.terms import FEWEST_ALIKE, Query, sought, terms

KINDS = ("essays", "replies", "sources")
LONGEST = 5  # words of a text by which others like it are looked for
LOOKED_AT = 200
_FIRST_TERM = {"essays": "xwording", "replies": "xreply", "sources": "xcitation"}


@dataclass(frozen=True)
class Sought:
    """What is looked for, and where: by whom, on which side, in which essay; each may be left open."""

    query: Query
    writer: User | None = None
    side: str = ""
    essay: Essay | None = None

    def __bool__(self) -> bool:
        return bool(self.query or self.writer or self.side or self.essay)

    @property
    def about(self) -> list[str]:
        """The terms that say where."""
        found = [f"xby{self.writer.id}"] if self.writer else []
        found += [f"x{self.side}"] if self.side else []
        return found + ([f"xin{self.essay.id}"] if self.essay else [])


@dataclass(frozen=True)
class Match:
    """Something found: `id` is what to go on from; the words are those of `reply`, `citation` or `wording`."""

    id: int
    essay: Essay
    paragraph: Paragraph
    reply: Reply | None = None
    citation: Citation | None = None
    wording: Wording | None = None


def languages(session: Session) -> Sequence[str]:
    """The languages of the essays there are."""
    return session.scalars(select(Essay.language).distinct()).all()


def matches(
    session: Session, wanted: Sought, kind: str, within: Sequence[str], *, before: int | None = None, limit: int = 20
) -> list[Match]:
    """What matches, of one kind, the newest first; `within` are the languages that may be there, `before` is the id to
    go on from. What is hidden, held or withdrawn never does. One statement.
    """
    if not wanted or (kind == "essays" and (wanted.writer or wanted.side)):
        return []
    sqlite = session.get_bind().dialect.name == "sqlite"
    asked = _fts5(wanted, kind, within) if sqlite else _tsquery(wanted, kind, within)
    found = _index(sqlite).subquery()
    question = _MATCHES[kind]().join(found, found.c.id == Find.id)
    question = question.order_by(found.c.id.desc()).limit(limit)
    values = {"asked": asked, "before": before or 2**31 - 1}
    return [_match(kind, row) for row in session.execute(question, values)]


def similar(
    session: Session, essay: Essay, side: str, body: str, *, least: float = 0.25, limit: int = 3
) -> list[Reply]:
    """Visible replies of an essay (on a side, if one is named) that say much the same, the likest first.

    Likeness is how many words two texts share of all that are in either (Jaccard), at least `least`. Looked at are
    the newest that share one of the longest words, LOOKED_AT at most. Two statements.
    """
    wanted = set(terms(body, essay.language))
    longest = sorted(wanted, key=lambda term: (-len(term), term))[:LONGEST]
    if len(wanted) < FEWEST_ALIKE:
        return []
    about = ["xreply", f"xin{essay.id}", *([f"x{side}"] if side else [])]
    sqlite = session.get_bind().dialect.name == "sqlite"
    both, either = (" AND ", " OR ") if sqlite else (" & ", " | ")
    found = _index(sqlite).subquery()
    rows = session.execute(
        select(Find.reply_id, Find.terms).join(found, found.c.id == Find.id).order_by(Find.id.desc()).limit(LOOKED_AT),
        {"asked": both.join([*about, f"({either.join(longest)})"]), "before": 2**31 - 1},
    )
    alike: dict[int, float] = {}
    for reply_id, said in rows:
        others = {term for term in said.split() if term.startswith("w")}
        likeness = len(wanted & others) / len(wanted | others)
        if likeness >= least:
            alike[reply_id or 0] = likeness
    there = session.scalars(
        select(Reply).options(joinedload(Reply.author)).where(Reply.id.in_(alike), IS_VISIBLE)
    ).all()
    return sorted(there, key=lambda reply: (-alike[reply.id], reply.id))[:limit]


def _match(kind: str, row: Any) -> Match:
    if kind == "essays":
        number, wording, paragraph, essay = row
        return Match(number, essay, paragraph, wording=wording)
    if kind == "sources":
        number, citation, reply = row
        return Match(number, reply.essay, reply.paragraph, reply, citation)
    number, reply = row
    return Match(number, reply.essay, reply.paragraph, reply)


def _index(sqlite: bool) -> TextualSelect:
    sql = (
        "SELECT rowid AS id FROM finds_index WHERE finds_index MATCH :asked AND rowid < :before ORDER BY rowid DESC"
        if sqlite
        else "SELECT id FROM finds_index WHERE terms @@ to_tsquery('simple', :asked) AND id < :before ORDER BY id DESC"
    )
    return text(sql).bindparams(bindparam("asked"), bindparam("before")).columns(Find.id)


def _paragraphs() -> Any:
    return (
        select(Find.id, Wording, Paragraph, Essay)
        .join(Wording, Wording.id == Find.wording_id)
        .join(Placement, Placement.wording_id == Wording.id)
        .join(Revision, Revision.id == Placement.revision_id)
        .join(Essay, (Essay.id == Revision.essay_id) & (Essay.revision == Revision.number))
        .join(Paragraph, Paragraph.id == Placement.paragraph_id)
        .where(IS_PUBLIC)
    )


def _replies() -> Any:
    return (
        select(Find.id, Reply)
        .join(Reply, Reply.id == Find.reply_id)
        .join(Essay, Essay.id == Reply.essay_id)
        .options(joinedload(Reply.author), contains_eager(Reply.essay), joinedload(Reply.paragraph))
        .where(IS_VISIBLE, IS_PUBLIC)
    )


def _citations() -> Any:
    return (
        select(Find.id, Citation, Reply)
        .join(Citation, Citation.id == Find.citation_id)
        .join(Reply, Reply.id == Citation.reply_id)
        .join(Essay, Essay.id == Reply.essay_id)
        .options(joinedload(Reply.author), contains_eager(Reply.essay), joinedload(Reply.paragraph))
        .where(IS_VISIBLE, IS_PUBLIC)
    )


_MATCHES = {"essays": _paragraphs, "replies": _replies, "sources": _citations}


def _fts5(wanted: Sought, kind: str, within: Sequence[str]) -> str:
    """The query as FTS5 has it, of our own terms only: for each language its own."""
    about = " AND ".join([_FIRST_TERM[kind], *wanted.about])
    if not wanted.query:
        return about
    ways = []
    for language in within:
        words = [f"xlang{language}", *(f'"{" ".join(sought(phrase, language))}"' for phrase in wanted.query.wanted)]
        way = " AND ".join(words)
        for phrase in wanted.query.unwanted:
            way = f'({way}) NOT "{" ".join(sought(phrase, language))}"'
        ways.append(f"({way})")
    return f"{about} AND ({' OR '.join(ways or ['xnone'])})"


def _tsquery(wanted: Sought, kind: str, within: Sequence[str]) -> str:
    """The same for PostgreSQL's to_tsquery."""
    about = " & ".join([_FIRST_TERM[kind], *wanted.about])
    if not wanted.query:
        return about
    ways = []
    for language in within:
        words = [f"xlang{language}", *(f"({' <-> '.join(sought(phrase, language))})" for phrase in wanted.query.wanted)]
        words += [f"!({' <-> '.join(sought(phrase, language))})" for phrase in wanted.query.unwanted]
        ways.append(f"({' & '.join(words)})")
    return f"{about} & ({' | '.join(ways or ['xnone'])})"
