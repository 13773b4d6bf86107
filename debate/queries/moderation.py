"""Rulings: the public log, and what was ruled on a reply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from debate import chain
from debate.models import Appeal, Essay, LogHead, Ruling, User
from debate.queries import rulings

PAGE = 100


@dataclass(frozen=True)
class Wanted:
    """Which entries of the log are asked for; each may be left open. `unknown` names what there is not."""

    act: str = ""
    reason: str = ""
    by: User | None = None
    about: User | None = None
    essay: Essay | None = None
    since: datetime | None = None
    before: int | None = None


def log(session: Session, wanted: Wanted) -> Sequence[Ruling]:
    """The newest rulings that match, or those before one number."""
    question = rulings.lines()
    same = {"act": wanted.act, "reason": wanted.reason, "by": wanted.by, "user": wanted.about, "essay": wanted.essay}
    for name, value in same.items():
        if value:
            question = question.where(getattr(Ruling, name) == value)
    if wanted.since is not None:
        question = question.where(Ruling.made_at >= wanted.since)
    if wanted.before is not None:
        question = question.where(Ruling.number < wanted.before)
    return session.scalars(question.order_by(Ruling.number.desc()).limit(PAGE)).all()


@dataclass(frozen=True)
class Verdict:
    """What came of checking the log: how many entries, the digest it ends with, and what is wrong, a line each."""

    count: int
    digest: str
    wrong: list[str]


def verify(session: Session, known: Sequence[str] = ()) -> Verdict:
    """Compute the chain anew and compare; `known` are digests that must be in it, noted down earlier."""
    wrong: list[str] = []
    left = set(known)
    before, count = chain.START, 0
    for ruling in session.scalars(select(Ruling).order_by(Ruling.number).execution_options(yield_per=500)):
        count += 1
        if ruling.number != count:
            wrong.append(f"Entry {count} is missing: the next one there is {ruling.number}.")
            count = ruling.number
        if chain.digest(before, ruling.entry) != ruling.digest:
            wrong.append(f"Entry {ruling.number} is not what was written, or what is before it is not.")
        if ruling.note and chain.of_note(ruling.note_salt, ruling.note) != ruling.note_digest:
            wrong.append(f"The note of entry {ruling.number} is not what was written.")
        before = ruling.digest
        left.discard(before)
    head = session.get(LogHead, 1)
    if (head.count, head.digest) != (count, before) if head is not None else count:
        wrong.append(f"The log should end with entry {head.count if head else 0}, and ends with {count}.")
    wrong += [f"No entry has the digest {digest}." for digest in sorted(left)]
    return Verdict(count, before, wrong)


def appeal_of(session: Session, ruling: Ruling) -> Appeal | None:
    """The appeal against a ruling."""
    return session.scalar(select(Appeal).where(Appeal.ruling_id == ruling.id))


def appealed(session: Session, ruling_ids: Sequence[int]) -> set[int]:
    """Which of these rulings were appealed."""
    question = select(Appeal.ruling_id).where(Appeal.ruling_id.in_(ruling_ids))
    return set(session.scalars(question)) if ruling_ids else set()


def hidings(session: Session, reply_ids: Sequence[int]) -> dict[int, Ruling]:
    """For hidden replies the last ruling that hid each, by reply id."""
    if not reply_ids:
        return {}
    rows = session.scalars(
        select(Ruling)
        .options(joinedload(Ruling.by))
        .where(Ruling.reply_id.in_(reply_ids), Ruling.act == "hide")
        .order_by(Ruling.id)
    )
    return {ruling.reply_id: ruling for ruling in rows if ruling.reply_id is not None}
