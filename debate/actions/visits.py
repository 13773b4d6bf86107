"""Noting up to where an essay's debate was seen."""

from datetime import timedelta

from sqlalchemy.orm import Session

from debate.models import Visit
from debate.queries import ground as grounds

GOES_ON = timedelta(minutes=30)  # a visit, from one sign of it to the next


def note(session: Session, actor: str, essay_id: int, up_to: int | None, *, arriving: bool) -> None:
    """The actor has seen an essay's replies up to the id `up_to` (None: all there are).

    If only `arriving`, what was new at the start of this visit stays new until the next. Raises SignedOut, Missing.
    """
    ground = grounds.on_essay(session, actor, essay_id)
    newest = ground.essay.newest_id
    latest = newest if up_to is None else min(up_to, newest)
    visit = session.get(Visit, (ground.actor.id, essay_id))
    if visit is None:
        visit = Visit(user_id=ground.actor.id, essay_id=essay_id, seen=latest, latest=latest, at=ground.now)
        session.add(visit)
        return
    if not arriving:
        visit.seen = max(visit.seen, latest)
    elif ground.now - visit.at > GOES_ON:
        visit.seen = max(visit.seen, visit.latest)
    visit.latest = max(visit.latest, latest)
    visit.at = ground.now
