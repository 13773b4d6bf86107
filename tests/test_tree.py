"""The tree: the whole debate as an outline, in pages that leave nothing out, narrowed by filters that are addresses."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cast import (
    PASSWORD,
    Browser,
    EssayAt,
    cite,
    hide,
    lock,
    page,
    publish,
    shown_ids,
    source_of,
    suspend,
    vote,
    withdraw,
    words,
)
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from werkzeug.test import TestResponse

from debate.actions import locks
from debate.models import Reply, User
from debate.queries import outline
from debate.queries.outline import pages_of
from debate.ranking import shares_of


def read_through(client: Browser, path: str) -> list[list[int]]:
    """The replies of each page, going on by its link to the next."""
    found: list[list[int]] = []
    while path:
        answer = client.get(path)
        assert answer.status_code == 200
        found.append(shown_ids(answer))
        onward = page(answer).css_first("nav.pages a[rel=next]")
        path = (onward.attributes["href"] or "") if onward else ""
    return found


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(1, 12))
def test_every_passage_is_laid_out_once_and_no_page_is_too_long(counts: list[int], size: int) -> None:
    pages = pages_of(counts, size)
    laid = [place for each in pages for place in each]
    assert [at for at, part in laid if not part] == list(range(len(counts)))
    for at, count in enumerate(counts):
        parts = [part for place, part in laid if place == at]
        assert parts == (list(range(-(-count // size))) if count > size else [None])
    assert all(sum(min(counts[at], size) for at, _ in each) <= size for each in pages)


@given(st.tuples(st.integers(0, 60), st.integers(0, 60)), st.integers(2, 12))
def test_the_parts_of_a_long_passage_are_full_and_half_of_each_side(counts: tuple[int, int], size: int) -> None:
    parts = [shares_of(counts, part, size) for part in range(-(-sum(counts) // size))]
    left = list(counts)
    for number, shares in enumerate(parts):
        assert [begin for begin, _ in shares] == [end for _, end in parts[number - 1]] if number else [0, 0]
        held = [end - begin for begin, end in shares]
        assert sum(held) == min(size, sum(left))
        assert all(lines >= min(size // 2, here) for lines, here in zip(held, left, strict=True))
        left = [here - lines for here, lines in zip(left, held, strict=True)]
    assert left == [0, 0]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of seven lines instead of hundreds."""
    monkeypatch.setattr(outline, "PAGE", 7)
    monkeypatch.setattr(outline.pages_of, "__defaults__", (7,))


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("depth", ["1", "2", "3", "4", "all"])
@pytest.mark.sweep
def test_pages_show_every_reply_once_also_of_one_long_paragraph(
    essay: EssayAt, critic: Browser, author: Browser, client: Browser, depth: str
) -> None:
    made: dict[int, int] = {}
    for p, count in ((1, 3), (2, 23), (3, 2)):
        for number in range(count):
            parent = [reply for reply in made if made[reply] < 6][-1] if number % 3 else None
            reply = essay.reply(critic, f"Number {number}.", p=p, to=parent, stance="con" if number % 4 == 1 else "pro")
            made[reply] = made[parent] + 1 if parent else 1
    pages = read_through(client, f"{essay.path}/tree?depth={depth}")
    wanted = sorted(reply for reply in made if depth == "all" or made[reply] <= int(depth))
    assert sorted(reply for listed in pages for reply in listed) == wanted
    assert all(len(listed) <= 7 for listed in pages)
    assert len(pages) > 1
    for number in ("999999", "0", "x", "-1"):
        assert shown_ids(client.get(f"{essay.path}/tree?depth={depth}&page={number}")) in (pages[0], pages[-1])


@pytest.mark.usefixtures("small_pages")
def test_no_page_of_a_long_paragraph_is_one_sides_as_long_as_there_are_both(
    essay: EssayAt, critic: Browser, client: Browser
) -> None:
    pro = [essay.reply(critic, f"For it {number}.") for number in range(12)]
    con = [essay.reply(critic, f"Against it {number}.", stance="con") for number in range(5)]
    pages = read_through(client, f"{essay.path}/tree?depth=1")
    assert pages == [pro[:4] + con[:3], pro[4:9] + con[3:], pro[9:], []]  # those without any stand on the last


