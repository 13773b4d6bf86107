"""What somebody wrote beside replies and essays, erased for good when they leave; see docs/decisions/0020."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from debate.actions import finds, sites
from debate.db import now
from debate.models import Appeal, Citation, Item, Reply, Report, Revision, Source, SourceEdit, User
from debate.models.evidence import DESCRIPTION
from debate.queries import accounts
from debate.queries import ground as grounds


def erase_some(session: Session, person: User, most: int) -> bool:
    """Erase the notes of somebody's reports and revisions, the words of their appeals, and `most` of the quotes that
    they linked and of the sources that they described; whether there are more. Every essay is held.

    Their rows stay, so that counts and what others did about them do.
    """
    sites.forget_kept(session)
    session.execute(update(Report).where(Report.by_id == person.id).values(note=""))
    session.execute(update(Revision).where(Revision.by_id == person.id).values(note=""))
    session.execute(update(Appeal).where(Appeal.by_id == person.id).values(words=""))
    waiting = update(Item).where(Item.kind == "appeal", Item.user_id == person.id, Item.closed_at.is_(None))
    session.execute(waiting.values(closed_at=now(session)))
    quotes, sources = _erase_quotes(session, person, most), _erase_descriptions(session, person, most)
    grounds.touch_all(session)
    session.flush()
    return most in (quotes, sources)


def _erase_quotes(session: Session, person: User, most: int) -> int:
    """Quotes at others' replies: the source stays linked, with what readers found when they looked."""
    found = session.scalars(accounts.quotes_of(person).order_by(Citation.id).limit(most)).all()
    for citation in found:
        citation.quote = citation.locator = ""
        citation.quote_digest = f"erased {citation.id}"  # that of the words would tell whoever guesses them
    cited_in = Reply.id.in_({citation.reply_id for citation in found})
    risen = update(Reply).where(cited_in).values(evidence_version=Reply.evidence_version + 1)
    session.execute(risen.execution_options(synchronize_session=False))
    finds.source(session, sorted({citation.source_id for citation in found}))
    return len(found)


def _erase_descriptions(session: Session, person: User, most: int) -> int:
    described = accounts.descriptions_of(person).with_only_columns(SourceEdit.source_id).distinct()
    found = session.scalars(described.order_by(SourceEdit.source_id).limit(most)).all()
    for source_id in found:
        _undescribe(session, person, source_id)
    if found:
        sites.row(session).source_changes += 1
        finds.source(session, found)
    return len(found)


def _undescribe(session: Session, person: User, source_id: int) -> None:
    """Empty somebody's descriptions of a source; where one of them stood, what others said before stands again."""
    source = session.get_one(Source, source_id, with_for_update={"key_share": True}, populate_existing=True)
    nothing = dict.fromkeys(DESCRIPTION, "") | {"year": None}
    said = nothing | {"kind": "book" if source.scheme == "isbn" else ""}
    is_theirs = False
    history = select(SourceEdit).where(SourceEdit.source_id == source_id).order_by(SourceEdit.number)
    for edit in session.scalars(history).all():
        if edit.act == "describe":
            is_theirs = edit.by_id == person.id
            if is_theirs:
                _put(edit, nothing)
            elif not edit.hidden:
                said = {name: getattr(edit, name) for name in DESCRIPTION}
        elif is_theirs:  # a merge, which repeats how it was described then
            _put(edit, said)
    if is_theirs:
        _put(source, said)


def _put(described: Source | SourceEdit, said: dict[str, Any]) -> None:
    for name, value in said.items():
        setattr(described, name, value)
