"""Which locks are on, and what each closes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from debate.models import Lock, Reply
from debate.models.replies import ids_of


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

    def over(self, paragraph_id: int, path: str = "") -> list[Lock]:
        """Every lock that covers a place, outermost first; `path` is empty for the paragraph itself."""
        found = [self.essay, self.paragraphs.get(paragraph_id)]
        if self.replies and path:
            found += [self.replies.get(reply_id) for reply_id in ids_of(path)]
        return [lock for lock in found if lock is not None]

    def closing(self, reply: Reply, *, votes: bool = False) -> Lock | None:
        """What closes a reply's branch (to votes, if `votes`), whether set on it, above it, or on the text."""
        return self.first(self.over(reply.paragraph_id, reply.path), votes=votes)

    @staticmethod
    def first(locks: Sequence[Lock], *, votes: bool = False) -> Lock | None:
        return next((lock for lock in locks if lock.votes or not votes), None)


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
