"""Describing sources, and merging those that are one thing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from debate.actions import counts, finds, holding, paces, rulings, sites
from debate.db import now, removed
from debate.models import Citation, Reply, Source, SourceEdit, User
from debate.models.evidence import DESCRIPTION
from debate.queries import ground as grounds
from debate.queries import sources
from debate.refusals import Forbidden, Invalid, Missing, Outdated, Twice
from debate.text.message import N_

ONLY_MODERATORS = N_("Only moderators of the site merge and separate sources.")
NEW_ACCOUNTS_DESCRIBE = N_("New accounts describe sources once three replies of their own stand.")


@dataclass(frozen=True)
class Description:
    """What is said of a source; see models.Described."""

    title: str = ""
    authors: str = ""
    year: int | None = None
    publisher: str = ""
    kind: str = ""
    archive_url: str = ""


def describe(session: Session, actor: str, source_id: int, said: Description, edit: int) -> None:
    """Describe a source in other words; what it was called before stays in its history. The same words change nothing.

    `edit` is the state of the source that the actor has seen. Raises SignedOut, Barred, Missing, Forbidden (new
    accounts), TooFast, and Outdated where somebody else described it meanwhile.
    """
    by = grounds.actor(session, actor)
    site = sites.row(session)
    source = _held(session, source_id)
    if source.merged_into_id is not None or not sources.used(session, source).count:
        raise Missing
    if all(getattr(source, name) == value for name, value in asdict(said).items()):
        return
    if source.edits != edit:
        raise Outdated
    at = now(session)
    paces.keep(session, "describe", by, at)
    if not by.moderates_some:
        holding.must_have_stood(session, by, NEW_ACCOUNTS_DESCRIBE)
    _write(session, source, by, "describe", asdict(said))
    site.source_changes += 1
    finds.source(session, [source.id])
    session.flush()


def merge(session: Session, actor: str, source_id: int, into_id: int, why: str) -> None:
    """Count a source as another from now on: its citations go with it. Nothing is lost: see `separate`.

    Raises SignedOut, Missing, Forbidden, Invalid (the same source), Twice (merged already).
    """
    by = _moderator(session, actor)
    site = sites.row(session)
    first, second = sorted((source_id, into_id))
    held = {first: _held(session, first), second: _held(session, second)}
    source, into = held[source_id], held[into_id]
    if source is into:
        raise Invalid({"into": N_("A source cannot be merged into itself.")})
    if source.merged_into_id is not None:
        raise Twice(N_("This source is merged into another already."))
    if into.merged_into_id is not None:
        raise Invalid({"into": N_("That source is merged into another itself. Name the other one.")})
    source.merged_into_id = into.id
    _move(session, Citation.source_id == source.id, into)
    _write(session, source, by, "merge", {}, into.id)
    _log(session, by, "merge", source, into.id, why)
    site.source_changes += 1


def separate(session: Session, actor: str, source_id: int, why: str) -> None:
    """Take back a merge, also long after: what was cited by this source's own address is counted as it again.

    Raises SignedOut, Missing, Forbidden, Twice (not merged).
    """
    by = _moderator(session, actor)
    site = sites.row(session)
    source = _held(session, source_id)
    if source.merged_into_id is None:
        raise Twice(N_("This source is not merged into another."))
    other_id, source.merged_into_id = source.merged_into_id, None
    session.flush()
    _move(session, Citation.given_id.in_(_counted_as(session, source.id)), source)
    _write(session, source, by, "separate", {}, other_id)
    _log(session, by, "separate", source, other_id, why)
    site.source_changes += 1


def hide_edit(session: Session, actor: str, source_id: int, number: int, why: str, *, hidden: bool) -> None:
    """Hide an earlier description from all but moderators, or show it again; the same again changes nothing.

    Raises SignedOut, Missing, Forbidden (all but moderators, and for what the source is called now).
    """
    by = _moderator(session, actor)
    site = sites.row(session)
    source = _held(session, source_id)
    edit = session.scalar(select(SourceEdit).where(SourceEdit.source_id == source.id, SourceEdit.number == number))
    if edit is None:
        raise Missing
    if edit.hidden == hidden:
        return
    if all(getattr(edit, name) == getattr(source, name) for name in DESCRIPTION):
        raise Forbidden(N_("The source is described like this now: describe it otherwise first."))
    edit.hidden = hidden
    if hidden:
        removed(session)
    _log(session, by, "hide-edit" if hidden else "show-edit", source, number, why)
    site.source_changes += 1


def _counted_as(session: Session, source_id: int) -> list[int]:
    """A source and all that was merged into it, straight or by way of others."""
    found = [source_id]
    for one in found:
        found += session.scalars(select(Source.id).where(Source.merged_into_id == one).order_by(Source.id))
    return found


def _move(session: Session, which: ColumnElement[bool], to: Source) -> None:
    """Count citations as another source, in every essay."""
    moved = session.execute(select(Citation.id, Citation.reply_id, Citation.source_id).where(which)).all()
    session.execute(
        update(Citation)
        .where(Citation.id.in_([row.id for row in moved]))
        .values(source_id=to.id)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Reply)
        .where(Reply.id.in_({row.reply_id for row in moved}))
        .values(evidence_version=Reply.evidence_version + 1)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    counts.recite(session, sorted({to.id, *(row.source_id for row in moved)}))
    finds.source(session, [to.id])


def _moderator(session: Session, actor: str) -> User:
    grounds.hold_all(session)
    by = grounds.actor(session, actor)
    if not by.is_moderator:
        raise Forbidden(ONLY_MODERATORS)
    return by


def _held(session: Session, source_id: int) -> Source:
    found = session.get(Source, source_id, with_for_update={"key_share": True}, populate_existing=True)
    if found is None:
        raise Missing
    return found


def _log(session: Session, by: User, act: str, source: Source, about: int, why: str) -> None:
    """Add a ruling on a source; `about` is the other source, or the number of the description."""
    rulings.add(session, act, by.id, now(session), note=f"{source.id} → {about}: {why}"[:1000])


def _write(
    session: Session, source: Source, by: User, act: str, said: Mapping[str, object], other_id: int | None = None
) -> None:
    """Add to a source's history how it is described now."""
    for name, value in said.items():
        setattr(source, name, value)
    source.edits += 1
    session.add(
        SourceEdit(
            source_id=source.id,
            number=source.edits,
            act=act,
            other_id=other_id,
            by_id=by.id,
            made_at=now(session),
            **{name: getattr(source, name) for name in DESCRIPTION},
        )
    )
    session.flush()
