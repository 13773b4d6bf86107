"""Deciding what waits in the moderators' queue, undoing it, and deciding appeals."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from debate import rules
from debate.actions import locks, moderation, rulings, standings
from debate.actions.locks import Target
from debate.db import now
from debate.models import Item, Notice, Reply, Report, Ruling, User
from debate.queries import ground as grounds
from debate.queries import items, users
from debate.queries import rulings as rulings_of
from debate.queries.ground import Ground
from debate.refusals import NOT_YOURS, OWN_WORDS, UNDONE, Decided, Forbidden, Gone, Invalid, Missing, Twice
from debate.text.message import N_

ON_REPLIES = ("keep", "hide", "lock", "ask", "duplicate", "suspend", "approve")
ON_APPEALS = ("uphold", "overturn")
REFUSALS = (Decided, Forbidden, Gone, Invalid, Missing, Twice)  # one of several may meet them


@dataclass(frozen=True)
class Decision:
    """What a moderator decides: the act, why, and for some acts more.

    `bar` is what happens to the writer: nothing, `suspended` (until `until`), or `banned`. `of` is the id of the reply
    that it says the same as. A lock takes `until` too, and its note as the reason.
    """

    act: str
    reason: str = ""
    note: str = ""
    bar: str = ""
    until: datetime | None = None
    of: int | None = None
    edit: int | None = None  # the wording that was looked at


def decide(session: Session, actor: str, item_id: int, decision: Decision) -> int:
    """Decide an item about a reply; returns the ruling's id.

    Raises Missing, Forbidden (no power there, own words), Decided where another moderator was first, Gone, Invalid.
    """
    if decision.bar:
        grounds.hold_all(session)
    kept = session.get(Item, item_id)
    if kept is None or kept.reply_id is None or kept.kind not in ("reported", "held"):
        raise Missing
    ground = moderation.ruled_on(session, actor, kept.reply_id)
    item = session.get_one(Item, item_id, populate_existing=True)  # while its essay is held
    _must_wait(session, item, ground)
    if decision.edit is not None and decision.edit != moderation.reply_of(ground).edits:
        raise Invalid({"edit": N_("The writer has changed the words meanwhile: look at them again.")})
    ruling = _done(session, ground, item, decision)
    if item.closed_at is None:
        item.closed_at, item.outcome_id = ground.now, ruling.id
    session.flush()
    return ruling.id


def _must_wait(session: Session, item: Item, ground: Ground | None) -> None:
    """Raises Decided where an item is closed by a ruling, Gone where by itself."""
    if item.closed_at is None:
        return
    ruling = rulings_of.one(session, item.outcome_id) if item.outcome_id is not None else None
    if ruling is not None:
        raise Decided(ruling)
    raise Gone(ground.reply.state if ground and ground.reply else "withdrawn")


def _done(session: Session, ground: Ground, item: Item, decision: Decision) -> Ruling:
    act, note = decision.act, decision.note
    if act == "hide":
        ruling = moderation.hidden(session, ground, decision.reason, note)
    elif act == "approve":
        ruling = moderation.approved(session, ground, note)
    elif act == "ask":
        ruling = moderation.asked(session, ground, decision.reason, note)
    elif act == "duplicate" and decision.of is not None:
        ruling = moderation.folded(session, ground, decision.of, note)
    elif act == "lock" and item.kind == "reported":
        ruling = _locked(session, ground, decision)
    elif act == "keep" and item.kind == "reported":
        return moderation.left_alone(session, ground, note)
    elif act == "suspend" and item.kind == "reported" and decision.bar:
        return _bar(session, ground, decision)
    else:
        raise Invalid({"act": N_("Choose what to do.")})
    if decision.bar and not _is_barred(session, ground, decision):
        _bar(session, ground, decision)
    return ruling


def _locked(session: Session, ground: Ground, decision: Decision) -> Ruling:
    reply = moderation.reply_of(ground)
    target = Target(reply.essay_id, reply.paragraph_id, reply.id)
    _, ruling = locks.placed(session, ground, target, decision.note, decision.until, False)
    moderation.close(session, ground, ruling)
    return ruling


def _is_barred(session: Session, ground: Ground, decision: Decision) -> bool:
    """Whether the writer is barred already from as much, as gravely, and for as long as was decided."""
    from_where = None if ground.actor.is_moderator else ground.essay.id
    there = users.standing(session, moderation.reply_of(ground).author_id).barred(from_where)
    if there is None or (there.kind, decision.bar) == ("suspended", "banned"):
        return False
    return there.until is None or (decision.until is not None and there.until >= decision.until)


def _bar(session: Session, ground: Ground, decision: Decision) -> Ruling:
    """Bar the writer: from the whole site, or, by a moderator of one essay, from that (where nobody is banned)."""
    writer, by = users.standing(session, moderation.reply_of(ground).author_id), ground.actor
    everywhere = by.is_moderator
    if not everywhere and decision.bar == "banned":
        raise Invalid({"bar": N_("Only moderators of the whole site ban accounts.")})
    may = rules.may_suspend(by, writer) if everywhere else not writer.moderates(ground.essay.id)
    if not may or writer.id == by.id:
        raise Forbidden(NOT_YOURS)
    essay_id = None if everywhere else ground.essay.id
    return standings.barred(
        session, by, writer, decision.bar, decision.until, decision.reason, decision.note, ground.now, essay_id
    )


def undo(session: Session, actor: str, ruling_id: int) -> int:
    """Take back a ruling of one's own within ten minutes: all is as before, and what waited waits again.

    Returns the new ruling's id. Raises Missing, Forbidden (another's, too late, not of that kind), Twice, Gone.
    """
    ruling = session.get(Ruling, ruling_id)
    if ruling is None:
        raise Missing
    by, ground = _ground_of(session, actor, ruling)
    at = ground.now if ground else now(session)
    if ruling.by_id != by.id or ruling.act not in items.UNDOABLE:
        raise Forbidden(N_("Only who made a ruling can undo it, and not every kind of ruling can be undone."))
    if at > ruling.made_at + items.UNDO_FOR:
        raise Forbidden(N_("A ruling can be undone for ten minutes. After that it takes another ruling."))
    found = reverse(session, by, ground, ruling, "", at)
    for item in session.scalars(select(Item).where(Item.outcome_id == ruling.id)).all():
        _wait_again(session, item)
    for notice in session.scalars(select(Notice).where(Notice.ruling_id.in_((ruling.id, found.id)))):
        session.delete(notice)  # what was undone at once need not be told
    session.flush()
    return found.id


def _wait_again(session: Session, item: Item) -> None:
    """Open an item again, unless its reply is gone; where another about the same has come, that has its reports too."""
    reply = session.get(Reply, item.reply_id) if item.reply_id is not None else None
    if reply is not None and reply.state in ("withdrawn", "erased"):
        return
    same = select(Item).where(Item.reply_id == item.reply_id, Item.kind == item.kind, Item.closed_at.is_(None))
    newer = session.scalar(same) if item.kind != "appeal" else None
    if newer is None:
        item.closed_at = item.outcome_id = None
        return
    session.execute(update(Report).where(Report.item_id == item.id).values(item_id=newer.id))
    newer.report_count += item.report_count


def _ground_of(session: Session, actor: str, ruling: Ruling) -> tuple[User, Ground | None]:
    """Who asks, and the ground of what a ruling was about; all essays are held for one on an account."""
    if ruling.act in ("suspend", "ban", "refuse"):
        grounds.hold_all(session)
        by = grounds.actor(session, actor)
        if not (by.is_moderator or (ruling.essay_id is not None and by.moderates(ruling.essay_id))):
            raise Forbidden(N_("Only moderators can do this."))
        return by, None
    if ruling.reply_id is not None:
        ground = moderation.ruled_on(session, actor, ruling.reply_id)
        return ground.actor, ground
    if ruling.paragraph_id is not None:
        ground = grounds.on_paragraph(session, actor, ruling.paragraph_id)
    elif ruling.essay_id is not None:
        ground = grounds.on_essay(session, actor, ruling.essay_id)
    else:
        raise Missing
    ground.must_moderate()
    return ground.actor, ground


def reverse(session: Session, by: User, ground: Ground | None, ruling: Ruling, note: str, at: datetime) -> Ruling:
    """Bring back what was before a ruling. Raises Twice where that has happened already, Gone where it cannot be."""
    if rulings_of.is_undone(session, ruling):
        raise Twice(UNDONE, ruling.reply_id)
    if ground is None:
        return _lifted(session, by, ruling, note, at)
    if ruling.act in ("keep", "ask"):
        return rulings.on_reply(session, ground, moderation.reply_of(ground), "reopen", note=note, about_id=ruling.id)
    if ruling.act == "lock":
        target = Target(ground.essay.id, ruling.paragraph_id, ruling.reply_id)
        found = locks.lifted(session, ground, target, note, ruling)
        if found is None:
            raise Twice(N_("This lock is gone already."), ruling.reply_id)
        return found
    reply = moderation.reply_of(ground)
    became = {"hide": "hidden", "duplicate": "duplicate", "approve": "visible"}.get(ruling.act)
    if reply.state != became:
        raise Gone(reply.state)
    if not rulings_of.is_latest(session, ruling):
        raise Twice(N_("Another ruling has come since: this one cannot be undone any more."), reply.id)
    if ruling.before == "duplicate":  # what it was folded under may be gone
        return moderation.put(session, ground, "restore", "visible", about=ruling, note=note)
    act = "hold" if ruling.before == "held" else "restore"
    return moderation.put(session, ground, act, ruling.before, about=ruling, note=note)


def _lifted(session: Session, by: User, ruling: Ruling, note: str, at: datetime) -> Ruling:
    user = session.get_one(User, ruling.user_id)
    may = rules.may_suspend(by, user) if ruling.essay_id is None else by.moderates(ruling.essay_id)
    if by.id == user.id or not may:
        raise Forbidden(NOT_YOURS)
    bars = standings.bars_of(session, ruling)
    if not bars:
        raise Twice(UNDONE)
    return standings.lifted(session, by, user, bars, note, at, ruling)


def settle(session: Session, actor: str, item_id: int, is_upheld: bool, note: str) -> int:
    """Decide an appeal: the ruling stands, or is undone; returns the new ruling's id. The writer is told.

    Raises Forbidden where the actor made that ruling and another moderator could decide; Missing, Decided.
    """
    found = items.item(session, item_id)
    if found is None or found.appeal is None:
        raise Missing
    appeal, ruling = found.appeal, found.appeal.ruling
    by, ground = _ground_of(session, actor, ruling)
    at = ground.now if ground else now(session)
    item = session.get_one(Item, item_id, populate_existing=True, with_for_update=True)
    _must_wait(session, item, ground)
    if appeal.by_id == by.id:
        raise Forbidden(OWN_WORDS)
    if ruling.by_id == by.id and items.other_moderators(session, ruling.essay_id, {by.id, appeal.by_id}, at):
        raise Forbidden(N_("You made this ruling: another moderator has to decide the appeal."))
    if is_upheld:
        outcome = rulings.add_about(session, ruling, "uphold", by.id, at, note)
        rulings.tell(session, outcome, appeal.by_id)
    else:
        outcome = reverse(session, by, ground, ruling, note, at)
    item.closed_at, item.outcome_id = at, outcome.id
    session.flush()
    return outcome.id
