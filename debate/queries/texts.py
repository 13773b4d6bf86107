"""What an essay says: the passages of the revision that is shown, and those that are no longer in the text."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from debate.kept import Kept
from debate.models import Essay, Paragraph, Placement, Revision, Wording
from debate.text import markdown
from debate.text.notes import Notes


@dataclass(frozen=True)
class Passage:
    """A paragraph as a revision has it: `number` counts the debatable ones from 1 (None for the others).

    Of one that is no longer in the text these are its last words, and `until` is the last revision that has them.
    """

    paragraph: Paragraph
    wording: Wording
    number: int | None
    until: int = 0

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
    """An essay with the passages of its shown revision, and `gone`, those that earlier ones had, the latest first."""

    essay: Essay
    passages: Sequence[Passage]
    gone: Sequence[Passage]
    words: int
    noted: tuple[list[str], list[str]]  # the HTML of each with its links numbered, and where they lead

    @property
    def key(self) -> tuple[object, ...]:
        """What tells this text from every other."""
        return _key(self.essay)

    @property
    def counts(self) -> tuple[tuple[int, int, int], ...]:
        """Of each debatable passage the top-level replies for and against, and all replies."""
        return tuple(
            (passage.paragraph.for_count, passage.paragraph.against_count, passage.paragraph.reply_count)
            for passage in self.passages
            if passage.number
        )

    @property
    def cited(self) -> tuple[tuple[int, int], ...]:
        """Of each debatable passage the citations for and against."""
        return tuple(self.evidence.values())

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

    @property
    def numbers(self) -> dict[str, int]:
        """The numbers of the debatable passages by key."""
        return {passage.key: passage.number for passage in self.passages if passage.number}

    @property
    def gone_debated(self) -> list[Passage]:
        """Those no longer in the text under which something was said."""
        return [passage for passage in self.gone if passage.paragraph.reply_count]

    @property
    def debates(self) -> list[Passage]:
        """The passages open to debate, then those no longer in the text under which something was said."""
        return [passage for passage in self.passages if passage.number] + self.gone_debated

    def passage(self, key: str) -> Passage | None:
        """The passage with this key, in the text or no longer."""
        every = (*self.passages, *self.gone)
        return next((passage for passage in every if passage.key == key), None)

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


def of(session: Session, essay: Essay) -> Text:
    """The passages of the revision that is shown, in order. What they say never changes, so it is read once."""
    said = _said(session, essay)
    rows = session.scalars(select(Paragraph).where(Paragraph.essay_id == essay.id))
    by_id = {paragraph.id: paragraph for paragraph in rows}
    passages = [Passage(by_id[at], wording, number) for at, wording, number in said.passages]
    gone = [Passage(by_id[at], wording, None, until) for at, wording, until in said.gone]
    return Text(essay, passages, gone, said.words, said.noted)


def at_revision(session: Session, essay: Essay, number: int) -> list[Passage]:
    """The passages of any one revision, in order, with the numbers of its footnotes; empty where there is none of this
    number."""
    found: list[Passage] = []
    count = 0
    placed = [(paragraph, wording) for paragraph, wording in session.execute(_placed(essay, number))]
    _set_numbers(session, [wording for _, wording in placed], is_first=number == 1)
    for paragraph, wording in placed:
        count += paragraph.debatable
        found.append(Passage(paragraph, wording, count if paragraph.debatable else None))
    return found


def _set_numbers(session: Session, wordings: Sequence[Wording], *, is_first: bool) -> None:
    """Words that were said before hold the numbers that their footnotes had then."""
    for wording in wordings:
        # Never written back; it outlives this session, which forgets what it read if a write of it fails.
        session.expunge(wording)
    if not is_first:
        shown = markdown.numbered([(wording.source, wording.html) for wording in wordings])
        for wording, html in zip(wordings, shown, strict=True):
            wording.html = html


def number_of(session: Session, essay: Essay, paragraph: Paragraph) -> int:
    """Which debatable paragraph of the shown text it is, from 1; 0 if it is no longer in the text."""
    return next((number or 0 for at, _, number in _said(session, essay).passages if at == paragraph.id), 0)


def wording_of(session: Session, essay: Essay, paragraph: Paragraph) -> Wording | None:
    """The words of a paragraph in the revision that is shown, or the last ones that it had."""
    said = _said(session, essay)
    every = [(at, wording) for at, wording, _ in (*said.passages, *said.gone)]
    return next((wording for at, wording in every if at == paragraph.id), None)


@dataclass(frozen=True)
class Now:
    """What each paragraph of an essay says, the last words where it is no longer in the text; by the paragraph's id.

    `since` is the revision from which on it says that, of those that said something else before.
    """

    wording_ids: dict[int, int]
    since: dict[int, int]

    def __len__(self) -> int:
        return 200 * len(self.wording_ids)


def now(session: Session, essay: Essay) -> Now:
    """What is said in an essay now; without its words, which a vote has no time to read."""
    texts: Kept[Now] = session.info["texts"]
    key = ("now", *_key(essay))
    return texts.get(key) or texts.put(key, _now(session, essay))


def seen(session: Session, essay: Essay, paragraph_id: int, wording_id: int) -> int | None:
    """The wording that somebody had before them, as their form says (0: it does not), if the paragraph ever said that;
    otherwise what it says now; None where it is not of the essay."""
    present = now(session, essay).wording_ids.get(paragraph_id)
    if wording_id in (0, present):
        return present
    question = select(Wording.id).where(Wording.id == wording_id, Wording.paragraph_id == paragraph_id)
    return present and (session.scalar(question) or present)


def is_later(session: Session, essay: Essay, wording_id: int, than_id: int) -> bool:
    """Whether a paragraph said the one wording after it had last said the other; words may have returned meanwhile."""
    if wording_id == than_id:
        return False
    last = (
        select(Placement.wording_id, func.max(Revision.number))
        .join(Revision, Revision.id == Placement.revision_id)
        .where(Revision.number <= essay.revision, Placement.wording_id.in_((wording_id, than_id)))
        .group_by(Placement.wording_id)
    )
    until: dict[int, int] = {of: number for of, number in session.execute(last)}
    return until.get(wording_id, 0) > until.get(than_id, 0)


def _key(essay: Essay) -> tuple[object, ...]:
    # A draft is written over; what was published never is.
    return essay.id, essay.made_at, essay.revision, essay.version if essay.status == "draft" else 0


@dataclass(frozen=True)
class _Said:
    """What a revision says: paragraph ids, wordings and numbers, in order; and what was said in earlier ones."""

    passages: Sequence[tuple[int, Wording, int | None]]
    gone: Sequence[tuple[int, Wording, int]]
    words: int
    noted: tuple[list[str], list[str]]
    size: int

    def __len__(self) -> int:
        return self.size


def _said(session: Session, essay: Essay) -> _Said:
    texts: Kept[_Said] = session.info["texts"]
    return texts.get(_key(essay)) or texts.put(_key(essay), _read(session, essay))


def _read(session: Session, essay: Essay) -> _Said:
    passages = [(one.paragraph.id, one.wording, one.number) for one in at_revision(session, essay, essay.revision)]
    gone = _gone(session, essay) if essay.revision > 1 else []
    every = [wording for _, wording, _ in (*passages, *gone)]
    for _, wording, _ in gone:
        session.expunge(wording)
    notes = Notes()
    noted = [notes.add(wording.html) for _, wording, _ in passages]
    return _Said(
        passages,
        gone,
        sum(len(wording.source.split()) for _, wording, _ in passages),
        (noted, notes.found),
        sum(2 * (len(wording.source) + 2 * len(wording.html)) + 2000 for wording in every),
    )


def _now(session: Session, essay: Essay) -> Now:
    last = func.max(Revision.number)
    rows = session.execute(
        select(Placement.paragraph_id, Placement.wording_id, func.min(Revision.number), last)
        .join(Revision, Revision.id == Placement.revision_id)
        .where(Revision.essay_id == essay.id, Revision.number <= essay.revision)
        .group_by(Placement.paragraph_id, Placement.wording_id)
        .order_by(last)
    )
    found = Now({}, {})
    until: dict[int, int] = {}
    for paragraph_id, wording_id, first, number in rows:
        if paragraph_id in until:  # words that return are said from then on, not since they were first said
            found.since[paragraph_id] = max(first, until[paragraph_id] + 1)
        found.wording_ids[paragraph_id], until[paragraph_id] = wording_id, number
    return found


def _placed(essay: Essay, number: int) -> Select[Paragraph, Wording]:
    return (
        select(Paragraph, Wording)
        .join(Placement, Placement.paragraph_id == Paragraph.id)
        .join(Wording, Wording.id == Placement.wording_id)
        .join(Revision, Revision.id == Placement.revision_id)
        .where(Revision.essay_id == essay.id, Revision.number == number)
        .order_by(Placement.position)
    )


def _gone(session: Session, essay: Essay) -> list[tuple[int, Wording, int]]:
    """Paragraphs that the shown revision lacks, each with its last wording and the last revision that has it."""
    last = (
        select(Placement.paragraph_id, func.max(Revision.number).label("number"))
        .join(Revision, Revision.id == Placement.revision_id)
        .where(Revision.essay_id == essay.id, Revision.number <= essay.revision)
        .group_by(Placement.paragraph_id)
        .having(func.max(Revision.number) < essay.revision)
        .subquery()
    )
    rows = session.execute(
        select(last.c.paragraph_id, Wording, last.c.number)
        .join(Revision, (Revision.essay_id == essay.id) & (Revision.number == last.c.number))
        .join(Placement, (Placement.revision_id == Revision.id) & (Placement.paragraph_id == last.c.paragraph_id))
        .join(Wording, Wording.id == Placement.wording_id)
        .order_by(last.c.number.desc(), Placement.position)
    )
    return [(at, wording, number) for at, wording, number in rows]
