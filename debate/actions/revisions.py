"""Revising an essay: its paragraphs go on as planned, and those whose words answer others than before are told."""

import json

from sqlalchemy import delete, insert, literal, select, union, update
from sqlalchemy.orm import Session

from debate.actions import finds, paces
from debate.actions import texts as storing
from debate.actions.essays import Said, on_own
from debate.actions.texts import There
from debate.db import now
from debate.models import Confirmation, Essay, Notice, Paragraph, Reply, Revision, Vote
from debate.models.replies import IS_VISIBLE
from debate.queries import ground as grounds
from debate.queries import texts
from debate.refusals import Forbidden, Gone, Missing, Outdated
from debate.text.message import N_
from debate.text.plan import Plan

STAYS_OPEN = N_(
    "Something was said under a paragraph that you want to close: leave it open; only a moderator's lock closes it now."
)


def revise(
    session: Session, actor: str | None, essay_id: int, plan: Plan, said: Said, *, note: str = "", base: int
) -> int:
    """Give an essay a new text; returns the number of its revision. `base` is the revision that the plan starts from.

    `actor` None: by the command line. Raises Outdated where the essay was revised meanwhile, Forbidden (not one's own;
    a paragraph with replies closed), Missing (a draft, which is saved instead), TooFast.
    """
    ground = on_own(session, actor, essay_id) if actor is not None else None
    essay = ground.essay if ground is not None else grounds.held(session, essay_id)
    at = now(session)
    if essay.status == "draft":
        raise Missing
    if essay.revision != base:
        raise Outdated
    if ground is not None:
        paces.keep(session, "revise", ground.actor, at)
    there = storing.present(session, essay)
    _may_switch(session, plan, there)
    revision = Revision(
        essay_id=essay.id,
        number=base + 1,
        title=plan.title,
        format=said.format,
        note=note,
        summary=json.dumps(plan.counts),
        by_id=ground.actor.id if ground is not None else None,
        made_at=at,
    )
    session.add(revision)
    session.flush()
    before = texts.now(session, essay).wording_ids
    if essay.language != said.language:
        essay.language = said.language
        finds.again(session, essay)
    changed = storing.store(session, essay, revision, plan, there)
    essay.revision, essay.title = revision.number, plan.title
    essay.version += 1
    session.flush()
    session.execute(
        update(Paragraph)
        .where(Paragraph.essay_id == essay.id)
        .values(version=Paragraph.version + 1)
        .execution_options(synchronize_session=False)
    )
    _tell(session, essay, revision, {before[paragraph.id] for paragraph in changed})
    return revision.number


def confirm(session: Session, actor: str, reply_id: int, wording: int = 0, edit: int | None = None) -> None:
    """The writer of a reply says that it answers the words of today too; a voter, that the vote is on them. Twice is
    once. Where they changed again since, it is those that were looked at: the paragraph's `wording` (an id; 0: of now),
    the reply's `edit` (how often it had been edited; none: as often as now). What was confirmed of later words stays.
    Raises Forbidden where the actor has nothing there, Gone, Missing, Archived, Locked (votes), TooFast.
    """
    ground = grounds.on_reply(session, actor, reply_id)
    ground.must_be_live()
    reply = ground.reply
    if reply is None:
        raise Missing
    wording_id = texts.seen(session, ground.essay, reply.paragraph_id, wording) or reply.wording_id
    if reply.author_id == ground.actor.id:
        if reply.state in ("withdrawn", "erased"):
            raise Gone(reply.state)
        if not texts.is_later(session, ground.essay, wording_id, reply.wording_id):
            return
        paces.keep(session, "confirm", ground.actor, ground.now)
        answer(session, reply, wording_id)
    else:
        ground.must_be_visible()
        ground.must_be_open(votes=True)
        vote = session.get(Vote, (ground.actor.id, reply.id))
        if vote is None:
            raise Forbidden(N_("You have not voted on this reply."))
        looked_at = max(vote.edit, reply.edits if edit is None else min(edit, reply.edits))
        if not texts.is_later(session, ground.essay, wording_id, vote.wording_id):
            wording_id = vote.wording_id
        if (vote.edit, vote.wording_id) == (looked_at, wording_id):
            return
        paces.keep(session, "confirm", ground.actor, ground.now)
        vote.edit, vote.wording_id = looked_at, wording_id
    ground.touch()
    session.flush()


def answer(session: Session, reply: Reply, wording_id: int) -> None:
    """A reply answers these words of its paragraph from now on; what it answered until now is kept."""
    if reply.wording_id != wording_id:
        session.add(Confirmation(reply_id=reply.id, wording_id=reply.wording_id, made_at=now(session)))
        reply.wording_id = wording_id


def _may_switch(session: Session, plan: Plan, there: dict[str, There]) -> None:
    switched = [
        there[step.key].paragraph.id
        for step in plan.steps
        if step.key in there and there[step.key].paragraph.debatable != step.debatable
    ]
    if switched and session.scalar(select(Reply.id).where(Reply.paragraph_id.in_(switched)).limit(1)) is not None:
        raise Forbidden(STAYS_OPEN)


def _tell(session: Session, essay: Essay, revision: Revision, wording_ids: set[int]) -> None:
    """Tell once, however many their words: who wrote against one of these wordings, or voted on what did. Who was told
    of an earlier change and has done nothing since is not told again."""
    if not wording_ids:
        return
    standing = Reply.state.not_in(("withdrawn", "erased"))
    writers = select(Reply.author_id.label("id")).where(
        Reply.essay_id == essay.id, Reply.wording_id.in_(wording_ids), standing
    )
    voters = (
        select(Vote.user_id.label("id"))
        .join(Reply, Reply.id == Vote.reply_id)
        .where(Reply.essay_id == essay.id, IS_VISIBLE, Vote.wording_id.in_(wording_ids))
    )
    people = union(writers, voters).subquery()
    of_essay = select(Revision.id).where(Revision.essay_id == essay.id)
    session.execute(
        delete(Notice)
        .where(Notice.kind == "reworded", Notice.read_at.is_(None), Notice.revision_id.in_(of_essay))
        .where(Notice.user_id.in_(select(people.c.id)))
        .execution_options(synchronize_session=False)
    )
    told = select(
        people.c.id, literal("reworded"), literal(revision.id), literal(revision.made_at, Notice.made_at.type)
    )
    if revision.by_id is not None:
        told = told.where(people.c.id != revision.by_id)
    session.execute(insert(Notice).from_select(["user_id", "kind", "revision_id", "made_at"], told))
