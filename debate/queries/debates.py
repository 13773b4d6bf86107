"""All that a page needs to show replies, read at once: votes, evidence, locks, rulings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, load_only

from debate import rules
from debate.models import Ask, Ballot, Citation, Essay, Lock, Paragraph, Reply, Ruling, User
from debate.queries import locks, replies, texts, threads
from debate.queries.levels import ORDERS, SLIM, place_of
from debate.queries.texts import Now
from debate.queries.threads import Node, Place

OPEN_LEVELS = 3  # levels whose branches are unfolded unless a page is asked for more or less


@dataclass
class Shown:
    """What is known about the replies of a page, beside them; `person` is the reader."""

    person: User | None
    essay: Essay
    locks: locks.Locks
    now: Now  # what the paragraphs say
    votes: dict[int, Ballot] = field(default_factory=dict)
    asks: dict[int, Ask] = field(default_factory=dict)  # the reader's, for a source
    citations: dict[int, list[Citation]] = field(default_factory=dict)
    hidings: dict[int, Ruling] = field(default_factory=dict)
    folded: dict[int, list[Reply]] = field(default_factory=dict)  # by the reply that they were folded under
    whole: dict[int, Reply] = field(default_factory=dict)  # those whose words were read

    def may_read(self, reply: Reply) -> bool:
        return rules.may_read(self.person, reply)

    def lock_on(self, reply: Reply) -> Lock | None:
        """The lock set on this very reply."""
        return self.locks.replies.get(reply.id)

    def may_answer(self, reply: Reply) -> bool:
        """Whether an answer may be posted; by a visitor too, once logged in."""
        return reply.is_visible and self.can_write and (self._is_open(reply) or self.is_moderator)

    def may_reply(self, paragraph: Paragraph) -> bool:
        """Whether a top-level reply may be posted."""
        return (
            paragraph.debatable
            and self.can_write
            and (self.locks.closes_paragraph(paragraph.id, self.person) is None or self.is_moderator)
        )

    def may_cite(self, reply: Reply) -> bool:
        return reply.is_visible and self.can_write and self._is_open(reply)

    def may_edit(self, reply: Reply) -> bool:
        return self.can_write and rules.may_edit(self.person, reply) and self._is_open(reply)

    def vote_on(self, reply: Reply) -> int:
        """The reader's vote: 1, −1, or 0 for none."""
        return self.votes[reply.id].value if reply.id in self.votes else 0

    def wording_now(self, reply: Reply) -> int:
        """The id of what its paragraph says now."""
        return self.now.wording_ids.get(reply.paragraph_id, reply.wording_id)

    def is_outdated(self, reply: Reply) -> bool:
        """Whether its paragraph says something else now than what the reply answers."""
        return reply.wording_id != self.wording_now(reply)

    def is_vote_outdated(self, reply: Reply) -> bool:
        """Whether the reader voted on other words than there are now, of the reply or of its paragraph."""
        ballot = self.votes.get(reply.id)
        if ballot is None:
            return False
        return (ballot.edit, ballot.wording_id) != (
            reply.edits,
            self.now.wording_ids.get(reply.paragraph_id, ballot.wording_id),
        )

    def is_mine(self, reply: Reply) -> bool:
        return rules.is_own(self.person, reply)

    def may_confirm(self, reply: Reply) -> bool:
        """Whether there is something of the reader's that can be said to hold for the words of today."""
        if not self.can_write:
            return False
        return (
            self.is_outdated(reply)
            if self.is_mine(reply)
            else (self.is_vote_outdated(reply) and self.voting_is_open(reply))
        )

    def voting_is_open(self, reply: Reply) -> bool:
        return self.essay.status == "published" and self.locks.closes(reply, self.person, votes=True) is None

    def _is_open(self, reply: Reply) -> bool:
        return self.locks.closes(reply, self.person) is None

    def is_muted(self, reply: Reply) -> bool:
        """Whether its writer was muted by this reader."""
        return self.person is not None and reply.author_id in self.person.muted_ids

    @property
    def can_write(self) -> bool:
        """Whether the reader may write in this essay, or might once logged in."""
        if self.essay.status != "published":
            return False
        return self.person is None or rules.may_write(self.person, self.essay.id)

    @property
    def is_moderator(self) -> bool:
        return rules.may_moderate(self.person, self.essay)

    def is_author(self, reply: Reply) -> bool:
        """Whether the essay's author wrote this reply."""
        return self.essay.owner_id is not None and reply.author_id == self.essay.owner_id


