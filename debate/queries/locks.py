"""Which locks are on, and what each closes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from debate.models import Essay, Lock, Reply, User
from debate.models.essays import IS_PUBLIC
from debate.models.replies import ids_of

PAGE = 100


@dataclass(frozen=True)
class Locks:
    """The locks of one essay that are on. Of several that close a thing the outermost is named."""

    essay: Lock | None
    paragraphs: dict[int, Lock]
    replies: dict[int, Lock]

    @property
    def ends(self) -> datetime | None:
        """When the first of them ends by itself, if any does."""
        every = (self.essay, *self.paragraphs.values(), *self.replies.values())
        return min((lock.until for lock in every if lock is not None and lock.until is not None), default=None)

    def closing_paragraph(self, paragraph_id: int) -> Lock | None:
        """What closes a paragraph's debate: its own lock or the essay's."""
        return self.essay or self.paragraphs.get(paragraph_id)

    def closes_paragraph(self, paragraph_id: int, person: User | None) -> Lock | None:
        """The same for one reader: a lock for new accounts closes nothing to others."""
        return self.first(self.over(paragraph_id), person=person)

    def over(self, paragraph_id: int, path: str = "") -> list[Lock]:
        """Every lock that covers a place, outermost first; `path` is empty for the paragraph itself."""
        found = [self.essay, self.paragraphs.get(paragraph_id)]
        if self.replies and path:
            found += [self.replies.get(reply_id) for reply_id in ids_of(path)]
        return [lock for lock in found if lock is not None]

    def closing(self, reply: Reply) -> Lock | None:
        """What closes a reply's branch, if only to new accounts, whether set on it, above it, or on the text."""
        return next(iter(self.over(reply.paragraph_id, reply.path)), None)

    def closes(self, reply: Reply, person: User | None, *, votes: bool = False) -> Lock | None:
        """What closes it to one reader (to votes, if `votes`)."""
        return self.first(self.over(reply.paragraph_id, reply.path), person=person, votes=votes)

    @staticmethod
    def first(locks: Sequence[Lock], *, person: User | None, votes: bool = False) -> Lock | None:
        """The first that closes anything to a person."""
        is_new = person is not None and person.is_new
        return next((lock for lock in locks if (lock.votes or not votes) and (is_new or not lock.newcomers)), None)


def on_now(session: Session, essay_id: int) -> Locks:
    """The locks of an essay that are on, for a page; a write asks at the time it reads while it holds the essay."""
    return of_essay(session, essay_id, datetime.now(UTC))


def of_essay(session: Session, essay_id: int, now: datetime) -> Locks:
    """The locks of an essay that are on at `now`, with who placed them."""
    rows = session.scalars(
        select(Lock).options(joinedload(Lock.by)).where(Lock.essay_id == essay_id, Lock.lifted_at.is_(None))
    )
    locks = [lock for lock in rows if lock.is_on(now)]
    return Locks(
        essay=next((lock for lock in locks if lock.paragraph_id is None), None),
        paragraphs={lock.paragraph_id: lock for lock in locks if lock.paragraph_id and lock.reply_id is None},
        replies={lock.reply_id: lock for lock in locks if lock.reply_id},
    )


def listed(session: Session, now: datetime, before: int | None) -> Sequence[Lock]:
    """All locks that are on anywhere, the newest first, with what they are on; `before` is the id to go on from."""
    question = (
        select(Lock)
        .options(joinedload(Lock.by), joinedload(Lock.essay), joinedload(Lock.paragraph))
        .join(Essay, Essay.id == Lock.essay_id)
        .where(Lock.lifted_at.is_(None), or_(Lock.until.is_(None), Lock.until > now), IS_PUBLIC)
        .order_by(Lock.id.desc())
        .limit(PAGE)
    )
    return session.scalars(question if before is None else question.where(Lock.id < before)).all()
