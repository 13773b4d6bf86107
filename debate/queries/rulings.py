"""Rulings as the log and the queue name them; whether one was undone."""

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased, joinedload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from debate.models import Essay, Ruling

NAMED = (Ruling.by, Ruling.user, Ruling.essay, Ruling.paragraph, Ruling.about)
# Rulings about another one that leave it as it is.
LEAVING = ("uphold", "erase-note")
# Those after which a reply is in another state.
SHIFTING = ("hide", "restore", "duplicate", "approve", "hold", "erase")


def named() -> list[_AbstractLoad]:
    """What a ruling's line in the log names."""
    return [joinedload(thing) for thing in NAMED]


def lines() -> Select[Ruling]:
    """Rulings with all that."""
    return select(Ruling).options(*named())


def one(session: Session, ruling_id: int) -> Ruling | None:
    """A ruling with what its line names; None too for an id beyond what databases hold."""
    if ruling_id >= 2**31:
        return None
    return session.scalar(lines().where(Ruling.id == ruling_id))


def stands() -> ColumnElement[bool]:
    """That no other ruling has undone it."""
    undoing = aliased(Ruling)
    return ~select(undoing.id).where(undoing.about_id == Ruling.id, undoing.act.not_in(LEAVING)).exists()


def is_undone(session: Session, ruling: Ruling) -> bool:
    return session.scalar(select(Ruling.id).where(Ruling.id == ruling.id, stands())) is None


def is_latest(session: Session, ruling: Ruling) -> bool:
    """Whether no ruling has changed the state of its reply since."""
    later = select(Ruling.id).where(
        Ruling.reply_id == ruling.reply_id, Ruling.number > ruling.number, Ruling.act.in_(SHIFTING)
    )
    return session.scalar(later.limit(1)) is None


def retirement(session: Session, essay: Essay) -> Ruling | None:
    """Why an essay is unpublished or archived: the ruling that made it so, with who made it."""
    acts = {"unpublished": "unpublish", "archived": "archive"}
    if essay.status not in acts:
        return None
    question = select(Ruling).options(joinedload(Ruling.by))
    question = question.where(Ruling.essay_id == essay.id, Ruling.act == acts[essay.status])
    return session.scalar(question.order_by(Ruling.number.desc()).limit(1))
