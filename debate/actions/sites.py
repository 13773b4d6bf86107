"""Setting what holds for the whole site, or for how one essay's debate is run."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from debate import rules
from debate.actions import rulings
from debate.db import now, removed
from debate.models import Site
from debate.queries import ground as grounds
from debate.refusals import Forbidden
from debate.text.message import N_


def row(session: Session) -> Site:
    """The one row of stored settings, held; made if there is none yet."""
    found = session.get(Site, 1, with_for_update=True)
    if found is None:
        session.execute(
            text(
                "INSERT INTO site (id, registration, names_moderators, holds_new, source_changes, erasures) "
                "VALUES (1, '', true, false, 0, 0) ON CONFLICT DO NOTHING"
            )
        )
        found = session.get_one(Site, 1, with_for_update=True)
    return found


def forget_kept(session: Session) -> None:
    """Words are erased in this write: every process lets go of all that it has kept of pages."""
    row(session).erasures += 1
    removed(session)


def choose(session: Session, actor: str, **chosen: str | bool) -> None:
    """Set columns of models.Site; each that changes is a ruling. Raises Forbidden for all but admins."""
    grounds.hold_all(session)
    by = grounds.actor(session, actor)
    if not rules.may_give_roles(by):
        raise Forbidden(N_("Only admins can change the settings."))
    there = row(session)
    changed = {name: getattr(there, name) for name, value in chosen.items() if getattr(there, name) != value}
    if not changed:
        return
    for name, before in changed.items():
        setattr(there, name, chosen[name])
        note = f"{name}: {_said(before)} → {_said(chosen[name])}"
        rulings.add(session, "setting", by.id, now(session), note=note)
    # Visitors' pages show some of it: none that is kept is as it should be now.
    grounds.touch_all(session)


def premoderate(session: Session, actor: str, essay_id: int, is_on: bool) -> None:
    """Hold every reply in an essay until a moderator has seen it, or no more. Twice is once. Raises Forbidden."""
    ground = grounds.on_essay(session, actor, essay_id)
    ground.must_moderate()
    if ground.essay.premoderated == is_on:
        return
    ground.essay.premoderated = is_on
    rulings.record(session, ground, "premoderate", reason="on" if is_on else "off")
    ground.touch()


def _said(value: str | bool) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else value or "environment"
