"""Essays and their text."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from debate.kept import Kept
from debate.models import Essay, Paragraph, Placement, Revision, Wording
from debate.text.notes import Notes


@dataclass(frozen=True)
class Passage:
    """A paragraph as a revision has it: `number` counts the debatable ones from 1 (None for the others)."""

    paragraph: Paragraph
    wording: Wording
    number: int | None

    @property
    def key(self) -> str:
        return self.paragraph.key


@dataclass
class Section:
    """A heading, and how many top-level replies for and against stand beneath it up to the next."""

    heading: Passage
    pro: int = 0
    con: int = 0


@dataclass(frozen=True)
class Text:
    """An essay with the passages of its shown revision."""

    essay: Essay
    passages: Sequence[Passage]
    words: int
    noted: tuple[list[str], list[str]]  # the HTML of each with its links numbered, and where they lead

    @property
    def key(self) -> tuple[object, ...]:
        """What tells this text from every other."""
        return _said_key(self.essay)

    @property
    def counts(self) -> tuple[tuple[int, int, int], ...]:
        """Of each debatable passage the top-level replies for and against, and all replies."""
        return tuple(
            (passage.paragraph.for_count, passage.paragraph.against_count, passage.paragraph.reply_count)
            for passage in self.passages
            if passage.number
        )

    @property
    def spread(self) -> dict[int, tuple[int, int]]:
        """The top-level replies for and against each debatable passage, by its paragraph's id."""
        open_ones = [passage.paragraph for passage in self.passages if passage.number]
        return {paragraph.id: (paragraph.for_count, paragraph.against_count) for paragraph in open_ones}

    @property
    def evidence(self) -> dict[int, tuple[int, int]]:
        """The citations for and against each debatable passage, by its paragraph's id."""
        open_ones = [passage.paragraph for passage in self.passages if passage.number]
        return {paragraph.id: (paragraph.cited_for, paragraph.cited_against) for paragraph in open_ones}

    def passage(self, key: str) -> Passage | None:
        return next((passage for passage in self.passages if passage.key == key), None)

    def neighbours(self, key: str) -> tuple[Passage | None, Passage | None]:
        """The debatable passages before and after one."""
        open_ones = [passage for passage in self.passages if passage.number]
        at = next((at for at, passage in enumerate(open_ones) if passage.key == key), None)
        if at is None:
            return None, None
        return (open_ones[at - 1] if at else None), (open_ones[at + 1] if at + 1 < len(open_ones) else None)

    def debated_beside(self, key: str) -> tuple[Passage | None, Passage | None]:
        """The nearest debated passages before and after one."""
        at = next((at for at, passage in enumerate(self.passages) if passage.key == key), None)
        if at is None:
            return None, None
        before, after = self.passages[:at], self.passages[at + 1 :]
        return _first_debated(reversed(before)), _first_debated(after)

    @property
    def sections(self) -> list["Section"]:
        """The headings, each with the top-level replies to the passages it stands over."""
        found: list[Section] = []
        for passage in self.passages:
            if passage.wording.kind == "heading":
                found.append(Section(passage))
            elif found:
                found[-1].pro += passage.paragraph.for_count
                found[-1].con += passage.paragraph.against_count
        return found

    @property
    def heat(self) -> dict[str, int]:
        """How much is said to each debated passage beside the others of this essay: its quartile, 0 to 3, by key."""
        counts = sorted(passage.paragraph.reply_count for passage in self.passages if passage.paragraph.reply_count)
        return {
            passage.key: 4 * bisect_left(counts, passage.paragraph.reply_count) // len(counts)
            for passage in self.passages
            if passage.paragraph.reply_count
        }

    @property
    def first_debated(self) -> Passage | None:
        return _first_debated(self.passages)


def _first_debated(passages: Iterable[Passage]) -> Passage | None:
    return next((passage for passage in passages if passage.paragraph.reply_count), None)


def listed(session: Session, words: str = "") -> Sequence[Essay]:
    """Published essays, newest debate first; `words` filters by title and author."""
    question = select(Essay).where(Essay.status == "published").order_by(Essay.debated_at.desc(), Essay.id.desc())
    if words:
        question = question.where(
            Essay.title.icontains(words, autoescape=True) | Essay.author_name.icontains(words, autoescape=True)
        )
    return session.scalars(question.limit(200)).all()


