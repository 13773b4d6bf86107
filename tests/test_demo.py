"""The demo debate: what its script promises, read from the files and, once, from the database that it fills."""

import json
from collections import Counter
from itertools import groupby
from typing import Any

from cast import Browser, rows
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from debate.commands.demo import FOLDER, MODERATOR, READER
from debate.models import Citation, Lock, Paragraph, Reply, User, Vote
from debate.models.evidence import SHOWS
from debate.text import links, markup, names
from debate.text.essay import decode, parse

SCRIPT: dict[str, Any] = json.loads((FOLDER / "debate.json").read_text(encoding="utf-8"))
REPLIES: list[dict[str, Any]] = SCRIPT["replies"]
BY_ID = {entry["id"]: entry for entry in REPLIES}
SOURCES = [source for entry in REPLIES for source in entry["sources"]]
DRAFT = parse(decode((FOLDER / "essay.md").read_bytes()), "md")
DEBATABLE = sum(block.debatable for block in DRAFT.blocks)


def depth(entry: dict[str, Any]) -> int:
    return 1 + (depth(BY_ID[entry["parent"]]) if entry["parent"] else 0)


def ancestors(entry: dict[str, Any]) -> list[str]:
    return [entry["parent"], *ancestors(BY_ID[entry["parent"]])] if entry["parent"] else []


def voters(entry: dict[str, Any]) -> list[str]:
    return [*entry["up"], *entry["down"]]


def test_the_essay_is_long_enough_to_argue_about() -> None:
    assert DEBATABLE >= 24
    assert sum(block.kind == "heading" for block in DRAFT.blocks) >= 4
    assert {"quote", "list"} <= {block.kind for block in DRAFT.blocks if block.debatable}


def test_every_paragraph_is_debated_and_some_hotly() -> None:
    counted = Counter(entry["paragraph"] for entry in REPLIES)
    assert counted.keys() == set(range(1, DEBATABLE + 1))
    assert min(counted.values()) >= 2
    assert sum(number >= 15 for number in counted.values()) >= 3


def test_there_are_many_replies_by_many_people() -> None:
    assert len(REPLIES) == len(BY_ID) >= 150
    writers = {entry["by"] for entry in REPLIES}
    assert len(writers) >= 12
    assert SCRIPT["author"] in writers


def test_all_people_are_known_and_have_fit_names() -> None:
    people = SCRIPT["people"]
    assert SCRIPT["author"] in people
    assert not {READER, MODERATOR} & set(people)
    assert [name for name in people if names.problem(name) or names.is_reserved(name)] == []
    assert len({names.key(name) for name in [*people, READER, MODERATOR]}) == len(people) + 2
    named = [name for entry in REPLIES for name in [entry["by"], *voters(entry)]]
    named += [source["by"] for source in SOURCES]
    assert set(named) <= set(people)


def test_the_sides_are_equally_strong() -> None:
    counted = Counter(entry["stance"] for entry in REPLIES if entry["parent"] is None)
    assert counted.keys() == {"pro", "con"}
    assert max(counted.values()) - min(counted.values()) <= 0.1 * max(counted.values())


def test_no_reply_says_what_another_says_or_next_to_nothing() -> None:
    bodies = [" ".join(entry["body"].lower().split()) for entry in REPLIES]
    assert [body for body, times in Counter(bodies).items() if times > 1] == []
    assert [body for body in bodies if len(body.split()) < 15] == []
    assert [entry["id"] for entry in REPLIES if markup.tidy(entry["body"]) != entry["body"]] == []


def test_replies_stand_under_their_parents_and_come_after_them() -> None:
    seen: set[str] = set()
    for entry in REPLIES:
        assert entry["hours"] >= 1
        if entry["parent"] is not None:
            parent = BY_ID[entry["parent"]]
            assert entry["parent"] in seen
            assert entry["paragraph"] == parent["paragraph"]
            assert entry["hours"] < parent["hours"], entry["id"]
        seen.add(entry["id"])
    ages = [entry["hours"] for entry in REPLIES]
    assert min(ages) <= 2
    assert max(ages) >= 10 * 24


def test_branches_go_deep() -> None:
    deepest = {name: max(map(depth, group)) for name, group in groupby(sorted(REPLIES, key=top), key=top)}
    assert sum(levels >= 6 for levels in deepest.values()) >= 4
    assert max(deepest.values()) >= 8


