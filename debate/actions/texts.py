"""Storing what a revision says: its paragraphs, those of before that go on, and the words that are new."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from debate.actions import finds
from debate.models import Descent, Essay, Paragraph, Placement, Revision, Wording
from debate.text.essay import Block
from debate.text.plan import Plan, Step, saying

KEY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for another when read aloud
KEY_LENGTH = 5


@dataclass(frozen=True)
class There:
    """A paragraph that is there already, with every wording that it had, what it says now or said last at the end."""

    paragraph: Paragraph
    wordings: list[Wording] = field(default_factory=list)

    def said(self, block: Block) -> Wording | None:
        """The latest of its wordings that says just this: what answers that answers it again."""
        same = saying(block.kind, block.source, block.html)
        return next((one for one in reversed(self.wordings) if saying(one.kind, one.source, one.html) == same), None)


def store(
    session: Session, essay: Essay, revision: Revision, plan: Plan, there: Mapping[str, There]
) -> list[Paragraph]:
    """Write down what a revision says; returns the paragraphs of before that say something else from now on.

    `there` are the essay's paragraphs by key, in the text or not.
    """
    paragraphs = _paragraphs(session, essay, plan, there)
    wordings = [
        (there[step.key].said(step.block) if step.key is not None else None) or _wording(paragraph, step.block)
        for step, paragraph in zip(plan.steps, paragraphs, strict=True)
    ]
    new = [wording for wording in wordings if wording.id is None]
    session.add_all(new)
    session.flush()
    if essay.status != "draft":
        for wording in new:
            finds.wording(session, essay, wording)
    session.execute(
        insert(Placement),
        [
            {"revision_id": revision.id, "position": at, "paragraph_id": one.paragraph_id, "wording_id": one.id}
            for at, one in enumerate(wordings, start=1)
        ],
    )
    _descend(session, revision, plan, paragraphs, there)
    session.flush()
    return _changed(plan.steps, paragraphs)


def _wording(paragraph: Paragraph, block: Block) -> Wording:
    return Wording(paragraph_id=paragraph.id, kind=block.kind, source=block.source, html=block.html)


def _changed(steps: Collection[Step], paragraphs: list[Paragraph]) -> list[Paragraph]:
    return [
        paragraph
        for step, paragraph in zip(steps, paragraphs, strict=True)
        if step.key is not None and not step.says_same
    ]


def _paragraphs(session: Session, essay: Essay, plan: Plan, there: Mapping[str, There]) -> list[Paragraph]:
    """The paragraph of each block; those that are new are stored."""
    keys = _fresh_keys(sum(step.key is None for step in plan.steps), there.keys())
    found = []
    for step in plan.steps:
        paragraph = there[step.key].paragraph if step.key is not None else None
        if paragraph is None:
            paragraph = Paragraph(essay_id=essay.id, key=keys.pop(), debatable=step.debatable)
            session.add(paragraph)
        paragraph.debatable = step.debatable
        found.append(paragraph)
    session.flush()
    return found


def _descend(
    session: Session, revision: Revision, plan: Plan, paragraphs: list[Paragraph], there: Mapping[str, There]
) -> None:
    rows = [
        {"paragraph_id": paragraph.id, "other_id": there[step.off].paragraph.id, "kind": "split"}
        for step, paragraph in zip(plan.steps, paragraphs, strict=True)
        if step.off is not None
    ]
    rows += [
        {"paragraph_id": there[key].paragraph.id, "other_id": paragraphs[into].id, "kind": "merge"}
        for key, into in plan.merged.items()
    ]
    if rows:
        session.execute(insert(Descent), [row | {"revision_id": revision.id} for row in rows])


def present(session: Session, essay: Essay) -> dict[str, There]:
    """Every paragraph that an essay has or had, by key; the essay is held."""
    found: dict[str, There] = {}
    last = select(func.max(Placement.revision_id)).where(
        Placement.paragraph_id == Wording.paragraph_id, Placement.wording_id == Wording.id
    )
    rows = session.execute(
        select(Paragraph, Wording)
        .join(Wording, Wording.paragraph_id == Paragraph.id)
        .where(Paragraph.essay_id == essay.id)
        .order_by(last.correlate(Wording).scalar_subquery(), Wording.id)
        .execution_options(populate_existing=True)
    )
    for paragraph, wording in rows:
        found.setdefault(paragraph.key, There(paragraph)).wordings.append(wording)
    return found


def _fresh_keys(count: int, taken: Collection[str]) -> list[str]:
    """Random keys, no two alike: a key says nothing about a paragraph's place, which may change."""
    keys: dict[str, None] = {}
    while len(keys) < count:
        key = "".join(secrets.choice(KEY_LETTERS) for _ in range(KEY_LENGTH))
        if key not in taken:
            keys[key] = None
    return list(keys)
