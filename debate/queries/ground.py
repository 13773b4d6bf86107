"""The ground a write stands on: the essay's row held, everything read again, and the one question about locks.

Every write beneath an essay first takes the essay's row (FOR NO KEY UPDATE on PostgreSQL; on SQLite the write
transaction is exclusive already), and placing a lock takes it too. So no write is ever between its check and its
commit while a lock is placed, and what is read afterwards stays true until the commit.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, joinedload, object_session

from debate import rules
from debate.db import now
from debate.models import Essay, Lock, Paragraph, Reply, User
from debate.padded import padded
from debate.queries import locks as lock_queries
from debate.queries import rulings, users
from debate.refusals import (
    OWN_WORDS,
    Archived,
    Barred,
    Forbidden,
    Gone,
    Locked,
    Missing,
    Refused,
    SignedOut,
    Unpublished,
)
from debate.text.message import N_


@dataclass
class Ground:
    """What a write may rely on: `reply` is the reply written to, none for the paragraph, none of both for the essay."""

    actor: User
    now: datetime
    essay: Essay
    paragraph: Paragraph | None
    reply: Reply | None
    locks: lock_queries.Locks

    def locked_by(self, *, votes: bool = False) -> Lock | None:
        """The outermost lock that closes the place to the actor; with `votes` the outermost that closes voting too."""
        if self.reply is not None:
            return self.locks.closes(self.reply, self.actor, votes=votes)
        over = self.locks.over(self.paragraph.id) if self.paragraph else [self.locks.essay]
        return self.locks.first([lock for lock in over if lock], person=self.actor, votes=votes)

    def must_be_live(self) -> None:
        """Raises Archived where nobody writes any more, moderators neither; Unpublished; Missing for a draft."""
        if self.essay.status == "archived":
            raise Archived(self.essay)
        if self.essay.status != "published":
            raise _not_there(object_session(self.essay), self.essay)

    def must_be_open(self, *, votes: bool = False) -> None:
        """Raises Locked where a lock closes the place; Archived, Missing as above."""
        self.must_be_live()
        lock = self.locked_by(votes=votes)
        if lock is not None:
            raise Locked(lock)

    def must_be_visible(self) -> Reply:
        """The reply; raises Gone where it was removed, Missing where it is held."""
        if self.reply is None or self.reply.state == "held":
            raise Missing
        if self.reply.state != "visible":
            raise Gone(self.reply.state)
        return self.reply

    def must_be_own(self, why: str) -> Reply:
        """The reply; raises Forbidden where somebody else wrote it."""
        if self.reply is None:
            raise Missing
        if self.reply.author_id != self.actor.id:
            raise Forbidden(why)
        return self.reply

    def must_be_anothers(self) -> None:
        """Raises Forbidden where the actor wrote the reply: nobody rules on own words."""
        if self.reply is not None and self.reply.author_id == self.actor.id:
            raise Forbidden(OWN_WORDS)

    def must_moderate(self) -> None:
        """Raises Forbidden for all but moderators, Missing for a draft, whose debate has not begun."""
        if self.essay.status == "draft":
            raise Missing
        if not self.actor.moderates(self.essay.id):
            raise Forbidden(N_("Only moderators can do this."))

    def touch(self) -> None:
        """Something visible changed: the versions rise with it."""
        self.essay.version += 1
        if self.paragraph is not None:
            self.paragraph.version += 1


def touch_all(session: Session) -> None:
    """Something visible changed that any essay may show: the versions of all rise."""
    for model in (Essay, Paragraph):
        session.execute(update(model).values(version=model.version + 1).execution_options(synchronize_session=False))


def actor(session: Session, kept: str, essay_id: int | None = None, *, barred_too: bool = False) -> User:
    """The account that asks, read again.

    Raises SignedOut where its session is no longer good, Barred where it may not write (in the essay given) now; with
    `barred_too` only the former.
    """
    user = users.by_session(session, kept, holds=True)
    if user is None:
        raise SignedOut
    bar = None if barred_too else user.barred(essay_id)
    if bar is not None:
        raise Barred(bar)
    return user


def hold_all(session: Session) -> None:
    """Hold every essay, so that nothing is written under any of them until the commit."""
    session.scalars(select(Essay.id).order_by(Essay.id).with_for_update(key_share=True)).all()


def held(session: Session, essay_id: int) -> Essay:
    """An essay, held for a write by the command line. Raises Missing, Archived."""
    essay = _hold(session, Essay.id == essay_id)
    if essay.status == "archived":
        raise Archived(essay)
    return essay


def on_essay(session: Session, kept: str, essay_id: int) -> Ground:
    """Ground for a write to an essay; `kept` is the actor's session id. Raises SignedOut, Missing."""
    essay = _hold(session, Essay.id == essay_id)
    return _ground(session, kept, essay, None, None)


