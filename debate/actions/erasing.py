"""Erasing words for good: for a court, or where somebody's life is laid open. The place in the tree stays."""

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.orm import Session

from debate import rules
from debate.actions import checks, moderation, rulings, sites
from debate.db import now
from debate.models import (
    Appeal,
    Check,
    Citation,
    Citing,
    Find,
    Lock,
    Reply,
    ReplyEdit,
    Report,
    Ruling,
    Source,
    SourceEdit,
    Standing,
)
from debate.queries import ground as grounds
from debate.refusals import OWN_WORDS, Forbidden, Gone, Missing
from debate.text.message import N_


def erase(session: Session, actor: str, reply_id: int, reason: str, note: str) -> None:
    """Erase a reply's words everywhere: body, history, what it cites, what search knows, what reports say of it.

    Nobody gets them back. The ruling that says so stays, and the place in the tree. Raises Forbidden, Missing, Gone.
    """
    ground = grounds.on_reply(session, actor, reply_id)
    if not rules.may_erase(ground.actor):
        raise Forbidden(N_("Only admins erase words."))
    reply = moderation.reply_of(ground)
    ground.must_be_anothers()
    if reply.state == "erased":
        raise Gone(reply.state)
    sites.forget_kept(session)  # before the ruling: so it is everywhere, and nobody waits in a circle
    overwrite(session)
    before = moderation.shift(session, ground, "erased")  # before its citations go: they are counted
    _erase_words(session, reply, Citation.reply_id == reply.id)
    session.execute(update(Report).where(Report.reply_id == reply.id).values(note="", contact=""))
    ruling = rulings.on_reply(session, ground, reply, "erase", reason=reason, note=note, before=before)
    rulings.tell(session, ruling, reply.author_id)
    moderation.close(session, ground, ruling)
    rulings.close_appeals(session, ruling, Ruling.reply_id == reply.id)
    ground.touch()
    settle(session)
    session.flush()


def erase_own(session: Session, actor: str, reply_id: int) -> None:
    """Withdraw an own reply and erase its words everywhere; `settle` has to follow, once for however many.

    What others wrote about it is theirs and stays: sources that they linked to it, and the notes of their reports.
    Raises Forbidden where it is another's, Missing.
    """
    ground = grounds.on_reply(session, actor, reply_id)
    reply = ground.must_be_own("You can erase your own replies only.")
    sites.forget_kept(session)
    overwrite(session)
    if reply.state not in ("withdrawn", "erased"):
        moderation.shift(session, ground, "withdrawn")
    _erase_words(session, reply, (Citation.reply_id == reply.id) & (Citation.by_id == reply.author_id))
    moderation.close(session, ground, None)
    rulings.close_appeals(session, None, Ruling.reply_id == reply.id, Ruling.act != "lock", at=ground.now)
    ground.touch()
    session.flush()


def _erase_words(session: Session, reply: Reply, which: ColumnElement[bool]) -> None:
    """`which` are the citations that go with it."""
    cited = select(Citation.id).where(which)
    finds = session.scalars(select(Find).where((Find.reply_id == reply.id) | Find.citation_id.in_(cited))).all()
    for find in finds:
        find.terms = ""  # so the index of search lets go of them
    session.flush()
    session.execute(delete(Find).where(Find.id.in_([find.id for find in finds])))
    named = sorted(set(session.scalars(select(Citation.given_id).where(which))))
    shut = session.scalars(select(Check.citation_id).where(Check.citation_id.in_(cited), Check.answer == "shut")).all()
    session.execute(delete(Check).where(Check.citation_id.in_(cited)))
    session.execute(delete(Citation).where(which))
    for source_id in named:
        _forget_source(session, source_id)
        if shut:
            checks.count_unopened(session, source_id)
    session.execute(update(ReplyEdit).where(ReplyEdit.reply_id == reply.id).values(body="", html=""))
    on_it = select(Ruling.id).where(Ruling.reply_id == reply.id)
    session.execute(update(Appeal).where(Appeal.ruling_id.in_(on_it)).values(words=""))
    reply.body = reply.html = reply.alike = ""
    reply.once = None
    others = select(func.count()).select_from(Citation).where(Citation.reply_id == reply.id)
    reply.citation_count = session.scalar(others) or 0
    reply.evidence_version += 1


def _forget_source(session: Session, source_id: int) -> None:
    """Let go of a source that nothing cites any more, and of what it was merged into where that was all; its address
    may be what is erased. What was merged into it counts as what it counted as; if it counted as itself, it stays.
    """
    # Whoever cites it at this moment has done so, or waits.
    source = session.get(Source, source_id, with_for_update=True, populate_existing=True)
    cited = select(Citation.id).where((Citation.source_id == source_id) | (Citation.given_id == source_id))
    if source is None or session.scalar(cited.limit(1)) is not None:
        return
    into_id = source.merged_into_id
    beneath = select(Source.id).where(Source.merged_into_id == source_id)
    if into_id is None and session.scalar(beneath.limit(1)) is not None:
        return
    session.execute(update(Source).where(Source.merged_into_id == source_id).values(merged_into_id=into_id))
    session.execute(update(SourceEdit).where(SourceEdit.other_id == source_id).values(other_id=None))
    session.execute(delete(Citing).where(Citing.source_id == source_id))
    session.execute(delete(SourceEdit).where(SourceEdit.source_id == source_id))
    session.execute(delete(Source).where(Source.id == source_id))
    if into_id is not None:
        _forget_source(session, into_id)


def erase_note(session: Session, actor: str, ruling_id: int) -> None:
    """Erase the note of an entry in the log; the entry and the chain stay. Raises Forbidden, Missing, Gone."""
    grounds.hold_all(session)
    by = grounds.actor(session, actor)
    if not rules.may_erase(by):
        raise Forbidden(N_("Only admins erase words."))
    ruling = session.get(Ruling, ruling_id)
    if ruling is None:
        raise Missing
    if not ruling.note:
        raise Gone("erased")
    if ruling.user_id == by.id:
        raise Forbidden(OWN_WORDS)
    sites.forget_kept(session)
    overwrite(session)
    _erase_copies(session, ruling)
    ruling.note = ruling.note_salt = ""
    rulings.add_about(session, ruling, "erase-note", by.id, now(session))
    session.flush()


def _erase_copies(session: Session, ruling: Ruling) -> None:
    """What a ruling said stands on the lock or the standing that it made, too."""
    if ruling.act == "lock":
        on_it = (Lock.essay_id == ruling.essay_id, Lock.placed_at == ruling.made_at)
        session.execute(update(Lock).where(*on_it).values(reason=""))
    if ruling.user_id is not None:
        on_it = (Standing.user_id == ruling.user_id, Standing.placed_at == ruling.made_at)
        session.execute(update(Standing).where(*on_it).values(note=""))
    grounds.touch_all(session)


def overwrite(session: Session) -> None:
    """Have SQLite write over what is deleted, instead of only forgetting where it stood."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA secure_delete = ON"))


def settle(session: Session) -> None:
    """Have search's index on SQLite merged, so that nothing of the words is left in its older parts."""
    session.flush()
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO finds_index (finds_index) VALUES ('optimize')"))