@pytest.mark.usefixtures("small_pages")
def test_a_page_that_begins_in_a_branch_tells_what_it_goes_on_from(
    essay: EssayAt, critic: Browser, client: Browser
) -> None:
    made = essay.chain(critic, 10)
    second = client.get(f"{essay.path}/tree?depth=all&page=2")
    assert shown_ids(second) == made[7:]
    assert [node.attributes["href"] for node in page(second).css("p.again a")] == [f"/replies/{n}" for n in made[:7]]


def test_branches_fold_without_a_script(essay: EssayAt, critic: Browser, client: Browser) -> None:
    top, below, *_ = essay.chain(critic, 3)
    tree = page(client.get(f"{essay.path}/tree?depth=all"))
    assert tree.css_first(f"details.branch[open] > ol > li > #reply-{below}") is not None
    assert tree.css_first(f"details #reply-{top}") is None


def test_a_removed_reply_keeps_its_line_while_something_is_beneath(
    essay: EssayAt, critic: Browser, author: Browser, moderator: Browser, client: Browser
) -> None:
    top = essay.reply(critic, "Above all.")
    gone = essay.reply(critic, "Soon gone.", to=top)
    below = essay.reply(author, "Beneath it.", to=gone)
    hide(moderator, gone)
    answer = client.get(f"{essay.path}/tree?depth=all")
    assert shown_ids(answer) == [top, gone, below]
    assert "Soon gone." not in answer.text
    assert shown_ids(client.get(f"{essay.path}/tree?filter=sources")) == []


def test_what_is_kept_of_tree_and_sources_is_what_would_be_made_anew(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, stranger: Browser, moderator: Browser, admin: Browser,
    client: Browser,
) -> None:  # fmt: skip
    """Passages are kept by their version, rows of sources by what they show: after no act may either be out of date."""
    first = essay.reply(critic, "The first, for it.")
    second = essay.reply(stranger, "The second, against it.", stance="con")
    below = essay.reply(author, "Beneath the first.", to=first)
    citation = cite(critic, first, "https://example.org/a", "So it is.")
    source = source_of(app, citation)
    other = source_of(app, cite(stranger, second, "https://example.org/b"))
    write = app.extensions["database"].write
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(User).values(made_at=datetime(2020, 1, 1, tzinfo=UTC)))
    acts: dict[str, Callable[[], Any]] = {
        "vote": lambda: vote(stranger, first, 1),
        "vote taken back": lambda: vote(stranger, first, 0),
        "post": lambda: essay.reply(stranger, "A third.", p=2),
        "answer": lambda: essay.reply(stranger, "An answer.", to=below),
        "edit": lambda: critic.post(f"/replies/{first}/edit", body="Other words."),
        "ask": lambda: author.post(f"/replies/{second}/asks", wanted="1"),
        "cite": lambda: cite(author, first, "https://example.org/b"),
        "check": lambda: stranger.post(f"/citations/{citation}/check", answer="no"),
        "check again": lambda: author.post(f"/citations/{citation}/check", answer="no"),
        "describe": lambda: moderator.post(f"/sources/{source}/edit", title="A book", authors="A. Writer", year="1999"),
        "merge": lambda: moderator.post(f"/sources/{other}/merge", into=str(source), note="One."),
        "hide": lambda: hide(moderator, below),
        "restore": lambda: moderator.post(f"/replies/{below}/restore"),
        "lock": lambda: lock(moderator, essay.target(1)),
        "lock all": lambda: lock(moderator, essay.target()),
        "unlock": lambda: write(locks.lift, moderator.actor, essay.target(1), "Enough."),
        "unlock all": lambda: write(locks.lift, moderator.actor, essay.target(), "Enough."),
        "withdraw": lambda: withdraw(author, below),
        "wrong": lambda: wrong(app, first),
        "recount": lambda: app.test_cli_runner().invoke(args=["recount", "--fix"]),
        "ban": lambda: suspend(admin, stranger, kind="banned"),
        "delete": lambda: critic.post("/settings/delete", words="keep", current=PASSWORD),
    }
    paths = f"{essay.path}/tree", f"{essay.path}/sources"
    before: list[str] = []
    unchanged = []
    for name, act in acts.items():
        told = act()
        assert getattr(told, "status_code", 303) < 400, (name, words(told))
        kept = [client.get(path).text for path in paths]
        forget(app)
        assert kept == [client.get(path).text for path in paths], name
        if kept == before:
            unchanged.append(name)
        before = kept
    assert set(unchanged) <= {"check", "lock all", "unlock all", "ban"}, "the others have to show"


def wrong(app: Flask, reply_id: int) -> None:
    """A count that is wrong, on pages that show it."""
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(Reply).where(Reply.id == reply_id).values(ups=7))
    forget(app)


