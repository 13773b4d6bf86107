"""Noting up to where an essay's debate was seen."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from debate.db import now
from debate.models import Essay, User, Visit
from debate.queries import ground as grounds
from debate.refusals import Missing

GOES_ON = timedelta(minutes=30)  # a visit, from one sign of it to the next
NOTED = timedelta(minutes=5)  # signs of a visit that bring nothing new are noted this often


def note(session: Session, actor: str, essay_id: int, up_to: int | None, *, arriving: bool) -> None:
    """The actor has seen an essay's replies up to the id `up_to` (None: all there are).

    If only `arriving`, what was new at the start of this visit stays new until the next. Holds the actor's row and not
    the essay's: readers do not wait for writers. Raises SignedOut, Missing (also for a draft).
    """
    person = grounds.actor(session, actor)
    session.execute(select(User.id).where(User.id == person.id).with_for_update(key_share=True))
    newest = session.scalar(select(Essay.newest_id).where(Essay.id == essay_id, Essay.status != "draft"))
    if newest is None:
        raise Missing
    at = now(session)
    latest = newest if up_to is None else min(up_to, newest)
    visit = session.get(Visit, (person.id, essay_id))
    if visit is None:
        session.add(Visit(user_id=person.id, essay_id=essay_id, seen=latest, latest=latest, at=at))
    elif arriving:
        since = abs(at - visit.at)  # the clock may have gone back
        if since > GOES_ON:  # the visit before is over: what came since is new
            visit.seen = max(visit.seen, min(visit.latest, latest))
        if latest > visit.latest or since > NOTED:
            visit.latest, visit.at = max(visit.latest, latest), at
    else:
        visit.seen = max(visit.seen, latest)
        visit.latest, visit.at = max(visit.latest, latest), at
