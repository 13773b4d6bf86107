"""The revisions of an essay: which there are, what became of its paragraphs, and whose words answer others by now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from debate.models import Descent, Essay, Paragraph, Placement, Reply, ReplyEdit, Revision, User, Vote, Wording
from debate.models.replies import IS_VISIBLE
from debate.queries.texts import Now, Passage, Text
from debate.text import difference
from debate.text.difference import Piece
from debate.text.plan import Known


def listed(session: Session, essay: Essay) -> Sequence[Revision]:
    """All revisions of an essay, the newest first, with who made them."""
    question = select(Revision).options(joinedload(Revision.by)).where(Revision.essay_id == essay.id)
    return session.scalars(question.order_by(Revision.number.desc())).all()


def wordings(session: Session, paragraph: Paragraph) -> list[tuple[Revision, Wording]]:
    """What a paragraph said, from the first to the last, each with the revision that gave it these words."""
    rows = session.execute(
        select(Revision, Wording)
        .join(Placement, Placement.revision_id == Revision.id)
        .join(Wording, Wording.id == Placement.wording_id)
        .where(Placement.paragraph_id == paragraph.id)
        .order_by(Revision.number)
    )
    found: list[tuple[Revision, Wording]] = []
    for revision, wording in rows:
        if not found or found[-1][1].id != wording.id:
            found.append((revision, wording))
    return found


@dataclass(frozen=True)
class Kin:
    """A paragraph that another was split off from or merged into, or that was split off from it or merged into it."""

    kind: str  # split or merge
    other: Paragraph
    is_whole: bool  # whether the other is what there was before (split), or what there is since (merge)
    revision: int


def kin(session: Session, paragraph: Paragraph) -> list[Kin]:
    """The paragraphs that one comes from or went into, the latest first."""
    rows = session.execute(
        select(Descent, Paragraph, Revision.number)
        .join(Revision, Revision.id == Descent.revision_id)
        .join(
            Paragraph,
            ((Descent.paragraph_id == paragraph.id) & (Paragraph.id == Descent.other_id))
            | ((Descent.other_id == paragraph.id) & (Paragraph.id == Descent.paragraph_id)),
        )
        .order_by(Revision.number.desc(), Paragraph.id)
    )
    return [Kin(row.kind, other, row.paragraph_id == paragraph.id, number) for row, other, number in rows]


def votes_on(session: Session, essay: Essay) -> dict[int, int]:
    """How many votes there are on the replies to each paragraph, by its id."""
    question = select(Reply.paragraph_id, func.sum(Reply.ups + Reply.downs)).where(
        Reply.essay_id == essay.id, IS_VISIBLE
    )
    return {at: count for at, count in session.execute(question.group_by(Reply.paragraph_id)) if count}


def known(text: Text) -> tuple[list[Known], list[Known]]:
    """The paragraphs of a text as a plan takes them: those in it, and those no longer."""
    found = [
        [
            Known(
                one.key,
                one.wording.kind,
                one.wording.source,
                one.wording.html,
                one.paragraph.debatable,
                one.paragraph.reply_count,
            )
            for one in passages
        ]
        for passages in (text.passages, text.gone)
    ]
    return found[0], found[1]


@dataclass(frozen=True)
class Waiting:
    """A reply that is on other words than there are now: its writer's, or one that was voted on.

    `wording_id` is what was written against, or voted on; `said` what the reply itself said when it was voted on, empty
    if it says that still.
    """

    reply: Reply
    wording_id: int
    said: str = ""


def outdated(session: Session, person: User, essay: Essay, now: Now, limit: int = 100) -> list[Waiting]:
    """What a person might want to look at again: own replies, then votes, `limit` of each at most, the oldest first."""
    written = session.scalars(
        select(Reply)
        .where(Reply.essay_id == essay.id, Reply.author_id == person.id, Reply.state.not_in(("withdrawn", "erased")))
        .order_by(Reply.id)
    )
    voted = session.execute(
        select(Reply, Vote.edit, Vote.wording_id, ReplyEdit.body)
        .join(Vote, Vote.reply_id == Reply.id)
        .outerjoin(ReplyEdit, (ReplyEdit.reply_id == Reply.id) & (ReplyEdit.number == Vote.edit))
        .where(Reply.essay_id == essay.id, Vote.user_id == person.id, IS_VISIBLE)
        .order_by(Reply.id)
    )
    own = [
        Waiting(reply, reply.wording_id) for reply in written if reply.wording_id != now.wording_ids[reply.paragraph_id]
    ]
    votes = [
        Waiting(reply, wording_id, said or "")
        for reply, edit, wording_id, said in voted
        if (edit, wording_id) != (reply.edits, now.wording_ids[reply.paragraph_id])
    ]
    return own[:limit] + votes[:limit]


def said(session: Session, waiting: Iterable[Waiting]) -> dict[int, str]:
    """The sources of the wordings that replies or votes are on, by id."""
    ids = {one.wording_id for one in waiting}
    rows = session.execute(select(Wording.id, Wording.source).where(Wording.id.in_(ids)))
    return {wording_id: source for wording_id, source in rows}


@dataclass(frozen=True)
class Change:
    """What became of a paragraph between two revisions: `kept`, `reworded`, `moved`, `new` or `gone`."""

    kind: str
    passage: Passage
    pieces: list[Piece]
    is_moved: bool = False


def compared(earlier: list[Passage], later: list[Passage]) -> list[Change]:
    """The paragraphs of two revisions, in the order of the later one; what that lacks stands where it was."""
    before = {passage.key: (at, passage) for at, passage in enumerate(earlier)}
    after = {passage.key for passage in later}
    common = [passage.key for passage in later if passage.key in before]
    still = {common[at] for at in difference.in_order([before[key][0] for key in common])}
    gone = [passage for passage in earlier if passage.key not in after]
    found: list[Change] = []
    for passage in later:
        if passage.key not in before:
            found.append(Change("new", passage, [Piece("new", passage.wording.source)]))
            continue
        at, old = before[passage.key]
        while gone and passage.key in still and before[gone[0].key][0] < at:
            found.append(_gone(gone.pop(0)))
        is_moved = passage.key not in still
        if old.wording.id == passage.wording.id:
            found.append(Change("moved" if is_moved else "kept", passage, [], is_moved))
        else:
            pieces = difference.between(old.wording.source, passage.wording.source)
            found.append(Change("reworded", passage, pieces, is_moved))
    return found + [_gone(passage) for passage in gone]


def _gone(passage: Passage) -> Change:
    return Change("gone", passage, [Piece("gone", passage.wording.source)])
