"""All that a page needs to show replies, read at once: votes, evidence, locks, rulings."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from debate import rules
from debate.models import Citation, Essay, Lock, Paragraph, Reply, Ruling, User
from debate.queries import evidence, locks, moderation, replies, votes

OPEN_LEVELS = 3  # levels whose branches are unfolded unless a page is asked for more or less


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

    def may_reply(self, paragraph: Paragraph) -> bool:
        """Whether a top-level reply may be posted."""
        return paragraph.debatable and (self.locks.closing_paragraph(paragraph.id) is None or self.is_moderator)

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


@dataclass
class Debate:
    """A debate as a page shows it: of a paragraph, or of the reply `under`; from the start, or what follows `after`."""

    essay: Essay
    paragraph: Paragraph
    under: Reply | None
    root: replies.Node
    sort: str
    after: Reply | None
    levels: int
    shown: Shown
    newest: int

    @property
    def address(self) -> str:
        """The path of its page."""
        if self.under is not None:
            return f"/replies/{self.under.id}"
        return f"/essays/{self.essay.slug}/p/{self.paragraph.key}"

    @property
    def name(self) -> str:
        """What tells its elements from those of other debates on a page."""
        return f"r{self.under.id}" if self.under is not None else self.paragraph.key

    def count(self, stance: str) -> int:
        """How many visible replies one side has at the first level."""
        pro = stance == "pro"
        if self.under is not None:
            return self.under.children_pro if pro else self.under.children_con
        return self.paragraph.for_count if pro else self.paragraph.against_count


def debate(
    session: Session,
    person: User | None,
    essay: Essay,
    paragraph: Paragraph,
    *,
    under: Reply | None = None,
    beside: Iterable[Reply] = (),
    sort: str = "best",
    after_id: int | None = None,
    levels: int = OPEN_LEVELS,
) -> Debate:
    """The debate of a paragraph, or of a reply to it, with all that its page needs.

    `beside` are replies the page shows too; an `after_id` that is no reply of the first level is as if not given.
    """
    after = session.get(Reply, after_id) if after_id is not None else None
    parent_id = under.id if under else None
    if after is not None and (after.paragraph_id, after.parent_id) != (paragraph.id, parent_id):
        after = None
    if sort not in replies.ORDERS:
        sort = "best"
    root = replies.debate(session, person, paragraph, under=under, sort=sort, after=after)
    listed = [*beside, *(node.reply for _, node in replies.flat(root))]
    return Debate(
        essay=essay,
        paragraph=paragraph,
        under=under,
        root=root,
        sort=sort,
        after=after,
        levels=levels,
        shown=shown(session, person, essay, listed),
        newest=replies.newest(session, paragraph),
    )


def alone(session: Session, person: User | None, reply: Reply, parent: Reply | None) -> Debate:
    """The debate that a reply stands in, with nothing of it but this reply: to add it to a page."""
    root = replies.Node(parent or Reply())
    root.side(reply.stance).append(replies.Node(reply, parent))
    beside = shown(session, person, reply.essay, [reply])
    return Debate(reply.essay, reply.paragraph, parent, root, "best", None, OPEN_LEVELS, beside, reply.id)


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