def top(entry: dict[str, Any]) -> str:
    return [entry["id"], *ancestors(entry)][-1]


def test_nobody_votes_on_own_words_or_twice() -> None:
    assert [entry["id"] for entry in REPLIES if entry["by"] in voters(entry)] == []
    assert [entry["id"] for entry in REPLIES if len(set(voters(entry))) != len(voters(entry))] == []
    assert 900 <= sum(len(voters(entry)) for entry in REPLIES) <= 1400


def test_votes_make_replies_liked_disputed_disliked_and_overlooked() -> None:
    votes = [(len(entry["up"]), len(entry["down"])) for entry in REPLIES]
    assert sum(ups >= 5 and not downs for ups, downs in votes) >= 5
    assert sum(abs(ups - downs) <= 1 and ups >= 3 for ups, downs in votes) >= 10
    assert sum(downs >= ups + 3 for ups, downs in votes) >= 5
    assert (0, 0) in votes


def test_sources_are_fit_to_be_linked_and_some_are_shared() -> None:
    assert [source["url"] for source in SOURCES if not links.fits(source["url"])] == []
    assert [source["url"] for source in SOURCES if not source["url"].startswith("https://")] == []
    assert len(SOURCES) >= 35
    assert {source["shows"] for source in SOURCES} == set(SHOWS)
    used = Counter(links.canonical(source["url"]) for source in SOURCES)
    assert sum(times > 1 for times in used.values()) >= 6
    assert any(source["by"] != entry["by"] for entry in REPLIES for source in entry["sources"])


def test_a_moderator_and_a_writer_have_been_busy() -> None:
    above = {name for entry in REPLIES for name in ancestors(entry)}
    locked = {entry["reply"] for entry in SCRIPT["locks"]}
    hidden = {entry["reply"] for entry in SCRIPT["hidden"]}
    withdrawn = set(SCRIPT["withdrawn"])
    assert locked
    assert hidden
    assert withdrawn
    assert locked | hidden | withdrawn <= BY_ID.keys()
    assert hidden | withdrawn <= above  # something stands beneath, where the gap shows
    assert [entry for entry in [*SCRIPT["locks"], *SCRIPT["hidden"]] if not entry["reason"]] == []


def test_the_loaded_debate_is_what_the_script_says(app: Flask, runner: FlaskCliRunner, client: Browser) -> None:
    done = runner.invoke(args=["demo"])
    assert done.exit_code == 0, done.output
    assert runner.invoke(args=["recount"]).stdout == "0 differences.\n"

    states = Counter(rows(app, select(Reply.state)))
    gone = len(SCRIPT["hidden"]) + len(SCRIPT["withdrawn"])
    assert states == {
        "visible": len(REPLIES) - gone,
        "hidden": len(SCRIPT["hidden"]),
        "withdrawn": len(SCRIPT["withdrawn"]),
    }
    assert rows(app, select(func.count(Paragraph.id)).where(Paragraph.debatable)) == [DEBATABLE]
    assert rows(app, select(func.max(Reply.depth)).where(Reply.state == "visible"))[0] >= 8
    assert rows(app, select(func.count()).select_from(Lock)) == [len(SCRIPT["locks"])]
    assert rows(app, select(func.count()).select_from(Citation)) == [len(SOURCES)]
    assert rows(app, select(func.count()).select_from(Vote)) == [sum(len(voters(entry)) for entry in REPLIES)]
    own = select(func.count()).select_from(Vote).join(Reply, Reply.id == Vote.reply_id)
    assert rows(app, own.where(Reply.author_id == Vote.user_id)) == [0]
    members_since = max(rows(app, select(User.made_at)))
    assert members_since < min(rows(app, select(Reply.made_at)))
    for address in dict.fromkeys(line.split(": ", 1)[1] for line in done.stdout.splitlines()[:1]):
        assert client.get(address).status_code == 200


def test_the_demo_loads_where_limits_are_on(make_app) -> None:
    app = make_app(limits=True)
    answer = app.test_cli_runner().invoke(args=["demo"])
    assert (answer.exit_code, "Demo debate: /essays/" in answer.output) == (0, True), answer.output
    assert app.extensions["database"].info["limits"]
