"""What is cited, by which reply, for which side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from debate.models import Citation, Essay, Paragraph, Reply, Source


@dataclass
class Cited:
    """A source with its citations in one essay, counted by the side of the reply that cites."""

    source: Source
    citations: list[Citation] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    @property
    def pro(self) -> int:
        return sum(1 for reply in self.replies if reply.side == "pro")

    @property
    def con(self) -> int:
        return sum(1 for reply in self.replies if reply.side == "con")


def citations_of(session: Session, reply_ids: Iterable[int]) -> dict[int, list[Citation]]:
    """The citations of these replies, oldest first, by reply id."""
    ids = list(reply_ids)
    found: dict[int, list[Citation]] = {}
    if not ids:
        return found
    rows = session.scalars(
        select(Citation)
        .options(joinedload(Citation.source), joinedload(Citation.by))
        .where(Citation.reply_id.in_(ids))
        .order_by(Citation.id)
    )
    for citation in rows:
        found.setdefault(citation.reply_id, []).append(citation)
    return found


def cited_in(session: Session, essay: Essay) -> Sequence[Cited]:
    """The sources that visible replies of an essay cite, most cited first."""
    rows = session.execute(
        select(Citation, Reply)
        .join(Reply, Reply.id == Citation.reply_id)
        .join(Citation.source)
        .join(Reply.paragraph)
        .options(contains_eager(Citation.source), contains_eager(Reply.paragraph), joinedload(Reply.author))
        .where(Reply.essay_id == essay.id, Reply.state == "visible")
        .order_by(Paragraph.id, Reply.path, Citation.id)
    )
    found: dict[int, Cited] = {}
    for citation, reply in rows:
        entry = found.setdefault(citation.source_id, Cited(citation.source))
        entry.citations.append(citation)
        if reply not in entry.replies:
            entry.replies.append(reply)
    return sorted(found.values(), key=lambda entry: (-len(entry.replies), entry.source.id))
