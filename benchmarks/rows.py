"""Rows for the database, of an essay and of its debate: every kept count worked out here, exactly as the site would."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from prose import sentences
from tree import Row

from debate import chain
from debate.actions.finds import said_of
from debate.models import Essay, Ruling
from debate.models.replies import HEAD, step
from debate.queries.counts import DEEPER, OF_CITINGS
from debate.ranking import LOTS, disputed, wilson
from debate.text import markup, names

START = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=200)  # from the first reply to the last
ESSAY, REVISION = 1, 1
SLUG, TITLE = "what-a-town-owes-its-river", "What a town owes its river"
KEY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
NO_DIGEST = sha256(b"").hexdigest()

Values = dict[str, Any]


def person(number: int, name: str, role: str, password_hash: str) -> Values:
    """An account; `number` is its id."""
    email = f"{name.lower()}@example.org"
    return {
        "id": number, "name": name, "name_key": names.key(name), "email": email, "email_key": email, "role": role,
        "password_hash": password_hash, "made_at": START,
    }  # fmt: skip


def when(row: Row, count: int) -> datetime:
    return START + SPAN * row.id / count


def essay(rows: Sequence[Row]) -> Values:
    seen = [row for row in rows if row.state == "visible"]
    last = max((row.id for row in seen), default=0)
    return {
        "id": ESSAY, "slug": SLUG, "title": TITLE, "author_name": "Reader0", "owner_id": 1, "made_at": START,
        "reply_count": len(seen), "writer_count": len({row.author for row in seen}), "newest_id": len(rows),
        "debated_at": START + SPAN * last / max(1, len(rows)),
    }  # fmt: skip


def revision() -> Values:
    return {"id": REVISION, "essay_id": ESSAY, "number": 1, "title": TITLE, "by_id": 1, "made_at": START}


def paragraphs(chance: Random, rows: Sequence[Row], count: int) -> list[Values]:
    """So many paragraphs, their ids from 1, each with a key of its own and what is kept of its debate."""
    keys: dict[str, None] = {}
    while len(keys) < count:
        keys["".join(chance.choice(KEY_LETTERS) for _ in range(5))] = None
    tally: Counter[tuple[int, str]] = Counter()
    for row in rows:
        if row.state == "visible":
            tally[row.place, "reply_count"] += 1
            tally[row.place, "cited_for" if row.side == "pro" else "cited_against"] += int(row.cited)
            if row.depth == 1:
                tally[row.place, "for_count" if row.stance == "pro" else "against_count"] += 1
            elif row.depth in DEEPER:
                tally[row.place, DEEPER[row.depth]] += 1
    columns = ("reply_count", "for_count", "against_count", "cited_for", "cited_against", *DEEPER.values())
    return [
        {"id": at + 1, "essay_id": ESSAY, "key": key, "debatable": True} | {name: tally[at, name] for name in columns}
        for at, key in enumerate(keys)
    ]


def wordings(chance: Random, count: int) -> Iterator[Values]:
    """What the paragraphs say; a wording has its paragraph's id."""
    for number in range(1, count + 1):
        words = sentences(chance, chance.randint(40, 110))
        yield {
            "id": number, "paragraph_id": number, "kind": "text", "source": words, "html": markup.as_typed(words),
        }  # fmt: skip


def placed(rows: Sequence[Row]) -> None:
    """Give every reply its path."""
    for row in rows:
        row.path = (row.parent.path if row.parent else "") + step(row.id, row.stance)


def replies(chance: Random, rows: Sequence[Row], words: Sequence[tuple[str, str]]) -> Iterator[Values]:
    """`words` are (Markdown, HTML), one for each reply."""
    for row, (body, html) in zip(rows, words, strict=True):
        ups, downs, at = row.ups, row.downs, when(row, len(rows))
        yield {
            "id": row.id, "essay_id": ESSAY, "paragraph_id": row.place + 1, "wording_id": row.place + 1,
            "parent_id": row.parent.id if row.parent else None, "author_id": row.author, "stance": row.stance,
            "side": row.side, "depth": row.depth, "path": row.path, "path_head": row.path[:HEAD],
            "lot": chance.randrange(LOTS), "body": body, "html": html, "state": row.state, "made_at": at,
            "removed_at": None if row.state == "visible" else at + timedelta(days=1), "ups": ups, "downs": downs,
            "best": wilson(ups, ups + downs), "disputed": disputed(ups, downs), "children_pro": row.children["pro"],
            "children_con": row.children["con"], "branch_count": row.beneath, "citation_count": int(row.cited),
            "stands": row.state == "visible" or row.beneath > 0, "version": 1,
        }  # fmt: skip


