"""What slows a reply down or holds it until a moderator has seen it. Nothing here looks at what side it takes."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from debate.actions import paces
from debate.models import Item, Reply, Site, User, Writer
from debate.models.replies import STEP, ids_of
from debate.queries import items, search
from debate.queries.ground import Ground
from debate.refusals import Forbidden
from debate.text.message import Message

FIRST_POSTS = 3  # an account that registered itself posts no link unseen before so many of its replies stand
MOST_LINKS = 2  # and in its first days never more of them at once
ALIKE_FROM = 3  # other accounts that said the same within a day: the next one is held
FEW_WORDS_FROM = 5  # the same for a few words, which people also come upon by themselves
SLOWEST = 60  # minutes that a reported branch makes people wait at most


def slow_down(session: Session, ground: Ground) -> None:
    """Count a reply about to be posted. Raises TooFast where that was too often, or too soon in a reported branch:
    as many minutes between two replies of one person as reports wait about what is answered and all above it.
    """
    if ground.actor.moderates(ground.essay.id) or not paces.are_on(session):
        return
    above = ground.reply
    if above is not None:
        hot = items.heat(session, [*above.ancestor_ids, above.id])
        if hot:
            top = above.path[: (ids_of(above.path).index(hot[0]) + 1) * STEP]
            last = session.scalar(
                select(func.max(Reply.made_at)).where(
                    Reply.author_id == ground.actor.id,
                    Reply.paragraph_id == above.paragraph_id,
                    Reply.path.startswith(top, autoescape=True),
                    Reply.path != top,
                    Reply.made_at <= ground.now,  # not by a clock that has gone back since
                )
            )
            until = last + timedelta(minutes=min(hot[1], SLOWEST)) if last is not None else None
            if until is not None and until > ground.now:
                raise paces.too_fast("branch", until)
    paces.keep(session, "reply", ground.actor, ground.now)


def why(
    session: Session, ground: Ground, body: str, html: str, alike: str, *, has_source: bool, reply: Reply | None = None
) -> str:
    """Why what somebody says is to be held, one of models.reports.HELD_FOR; else empty. `reply`: it is edited."""
    actor = ground.actor
    if actor.moderates(ground.essay.id):
        return ""
    if ground.essay.premoderated:
        return "essay"
    if _others_alike(session, ground, alike) >= (FEW_WORDS_FROM if alike.startswith("=") else ALIKE_FROM):
        return "alike"
    if actor.new_until is None or not paces.are_on(session):
        return ""
    site = session.get(Site, 1)
    if actor.is_new and site is not None and site.holds_new:
        return "new"
    links = html.count("<a ") + has_source
    if links > MOST_LINKS and actor.is_new:
        return "links"
    if links and standing_replies(session, actor.id) < FIRST_POSTS:
        return "links"
    if actor.is_new and _nearly_alike(session, ground, body) >= ALIKE_FROM:
        return "alike"
    if actor.is_new and reply is None and paces.is_too_many(session, "new replies", paces.NEW_ON_THE_SITE, ground.now):
        return "many"
    return ""


def standing_replies(session: Session, person_id: int) -> int:
    """How many replies of an account are visible."""
    return session.scalar(select(func.sum(Writer.reply_count)).where(Writer.user_id == person_id)) or 0


def must_have_stood(session: Session, person: User, why: Message) -> None:
    """What cannot be held as a reply can comes with a new account's first replies. Raises Forbidden."""
    if person.new_until is None or not paces.are_on(session):
        return
    if standing_replies(session, person.id) < FIRST_POSTS:
        raise Forbidden(why)


def wait(session: Session, ground: Ground, reply: Reply, why: str) -> None:
    """Put a held reply into the queue, once; why (empty): as the last time."""
    if not why:
        before = select(Item.why).where(Item.reply_id == reply.id, Item.kind == "held").order_by(Item.id.desc())
        why = session.scalar(before.limit(1)) or "essay"
    item = session.scalar(select(Item).where(Item.reply_id == reply.id, Item.kind == "held", Item.closed_at.is_(None)))
    if item is None:
        item = Item(
            kind="held", essay_id=reply.essay_id, reply_id=reply.id, opened_at=ground.now, why=why, report_count=0
        )
        session.add(item)
    item.edit, item.why = reply.edits, why


def _others_alike(session: Session, ground: Ground, alike: str) -> int:
    """How many other accounts have posted the same words within a day, in whatever order and spelling: in this essay,
    and for a new account anywhere."""
    where = [] if ground.actor.is_new else [Reply.essay_id == ground.essay.id]
    question = select(func.count(Reply.author_id.distinct())).where(
        Reply.alike == alike,
        Reply.author_id != ground.actor.id,
        Reply.made_at > ground.now - timedelta(days=1),
        Reply.state != "withdrawn",
        *where,
    )
    return session.scalar(question) or 0


def _nearly_alike(session: Session, ground: Ground, body: str) -> int:
    """How many other accounts have said nearly the same in this essay within a day."""
    found = search.similar(session, ground.essay, "", body, least=0.8, limit=20)
    day = ground.now - timedelta(days=1)
    return len({one.author_id for one in found if one.author_id != ground.actor.id and one.made_at > day})
