"""Publishing essays, and what becomes of them: drafts, shared by a link; unpublished, archived, published again."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from slugify import slugify
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from debate import rules
from debate.actions import finds, paces, rulings
from debate.actions import texts as storing
from debate.db import now, removed
from debate.models import Essay, Paragraph, Placement, Revision, User, Visit, Wording
from debate.models.essays import DRAFT
from debate.queries import essays, texts, users
from debate.queries import ground as grounds
from debate.queries.ground import Ground
from debate.queries.rulings import retirement
from debate.refusals import Archived, Barred, Forbidden, Missing, Outdated, Twice
from debate.text.essay import Draft
from debate.text.message import N_
from debate.text.plan import Plan, first

RESERVED_SLUGS = {"new"}
SAME_TEXT_WITHIN = timedelta(minutes=10)
NOT_YOURS = N_("This is the author's to do, or a moderator's where the essay has no account as its author.")
ONLY_MODERATORS_PUBLISH = N_("Only moderators can publish essays here.")
TWICE = {"draft": N_("You saved this text already."), "published": N_("You published this text already.")}


@dataclass(frozen=True)
class Said:
    """What goes with a text: what it is written in (BCP 47), and whether its source is txt or md."""

    language: str = "en"
    format: str = "txt"


def have_read(session: Session, actor: str) -> None:
    """Somebody has a file read, which may take long: counted before. Raises SignedOut, Barred, TooFast."""
    paces.keep(session, "file", grounds.actor(session, actor), now(session))


def publish_own(
    session: Session, actor: str, publishing: str, plan: Plan, said: Said, *, author_name: str, as_draft: bool
) -> str:
    """Store an essay or a draft of the actor's, whose own it is unless it names another author; returns its slug.

    `publishing` is the setting. Raises SignedOut, Forbidden, Barred, Twice, TooFast.
    """
    by = grounds.actor(session, actor)
    if not rules.may_publish(by, publishing):
        raise Forbidden(ONLY_MODERATORS_PUBLISH)
    paces.keep(session, "publish", by, now(session))
    name = author_name or by.name
    return publish(
        session,
        plan,
        author_name=name,
        owner_id=by.id if as_draft or name == by.name else None,
        by_id=by.id,
        language=said.language,
        format=said.format,
        as_draft=as_draft,
    )


def publish(
    session: Session,
    draft: Draft | Plan,
    *,
    author_name: str,
    owner_id: int | None,
    by_id: int | None,
    language: str = "en",
    format: str = "txt",
    as_draft: bool = False,
) -> str:
    """Store an essay with its first revision, for all to read or as a draft; returns its slug.

    Raises Twice where the same person published the same text a moment ago (a double click), Barred.
    """
    plan = draft if isinstance(draft, Plan) else first(draft.title, draft.blocks)
    at = now(session)
    if by_id is not None:
        _must_be_welcome(session, plan, by_id, at)
    essay = Essay(
        title=plan.title,
        author_name=author_name,
        owner_id=owner_id,
        language=language,
        status="draft" if as_draft else "published",
        made_at=at,
        debated_at=at,
    )
    if as_draft:
        _place_draft(session, essay)
    else:
        _place(session, essay)
    revision = Revision(essay_id=essay.id, number=1, title=plan.title, format=format, by_id=by_id, made_at=at)
    session.add(revision)
    session.flush()
    storing.store(session, essay, revision, plan, {})
    return essay.slug


def save(
    session: Session, actor: str, essay_id: int, plan: Plan, said: Said, base: int, publishing: str | None = None
) -> str:
    """Write a draft over, and publish it where `publishing` (the setting) is given; returns the essay's slug.

    `base` is its version when the form was made. Raises Outdated where it is another by now, Forbidden.
    """
    ground = on_own(session, actor, essay_id)
    essay = ground.essay
    if essay.status != "draft" or essay.version != base:
        raise Outdated
    revision = session.scalars(select(Revision).where(Revision.essay_id == essay.id)).one()
    of_it = select(Paragraph.id).where(Paragraph.essay_id == essay.id)
    session.execute(delete(Placement).where(Placement.revision_id == revision.id))
    session.execute(delete(Wording).where(Wording.paragraph_id.in_(of_it)))
    session.execute(delete(Paragraph).where(Paragraph.essay_id == essay.id))
    essay.title = revision.title = plan.title
    essay.language, revision.format, revision.made_at = said.language, said.format, ground.now
    essay.version += 1
    storing.store(session, essay, revision, plan, {})
    if publishing is not None:
        _publish_draft(session, ground, publishing)
    return essay.slug


def share(session: Session, actor: str, essay_id: int, *, on: bool) -> None:
    """Make a secret link to a draft, another than before, or take it back. Raises Missing where it is no draft."""
    ground = on_own(session, actor, essay_id)
    if ground.essay.status != "draft":
        raise Missing
    ground.essay.share = secrets.token_hex(16) if on else ""
    session.flush()


def discard(session: Session, actor: str, essay_id: int) -> None:
    """Delete a draft that was never published, which nobody can have answered. Raises Missing where it is no draft."""
    if on_own(session, actor, essay_id).essay.status != "draft":
        raise Missing
    delete_draft(session, essay_id)


def delete_draft(session: Session, essay_id: int) -> None:
    """The same where it was asked whose it is."""
    of_it = select(Paragraph.id).where(Paragraph.essay_id == essay_id)
    revisions = select(Revision.id).where(Revision.essay_id == essay_id)
    session.execute(delete(Placement).where(Placement.revision_id.in_(revisions)))
    session.execute(delete(Wording).where(Wording.paragraph_id.in_(of_it)))
    for model in (Paragraph, Revision, Visit):
        session.execute(delete(model).where(model.essay_id == essay_id))
    session.execute(delete(Essay).where(Essay.id == essay_id))


def release(session: Session, actor: str, essay_id: int, publishing: str, note: str = "") -> str:
    """Publish a draft, or what was unpublished, or open what was archived; returns the essay's slug, which follows a
    draft's title. Nothing happens where it is published.

    What a moderator unpublished or archived its author cannot publish again. Raises Missing, Forbidden.
    """
    ground = _may_retire(session, actor, essay_id)
    essay = ground.essay
    if essay.status == "draft":
        _publish_draft(session, ground, publishing)
    elif essay.status != "published":
        act = "publish" if essay.status == "unpublished" else "unarchive"
        ended = retirement(session, essay)
        if not ground.actor.is_moderator and ended is not None and ended.by_id != ground.actor.id:
            raise Forbidden(N_("A moderator did this: only a moderator can take it back."))
        _become(session, ground, "published", act, note)
    return essay.slug


def retire(session: Session, actor: str, essay_id: int, status: str, note: str) -> None:
    """Make a published essay `unpublished` (its author's and moderators' only) or `archived` (read only), with a reason
    for the log. Where it is so already nothing happens, but that a moderator's word takes the place of its author's.
    Raises Missing (a draft), Forbidden."""
    ground = _may_retire(session, actor, essay_id)
    essay = ground.essay
    if essay.status == "draft":
        raise Missing
    ended = retirement(session, essay)
    ended_by = ended.by_id if ended is not None else ground.actor.id
    if essay.status == status and (ended_by == ground.actor.id or ended_by != essay.owner_id):
        return
    if ended_by != ground.actor.id and not ground.actor.is_moderator:
        raise Forbidden(N_("A moderator did this: only a moderator can take it back."))
    _become(session, ground, status, {"unpublished": "unpublish", "archived": "archive"}[status], note)


def on_own(session: Session, actor: str, essay_id: int) -> Ground:
    """Ground for a change of one's own essay (a moderator's of one that has no owner). Raises Forbidden, Missing,
    Archived."""
    ground = grounds.on_essay(session, actor, essay_id)
    if not rules.may_revise(ground.actor, ground.essay):
        raise Forbidden(NOT_YOURS)
    if ground.essay.status == "archived":
        raise Archived(ground.essay)
    return ground


def _may_retire(session: Session, actor: str, essay_id: int) -> Ground:
    ground = grounds.on_essay(session, actor, essay_id)
    if not rules.may_retire(ground.actor, ground.essay):
        raise Forbidden(NOT_YOURS)
    return ground


def _become(session: Session, ground: Ground, status: str, act: str, note: str) -> None:
    ground.essay.status = status
    if status == "unpublished":
        removed(session)
    ruling = rulings.record(session, ground, act, note=note)
    if ground.essay.owner_id is not None:
        rulings.tell(session, ruling, ground.essay.owner_id)
    ground.touch()
    session.flush()


def _publish_draft(session: Session, ground: Ground, publishing: str) -> None:
    if not rules.may_publish(ground.actor, publishing):
        raise Forbidden(ONLY_MODERATORS_PUBLISH)
    essay = ground.essay
    _place(session, essay)
    essay.status, essay.share = "published", ""
    owner = session.get(User, essay.owner_id) if essay.owner_id is not None else None
    if owner is not None and owner.name.casefold() != essay.author_name.casefold():
        essay.owner_id = None  # somebody else's text: whoever brought it in is not its author in the debate
    essay.made_at = essay.debated_at = ground.now
    essay.version += 1
    # Read here and not from what is kept of texts: nothing of this is committed yet.
    of_it = select(Wording).join(Paragraph, Paragraph.id == Wording.paragraph_id).where(Paragraph.essay_id == essay.id)
    for wording in session.scalars(of_it):
        finds.wording(session, essay, wording)
    revision = session.scalars(select(Revision).where(Revision.essay_id == essay.id)).one()
    revision.made_at = ground.now
    session.flush()


def _must_be_welcome(session: Session, plan: Plan, by_id: int, at: datetime) -> None:
    session.execute(select(User.id).where(User.id == by_id).with_for_update(key_share=True))
    bar = users.standing(session, by_id).barred()  # a suspension may have come while the text was read
    if bar is not None:
        raise Barred(bar)
    twins = session.scalars(
        select(Essay)
        .join(Revision, (Revision.essay_id == Essay.id) & (Revision.number == 1))
        .where(Revision.by_id == by_id, Revision.title == plan.title, Revision.made_at > at - SAME_TEXT_WITHIN)
        .where(Essay.revision == 1, Essay.status.in_(("draft", "published")))
    )
    for twin in twins:
        words = [passage.wording.source for passage in texts.of(session, twin).passages]
        if words == [step.block.source for step in plan.steps]:
            raise Twice(TWICE[twin.status], slug=twin.slug)


def _slug(title: str) -> str:
    return slugify(title, max_length=80, word_boundary=True) or "essay"


def _place_draft(session: Session, essay: Essay) -> None:
    """Give a draft an address that tells nobody what it is called, and store its row.

    Where a draft was thrown away SQLite gives its number to the next: forms that were left open must not meet that one.
    """
    essay.slug = f"{DRAFT}{secrets.token_hex(16)}"
    session.add(essay)
    session.flush()
    essay.slug = f"{DRAFT}{essay.id}_{secrets.token_hex(4)}"
    session.flush()


def _place(session: Session, essay: Essay) -> None:
    """Give an essay a free address and store its row; another may take the same address at the same moment."""
    base = _slug(essay.title)
    for _ in range(20):
        taken = essays.slugs_like(session, base) | RESERVED_SLUGS
        number = 1
        slug = base
        while slug in taken:
            number += 1
            slug = f"{base}-{number}"
        try:
            with session.begin_nested():
                essay.slug = slug
                session.add(essay)
            return
        except IntegrityError:
            continue
    raise RuntimeError(f"no free address for {base!r}")
