"""Linking sources to replies."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from debate.actions import counts, finds, holding, paces
from debate.models import Citation, Reply, Source
from debate.queries import ground as grounds
from debate.queries.ground import Ground
from debate.refusals import Forbidden, Twice
from debate.text.message import N_


@dataclass(frozen=True)
class Evidence:
    """A source as someone cites it: the address given, its canonical form, and what is said of it."""

    url: str
    canonical: str
    quote: str = ""
    locator: str = ""
    shows: str = "supports"


def cite(session: Session, actor: str, reply_id: int, evidence: Evidence) -> int:
    """Link a source to anybody's visible reply; returns the citation's id. Raises Twice, Locked, Gone, Missing."""
    ground = grounds.on_reply(session, actor, reply_id)
    reply = ground.must_be_visible()
    ground.must_be_open()
    paces.keep(session, "cite", ground.actor, ground.now)
    _must_have_stood(session, ground)
    citation = attach(session, ground, reply, evidence)
    ground.touch()
    session.flush()
    return citation.id


def _must_have_stood(session: Session, ground: Ground) -> None:
    """A citation cannot be held as a reply can, so an account's first links come with its first replies."""
    actor = ground.actor
    if actor.new_until is None or not paces.are_on(session) or actor.moderates(ground.essay.id):
        return
    if holding.standing_replies(session, actor.id) < holding.FIRST_POSTS:
        raise Forbidden(
            N_(
                "New accounts link sources to standing replies once three replies of their own stand. You can"
                " give a source with your own reply."
            )
        )


def attach(session: Session, ground: Ground, reply: Reply, evidence: Evidence) -> Citation:
    """Add a citation to a reply on ground that was checked already. Raises Twice for the same source and quote."""
    source = _source(session, ground, evidence.canonical)
    digest = hashlib.sha256(evidence.quote.encode()).hexdigest()
    there = select(Citation.id).where(
        Citation.reply_id == reply.id, Citation.source_id == source.id, Citation.quote_digest == digest
    )
    if session.scalar(there) is not None:
        raise Twice(N_("This source is already linked to this reply with the same quote."), reply.id)
    citation = Citation(
        reply_id=reply.id,
        source_id=source.id,
        by_id=ground.actor.id,
        url=evidence.url,
        quote=evidence.quote,
        quote_digest=digest,
        locator=evidence.locator,
        shows=evidence.shows,
        made_at=ground.now,
    )
    session.add(citation)
    reply.citation_count += 1
    if reply.is_visible:
        counts.citing(session, ground.essay, source.id, reply.side, 1)
    session.flush()
    finds.citation(session, ground.essay, reply.side, citation)
    return citation


def _source(session: Session, ground: Ground, canonical: str) -> Source:
    """The one row of a source; made if need be, also while another essay's reply makes the same one."""
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    question = select(Source).where(Source.scheme == "url", Source.digest == digest)
    found = session.scalar(question)
    if found is not None:
        return found
    made = Source(scheme="url", canonical=canonical, digest=digest, made_at=ground.now)
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        return session.scalars(question).one()
    return made
