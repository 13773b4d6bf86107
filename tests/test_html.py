"""HTML as it should be: read by a strict parser, references that lead somewhere, headings in order, names on controls.

The Nu HTML checker judges the same pages in test_nu.py.
"""

import itertools
from collections import Counter
from collections.abc import Iterator

import html5lib
import pytest
import sweep
from cast import Browser, EssayAt
from selectolax.lexbor import LexborHTMLParser

POINTERS = ("aria-labelledby", "aria-describedby", "aria-controls", "for", "headers")
on_one_database = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def answers(
    essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> dict[str, str]:
    return sweep.every_page(essay, critic, author, stranger, moderator, client)


def faults(html: str) -> Iterator[str]:
    """What is wrong with a page, a line each."""
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(html)
    yield from (f"{code} at {position}" for position, code, _ in parser.errors)
    tree = LexborHTMLParser(html)
    ids = Counter(node.id for node in tree.css("[id]"))
    yield from (f"id {name} {times} times" for name, times in ids.items() if times > 1)
    for pointer in POINTERS:
        for node in tree.css(f"[{pointer}]"):
            yield from (f"{pointer}={name}" for name in (node.attributes[pointer] or "").split() if name not in ids)
    for node in tree.css('[data-hx-target^="#"]'):
        if (node.attributes["data-hx-target"] or "")[1:] not in ids:
            yield f"no place for what comes: {node.attributes['data-hx-target']}"
    for node in tree.css('a[href^="#"]'):
        if (node.attributes["href"] or "")[1:] not in ids:
            yield f"link to {node.attributes['href']}"
    levels = [int(node.tag[1]) for node in tree.css("main :is(h1, h2, h3, h4, h5, h6)")]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} h1"
    yield from (f"h{two} after h{one}" for one, two in itertools.pairwise(levels) if two > one + 1)
    for node in tree.css("input:not([type=hidden]), select, textarea"):
        labelled = node.id and tree.css_first(f'label[for="{node.id}"]')
        inside = node.parent is not None and node.parent.tag == "label"
        if not (labelled or inside or node.attributes.get("aria-label")):
            yield f"no label: {node.html}"
    for node in tree.css("a[href], button"):
        if not (node.text().strip() or node.attributes.get("aria-label")):
            yield f"says nothing: {node.html}"
    for node in tree.css("svg, img"):
        if node.attributes.get("aria-hidden") != "true" and not node.attributes.get("aria-label"):
            yield f"no text for {node.html}"
    for node in tree.css("ol > *, ul > *"):
        if node.tag != "li":
            yield f"{node.tag} in a list"
    if not tree.css_first("html[lang]") or not tree.css_first("title").text().strip():
        yield "no language or title"


@on_one_database
def test_every_page_is_as_it_should_be(answers: dict[str, str]) -> None:
    assert len(answers) > 60
    assert {where: found for where, html in answers.items() if (found := list(faults(html)))} == {}
    visitors = {where: html for where, html in answers.items() if where.startswith("visitor")}
    assert [where for where, html in visitors.items() if '<a href="/login?next=' not in html] == []


def test_the_search_for_faults_finds_them() -> None:
    html = (
        '<!doctype html><html><title> </title><main><h1>A</h1><h3 id=x>B</h3><p id=x>C<b></p><a href="#y"></a>'
        '<input name=a><ol><p>D</p></ol><svg></svg><span aria-labelledby="z" data-hx-target="#w"></span></main></html>'
    )
    found = " ".join(faults(html))
    for fault in ("id x 2 times", "h3 after h1", "link to #y", "no label", "says nothing", "in a list", "no text"):
        assert fault in found, fault
    assert "aria-labelledby=z" in found
    assert "no place for what comes: #w" in found
    assert "no language or title" in found


@on_one_database
def test_pages_are_looked_at_as_their_readers_get_them(answers: dict[str, str]) -> None:
    assert "Log out" in answers["Critic /display"]
    assert "Log in" in answers["visitor /display"]


@on_one_database
def test_an_answer_has_a_place_on_both_sides_wherever_one_is_gone_on_with(
    essay: EssayAt, critic: Browser, stranger: Browser
) -> None:
    top = essay.reply(critic, "Answer this.")
    made = [essay.reply(critic, f"Number {number}.", to=top) for number in range(4)]
    for against in (0, 1):
        answer = stranger.get(f"/replies/{top}", after=made[-1])
        tree = LexborHTMLParser(answer.text)
        assert len(tree.css(f"#pro-r{top} > li")) == 3
        assert [node.text() for node in tree.css(f"#c-con-r{top}")] == [str(against)]
        assert len(tree.css(f"#con-r{top}")) == 1
        assert ("No one disputes this reply yet." in answer.text) == (not against)
        assert list(faults(answer.text)) == []
        essay.reply(critic, f"Against it, {against}.", to=top, stance="con")