def forget(app: Flask) -> None:
    """Let go of all pages and parts of pages that are kept."""
    for store in (app.extensions["parts"], app.extensions["visitors"].pages):
        store.clear()


@pytest.fixture
def varied(essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser) -> dict[str, int]:
    made = {
        "sourced": essay.reply(critic, "With a source."),
        "split": essay.reply(critic, "Two for it, two against it.", p=2),
        "lone": essay.reply(stranger, "Nobody answers this.", p=3, stance="con"),
    }
    made["pro"] = essay.reply(author, "Supports.", to=made["sourced"])
    made["con"] = essay.reply(author, "Disputes.", to=made["split"], stance="con")
    cite(critic, made["sourced"], "https://example.org/a")
    other = [author, stranger, moderator]
    for voter, value in zip(other, (1, 1, -1), strict=True):
        vote(voter, made["split"], value)
    return made


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("filter=sources", "sourced"),
        ("filter=unanswered", "pro con lone"),
        ("filter=no-con", "sourced pro con lone"),
        ("filter=unanswered&by=Author", "pro con"),
        ("by=Stranger", "lone"),
        ("by=stranger&filter=sources", ""),
        ("by=Nobody", ""),
        ("filter=disputed", ""),
        ("filter=nonsense", "sourced lone split"),
    ],
)
@pytest.mark.sweep
def test_a_filter_is_an_address(
    essay: EssayAt, varied: dict[str, int], client: Browser, asked: str, expected: str
) -> None:
    answer = client.get(f"{essay.path}/tree?{asked}")
    assert sorted(shown_ids(answer)) == sorted(varied[name] for name in expected.split())
    if asked != "filter=nonsense":
        assert f"{len(expected.split())} of 5 replies" in words(answer)


def test_disputed_is_two_a_side_by_votes_or_answers(
    essay: EssayAt, varied: dict[str, int], critic: Browser, admin: Browser, client: Browser
) -> None:
    vote(admin, varied["split"], -1)
    path = f"{essay.path}/tree?filter=disputed"
    assert shown_ids(client.get(path)) == [varied["split"]]
    for number, stance in enumerate(("pro", "pro", "con", "con")):
        assert varied["lone"] not in shown_ids(client.get(path))
        essay.reply(critic, f"Answer {number}.", to=varied["lone"], stance=stance)
    assert shown_ids(client.get(path)) == [varied["split"], varied["lone"]]
    assert shown_ids(client.get(f"{path}&filter=sources")) == []


@pytest.mark.usefixtures("small_pages")
def test_what_a_filter_finds_comes_in_pages_too(essay: EssayAt, critic: Browser, client: Browser) -> None:
    made = [essay.reply(critic, f"Number {number}.", p=number % 3 + 1) for number in range(20)]
    pages = read_through(client, f"{essay.path}/tree?filter=unanswered")
    assert sorted(reply for listed in pages for reply in listed) == made
    assert [len(listed) for listed in pages] == [7, 7, 6]
    pages = read_through(client, f"{essay.path}/tree?by=Critic")
    assert sorted(reply for listed in pages for reply in listed) == made


def test_the_strip_and_its_table_say_the_same(
    essay: EssayAt, critic: Browser, author: Browser, client: Browser
) -> None:
    for number in range(4):
        essay.reply(critic, f"Number {number}.", p=2, stance="con" if number == 3 else "pro")
    tree = page(client.get(f"{essay.path}/tree"))
    heights = {node.attributes["class"]: float(node.attributes["height"] or 0) for node in tree.css(".strip svg rect")}
    assert heights == {"pro": 31.0, "con": 10.4}
    cells = [[cell.text() for cell in row.css("td")] for row in tree.css(".tally-table tbody tr")]
    assert cells == [["0", "0", "0"], ["3", "1", "4"], ["0", "0", "0"]]
    assert tree.css_first(".strip svg").attributes["role"] == "img"


def test_an_essay_without_a_debate_has_a_tree_too(app: Flask, author: Browser, client: Browser) -> None:
    quiet = publish(app, author, "Quiet", ["One.", "Two."])
    answer: TestResponse = client.get(f"{quiet.path}/tree")
    assert answer.status_code == 200
    assert page(answer).css_first(".strip") is None
    for asked in ("?depth=all", "?filter=disputed", "?depth=2&page=3"):
        assert client.get(f"{quiet.path}/tree{asked}").status_code == 200
