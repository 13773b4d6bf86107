"""An essay's debate as an outline: the best of each paragraph, or everything, in pages that bound even one of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import Boolean, ColumnElement, Select, TextualSelect, func, literal_column, select, text
from sqlalchemy.orm import Session, load_only

from debate.models import Essay, Reply, User
from debate.models.replies import DISPUTED, HEAD, IS_VISIBLE, ids_of
from debate.padded import padded
from debate.queries.levels import FIRST, ORDERS, SLIM, STANCES
from debate.queries.texts import Passage, Text
from debate.queries.threads import rank
from debate.ranking import shares_of

PAGE = 500  # lines on a page
COUNTED = 1000  # of a filter's matches, so many are counted
NEAR = 8  # of the replies above one that begins a page, so many are shown again
FILTERS = ("sources", "unsourced", "asked", "disputed", "unanswered", "no-con", "new")

_CONDITIONS = {
    "sources": Reply.citation_count > literal_column("0"),
    "unsourced": Reply.citation_count == literal_column("0"),
    "asked": Reply.ask_count > literal_column("0"),
    "disputed": literal_column(DISPUTED, Boolean),
    "unanswered": (Reply.children_pro == 0) & (Reply.children_con == 0),
    "no-con": Reply.children_con == 0,
}


@dataclass
class Line:
    """A reply in the outline; `again` if it only tells where the lines beneath it stand."""

    reply: Reply
    level: int = 1
    parent: Reply | None = None  # the reply above, if its line is there too
    again: bool = False


@dataclass
class Section:
    """A passage with its lines; `part` counts from 0 where a page holds only a part of them."""

    passage: Passage
    lines: list[Line] = field(default_factory=list)
    part: int | None = None


@dataclass
class Outline:
    """A page of the outline, counted from 1. `found` is how many replies match, of those counted."""

    sections: list[Section]
    page: int
    pages: int
    found: int | None = None


@dataclass(frozen=True)
class Wanted:
    """Which replies are asked for: all of `filters` hold; by `writer`; later than `seen`, where that is filtered by."""

    filters: tuple[str, ...] = ()
    writer: User | None = None
    seen: int = 0
    reader: User | None = None


def pages_of(counts: Sequence[int], size: int = PAGE) -> list[list[tuple[int, int | None]]]:
    """Passages, given by their numbers of lines, laid out in pages of at most `size`: lists of (index, part).

    Whole passages share a page, in order; one with more lines than a page has its pages alone, part by part.
    """
    pages: list[list[tuple[int, int | None]]] = [[]]
    room = size
    for at, count in enumerate(counts):
        if count > size:
            for part in range(-(-count // size)):
                pages.append([(at, part)])
            room = -1  # nothing shares the last of them
        elif count > room:
            pages.append([(at, None)])
            room = size - count
        else:
            pages[-1].append((at, None))
            room -= count
    return [page for page in pages if page] or [[]]


def best(text: Text, page: int) -> Outline:
    """Of each side of every paragraph the first few by votes: the sections, without their lines (see fill_best)."""
    return _laid_out(text.debates, [_best_count(passage) for passage in text.debates], page)[0]


def _best_count(passage: Passage) -> int:
    return min(FIRST, passage.paragraph.for_count) + min(FIRST, passage.paragraph.against_count)


def fill_best(session: Session, essay: Essay, sections: Sequence[Section]) -> None:
    """Read the lines of such sections. One statement, or none."""
    ids = [section.passage.paragraph.id for section in sections if _best_count(section.passage)]
    if ids:
        statement = _slim().from_statement(_best_of(len(found := padded(ids))))
        rows = session.scalars(
            statement, {"essay": essay.id} | {f"id{at}": found_id for at, found_id in enumerate(found)}
        )
        ranked = sorted(rows, key=lambda reply: (STANCES.index(reply.stance), rank("best", reply)))
        _sort_in(sections, (Line(reply) for reply in ranked))


@lru_cache(maxsize=20)
def _best_of(count: int) -> TextualSelect:
    """Of so many paragraphs."""
    order = ", ".join(f"r.{column} {way}" for column, way in ORDERS["best"])
    ids = ", ".join(f":id{at}" for at in range(count))
    found = " UNION ALL ".join(
        f"SELECT (SELECT r.id FROM replies r WHERE r.paragraph_id = p.id AND r.parent_id IS NULL "  # noqa: S608
        f"AND r.stance = '{stance}' AND r.stands = true AND r.state = 'visible' "
        f"ORDER BY r.parent_id, {order} LIMIT 1 OFFSET {at}) AS id "
        f"FROM paragraphs p WHERE p.essay_id = :essay AND p.id IN ({ids})"
        for stance in STANCES
        for at in range(FIRST)
    )
    slim = ", ".join(f"r.{column.key}" for column in SLIM)
    return text(f"SELECT {slim} FROM ({found}) f JOIN replies r ON r.id = f.id").columns(*SLIM)  # noqa: S608


def everything(session: Session, text: Text, depth: int | None, page: int) -> Outline:
    """All visible replies on the first `depth` levels (None: on all), for before against, the oldest first."""
    passages = text.debates
    outline, ids = _laid_out(passages, [p.paragraph.count_to(depth) for p in passages], page)
    if not ids:
        return outline
    question = _ids(text.essay).where(Reply.paragraph_id.in_(padded(ids)))
    if depth is not None:
        question = question.where(Reply.depth <= depth)
    question = question.order_by(Reply.paragraph_id, Reply.path_head, Reply.depth, Reply.id)
    part = outline.sections[0].part if outline.sections else None
    rows = _read(session, question.limit(PAGE)) if part is None else _part(session, question, part)
    _sort_in(outline.sections, _in_branches(session, sorted(rows, key=lambda reply: reply.path)))
    return outline


def _part(session: Session, question: Select[int], part: int) -> list[Reply]:
    """The lines of a part of one long passage."""
    sides = [question.where(is_of) for is_of in (Reply.path_head < "1", Reply.path_head >= "1")]  # see Reply
    pro, con = (session.scalar(select(func.count()).select_from(side.subquery())) or 0 for side in sides)
    shares = zip(sides, shares_of((pro, con), part, PAGE), strict=True)
    return [row for side, (begin, end) in shares for row in _read(session, side.limit(end - begin).offset(begin))]


def filtered(session: Session, text: Text, wanted: Wanted, page: int) -> Outline:
    """The visible replies that match, one line each, in the order of the text; `pages` is at least one past this one
    where there are more."""
    question = _ids(text.essay, by_writer=wanted.writer is not None).where(*_conditions(wanted))
    # Few are by one writer, and an index has them; the others are in an index in this order.
    columns = (Reply.id,) if wanted.writer else (Reply.paragraph_id, Reply.path_head, Reply.id)
    rows = _read(session, question.order_by(*columns).limit(PAGE + 1).offset(PAGE * (page - 1)))
    kept = sorted(rows, key=_by_id if wanted.writer else _by_place)[:PAGE]
    found = len(rows)
    if page > 1 or found > PAGE:
        found = session.scalar(select(func.count()).select_from(question.limit(COUNTED + 1).subquery())) or 0
    there = {reply.paragraph_id for reply in kept}
    sections = [Section(passage) for passage in text.debates if passage.paragraph.id in there]
    _sort_in(sections, (Line(reply) for reply in sorted(kept, key=lambda reply: reply.path)))
    pages = page + (len(rows) > PAGE) if found > COUNTED else max(1, -(-found // PAGE))
    return Outline(sections, page, pages, found)


def _by_id(reply: Reply) -> tuple[int, ...]:
    return (reply.id,)


def _by_place(reply: Reply) -> tuple[int, str, int]:
    return reply.paragraph_id, reply.path[:HEAD], reply.id


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_CONDITIONS[name] for name in wanted.filters if name in _CONDITIONS]
    if "new" in wanted.filters:
        found.append(Reply.id > wanted.seen)
        if wanted.reader is not None:
            found.append(Reply.author_id != wanted.reader.id)
    if wanted.writer is not None:
        found.append(Reply.author_id == wanted.writer.id)
    return found


def _laid_out(passages: Sequence[Passage], counts: Sequence[int], page: int) -> tuple[Outline, list[int]]:
    """The sections of a page, the nearest there is to the one asked for, and the ids of the paragraphs with lines."""
    pages = pages_of(counts)
    page = max(1, min(page, len(pages)))
    here = pages[page - 1]
    sections = [Section(passages[at], part=part) for at, part in here]
    return Outline(sections, page, len(pages)), [passages[at].paragraph.id for at, _ in here if counts[at]]


def _ids(essay: Essay, *, by_writer: bool = False) -> Select[int]:
    # One writer's are fewer than an essay's: the sum keeps databases from taking the index of the essay for that.
    of_essay = Reply.essay_id + literal_column("0") if by_writer else Reply.essay_id
    return select(Reply.id).where(of_essay == essay.id, IS_VISIBLE)


def _slim() -> Select[Reply]:
    return select(Reply).options(load_only(*SLIM))


def _read(session: Session, ids: Select[int]) -> Sequence[Reply]:
    found = ids.subquery()
    return session.scalars(_slim().join(found, found.c.id == Reply.id)).all()


def _in_branches(session: Session, replies: Sequence[Reply]) -> list[Line]:
    """Replies that are sorted by their paths as lines, what is above them first where it is not among them."""
    there = {reply.id for reply in replies}
    orphans = [reply for reply in replies if reply.parent_id and reply.parent_id not in there]
    above = _above(session, orphans, there)
    lines: dict[int, Line] = {}
    for reply in sorted([*replies, *above.values()], key=lambda reply: reply.path):
        parent = lines.get(reply.parent_id or 0)
        level, over = (parent.level + 1, parent.reply) if parent else (1, None)
        lines[reply.id] = Line(reply, level, over, again=reply.is_visible and reply.id in above)
    return list(lines.values())


def _above(session: Session, orphans: Sequence[Reply], there: set[int]) -> dict[int, Reply]:
    """The nearest replies above these that are not there, by id."""
    ids = {number for orphan in orphans for number in ids_of(orphan.path)[-NEAR - 1 : -1]} - there
    if not ids:
        return {}
    return {reply.id: reply for reply in session.scalars(_slim().where(Reply.id.in_(padded(ids))))}


def _sort_in(sections: Sequence[Section], lines: Iterable[Line]) -> None:
    by_paragraph = {section.passage.paragraph.id: section for section in sections}
    for line in lines:
        by_paragraph[line.reply.paragraph_id].lines.append(line)
