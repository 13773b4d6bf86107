"""All that a page needs to show replies, read at once: votes, evidence, locks, rulings."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from debate import rules
from debate.models import Citation, Essay, Lock, Reply, Ruling, User
from debate.queries import evidence, locks, moderation, votes


@dataclass
class Shown:
    """What is known about the replies of a page, beside them; `person` is the reader."""

    person: User | None
    essay: Essay
    locks: locks.Locks
    votes: dict[int, int] = field(default_factory=dict)
    citations: dict[int, list[Citation]] = field(default_factory=dict)
    hidings: dict[int, Ruling] = field(default_factory=dict)

    def may_read(self, reply: Reply) -> bool:
        return rules.may_read(self.person, reply)

    def lock_on(self, reply: Reply) -> Lock | None:
        """The lock set on this very reply."""
        return self.locks.replies.get(reply.id)

    def may_answer(self, reply: Reply) -> bool:
        return reply.is_visible and (self.locks.closing(reply) is None or self.is_moderator)

    def may_cite(self, reply: Reply) -> bool:
        return reply.is_visible and self.locks.closing(reply) is None

    def may_edit(self, reply: Reply) -> bool:
        return rules.may_edit(self.person, reply) and self.locks.closing(reply) is None

    def voting_is_open(self, reply: Reply) -> bool:
        return self.locks.closing(reply, votes=True) is None

    @property
    def is_moderator(self) -> bool:
        return rules.may_moderate(self.person, self.essay)

    def is_author(self, reply: Reply) -> bool:
        """Whether the essay's author wrote this reply."""
        return self.essay.owner_id is not None and reply.author_id == self.essay.owner_id


def shown(session: Session, person: User | None, essay: Essay, replies: Iterable[Reply]) -> Shown:
    """What a page needs beside these replies; at most four statements, however many they are."""
    listed = list(replies)
    ids = [reply.id for reply in listed]
    readable = [reply.id for reply in listed if rules.may_read(person, reply)]
    return Shown(
        person=person,
        essay=essay,
        locks=locks.on_now(session, essay.id),
        votes=votes.own(session, person, ids),
        citations=evidence.citations_of(session, readable),
        hidings=moderation.hidings(session, [reply.id for reply in listed if reply.state == "hidden"]),
    )
