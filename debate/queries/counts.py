"""Everything that is counted, counted again from the rows, beside what was kept."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, load_only

from debate.models import Ask, Check, Citation, Citing, Essay, Paragraph, Reply, Source, Vote, Writer
from debate.models.evidence import ANSWERS, SIDES
from debate.ranking import disputed, wilson

DEEPER = {2: "second_count", 3: "third_count", 4: "fourth_count"}  # by depth, what a paragraph counts on its own
OF_CITINGS = ("pro", "con", "count", "confirmed", "denied")
Counted = Citation | Citing | Essay | Paragraph | Reply | Source | Writer


@dataclass(frozen=True)
class Difference:
    """A kept number that is not what the rows say; `key` is the row's primary key."""

    kind: type[Counted]
    key: tuple[int, ...]
    column: str
    kept: float
    counted: float

    def __str__(self) -> str:
        of = ", ".join(map(str, self.key))
        return f"{self.kind.__tablename__} {of} {self.column}: kept {self.kept}, counted {self.counted}"


def differences(session: Session) -> list[Difference]:
    """Kept counts and ranks that differ from the rows; should be empty."""
    replies = session.scalars(select(Reply).options(load_only(*_OF_REPLIES))).all()
    tally: Counter[tuple[object, ...]] = Counter()
    for reply in replies:
        if reply.state == "visible":
            _count(tally, reply)
        elif reply.state == "duplicate":
            tally["folded", reply.duplicate_of_id] += 1
    found = _of_replies(session, replies, tally)
    for paragraph in session.scalars(select(Paragraph)):
        columns = ("for_count", "against_count", "reply_count", "cited_for", "cited_against", *DEEPER.values())
        found += _compared(paragraph, (paragraph.id,), {name: tally[name, paragraph.id] for name in columns})
    writers = Counter(key[1] for key in tally if key[0] == "writer")
    newest = {reply.essay_id: reply.id for reply in sorted(replies, key=lambda reply: reply.id)}
    for essay in session.scalars(select(Essay)):
        counted = {
            "reply_count": tally["essay", essay.id],
            "writer_count": writers[essay.id],
            "newest_id": newest.get(essay.id, 0),
        }
        found += _compared(essay, (essay.id,), counted)
    return found + _of_writers(session, tally) + _of_citings(session) + _of_checks(session)


def _of_writers(session: Session, tally: Counter[tuple[object, ...]]) -> list[Difference]:
    kept = {(row.essay_id, row.user_id): row.reply_count for row in session.scalars(select(Writer))}
    counted: dict[Any, int] = {key[1:]: number for key, number in tally.items() if key[0] == "writer"}
    return [
        Difference(Writer, key, "reply_count", kept.get(key, 0), counted.get(key, 0))
        for key in sorted(kept.keys() | counted.keys())
        if kept.get(key, 0) != counted.get(key, 0)
    ]


def _of_citings(session: Session) -> list[Difference]:
    counted = citings(session)
    kept = {(row.essay_id, row.source_id): row for row in session.scalars(select(Citing))}
    found: list[Difference] = []
    for key in sorted(kept.keys() | counted.keys()):
        row, count = kept.get(key) or Citing(**dict.fromkeys(OF_CITINGS, 0)), counted.get(key, Counter())
        found += _compared(row, key, {name: count[name] for name in OF_CITINGS})
    return found


def citings(session: Session, source_ids: Sequence[int] | None = None) -> dict[tuple[int, int], Counter[str]]:
    """What OF_CITINGS should be, by (essay, source); of some sources, or of all."""
    question = (
        select(Reply.essay_id, Citation, Reply.side)
        .join(Reply, Reply.id == Citation.reply_id)
        .where(Reply.state == "visible")
    )
    if source_ids is not None:
        question = question.where(Citation.source_id.in_(source_ids))
    counted: dict[tuple[int, int], Counter[str]] = {}
    for essay_id, citation, side in session.execute(question):
        verdicts = [citation.verdict] if citation.verdict else []
        counted.setdefault((essay_id, citation.source_id), Counter()).update((side, "count", *verdicts))
    return counted


def tallied(*which: ColumnElement[bool]) -> Select[int, str, str, int]:
    """The question how many gave which answer from which side, about which citation."""
    return (
        select(Check.citation_id, Check.answer, Check.side, func.count())
        .where(Check.aside.is_(False), *which)
        .group_by(Check.citation_id, Check.answer, Check.side)
    )