def on_paragraph(session: Session, kept: str, paragraph_id: int) -> Ground:
    """Ground for a write to a paragraph's debate. Raises SignedOut, Missing."""
    of = select(Paragraph.essay_id).where(Paragraph.id == paragraph_id).scalar_subquery()
    essay = _hold(session, Essay.id == of)
    paragraph = session.get(Paragraph, paragraph_id, populate_existing=True)
    return _ground(session, kept, essay, paragraph, None)


def on_reply(session: Session, kept: str, reply_id: int) -> Ground:
    """Ground for a write to a reply. Raises SignedOut, Missing; Missing too where a link of its chain is."""
    essay, paragraph, reply = _chain(session, reply_id)
    return _ground(session, kept, essay, paragraph, reply)


def visited(session: Session, reply_id: int) -> tuple[Reply, datetime]:
    """A reply that a visitor writes about, and the time, while its essay is held. Raises Missing, Unpublished, Gone."""
    essay, _, reply = _chain(session, reply_id)
    if reply.state == "held":
        raise Missing
    if not essay.is_public:
        raise _not_there(session, essay)
    if reply.state != "visible":
        raise Gone(reply.state)
    return reply, now(session)


def _chain(session: Session, reply_id: int) -> tuple[Essay, Paragraph, Reply]:
    of = select(Reply.essay_id).where(Reply.id == reply_id).scalar_subquery()
    essay = _hold(session, Essay.id == of)
    row = session.execute(
        select(Reply, Paragraph)
        .join(Paragraph, Paragraph.id == Reply.paragraph_id)
        .options(joinedload(Reply.author))
        .where(Reply.id == reply_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None or not _chain_is_whole(session, row[0]):
        raise Missing  # a missing link in the chain means no
    return essay, row[1], row[0]


def _ground(session: Session, kept: str, essay: Essay, paragraph: Paragraph | None, reply: Reply | None) -> Ground:
    person = actor(session, kept, essay.id)  # read while the row is held: a role may have been taken while this waited
    is_own = reply is not None and reply.author_id == person.id
    if not rules.may_see_essay(person, essay) and not is_own:
        raise _not_there(session, essay)
    at = now(session)
    return Ground(person, at, essay, paragraph, reply, lock_queries.of_essay(session, essay.id, at))


def _not_there(session: Session | None, essay: Essay) -> Refused:
    """What is said of an essay that is not for all to read: where it was once, when and why that ended."""
    if essay.status != "unpublished" or session is None:
        return Missing()
    return Unpublished(essay, rulings.retirement(session, essay))


def _hold(session: Session, which: ColumnElement[bool]) -> Essay:
    essay = session.scalar(
        select(Essay).where(which).with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    if essay is None:
        raise Missing
    return essay


def _chain_is_whole(session: Session, reply: Reply) -> bool:
    above = reply.ancestor_ids
    if not above:
        return reply.parent_id is None
    there = Reply.id.in_(padded(above)), Reply.paragraph_id == reply.paragraph_id
    count = session.scalar(select(func.count()).where(*there))
    return count == len(above) and above[-1] == reply.parent_id
