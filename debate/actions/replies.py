"""Posting, editing and withdrawing replies."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import false, select
from sqlalchemy.orm import Session, load_only

from debate.actions import counts, evidence, finds, holding, moderation, notices, paces, revisions, rulings
from debate.actions.evidence import Evidence
from debate.models import Lock, Reply, ReplyEdit, Ruling
from debate.models.replies import step
from debate.queries import ground as grounds
from debate.queries import texts
from debate.queries.ground import Ground
from debate.refusals import Forbidden, Gone, Missing, Twice
from debate.text import terms
from debate.text.message import N_

UNDER_LOCK_NOTE = "A moderator replied under the lock."


@dataclass(frozen=True)
class Words:
    """What someone has to say: stance toward the parent, the words and their HTML, perhaps a source.

    `key` is the form's: the same key and words again are the same reply. `wording` is the id of what the paragraph said
    on the page that it was written on; 0 for what it says now.
    """

    stance: str
    body: str
    html: str
    source: Evidence | None = None
    key: str = ""
    wording: int = 0


def post(session: Session, actor: str, paragraph_id: int, parent_id: int | None, words: Words) -> int:
    """Store a reply under a paragraph (`parent_id` None) or a reply; returns its id, or the first one's if repeated.

    What a moderator has to look at first is held: only its writer and moderators see it. Raises SignedOut, Barred,
    Missing, Forbidden (paragraph not debatable), Gone (parent removed), Locked, Twice, TooFast.
    """
    if parent_id is None:
        ground = grounds.on_paragraph(session, actor, paragraph_id)
    else:
        ground = grounds.on_reply(session, actor, parent_id)
    once = _once(paragraph_id, parent_id, words)
    alike = terms.alike(words.body, ground.essay.language)
    first = _posted_before(session, ground, once, alike, words)
    if first is not None and once is not None and first.once == once:
        if first.state in ("hidden", "withdrawn", "erased"):
            raise Gone(first.state)
        return first.id
    lock = _may_be_answered(ground)
    if first is not None:
        raise Twice(N_("You posted this already."), first.id)
    holding.slow_down(session, ground)
    why = holding.why(session, ground, words.body, words.html, alike, has_source=words.source is not None)
    reply = _placed(session, ground, words, once, under_lock=lock is not None, state="held" if why else "visible")
    reply.alike = alike
    finds.reply(session, ground.essay, reply)
    if not why:
        counts.visible(session, ground, reply, 1)  # before the source, which counts itself
    if words.source is not None:
        evidence.attach(session, ground, reply, words.source)
    ground.touch()
    if why:
        ground.essay.newest_id = max(ground.essay.newest_id, reply.id)
        holding.wait(session, ground, reply, why)
    else:
        notices.answered(session, ground, reply)
    if lock is not None:
        rulings.record(
            session, ground, "reply", paragraph_id=reply.paragraph_id, reply_id=reply.id, note=UNDER_LOCK_NOTE
        )
    session.flush()
    return reply.id


def edit(session: Session, actor: str, reply_id: int, body: str, html: str, wording: int = 0) -> None:
    """Give an own reply new words; the old ones stay in its history. The same words again change nothing. They answer
    what the paragraph said where they were written (`wording`, as for post).
    """
    ground = grounds.on_reply(session, actor, reply_id)
    reply = ground.must_be_own("You can edit your own replies only.")
    if reply.state != "held":
        ground.must_be_visible()
    ground.must_be_open()
    if body == reply.body:
        return
    paces.keep(session, "edit", ground.actor, ground.now)
    session.add(ReplyEdit(reply_id=reply.id, number=reply.edits, body=reply.body, html=reply.html, until=ground.now))
    reply.edits += 1
    reply.body, reply.html, reply.changed_at = body, html, ground.now
    reply.alike = terms.alike(body, ground.essay.language)
    revisions.answer(session, reply, texts.seen(session, ground.essay, reply.paragraph_id, wording) or reply.wording_id)
    notices.edited(session, ground, reply)
    finds.reply(session, ground.essay, reply)
    why = holding.why(session, ground, body, html, reply.alike, has_source=False, reply=reply)
    if why and reply.state == "visible":
        moderation.shift(session, ground, "held")
    if reply.state == "held":
        holding.wait(session, ground, reply, why)
    ground.touch()
    session.flush()


def withdraw(session: Session, actor: str, reply_id: int) -> None:
    """Take an own reply back, for good; a lock does not forbid it. Twice is once."""
    ground = grounds.on_reply(session, actor, reply_id)
    reply = ground.must_be_own("You can withdraw your own replies only.")
    if reply.state == "withdrawn":
        return
    if reply.state == "erased":
        raise Gone(reply.state)
    moderation.shift(session, ground, "withdrawn")
    moderation.close(session, ground, None)
    rulings.close_appeals(session, None, Ruling.reply_id == reply.id, Ruling.act != "lock", at=ground.now)
    session.flush()


def _may_be_answered(ground: Ground) -> Lock | None:
    """The lock that a moderator writes under, or None; raises Archived, Gone, Forbidden, Locked."""
    ground.must_be_live()
    if ground.reply is not None:
        ground.must_be_visible()
    elif ground.paragraph is not None and not ground.paragraph.debatable:
        raise Forbidden(N_("This part of the essay is not open to debate."))
    if not ground.actor.moderates(ground.essay.id):
        ground.must_be_open()
    return ground.locked_by()


def _once(paragraph_id: int, parent_id: int | None, words: Words) -> str | None:
    if not words.key:
        return None
    source = repr(words.source) if words.source else ""
    parts = (words.key, str(paragraph_id), str(parent_id), words.stance, words.body, source)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _posted_before(session: Session, ground: Ground, once: str | None, alike: str, words: Words) -> Reply | None:
    """What the actor posted with the same form, else the last that says the same in the same place."""
    same = (
        (Reply.alike == alike)
        & (Reply.paragraph_id == (ground.paragraph.id if ground.paragraph else None))
        & Reply.parent_id.is_not_distinct_from(ground.reply.id if ground.reply else None)
        & (Reply.body == words.body)
        & Reply.state.not_in(("withdrawn", "erased"))
    )
    by_form = (Reply.once == once) if once is not None else false()
    found = session.scalars(
        select(Reply)
        .options(load_only(Reply.state, Reply.once, Reply.made_at))
        .where(Reply.author_id == ground.actor.id, by_form | same)
        .order_by(Reply.id.desc())
    ).all()
    return next((reply for reply in found if once is not None and reply.once == once), found[0] if found else None)


def _placed(session: Session, ground: Ground, words: Words, once: str | None, *, under_lock: bool, state: str) -> Reply:
    paragraph, parent = ground.paragraph, ground.reply
    wording_id = texts.seen(session, ground.essay, paragraph.id, words.wording) if paragraph else None
    if paragraph is None or wording_id is None:
        raise Missing
    side = words.stance
    if parent is not None:
        side = parent.side if words.stance == "pro" else _other(parent.side)
    reply = Reply(
        essay_id=ground.essay.id,
        paragraph_id=paragraph.id,
        parent_id=parent.id if parent else None,
        wording_id=wording_id,
        author_id=ground.actor.id,
        stance=words.stance,
        side=side,
        depth=parent.depth + 1 if parent else 1,
        path="",
        body=words.body,
        html=words.html,
        under_lock=under_lock,
        state=state,
        once=once,
        made_at=ground.now,
    )
    session.add(reply)
    session.flush()  # its id is part of its path
    reply.path = (parent.path if parent else "") + step(reply.id, reply.stance)
    return reply


def _other(side: str) -> str:
    return "con" if side == "pro" else "pro"
