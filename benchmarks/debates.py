"""Debates of any size, the same every time: `python benchmarks/debates.py --database URL --replies 100000`.

Like real ones they are uneven: a few paragraphs draw most of what is said, a few replies most of the answers, one chain
goes as deep as is asked for. What is kept beside the rows is worked out here; `debate recount` finds no difference.
"""

import argparse
import json
from collections import Counter
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

import rows as values
import tree
from argon2 import PasswordHasher
from prose import bodies
from sqlalchemy import Connection, func, select, text
from store import finish, store
from tree import Row

from debate import models, schema
from debate.config import from_environment
from debate.db import Database
from debate.text import markup

PASSWORD = "bench bench bench"
SALT = b"the same salt to"  # so that a database is the same every time; never do this where passwords are real
WRITERS = 50
PARTICIPANT, VOTER, MODERATOR = 1, 2, WRITERS + 1  # ids; the first two are measured
BODIES = 3000  # different replies; more would only take longer to render
SHOWN_KEYS = 12


@dataclass
class Made:
    """What a benchmark wants to know of a debate: addresses, ids, and who can log in."""

    slug: str
    paragraph: str  # the key of the one with most top-level replies
    paragraphs: list[str]  # the keys of those with most, from the first on
    crowded: int  # the reply with most direct answers
    deepest: int
    votable: int  # a top-level reply under the liveliest paragraph, not by those who vote here
    replies: int
    password: str
    participant: str = "Reader0"
    voter: str = "Reader1"
    moderator: str = "Warden"


def make(
    database: Database,
    replies: int,
    paragraphs: int = 80,
    depth: int = 1000,
    seed: int = 4,
    password: str = PASSWORD,
) -> Made:
    """Store people, an essay and its debate in an empty, migrated database."""
    chance = Random(seed)
    rows = tree.grown(chance, replies, paragraphs, depth, list(range(1, WRITERS + 1)))
    for row in (tree.most_answered(rows), tree.deepest(rows)) if rows else ():
        row.author = max(row.author, VOTER + 1)  # those who are measured may vote on them
    tree.argued(chance, rows, list(range(1, WRITERS + 1)))
    tree.counted(rows)
    values.placed(rows)
    locked = _locked(chance, rows)
    text_of_essay = values.paragraphs(chance, rows, paragraphs)
    with database.engine.begin() as connection:
        _people(connection, password)
        terms = values.Terms()
        _essay(connection, chance, rows, text_of_essay, terms)
        _debate(connection, chance, rows, locked, terms)
        finish(connection)
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return _made(rows, locked, [paragraph["key"] for paragraph in text_of_essay], password)


def _locked(chance: Random, rows: list[Row]) -> list[Row]:
    """A few replies under a moderator's lock, none of them over a reply that a benchmark answers."""
    spared = set()
    for row in (tree.most_answered(rows), tree.deepest(rows)) if rows else ():
        above: Row | None = row
        while above is not None:
            spared.add(above.id)
            above = above.parent
    open_ones = [row for row in rows if row.state == "visible" and row.answers and row.id not in spared]
    return chance.sample(open_ones, min(3, len(open_ones)))


def _people(connection: Connection, password: str) -> None:
    hashed = PasswordHasher().hash(password, salt=SALT)
    names = [(f"Reader{number}", "participant") for number in range(WRITERS)] + [("Warden", "moderator")]
    people = [values.person(at, name, role, hashed) for at, (name, role) in enumerate(names, start=1)]
    store(connection, models.User, people)


def _essay(
    connection: Connection, chance: Random, rows: list[Row], paragraphs: list[dict[str, Any]], terms: values.Terms
) -> None:
    wordings = list(values.wordings(chance, len(paragraphs)))
    store(connection, models.Essay, [values.essay(rows)])
    store(connection, models.Revision, [values.revision()])
    store(connection, models.Paragraph, paragraphs)
    store(connection, models.Wording, wordings)
    placements = [
        {"revision_id": values.REVISION, "position": each["id"], "paragraph_id": each["id"], "wording_id": each["id"]}
        for each in wordings
    ]
    store(connection, models.Placement, placements)
    finds = [{"wording_id": each["id"], "terms": terms.of(each["source"], "xwording")} for each in wordings]
    store(connection, models.Find, finds)


def _debate(connection: Connection, chance: Random, rows: list[Row], locked: list[Row], terms: values.Terms) -> None:
    pool = [(body, markup.render(body)) for body in bodies(chance, min(BODIES, len(rows)))]
    words = [chance.choice(pool) for _ in rows]
    store(connection, models.Reply, values.replies(chance, rows, words))
    store(connection, models.Vote, values.votes(rows))
    store(connection, models.Writer, values.writers(rows))
    store(connection, models.Notice, values.notices(rows))
    store(connection, models.Lock, values.locks(locked, MODERATOR, len(rows)))
    made = list(values.rulings(rows, locked, MODERATOR))
    store(connection, models.Ruling, made)
    store(connection, models.LogHead, values.log_head(made))
    count = max(20, len(rows) // 50)
    cited = list(values.citations(rows, count))
    store(connection, models.Source, values.sources(count))
    store(connection, models.Citation, cited)
    store(connection, models.Citing, values.citings(rows, count))
    about = (
        {"reply_id": row.id, "terms": terms.of(body, "xreply", f"x{row.side}", f"xby{row.author}")}
        for row, (body, _) in zip(rows, words, strict=True)
    )
    store(connection, models.Find, about)
    about = (
        {
            "citation_id": each["id"],
            "terms": terms.of(each["url"], "xcitation", f"x{each['side']}", f"xby{each['by_id']}"),
        }
        for each in cited
    )
    store(connection, models.Find, about)


def _made(rows: list[Row], locked: list[Row], keys: list[str], password: str) -> Made:
    tops = Counter(row.place for row in rows if row.depth == 1 and row.state == "visible")
    places = [place for place, _ in tops.most_common(SHOWN_KEYS)]
    [liveliest] = places[:1] or [0]
    votable = [
        row
        for row in rows
        if row.place == liveliest
        and row.depth == 1
        and row.state == "visible"
        and row.author > VOTER
        and row not in locked
    ]
    return Made(
        slug=values.SLUG,
        paragraph=keys[liveliest],
        paragraphs=[keys[place] for place in places],
        crowded=tree.most_answered(rows).id if rows else 0,
        deepest=tree.deepest(rows).id if rows else 0,
        votable=max(votable, key=lambda row: row.ups - row.downs).id if votable else 0,
        replies=len(rows),
        password=password,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Store a debate of any size in an empty database.")
    parser.add_argument("--database", required=True, help="an empty database, as in sqlite:////tmp/bench.db")
    parser.add_argument("--replies", type=int, default=10_000)
    parser.add_argument("--paragraphs", type=int, default=80)
    parser.add_argument("--depth", type=int, default=1000, help="of the deepest chain, if half of the replies reach")
    parser.add_argument("--seed", type=int, default=4, help="another number, another debate")
    parser.add_argument("--password", default=PASSWORD, help="of everybody in it (default: %(default)s)")
    given = parser.parse_args()
    url = from_environment({"DEBATE_DATABASE_URL": given.database, "DEBATE_SECRET_KEY": "-" * 16}, None).database_url
    database = Database(url)
    schema.upgrade(database)
    with database.engine.connect() as connection:
        if connection.scalar(select(func.count()).select_from(models.User)):
            raise SystemExit("The database is not empty; nothing was stored.")
    made = make(database, given.replies, given.paragraphs, given.depth, given.seed, given.password)
    print(json.dumps(asdict(made)))
    database.dispose()


if __name__ == "__main__":
    main()
