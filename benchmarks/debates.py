"""Debates of any size, the same every time: `python benchmarks/debates.py --database URL --replies 100000`.

Like real ones they are uneven: a few paragraphs draw most of what is said, one reply draws a twentieth of all answers,
one chain goes as deep as is asked for. What is counted beside the rows is counted here too, as `debate recount` would.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from prose import sentences
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from debate import schema
from debate.actions import essays, users
from debate.actions.finds import said_of
from debate.config import Settings
from debate.db import Database
from debate.models import Citation, Citing, Essay, Find, Paragraph, Placement, Reply, Source, Vote, Writer
from debate.models.replies import HEAD, LOTS, step
from debate.passwords import Passwords
from debate.queries.counts import DEEPER
from debate.ranking import disputed, wilson
from debate.text import markup
from debate.text.essay import Block, Draft

PASSWORD = "bench bench bench"
WRITERS = 60
BODIES = 4000  # different replies; more would only take longer to make
CHUNK = 5000
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Made:
    """What a benchmark wants to know of a debate: addresses and ids."""

    slug: str
    paragraph: str  # the key of the liveliest
    crowded: int  # the reply with most direct answers
    deepest: int
    replies: int
    password: str = PASSWORD
    participant: str = "Reader0"
    voter: str = "Reader1"
    moderator: str = "Warden"

    @property
    def pages(self) -> dict[str, str]:
        """The paths that are measured, by name."""
        essay = f"/essays/{self.slug}"
        return {
            "essay": essay,
            "debate": f"{essay}/p/{self.paragraph}",
            "crowded reply": f"/replies/{self.crowded}",
            "deepest reply": f"/replies/{self.deepest}",
            "tree": f"{essay}/tree",
            "whole tree": f"{essay}/tree?depth=all",
            "disputed": f"{essay}/tree?filter=disputed",
            "sources": f"{essay}/sources",
            "search": "/search?q=winter+promise",
            "home": "/",
        }


@dataclass
class Row:
    """A reply in the making."""

    id: int
    paragraph: int
    parent: "Row | None"
    stance: str
    side: str
    depth: int
    path: str
    author: int
    children: Counter[str] = field(default_factory=Counter)
    branch: int = 0
    ups: int = 0
    downs: int = 0
    cited: int = 0


def make(database: Database, replies: int, paragraphs: int = 80, depth: int = 1000, seed: int = 4) -> Made:
    """Store people, an essay and its debate in an empty, migrated database."""
    chance = Random(seed)
    hashed = Passwords(cheap=True).hash(PASSWORD)
    slug, people = database.write(_essay, chance, paragraphs, hashed)
    with database.reading() as session:
        essay = session.scalars(select(Essay).where(Essay.slug == slug)).one()
        places = session.execute(
            select(Placement.paragraph_id, Placement.wording_id)
            .join(Paragraph, Paragraph.id == Placement.paragraph_id)
            .where(Paragraph.essay_id == essay.id, Paragraph.debatable)
            .order_by(Placement.position)
        ).all()
    rows = _grow(chance, [place.paragraph_id for place in places], people, replies, min(depth, replies // 2))
    votes = list(_votes(chance, rows, people))
    cited = [row for row in rows if chance.random() < 0.1]
    for row in cited:
        row.cited = 1
    database.write(_store, chance, essay, dict(places), rows, votes, cited)
    with database.reading() as session:
        question = select(Paragraph.key).where(Paragraph.essay_id == essay.id).order_by(Paragraph.reply_count.desc())
        liveliest = session.scalars(question).first() or ""
    crowded = max(rows, key=lambda row: row.children.total())
    return Made(slug, liveliest, crowded.id, max(rows, key=lambda row: row.depth).id, replies)


def _essay(session: Session, chance: Random, paragraphs: int, hashed: str) -> tuple[str, list[int]]:
    people = [
        users.add(session, f"Reader{number}", f"reader{number}@example.org", hashed, "participant")
        for number in range(WRITERS)
    ]
    users.add(session, "Warden", "warden@example.org", hashed, "moderator")
    blocks = []
    for number in range(paragraphs):
        if number % 10 == 0:
            words = sentences(chance, 4)
            blocks.append(Block("heading", f"## {words}", f"<h2>{words}</h2>", False))
        words = sentences(chance, chance.randint(40, 110))
        blocks.append(Block("text", words, markup.as_typed(words), True))
    draft = Draft("What a town owes its river", tuple(blocks))
    return essays.publish(session, draft, author_name="Reader0", owner_id=people[0], by_id=people[0]), people


def _grow(chance: Random, paragraphs: Sequence[int], people: Sequence[int], count: int, depth: int) -> list[Row]:
    """The tree: first the chain and the crowd, then everything else, mostly beneath what has answers already."""
    weights = [1 / (rank + 1.5) for rank in range(len(paragraphs))]
    rows: list[Row] = []
    there: dict[int, list[Row]] = {paragraph: [] for paragraph in paragraphs}

    def add(paragraph: int, parent: Row | None) -> Row:
        number = len(rows) + 1
        stance = chance.choice(("pro", "con"))
        side = stance
        if parent is not None:
            side = parent.side if stance == "pro" else "con" if parent.side == "pro" else "pro"
        path = (parent.path if parent else "") + step(number, stance)
        row = Row(
            number, paragraph, parent, stance, side, parent.depth + 1 if parent else 1, path, chance.choice(people)
        )
        rows.append(row)
        there[paragraph].append(row)
        if parent is not None:
            parent.children[stance] += 1
        return row

    link = None
    for _ in range(depth):
        link = add(paragraphs[1 % len(paragraphs)], link)
    crowd = add(paragraphs[0], None)
    for _ in range(count // 20):
        add(paragraphs[0], crowd)
    for paragraph in chance.choices(paragraphs, weights, k=count - len(rows)):
        among = there[paragraph]
        parent = None
        if among and chance.random() < 0.65:
            parent = chance.choice(among[-2000:])
            if parent.parent is not None and parent.depth < 900 and chance.random() < 0.5:
                parent = parent.parent  # who has answers gets more
        add(paragraph, parent)
    for row in reversed(rows):
        if row.parent is not None:
            row.parent.branch += row.branch + 1
    return rows


def _votes(chance: Random, rows: Iterable[Row], people: Sequence[int]) -> Iterator[dict[str, Any]]:
    for row in rows:
        liked = chance.random()
        for voter in chance.sample(people[2:], min(len(people) - 3, int(chance.paretovariate(1.2)) - 1 + (row.id % 3))):
            if voter == row.author:
                continue
            value = 1 if chance.random() < liked else -1
            row.ups, row.downs = row.ups + (value == 1), row.downs + (value == -1)
            yield {"user_id": voter, "reply_id": row.id, "value": value, "edit": 0, "cast_at": _at(row)}


def _at(row: Row) -> datetime:
    return START + timedelta(seconds=30 * row.id)


def _store(
    session: Session,
    chance: Random,
    essay: Essay,
    wordings: dict[int, int],
    rows: list[Row],
    votes: list[dict[str, Any]],
    cited: list[Row],
) -> None:
    bodies = [
        sentences(chance, int(min(400, 12 + chance.paretovariate(1.3) * 12))) for _ in range(min(BODIES, len(rows)))
    ]
    htmls = [markup.render(body) for body in bodies]
    terms = [said_of(essay, body) for body in bodies]
    picks = [chance.randrange(len(bodies)) for _ in rows]
    _in_chunks(
        session,
        Reply,
        (_reply(chance, essay, wordings, row, bodies[at], htmls[at]) for row, at in zip(rows, picks, strict=True)),
    )
    _in_chunks(session, Vote, votes)
    about = (
        {"reply_id": row.id, "terms": f"xreply x{row.side} xby{row.author} {terms[at]}"}
        for row, at in zip(rows, picks, strict=True)
    )
    _in_chunks(session, Find, about)
    _cite(session, essay, cited)
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO finds_index (finds_index) VALUES ('rebuild')"))
    _count(session, essay, rows)


def _reply(chance: Random, essay: Essay, wordings: dict[int, int], row: Row, body: str, html: str) -> dict[str, Any]:
    return {
        "id": row.id, "essay_id": essay.id, "paragraph_id": row.paragraph, "wording_id": wordings[row.paragraph],
        "parent_id": row.parent.id if row.parent else None, "author_id": row.author, "stance": row.stance,
        "side": row.side, "depth": row.depth, "path": row.path, "path_head": row.path[:HEAD], "body": body,
        "html": html, "made_at": _at(row), "ups": row.ups, "downs": row.downs,
        "best": wilson(row.ups, row.ups + row.downs), "disputed": disputed(row.ups, row.downs),
        "children_pro": row.children["pro"], "children_con": row.children["con"], "branch_count": row.branch,
        "citation_count": row.cited, "stands": True, "state": "visible", "lot": chance.randrange(LOTS),
    }  # fmt: skip


def _cite(session: Session, essay: Essay, cited: Sequence[Row]) -> None:
    addresses = [f"https://example.org/study/{number}" for number in range(300)]
    sources = [
        {"scheme": "url", "canonical": url, "digest": f"{at:064}", "made_at": START} for at, url in enumerate(addresses)
    ]
    _in_chunks(session, Source, sources)
    ids = dict(session.execute(select(Source.canonical, Source.id)).all())
    found = [
        {
            "reply_id": row.id, "source_id": ids[addresses[row.id % 300]], "by_id": row.author,
            "url": addresses[row.id % 300], "quote_digest": "", "made_at": _at(row),
        }
        for row in cited
    ]  # fmt: skip
    _in_chunks(session, Citation, found)
    sides: dict[int, Counter[str]] = {}
    for row in cited:
        sides.setdefault(ids[addresses[row.id % 300]], Counter()).update((row.side, "count"))
    citings = (
        {"essay_id": essay.id, "source_id": at, "pro": n["pro"], "con": n["con"], "count": n["count"]}
        for at, n in sides.items()
    )
    _in_chunks(session, Citing, citings)


def _count(session: Session, essay: Essay, rows: Sequence[Row]) -> None:
    counts: dict[int, Counter[str]] = {}
    for row in rows:
        count = counts.setdefault(row.paragraph, Counter())
        count["reply_count"] += 1
        if row.depth == 1:
            count["for_count" if row.stance == "pro" else "against_count"] += 1
        elif row.depth in DEEPER:
            count[DEEPER[row.depth]] += 1
    for paragraph, count in counts.items():
        session.execute(update(Paragraph).where(Paragraph.id == paragraph).values(dict(count)))
    writers = Counter(row.author for row in rows)
    _in_chunks(
        session, Writer, ({"essay_id": essay.id, "user_id": who, "reply_count": n} for who, n in writers.items())
    )
    session.execute(
        update(Essay)
        .where(Essay.id == essay.id)
        .values(reply_count=len(rows), writer_count=len(writers), newest_id=len(rows), debated_at=_at(rows[-1]))
    )
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("SELECT setval('replies_id_seq', (SELECT max(id) FROM replies))"))


def _in_chunks(session: Session, model: Any, rows: Iterable[dict[str, Any]]) -> None:
    waiting = iter(rows)
    while chunk := list(islice(waiting, CHUNK)):
        session.execute(insert(model), chunk)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="an empty database, as in sqlite:////tmp/bench.db")
    parser.add_argument("--replies", type=int, default=10_000)
    parser.add_argument("--paragraphs", type=int, default=80)
    parser.add_argument("--depth", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=4)
    given = parser.parse_args()
    database = Database(Settings(database_url=given.database, secret_key="").database_url)
    schema.upgrade(database)
    print(json.dumps(vars(make(database, given.replies, given.paragraphs, given.depth, given.seed))))


if __name__ == "__main__":
    main()
