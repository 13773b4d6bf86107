"""Linking sources to replies, and asking for them."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from debate.actions import counts, finds, holding, notices, paces
from debate.models import Ask, Citation, Reply, Source, User
from debate.queries import ground as grounds
from debate.queries import sources
from debate.queries.ground import Ground
from debate.refusals import Forbidden, Twice
from debate.text import identifiers
from debate.text.identifiers import Thing
from debate.text.message import N_

NEW_ACCOUNTS_CITE = N_(
    "New accounts link sources to standing replies once three replies of their own stand. You can give a source with"
    " your own reply."
)


@dataclass(frozen=True)
class Evidence:
    """A source as someone cites it: the thing itself, and what is said of it."""

    thing: Thing
    quote: str = ""
    locator: str = ""
    shows: str = "supports"


def cite(session: Session, actor: str, reply_id: int, evidence: Evidence) -> int:
    """Link a source to anybody's visible reply; returns the citation's id. Raises Twice, Locked, Gone, Missing."""
    ground = grounds.on_reply(session, actor, reply_id)
    reply = ground.must_be_visible()
    ground.must_be_open()
    paces.keep(session, "cite", ground.actor, ground.now)
    if not ground.actor.moderates(ground.essay.id):
        holding.must_have_stood(session, ground.actor, NEW_ACCOUNTS_CITE)
    citation = attach(session, ground, reply, evidence)
    notices.sourced(session, ground, reply, _answer(session, ground, reply))
    ground.touch()
    session.flush()
    return citation.id


def attach(session: Session, ground: Ground, reply: Reply, evidence: Evidence) -> Citation:
    """Add a citation to a reply on ground that was checked already. Raises Twice for the same source and quote."""
    given = _source(session, ground, evidence.thing)
    source = sources.head(session, given)
    digest = hashlib.sha256(evidence.quote.encode()).hexdigest()
    there = select(Citation.id).where(
        Citation.reply_id == reply.id, Citation.source_id == source.id, Citation.quote_digest == digest
    )
    if session.scalar(there) is not None:
        raise Twice(N_("This source is already linked to this reply with the same quote."), reply.id)
    citation = Citation(
        reply_id=reply.id,
        source_id=source.id,
        given_id=given.id,
        by_id=ground.actor.id,
        url=evidence.thing.link,
        quote=evidence.quote,
        quote_digest=digest,
        locator=evidence.locator,
        shows=evidence.shows,
        made_at=ground.now,
    )
    session.add(citation)
    reply.citation_count += 1
    reply.evidence_version += 1
    if reply.is_visible and ground.paragraph is not None:
        counts.citing(session, ground.paragraph, citation, reply.side, 1)
    session.flush()
    finds.citation(session, ground.essay, reply.side, citation, source)
    return citation


def ask(session: Session, actor: str, reply_id: int, *, wanted: bool) -> None:
    """Ask for a source of a visible reply, or no more; the same again changes nothing, and once answered it stays so.

    Raises SignedOut, Missing, Gone, Forbidden (own reply), Locked, TooFast.
    """
    ground = grounds.on_reply(session, actor, reply_id)
    reply = ground.must_be_visible()
    if reply.author_id == ground.actor.id:
        raise Forbidden(N_("You cannot ask yourself for a source."))
    ground.must_be_open()
    there = session.get(Ask, (ground.actor.id, reply.id))
    if (there is not None) == wanted or (there is not None and there.answered_at is not None):
        return
    paces.keep(session, "ask", ground.actor, ground.now)
    if there is None:
        session.add(Ask(user_id=ground.actor.id, reply_id=reply.id, made_at=ground.now))
        notices.asked(session, ground, reply)
    else:
        session.delete(there)
    reply.ask_count += 1 if wanted else -1
    reply.evidence_version += 1
    ground.touch()
    session.flush()


def _answer(session: Session, ground: Ground, reply: Reply) -> list[int]:
    """Every reader who waits for a source of this reply has one now; returns who waited."""
    waiting = (Ask.reply_id == reply.id, Ask.answered_at.is_(None))
    told = list(session.scalars(select(Ask.user_id).where(*waiting, Ask.aside.is_(False)).order_by(Ask.user_id)))
    session.execute(update(Ask).where(*waiting).values(answered_at=ground.now))
    reply.ask_count = 0
    return told


def set_asks_aside(session: Session, user: User, *, aside: bool) -> None:
    """Take what somebody asks for out of all counts, or put it back; every essay is held."""
    own = (Ask.user_id == user.id, Ask.aside.is_(not aside))
    waiting = select(Ask.reply_id).where(*own, Ask.answered_at.is_(None))
    replies = session.scalars(select(Reply).where(Reply.id.in_(waiting)).order_by(Reply.id)).all()
    session.execute(update(Ask).where(*own).values(aside=aside).execution_options(synchronize_session=False))
    for reply in replies:
        reply.ask_count += -1 if aside else 1
        reply.evidence_version += 1
    if replies:
        grounds.touch_all(session)


def _source(session: Session, ground: Ground, thing: Thing) -> Source:
    """The one row of a thing; made if need be, also while another essay's reply makes the same one.

    Held, so that it is not merged into another before this citation of it is there.
    """
    question = sources.of(thing).with_for_update(read=True).execution_options(populate_existing=True)
    found = session.scalar(question)
    if found is not None:
        return found
    made = Source(
        scheme=thing.scheme,
        canonical=thing.canonical,
        digest=identifiers.digest(thing.canonical),
        made_at=ground.now,
        kind="book" if thing.scheme == "isbn" else "",
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        return session.scalars(question).one()
    return made