def liveliest(session: Session, essays: Sequence[Essay]) -> dict[int, Passage]:
    """By essay id the passage with most replies, of those debated; of equals the most even, then the first.

    One statement, however many the essays.
    """
    number = func.sum(case((Paragraph.debatable, 1), else_=0)).over(
        partition_by=Paragraph.essay_id, order_by=Placement.position
    )
    most = func.row_number().over(
        partition_by=Paragraph.essay_id,
        order_by=(
            Paragraph.reply_count.desc(),
            func.abs(Paragraph.for_count - Paragraph.against_count),
            Placement.position,
        ),
    )
    ranked = (
        select(Paragraph.id, Placement.wording_id, number.label("number"), most.label("most"))
        .join(Placement, Placement.paragraph_id == Paragraph.id)
        .join(Revision, Revision.id == Placement.revision_id)
        .join(Essay, (Essay.id == Revision.essay_id) & (Essay.revision == Revision.number))
        .where(Essay.id.in_([essay.id for essay in essays if essay.reply_count]))
        .subquery()
    )
    rows = session.execute(
        select(Paragraph, Wording, ranked.c.number)
        .join(ranked, ranked.c.id == Paragraph.id)
        .join(Wording, Wording.id == ranked.c.wording_id)
        .where(ranked.c.most == 1, Paragraph.reply_count > 0)
    )
    return {paragraph.essay_id: Passage(paragraph, wording, number) for paragraph, wording, number in rows}


def by_slug(session: Session, slug: str) -> Essay | None:
    """The published essay at this address."""
    return session.scalar(select(Essay).options(joinedload(Essay.owner)).where(Essay.slug == slug))


def text_of(session: Session, essay: Essay) -> Text:
    """The passages of the revision that is shown, in order. What they say never changes, so it is read once."""
    texts: Kept[_Said] = session.info["texts"]
    key = _said_key(essay)
    said = texts.get(key)
    if said is None:
        rows, said = _read(session, essay)
        texts.put(key, said)
    else:
        rows = session.scalars(select(Paragraph).where(Paragraph.essay_id == essay.id))
    by_id = {paragraph.id: paragraph for paragraph in rows}
    return Text(
        essay, [Passage(by_id[at], wording, number) for at, wording, number in said.passages], said.words, said.noted
    )


def _said_key(essay: Essay) -> tuple[object, ...]:
    return essay.id, essay.made_at, essay.revision


@dataclass(frozen=True)
class _Said:
    """What a revision says: paragraph ids, wordings and numbers, in order."""

    passages: Sequence[tuple[int, Wording, int | None]]
    words: int
    noted: tuple[list[str], list[str]]
    size: int

    def __len__(self) -> int:
        return self.size


def _read(session: Session, essay: Essay) -> tuple[Sequence[Paragraph], _Said]:
    rows = session.execute(
        select(Paragraph, Wording)
        .join(Placement, Placement.paragraph_id == Paragraph.id)
        .join(Wording, Wording.id == Placement.wording_id)
        .join(Revision, Revision.id == Placement.revision_id)
        .where(Revision.essay_id == essay.id, Revision.number == essay.revision)
        .order_by(Placement.position)
    ).all()
    passages: list[tuple[int, Wording, int | None]] = []
    number = 0
    for paragraph, wording in rows:
        number += paragraph.debatable
        passages.append((paragraph.id, wording, number if paragraph.debatable else None))
    size = sum(2 * (len(wording.source) + 2 * len(wording.html)) + 2000 for _, wording in rows)
    notes = Notes()
    noted = [notes.add(wording.html) for _, wording in rows]
    words = sum(len(wording.source.split()) for _, wording in rows)
    return [paragraph for paragraph, _ in rows], _Said(passages, words, (noted, notes.found), size)


def paragraph_at(session: Session, slug: str, key: str) -> Paragraph | None:
    """A paragraph by its address, with its essay."""
    return session.scalar(
        select(Paragraph)
        .join(Paragraph.essay)
        .options(joinedload(Paragraph.essay))
        .where(Essay.slug == slug, Paragraph.key == key)
    )


def number_of(session: Session, essay: Essay, paragraph: Paragraph) -> int:
    """Which debatable paragraph of the shown text it is, from 1; 0 if it is no longer in the text."""
    return next((number or 0 for at, _, number in _said(session, essay).passages if at == paragraph.id), 0)


def wording_of(session: Session, essay: Essay, paragraph: Paragraph) -> Wording | None:
    """The words of a paragraph in the revision that is shown."""
    return next((wording for at, wording, _ in _said(session, essay).passages if at == paragraph.id), None)


def _said(session: Session, essay: Essay) -> _Said:
    texts, key = session.info["texts"], _said_key(essay)
    return texts.get(key) or texts.put(key, _read(session, essay)[1])


def slugs_like(session: Session, slug: str) -> set[str]:
    """Addresses taken that begin with this one."""
    return set(session.scalars(select(Essay.slug).where(Essay.slug.startswith(slug, autoescape=True))))
