"""Answering "does it say that?" about a citation."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from debate.actions import counts, paces, sites
from debate.db import now
from debate.models import Check, Citation, Essay, Reply, Source, User, Vote
from debate.models.evidence import ANSWERS, ENOUGH, SIDES
from debate.queries import ground as grounds
from debate.queries.counts import tallied, unopened
from debate.queries.ground import Ground
from debate.refusals import Forbidden, Missing
from debate.text.message import N_


def answer(session: Session, actor: str, citation_id: int, given: str) -> None:
    """Make the actor's answer about a citation `given` (one of ANSWERS, or empty for none); the same changes nothing.

    Raises SignedOut, Missing, Gone, Forbidden (own citation), Locked (where a lock closes votes), TooFast.
    """
    reply_id = session.scalar(select(Citation.reply_id).where(Citation.id == citation_id))
    if reply_id is None:
        raise Missing
    ground = grounds.on_reply(session, actor, reply_id)
    ground.must_be_visible()
    ground.must_be_open(votes=True)
    citation = session.get(Citation, citation_id, populate_existing=True)
    if citation is None:
        raise Missing
    if citation.by_id == ground.actor.id:
        raise Forbidden(N_("You linked this source yourself: others say whether it says that."))
    there = session.get(Check, (ground.actor.id, citation.id))
    before = there.answer if there else ""
    if before == given:
        return
    paces.keep(session, "check", ground.actor, ground.now)
    if "shut" in (before, given):
        sites.row(session)  # so that two who could not open it are counted one after the other
    if there is not None:
        session.delete(there)
        session.flush()
    if given:
        side = stands(session, ground)
        session.add(
            Check(user_id=ground.actor.id, citation_id=citation.id, answer=given, side=side, made_at=ground.now)
        )
    recount(session, ground.essay, citation)
    if "shut" in (before, given):
        count_unopened(session, citation.given_id)
    ground.touch()
    session.flush()


def stands(session: Session, ground: Ground) -> str:
    """The side on which the actor has written and agreed more under this paragraph, one of SIDES."""
    here = Reply.paragraph_id == (ground.paragraph.id if ground.paragraph else None)
    own = select(Reply.side, func.count()).where(here, Reply.author_id == ground.actor.id, Reply.state == "visible")
    voted = (
        select(Reply.side, func.sum(Vote.value))
        .join(Vote, Vote.reply_id == Reply.id)
        .where(here, Vote.user_id == ground.actor.id)
    )
    lean = 0
    for question in (own, voted):
        for side, count in session.execute(question.group_by(Reply.side)):
            lean += count if side == "pro" else -count
    return "pro" if lean > 0 else "con" if lean < 0 else "none"


def recount(session: Session, essay: Essay, citation: Citation) -> None:
    """Bring a citation's counts, and those of its source in the essay, up to the answers."""
    session.flush()
    before = citation.verdict
    found = {(one, side): count for _, one, side, count in session.execute(tallied(Check.citation_id == citation.id))}
    for one in ANSWERS:
        for side in SIDES:
            setattr(citation, f"{one}_{side}", found.get((one, side), 0))
    reply = session.get_one(Reply, citation.reply_id)
    reply.evidence_version += 1
    if reply.is_visible:
        counts.judged(session, essay, citation, before)


def set_aside(session: Session, user: User, *, aside: bool) -> None:
    """Take somebody's answers out of all counts, or put them back; every essay is held."""
    own = (Check.user_id == user.id, Check.aside.is_(not aside))
    found = session.execute(
        select(Citation, Essay, Check.answer)
        .join(Check, Check.citation_id == Citation.id)
        .join(Reply, Reply.id == Citation.reply_id)
        .join(Essay, Essay.id == Reply.essay_id)
        .where(*own)
        .order_by(Citation.id)
    ).all()
    if not found:
        return
    sites.row(session)
    session.execute(update(Check).where(*own).values(aside=aside).execution_options(synchronize_session=False))
    for citation, essay, _ in found:
        recount(session, essay, citation)
    for given_id in sorted({citation.given_id for citation, _, answered in found if answered == "shut"}):
        count_unopened(session, given_id)
    grounds.touch_all(session)


def count_unopened(session: Session, given_id: int) -> None:
    """How many people could not open a source, and since when those were enough to call its link dead."""
    session.flush()
    source = session.get(Source, given_id, with_for_update={"key_share": True}, populate_existing=True)
    if source is None:
        return
    source.unopened = session.scalar(unopened().where(Citation.given_id == given_id)) or 0
    if (source.unopened >= ENOUGH) != (source.dead_since is not None):
        source.dead_since = now(session) if source.dead_since is None else None
        sites.row(session).source_changes += 1