def unopened() -> Select[Any]:
    """The question how many people could not open what a citation named."""
    return (
        select(func.count(Check.user_id.distinct()))
        .join(Citation, Citation.id == Check.citation_id)
        .where(Check.answer == "shut", Check.aside.is_(False))
    )


def _of_checks(session: Session) -> list[Difference]:
    tally = {(cited, answer, side): count for cited, answer, side, count in session.execute(tallied())}
    by_source = unopened().with_only_columns(Citation.given_id, func.count(Check.user_id.distinct()))
    shut = {given: count for given, count in session.execute(by_source.group_by(Citation.given_id))}
    sources = {source.id: source for source in session.scalars(select(Source))}
    found: list[Difference] = []
    for source in sources.values():
        found += _compared(source, (source.id,), {"unopened": shut.get(source.id, 0)})
    for citation in session.scalars(select(Citation)):
        counted = {
            f"{answer}_{side}": tally.get((citation.id, answer, side), 0) for answer in ANSWERS for side in SIDES
        }
        head = sources[citation.given_id]
        while head.merged_into_id is not None:
            head = sources[head.merged_into_id]
        found += _compared(citation, (citation.id,), counted | {"source_id": head.id})
    return found


_OF_REPLIES = (
    Reply.essay_id, Reply.paragraph_id, Reply.parent_id, Reply.author_id, Reply.stance, Reply.side, Reply.depth,
    Reply.path,
    Reply.state, Reply.ups, Reply.downs, Reply.best, Reply.disputed, Reply.children_pro, Reply.children_con,
    Reply.branch_count, Reply.citation_count, Reply.ask_count, Reply.duplicate_of_id, Reply.duplicate_count,
)  # fmt: skip


def _of_replies(session: Session, replies: Iterable[Reply], tally: Counter[tuple[object, ...]]) -> list[Difference]:
    votes = {
        (reply_id, value): count
        for reply_id, value, count in session.execute(
            select(Vote.reply_id, Vote.value, func.count()).group_by(Vote.reply_id, Vote.value)
        )
    }
    cited = {
        reply_id: count
        for reply_id, count in session.execute(select(Citation.reply_id, func.count()).group_by(Citation.reply_id))
    }
    asked = {
        reply_id: count
        for reply_id, count in session.execute(
            select(Ask.reply_id, func.count())
            .where(Ask.answered_at.is_(None), Ask.aside.is_(False))
            .group_by(Ask.reply_id)
        )
    }
    found: list[Difference] = []
    for reply in replies:
        ups, downs = votes.get((reply.id, 1), 0), votes.get((reply.id, -1), 0)
        counted: dict[str, float | int] = {
            "ups": float(ups),
            "downs": float(downs),
            "best": wilson(ups, ups + downs),
            "disputed": disputed(ups, downs),
            "citation_count": cited.get(reply.id, 0),
            "ask_count": asked.get(reply.id, 0),
            "duplicate_count": tally["folded", reply.id],
        } | {name: tally[name, reply.id] for name in ("children_pro", "children_con", "branch_count")}
        found += _compared(reply, (reply.id,), counted)
    return found


def _count(tally: Counter[tuple[object, ...]], reply: Reply) -> None:
    tally["essay", reply.essay_id] += 1
    tally["writer", reply.essay_id, reply.author_id] += 1
    tally["reply_count", reply.paragraph_id] += 1
    tally["cited_for" if reply.side == "pro" else "cited_against", reply.paragraph_id] += reply.citation_count
    if reply.depth in DEEPER:
        tally[DEEPER[reply.depth], reply.paragraph_id] += 1
    if reply.parent_id is None:
        tally["for_count" if reply.stance == "pro" else "against_count", reply.paragraph_id] += 1
    else:
        tally[f"children_{reply.stance}", reply.parent_id] += 1
    for ancestor in reply.ancestor_ids:
        tally["branch_count", ancestor] += 1


def _compared(row: Counted, key: tuple[int, ...], counted: Mapping[str, float]) -> list[Difference]:
    return [
        Difference(type(row), key, name, getattr(row, name), number)
        for name, number in counted.items()
        if abs(getattr(row, name) - number) > 1e-9
    ]
