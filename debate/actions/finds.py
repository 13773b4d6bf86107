"""Making what is said findable, in the transaction that stores it."""

from collections.abc import Sequence

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from debate.models import Citation, Essay, Find, Paragraph, Reply, Source, Wording
from debate.text.terms import terms


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
    for find, made in session.execute(wordings.join(Paragraph, Paragraph.id == Wording.paragraph_id).where(of_it)):
        find.terms = said_of(essay, made.source, "xwording")
    replies = select(Find, Reply).join(Reply, Reply.id == Find.reply_id)
    for find, made in session.execute(replies.where(Reply.essay_id == essay.id)):
        find.terms = _of_reply(essay, made)
    for find, made, side, of in session.execute(
        select(Find, Citation, Reply.side, Source)
        .join(Citation, Citation.id == Find.citation_id)
        .join(Source, Source.id == Citation.source_id)
        .join(Reply, Reply.id == Citation.reply_id)
        .where(Reply.essay_id == essay.id)
    ):
        find.terms = _of_citation(essay, side, made, of)


def rebuild(session: Session) -> int:
    """Make everything findable anew, but what drafts say; returns how many things there are."""
    session.execute(delete(Find))
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO finds_index (finds_index) VALUES ('rebuild')"))
    essays = {essay.id: essay for essay in session.scalars(select(Essay))}
    for made, essay_id in session.execute(
        select(Wording, Paragraph.essay_id)
        .join(Paragraph, Paragraph.id == Wording.paragraph_id)
        .join(Essay, Essay.id == Paragraph.essay_id)
        .where(Essay.status != "draft")
    ):
        wording(session, essays[essay_id], made)
    for made in session.scalars(select(Reply)):
        session.add(Find(reply_id=made.id, terms=_of_reply(essays[made.essay_id], made)))
    for made, side, essay_id, of in session.execute(
        select(Citation, Reply.side, Reply.essay_id, Source)
        .join(Reply, Reply.id == Citation.reply_id)
        .join(Source, Source.id == Citation.source_id)
    ):
        citation(session, essays[essay_id], side, made, of)
    session.flush()
    return session.query(Find).count()


def _of_reply(essay: Essay, made: Reply) -> str:
    return said_of(essay, made.body, "xreply", f"x{made.side}", f"xby{made.author_id}")


def _of_citation(essay: Essay, side: str, made: Citation, source: Source) -> str:
    about = (source.title, source.authors, source.publisher)
    said = "\n".join((made.url, made.quote, made.locator, *about))
    return said_of(essay, said, "xcitation", f"x{side}", f"xby{made.by_id}")


def said_of(essay: Essay, said: str, *about: str) -> str:
    """What is stored of something said in an essay: what it is about (terms of our own), then its terms."""
    return " ".join([*about, f"xin{essay.id}", f"xlang{essay.language}", *terms(said, essay.language)])
