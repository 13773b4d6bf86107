"""HTML as it should be: read by a strict parser, references that lead somewhere, headings in order, names on controls.

With FULL=1 the Nu HTML checker judges too; it needs Java and npm (`npm pack vnu-jar` fetches it once).
"""

import itertools
import os
import re
import shutil
import subprocess
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
import sweep
from cast import Browser, EssayAt
from live import lacking
from selectolax.lexbor import LexborHTMLParser
from werkzeug.test import TestResponse

FULL = os.environ.get("FULL") == "1"
CACHE = Path(__file__).resolve().parent.parent / ".venv" / "cache"
POINTERS = ("aria-labelledby", "aria-describedby", "aria-controls", "for", "headers")
on_one_database = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def answers(
    essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> dict[str, str]:
    """The HTML of every page, as a visitor, a participant and a moderator get it, by who and path."""
    places = sweep.hidden_among(essay, critic, author, stranger, moderator)
    found: dict[str, str] = {}
    for who in (client, critic, moderator):
        for path in ("/nowhere", *sweep.PAGES.values(), *sweep.MORE_PAGES):
            answer = who.get(path.format(**places))
            if answer.mimetype == "text/html" and answer.status_code != 303:
                found[f"{who.name or 'visitor'} {path}"] = answer.text
        found[f"{who.name or 'visitor'}, wrong"] = _wrong(who, essay).text
    return found


def _wrong(who: Browser, essay: EssayAt) -> TestResponse:
    """A form that comes back with what is wrong with it."""
    return who.post(f"{essay.p()}/replies", body="x" * 10_001, source_url="nothing", source_quote="y" * 1001)


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


def test_the_search_for_faults_finds_them() -> None:
    html = (
        '<!doctype html><html><title> </title><main><h1>A</h1><h3 id=x>B</h3><p id=x>C<b></p><a href="#y"></a>'
        '<input name=a><ol><p>D</p></ol><svg></svg><span aria-labelledby="z"></span></main></html>'
    )
    found = " ".join(faults(html))
    for fault in ("id x 2 times", "h3 after h1", "link to #y", "no label", "says nothing", "in a list", "no text"):
        assert fault in found, fault
    assert "aria-labelledby=z" in found
    assert "no language or title" in found


@on_one_database
@pytest.mark.skipif(not FULL, reason="the Nu HTML checker runs with FULL=1 (make check-full)")
def test_the_nu_checker_finds_nothing(answers: dict[str, str], tmp_path: Path) -> None:
    jar = _checker()
    for number, html in enumerate(answers.values()):
        (tmp_path / f"{number:03}.html").write_text(html)
    done = subprocess.run(
        ["java", "-jar", str(jar), "--errors-only", *map(str, sorted(tmp_path.glob("*.html")))],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    names = dict(enumerate(answers))
    print(len(answers), "pages judged")
    assert re.sub(r"\S*/(\d{3})\.html", lambda found: names[int(found[1])], done.stderr) == ""
    assert done.returncode == 0


def _checker() -> Path:
    if not shutil.which("java") or not shutil.which("npm"):
        lacking("The Nu HTML checker is off; to turn it on install Java and npm (apt-get install default-jre npm)")
    CACHE.mkdir(exist_ok=True)
    there = CACHE / "package" / "build" / "dist" / "vnu.jar"
    if not there.exists():
        done = subprocess.run(
            ["npm", "pack", "--silent", "--ignore-scripts", "vnu-jar@26.9.27"],
            cwd=CACHE,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            lacking(f"The Nu HTML checker could not be fetched: {done.stderr[-200:]}")
        with tarfile.open(CACHE / done.stdout.split()[-1]) as archive:
            archive.extractall(CACHE, filter="data")
    return there


@on_one_database
def test_pages_are_looked_at_as_their_readers_get_them(answers: dict[str, str]) -> None:
    assert "Log out" in answers["Critic /display"]
    assert "Log in" in answers["visitor /display"]