def votes(rows: Sequence[Row]) -> Iterator[Values]:
    for row in rows:
        at = when(row, len(rows))
        for voter, value in row.votes:
            on = {"edit": 0, "wording_id": row.place + 1}
            yield {"user_id": voter, "reply_id": row.id, "value": value, "cast_at": at} | on


def writers(rows: Sequence[Row]) -> Iterator[Values]:
    for who, count in sorted(Counter(row.author for row in rows if row.state == "visible").items()):
        yield {"essay_id": ESSAY, "user_id": who, "reply_count": count}


def notices(rows: Sequence[Row]) -> Iterator[Values]:
    """Every answer is told to whom it answers; all but the latest hundredth have been read."""
    for row in rows:
        if row.parent is not None and row.parent.author != row.author:
            at = when(row, len(rows))
            read = at if row.id <= len(rows) * 0.99 else None
            yield {"user_id": row.parent.author, "kind": "answer", "reply_id": row.id, "made_at": at, "read_at": read}


def sources(count: int) -> Iterator[Values]:
    for number in range(1, count + 1):
        url = f"https://example.org/study/{number}"
        yield {
            "id": number, "scheme": "url", "canonical": url, "digest": sha256(url.encode()).hexdigest(),
            "made_at": START,
        }  # fmt: skip


def citations(rows: Sequence[Row], count: int) -> Iterator[Values]:
    """One for each reply with a source; `count` is the number of sources."""
    cited = [row for row in rows if row.cited]
    for number, row in enumerate(cited, start=1):
        source = row.id % count + 1
        yield {
            "id": number, "reply_id": row.id, "source_id": source, "given_id": source, "by_id": row.author, "quote": "",
            "url": f"https://example.org/study/{source}", "quote_digest": NO_DIGEST, "shows": "supports",
            "made_at": when(row, len(rows)), "side": row.side,
        }  # fmt: skip


def citings(rows: Sequence[Row], count: int) -> Iterator[Values]:
    """How often visible replies cite each source, by side."""
    sides: dict[int, Counter[str]] = {}
    for row in rows:
        if row.cited and row.state == "visible":
            sides.setdefault(row.id % count + 1, Counter()).update((row.side, "count"))
    for source, counts in sorted(sides.items()):
        yield {"essay_id": ESSAY, "source_id": source} | {name: counts[name] for name in OF_CITINGS}


def rulings(rows: Sequence[Row], locked: Sequence[Row], moderator: int) -> Iterator[Values]:
    """A moderator's acts, chained: what was hidden, what was locked."""
    before, number = chain.START, 0
    for row in rows:
        if row.state == "hidden" or row in locked:
            number += 1
            acts = {"act": "hide", "reason": "off-topic"} if row.state == "hidden" else {"act": "lock", "reason": ""}
            values = {
                "number": number, "by_id": moderator, "made_at": when(row, len(rows)) + timedelta(days=1),
                "essay_id": ESSAY, "paragraph_id": row.place + 1, "reply_id": row.id, "votes": False,
                "before": "visible" if row.state == "hidden" else "", "note": "", "note_digest": "", "salt": "",
            } | acts  # fmt: skip
            before = chain.digest(before, Ruling(**values).entry)
            yield values | {"digest": before}


def log_head(made: Sequence[Values]) -> Iterator[Values]:
    """Where the log ends."""
    if made:
        yield {"id": 1, "count": made[-1]["number"], "digest": made[-1]["digest"]}


def locks(locked: Sequence[Row], moderator: int, count: int) -> Iterator[Values]:
    for row in locked:
        yield {
            "essay_id": ESSAY, "paragraph_id": row.place + 1, "reply_id": row.id, "by_id": moderator,
            "reason": "Enough.", "votes": False, "placed_at": when(row, count) + timedelta(days=1),
        }  # fmt: skip


class Terms:
    """What search finds of everything; the terms of words said twice are worked out once."""

    def __init__(self) -> None:
        self._essay = Essay(id=ESSAY, language="en")
        self._known: dict[str, str] = {}

    def of(self, said: str, *about: str) -> str:
        if said not in self._known:
            self._known[said] = said_of(self._essay, said)
        return " ".join([*about, self._known[said]])
