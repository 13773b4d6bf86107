"""Making what is said findable, in the transaction that stores it."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, delete, exists, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from debate.models import Citation, Essay, Find, Paragraph, Reply, Source, Wording
from debate.text.terms import terms

BATCH = 500  # things that are made findable between two statements


def wording(session: Session, essay: Essay, made: Wording) -> None:
    """What a paragraph says."""
    session.add(Find(wording_id=made.id, terms=said_of(essay, made.source, "xwording")))


def reply(session: Session, essay: Essay, made: Reply) -> None:
    """A reply that was posted, or has new words."""
    find = session.scalar(select(Find).where(Find.reply_id == made.id)) if made.edits else None
    said = _of_reply(essay, made)
    if find is None:
        session.add(Find(reply_id=made.id, terms=said))
    else:
        find.terms = said


def citation(session: Session, essay: Essay, side: str, made: Citation, source: Source) -> None:
    """A citation that has its id, by a reply that stands on a side."""
    session.add(Find(citation_id=made.id, terms=_of_citation(essay, side, made, source)))


def source(session: Session, source_ids: Sequence[int]) -> None:
    """Every citation of sources, which are described in other words or count as another now."""
    for find, made, side, essay, of in session.execute(
        select(Find, Citation, Reply.side, Essay, Source)
        .join(Citation, Citation.id == Find.citation_id)
        .join(Source, Source.id == Citation.source_id)
        .join(Reply, Reply.id == Citation.reply_id)
        .join(Essay, Essay.id == Reply.essay_id)
        .where(Citation.source_id.in_(source_ids))
    ):
        find.terms = _of_citation(essay, side, made, of)


def again(session: Session, essay: Essay) -> None:
    """Everything that was said in an essay, whose language is said to be another now."""
    wordings = select(Find, Wording).join(Wording, Wording.id == Find.wording_id)
    of_it = Paragraph.essay_id == essay.id
    joined = wordings.join(Paragraph, Paragraph.id == Wording.paragraph_id).where(of_it)
    for find, made in _in_batches(session, joined, Find.id):
        find.terms = said_of(essay, made.source, "xwording")
    replies = select(Find, Reply).join(Reply, Reply.id == Find.reply_id).where(Reply.essay_id == essay.id)
    for find, made in _in_batches(session, replies, Find.id):
        find.terms = _of_reply(essay, made)
    citations = (
        select(Find, Citation, Reply.side, Source)
        .join(Citation, Citation.id == Find.citation_id)
        .join(Source, Source.id == Citation.source_id)
        .join(Reply, Reply.id == Citation.reply_id)
        .where(Reply.essay_id == essay.id)
    )
    for find, made, side, of in _in_batches(session, citations, Find.id):
        find.terms = _of_citation(essay, side, made, of)


def rebuild(session: Session) -> int:
    """Make everything findable anew, but what drafts say; returns how many things there are."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '10min'"))
    session.execute(delete(Find))
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO finds_index (finds_index) VALUES ('rebuild')"))
    essays = {essay.id: essay for essay in session.scalars(select(Essay))}
    # What is said meanwhile is findable already.
    wordings = (
        select(Wording, Paragraph.essay_id)
        .join(Paragraph, Paragraph.id == Wording.paragraph_id)
        .join(Essay, Essay.id == Paragraph.essay_id)
        .where(Essay.status != "draft", ~exists().where(Find.wording_id == Wording.id))
    )
    for made, essay_id in _in_batches(session, wordings, Wording.id):
        wording(session, essays[essay_id], made)
    replies = select(Reply).where(~exists().where(Find.reply_id == Reply.id))
    for (made,) in _in_batches(session, replies, Reply.id):
        session.add(Find(reply_id=made.id, terms=_of_reply(essays[made.essay_id], made)))
    citations = (
        select(Citation, Reply.side, Reply.essay_id, Source)
        .join(Reply, Reply.id == Citation.reply_id)
        .join(Source, Source.id == Citation.source_id)
        .where(~exists().where(Find.citation_id == Citation.id))
    )
    for made, side, essay_id, of in _in_batches(session, citations, Citation.id):
        citation(session, essays[essay_id], side, made, of)
    return session.query(Find).count()


def _in_batches(session: Session, question: Select[*tuple[Any, ...]], key: InstrumentedAttribute[int]) -> Iterator[Any]:
    """The rows of a question, by key. What was made of some is stored before the next are read: PostgreSQL takes a
    session that is silent for long for one that is lost."""
    keys = session.scalars(question.with_only_columns(key).order_by(key)).all()
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        yield from session.execute(question.where(key.in_(some)).order_by(key)).all()
        session.flush()


def _of_reply(essay: Essay, made: Reply) -> str:
    return said_of(essay, made.body, "xreply", f"x{made.side}", f"xby{made.author_id}")


def _of_citation(essay: Essay, side: str, made: Citation, source: Source) -> str:
    about = (source.title, source.authors, source.publisher)
    said = "\n".join((made.url, made.quote, made.locator, *about))
    return said_of(essay, said, "xcitation", f"x{side}", f"xby{made.by_id}")


def said_of(essay: Essay, said: str, *about: str) -> str:
    """What is stored of something said in an essay: what it is about (terms of our own), then its terms."""
    return " ".join([*about, f"xin{essay.id}", f"xlang{essay.language}", *terms(said, essay.language)])
