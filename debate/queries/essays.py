"""Essays: which there are, one by its address, one of its paragraphs."""

from collections.abc import Sequence

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, joinedload

from debate.models import Essay, Paragraph, Placement, Revision, User, Wording
from debate.models.essays import IS_PUBLIC
from debate.queries.texts import Passage

PAGE = 200


def listed(session: Session) -> Sequence[Essay]:
    """All essays for all to read, newest debate first."""
    return session.scalars(_listed()).all()


def found(session: Session, words: str, page: int) -> tuple[Sequence[Essay], bool]:
    """A page of them, and whether more follow; `words` filters by title and author."""
    question = _listed()
    if words:
        question = question.where(
            Essay.title.icontains(words, autoescape=True) | Essay.author_name.icontains(words, autoescape=True)
        )
    rows = session.scalars(question.limit(PAGE + 1).offset(PAGE * (page - 1))).all()
    return rows[:PAGE], len(rows) > PAGE


def _listed() -> Select[Essay]:
    return select(Essay).where(IS_PUBLIC).order_by(Essay.debated_at.desc(), Essay.id.desc())


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


def drafts_of(session: Session, person: User) -> Sequence[Essay]:
    """A person's own essays that are drafts or were unpublished, the newest first; a moderator's too those that have no
    owner."""
    own = Essay.owner_id == person.id
    question = select(Essay).where(
        own | Essay.owner_id.is_(None) if person.is_moderator else own, Essay.status.in_(("draft", "unpublished"))
    )
    return session.scalars(question.order_by(Essay.id.desc()).limit(200)).all()


def by_slug(session: Session, slug: str) -> Essay | None:
    """The essay at this address, whatever its state: who asks for a reader asks `rules.may_see_essay` too."""
    return session.scalar(select(Essay).options(joinedload(Essay.owner)).where(Essay.slug == slug))


def by_id(session: Session, essay_id: int) -> Essay | None:
    """An essay, whatever its state."""
    return session.get(Essay, essay_id, options=[joinedload(Essay.owner)])


def paragraph_at(session: Session, essay: Essay, key: str) -> Paragraph | None:
    """A paragraph of an essay by its key, in the text or no longer."""
    return session.scalar(
        select(Paragraph)
        .options(joinedload(Paragraph.essay))
        .where(Paragraph.essay_id == essay.id, Paragraph.key == key)
    )


def slugs_like(session: Session, slug: str) -> set[str]:
    """Addresses taken that begin with this one."""
    return set(session.scalars(select(Essay.slug).where(Essay.slug.startswith(slug, autoescape=True))))
