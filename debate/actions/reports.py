"""Reporting replies, appealing rulings."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from debate import rules
from debate.actions import paces
from debate.db import now
from debate.models import Appeal, Item, Reply, Report, Ruling, User
from debate.queries import ground as grounds
from debate.queries import items, rulings
from debate.refusals import UNDONE, Forbidden, Missing, Twice
from debate.text.message import N_


@dataclass(frozen=True)
class Flag:
    """Why somebody reports a reply; a visitor may leave a contact."""

    reason: str
    note: str = ""
    contact: str = ""


def report(session: Session, actor: str | None, visitor: str | None, reply_id: int, flag: Flag) -> None:
    """Flag a visible reply for moderators: by an account, or by a visitor known by a digest. One item waits a reply.

    Raises Missing, Gone, Barred, Forbidden (own reply), TooFast; Twice where the same words were reported by the same
    person before, or were looked at by a moderator and left alone.
    """
    person = None
    if actor is None:
        reply, at = grounds.visited(session, reply_id)
    else:
        ground = grounds.on_reply(session, actor, reply_id)
        reply, at, person = ground.must_be_visible(), ground.now, ground.actor
    if person is not None and reply.author_id == person.id:
        raise Forbidden(N_("This is your own reply: you can edit or withdraw it."))
    if items.was_left_alone(session, reply):
        raise Twice(N_("A moderator has looked at these words already and left them as they are."), reply.id)
    is_first = _is_first(session, person, visitor, reply, flag)
    if person is not None and not is_first:
        raise Twice(N_("You have reported this already. A moderator will look at it."), reply.id)
    paces.keep(session, "report" if person is not None else "visit report", person, at)
    item = session.scalar(
        select(Item).where(Item.reply_id == reply.id, Item.kind == "reported", Item.closed_at.is_(None))
    )
    if item is None:
        item = Item(
            kind="reported", essay_id=reply.essay_id, reply_id=reply.id, edit=reply.edits, report_count=0,
            opened_at=at,
        )  # fmt: skip
        session.add(item)
        session.flush()
    item.edit, item.report_count = reply.edits, item.report_count + is_first
    session.add(
        Report(
            item_id=item.id,
            reply_id=reply.id,
            by_id=person.id if person else None,
            visitor=None if person else visitor,
            contact="" if person else flag.contact,
            reason=flag.reason,
            note=flag.note,
            edit=reply.edits,
            made_at=at,
        )
    )
    session.flush()


def _is_first(session: Session, person: User | None, visitor: str | None, reply: Reply, flag: Flag) -> bool:
    """Whether nobody like this has reported these words. Visitors of one network cannot be told apart: what another one
    says is kept, and counts once. Raises Twice for the very same report by a visitor.
    """
    who = Report.by_id == person.id if person is not None else Report.visitor == visitor
    there = session.scalars(select(Report).where(who, Report.reply_id == reply.id, Report.edit == reply.edits)).all()
    said = (flag.reason, flag.note, flag.contact)
    if person is None and any((one.reason, one.note, one.contact) == said for one in there):
        raise Twice(N_("You have reported this already. A moderator will look at it."), reply.id)
    return not there


def appeal(session: Session, actor: str, ruling_id: int, words: str) -> int:
    """Ask for a ruling on oneself to be looked at again, by another moderator; returns the appeal's id.

    Open to who is suspended or banned too. Raises Missing, Forbidden, Twice.
    """
    person = grounds.actor(session, actor, barred_too=True)
    ruling = session.get(Ruling, ruling_id, with_for_update={"key_share": True})
    if ruling is None:
        raise Missing
    reply = session.get(Reply, ruling.reply_id) if ruling.reply_id is not None else None
    if not rules.may_appeal(person, ruling, reply):
        raise Forbidden(N_("Only rulings on you or on what you wrote can be appealed."))
    if session.scalar(select(Appeal.id).where(Appeal.ruling_id == ruling.id)) is not None:
        raise Twice(N_("You have appealed this already. One appeal a ruling."))
    if rulings.is_undone(session, ruling):
        raise Twice(UNDONE)
    at = now(session)
    made = Appeal(ruling_id=ruling.id, by_id=person.id, words=words, made_at=at)
    session.add(made)
    session.flush()
    session.add(
        Item(
            kind="appeal",
            essay_id=ruling.essay_id,
            reply_id=ruling.reply_id,
            user_id=person.id,
            appeal_id=made.id,
            opened_at=at,
        )
    )
    session.flush()
    return made.id