@dataclass
class Debate:
    """A debate as a page shows it: of a paragraph, or of the reply `under`; from the start, or what follows `after`.

    `articles` is filled by what shows it: the HTML of each reply by id.
    """

    essay: Essay
    place: Place
    root: Node
    sort: str
    after: Reply | None
    levels: int
    shown: Shown
    articles: dict[int, str] = field(default_factory=dict)

    @property
    def paragraph(self) -> Paragraph:
        return self.place.paragraph

    @property
    def under(self) -> Reply | None:
        return self.place.under

    @property
    def nodes(self) -> list[Node]:
        """Every reply of the page, from top to bottom, then what was drawn."""
        return [node for _, node in threads.flat(self.root)] + list(self.root.drawn.values())

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
        return self.place.count(stance)

    def onward(self, stance: str) -> str:
        """The address of what follows on a side, at least one of which is shown."""
        last = self.root.side(stance)[-1].reply
        stood = place_of(self.sort, last)
        return f"{self.address}?sort={self.sort}&after={last.id}" + (f"&stood={stood}" if stood else "")


def debate(
    session: Session,
    person: User | None,
    essay: Essay,
    place: Place,
    *,
    sort: str = "best",
    after_id: int | None = None,
    stood: str = "",
    levels: int = OPEN_LEVELS,
    drawn: Sequence[int] = (),
    beside: Shown | None = None,
) -> Debate:
    """The debate of a paragraph, or of a reply to it; the replies without their words, see `complete`.

    `beside` is what the page knows already of other replies. An `after_id` that is no reply of the first level, or that
    this person may not see, is as if not given; `stood` is where it was in the order when it was shown.
    """
    after = session.get(Reply, after_id, options=[load_only(*SLIM)]) if after_id is not None else None
    parent_id = place.under.id if place.under else None
    if after is not None and (after.paragraph_id, after.parent_id) != (place.paragraph.id, parent_id):
        after = None
    if after is not None and not (after.stands or rules.may_read(person, after)):
        after = None
    if sort not in ORDERS:
        sort = "best"
    root = threads.debate(session, person, place, sort=sort, after=after, stood=stood, drawn=() if after else drawn)
    if beside is None:
        beside = Shown(person, essay, locks.on_now(session, essay.id), texts.now(session, essay))
    found = Debate(essay, place, root, sort, after, levels, beside)
    beside.votes |= {node.reply.id: node.vote for node in found.nodes if node.vote}
    return found


def complete(session: Session, shown: Shown, ids: Iterable[int]) -> None:
    """Read the words of these replies, and what was voted, cited and ruled about them, into `shown`. One statement."""
    found = replies.whole(session, shown.person, ids)
    shown.whole |= found.replies
    shown.votes |= found.votes
    shown.asks |= found.asks
    shown.hidings |= found.hidings
    shown.folded |= replies.folded(session, [reply for reply in found.replies.values() if reply.duplicate_count])
    shown.citations |= {
        reply_id: cited
        for reply_id, cited in found.citations.items()
        if rules.may_read(shown.person, found.replies[reply_id])
    }


def alone(session: Session, person: User | None, reply: Reply, parent: Reply | None) -> Debate:
    """The debate that a reply stands in, with nothing of it but this reply: to add it to a page."""
    root = Node(parent or Reply())
    root.side(reply.stance).append(Node(reply, parent))
    beside = shown(session, person, reply.essay, [reply.id])
    return Debate(reply.essay, Place(reply.paragraph, parent), root, "best", None, OPEN_LEVELS, beside)


def shown(session: Session, person: User | None, essay: Essay, ids: Sequence[int]) -> Shown:
    """What a page needs beside these replies, and their words; two statements, however many they are."""
    found = Shown(person, essay, locks.on_now(session, essay.id), texts.now(session, essay))
    complete(session, found, ids)
    return found
