"""Publishing essays."""

import secrets
from datetime import datetime, timedelta

from slugify import slugify
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from debate.actions import finds
from debate.db import now
from debate.models import Essay, Paragraph, Placement, Revision, User, Wording
from debate.queries import essays, users
from debate.refusals import Barred, Twice
from debate.text.essay import Draft
from debate.text.message import N_

KEY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for another when read aloud
KEY_LENGTH = 5
RESERVED_SLUGS = {"new"}
SAME_TEXT_WITHIN = timedelta(minutes=10)


def publish(
    session: Session, draft: Draft, *, author_name: str, owner_id: int | None, by_id: int | None, language: str = "en"
) -> str:
    """Store an essay with its first revision; returns its slug.

    Raises Twice where the same person published the same text a moment ago (a double click), Barred.
    """
    at = now(session)
    if by_id is not None:
        _must_be_welcome(session, draft, by_id, at)
    essay = Essay(
        title=draft.title,
        author_name=author_name,
        owner_id=owner_id,
        language=language,
        made_at=at,
        debated_at=at,
    )
    _place(session, essay)
    revision = Revision(essay_id=essay.id, number=1, title=draft.title, by_id=by_id, made_at=at)
    keys = _fresh_keys(len(draft.blocks))
    paragraphs = [
        Paragraph(essay_id=essay.id, key=key, debatable=block.debatable)
        for key, block in zip(keys, draft.blocks, strict=True)
    ]
    session.add_all([revision, *paragraphs])
    session.flush()
    wordings = [
        Wording(paragraph_id=paragraph.id, kind=block.kind, source=block.source, html=block.html)
        for paragraph, block in zip(paragraphs, draft.blocks, strict=True)
    ]
    session.add_all(wordings)
    session.flush()
    for wording in wordings:
        finds.wording(session, essay, wording)
    session.add_all(
        Placement(revision_id=revision.id, position=at, paragraph_id=wording.paragraph_id, wording_id=wording.id)
        for at, wording in enumerate(wordings, start=1)
    )
    session.flush()
    return essay.slug


def _must_be_welcome(session: Session, draft: Draft, by_id: int, at: datetime) -> None:
    session.execute(select(User.id).where(User.id == by_id).with_for_update(key_share=True))
    bar = users.standing(session, by_id).barred()  # a suspension may have come while the text was read
    if bar is not None:
        raise Barred(bar)
    twins = session.scalars(
        select(Essay)
        .join(Revision, (Revision.essay_id == Essay.id) & (Revision.number == 1))
        .where(Revision.by_id == by_id, Revision.title == draft.title, Revision.made_at > at - SAME_TEXT_WITHIN)
    )
    for twin in twins:
        words = [passage.wording.source for passage in essays.text_of(session, twin).passages]
        if words == [block.source for block in draft.blocks]:
            raise Twice(N_("You published this text already."), slug=twin.slug)


def _place(session: Session, essay: Essay) -> None:
    """Give an essay a free address and store its row; another may take the same address at the same moment."""
    base = slugify(essay.title, max_length=80, word_boundary=True) or "essay"
    for _ in range(20):
        taken = essays.slugs_like(session, base) | RESERVED_SLUGS
        number = 1
        essay.slug = base
        while essay.slug in taken:
            number += 1
            essay.slug = f"{base}-{number}"
        try:
            with session.begin_nested():
                session.add(essay)
            return
        except IntegrityError:
            continue
    raise RuntimeError(f"no free address for {base!r}")


def _fresh_keys(count: int) -> list[str]:
    """Random keys, no two alike: a key says nothing about a paragraph's place, which may change."""
    keys: dict[str, None] = {}
    while len(keys) < count:
        keys["".join(secrets.choice(KEY_LETTERS) for _ in range(KEY_LENGTH))] = None
    return list(keys)
