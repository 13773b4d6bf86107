"""What is new since somebody was last here."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from debate.models import Essay, Reply, User, Visit

COUNTED = 100  # so many new replies are told one by one; of more it is said that there are more


@dataclass(frozen=True)
class Fresh:
    """The replies of others to an essay since its last visit: the first of them, as (reply id, paragraph id)."""

    seen: int = 0
    replies: tuple[tuple[int, int], ...] = ()
    is_first: bool = False  # nothing was noted yet

    @property
    def count(self) -> int:
        return len(self.replies)

    @property
    def is_more(self) -> bool:
        """Whether there are more than are counted."""
        return self.count >= COUNTED

    @property
    def by_paragraph(self) -> Counter[int]:
        return Counter(paragraph_id for _, paragraph_id in self.replies)

    def after(self, reply_id: int) -> int | None:
        """The next new reply after one; past the last, the first; none if there is no other."""
        others = [number for number, _ in self.replies if number != reply_id]
        return next((number for number in others if number > reply_id), others[0] if others else None)


def fresh(session: Session, person: User | None, essay: Essay) -> Fresh:
    """What is new for a reader; nothing for visitors and at a first visit. One statement."""
    if person is None:
        return Fresh()
    since = (
        (Reply.essay_id == Visit.essay_id)
        & (Reply.id > Visit.seen)
        & (Reply.state == "visible")
        & (Reply.author_id != person.id)
    )
    rows = session.execute(
        select(Visit.seen, Reply.id, Reply.paragraph_id)
        .outerjoin(Reply, since)
        .where(Visit.user_id == person.id, Visit.essay_id == essay.id)
        .order_by(Reply.id)
        .limit(COUNTED)
    ).all()
    # Somebody who was never here has read nothing yet: then all is new, and nothing is marked.
    seen = rows[0].seen if rows else essay.newest_id
    return Fresh(seen, tuple((row.id, row.paragraph_id) for row in rows if row.id), not rows)
