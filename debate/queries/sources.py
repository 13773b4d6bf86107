"""One source: what it is counted as, who cites it, what was said of it and when; whom it may be shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from debate.models import Check, Citation, Citing, Essay, Reply, Source, SourceEdit, User
from debate.models.essays import IS_PUBLIC
from debate.models.replies import IS_VISIBLE
from debate.ranking import shares_of
from debate.text import identifiers
from debate.text.identifiers import Thing

PAGE = 30  # citations on a page
EDITS = 100


@dataclass(frozen=True)
class Used:
    """How often visible replies cite a source, by the side that they stand on."""

    pro: int = 0
    con: int = 0

    @property
    def count(self) -> int:
        return self.pro + self.con


def by_id(session: Session, source_id: int) -> Source | None:
    return session.get(Source, source_id)


def of(thing: Thing) -> Select[Source]:
    """The question for the one row of a thing."""
    return select(Source).where(Source.scheme == thing.scheme, Source.digest == identifiers.digest(thing.canonical))


def head(session: Session, source: Source) -> Source:
    """What a source counts as: itself, or what it was merged into."""
    while source.merged_into_id is not None:
        source = session.get_one(Source, source.merged_into_id)
    return source


def known(session: Session, thing: Thing) -> Source | None:
    """The source that a thing counts as; None if nobody cited it yet."""
    found = session.scalar(of(thing))
    return head(session, found) if found is not None else None


@dataclass(frozen=True)
class Looked:
    """A thing that somebody means, the source that it counts as (none: cited by nobody), and how that is used."""

    thing: Thing
    source: Source | None
    used: Used


def looked_up(session: Session, thing: Thing) -> Looked:
    """Whether a thing is cited already. What only removed or held replies cite is as if it were not."""
    source = known(session, thing)
    found = used(session, source) if source is not None else Used()
    return Looked(thing, source if found.count else None, found)


def used(session: Session, source: Source) -> Used:
    """How visible replies cite it, in essays for all to read; all zeros if only removed or held ones do, and then
    nobody else may know of it."""
    sums = select(func.sum(Citing.pro), func.sum(Citing.con)).join(Essay, Essay.id == Citing.essay_id)
    sums = sums.where(Citing.source_id == source.id, IS_PUBLIC)
    pro, con = session.execute(sums).one()
    return Used(pro or 0, con or 0)


def citations(session: Session, source: Source, used: Used, page: int) -> tuple[Sequence[Citation], bool]:
    """A page of the citations of a source by visible replies, with those, for before against, the oldest first; whether
    more follow. Half of it is for either side, as long as either has any.
    """
    question = (
        _in_place()
        .join(Reply, Reply.id == Citation.reply_id)
        .join(Essay, Essay.id == Reply.essay_id)
        .where(Citation.source_id == source.id, IS_VISIBLE, IS_PUBLIC)
        .order_by(Citation.id)
    )
    found: list[Citation] = []
    for side, (begin, end) in zip(("pro", "con"), shares_of((used.pro, used.con), page - 1, PAGE), strict=True):
        found += session.scalars(question.where(Reply.side == side).limit(end - begin).offset(begin))
    return found, used.count > PAGE * page


def merged(session: Session, source: Source, *, every: bool) -> Sequence[Source]:
    """What was merged into a source itself, the first first; unless `every`, what is named where all may read it."""
    question = select(Source).where(Source.merged_into_id == source.id)
    if not every:
        named = select(Citation.id).join(Reply, Reply.id == Citation.reply_id).join(Essay, Essay.id == Reply.essay_id)
        question = question.where(named.where(Citation.given_id == Source.id, IS_VISIBLE, IS_PUBLIC).exists())
    return session.scalars(question.order_by(Source.id)).all()


def edits(session: Session, source: Source) -> Sequence[SourceEdit]:
    """What was said of a source, the newest first."""
    return session.scalars(
        select(SourceEdit)
        .options(joinedload(SourceEdit.by).load_only(User.id, User.name, User.deleted_at))
        .where(SourceEdit.source_id == source.id)
        .order_by(SourceEdit.number.desc())
        .limit(EDITS)
    ).all()


def citation(session: Session, citation_id: int) -> Citation | None:
    """A citation with its reply, source, and who linked it."""
    return session.scalar(_in_place().options(joinedload(Citation.source)).where(Citation.id == citation_id))


def _in_place() -> Select[Citation]:
    """Citations with their replies, where these stand, who linked them and what they named."""
    return select(Citation).options(
        joinedload(Citation.reply).options(
            joinedload(Reply.author), joinedload(Reply.essay), joinedload(Reply.paragraph)
        ),
        joinedload(Citation.by).load_only(User.id, User.name, User.deleted_at),
        joinedload(Citation.given),
    )


def answer(session: Session, person: User | None, citation: Citation) -> Check | None:
    """What a reader answered about a citation."""
    return session.get(Check, (person.id, citation.id)) if person is not None else None
