"""How a reader wants the pages to look, and the site's own pages, which its owner can replace."""

import logging
import os
from pathlib import Path

import pytest
from cast import Browser, EssayAt, page, publish, words
from cast import token_in as token_of
from flask import Flask

from debate.display import CHOICES, Display
from debate.queries import essays as essay_queries


def choose(who: Browser, **fields: str) -> str:
    """Send the display form as a visitor does; returns the cookie's line, empty where none was set."""
    token = token_of(who.client.get("/display"))
    answer = who.client.post("/display", data={"csrf_token": token, **fields})
    assert answer.status_code == 303, answer.text
    return next((line for line in answer.headers.getlist("Set-Cookie") if line.startswith("debate_display=")), "")


def test_a_visitor_chooses_and_every_page_follows(client: Browser, essay: EssayAt) -> None:
    cookie = choose(client, theme="dark", size="125", shortcuts="on")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"):
        assert part in cookie
    html = page(client.get(essay.path)).css_first("html")
    assert html.attributes["data-theme"] == "dark"
    assert html.attributes["data-size"] == "125"
    assert "data-shortcuts" in html.attributes
    form = page(client.client.get("/display"))
    chosen = {node.attributes["name"]: node.attributes["value"] for node in form.css("input[checked]")}
    assert chosen == {"theme": "dark", "size": "125", "activity": "on", "shortcuts": "on", "language": ""}


def test_choosing_what_holds_anyway_takes_the_cookie_away(client: Browser) -> None:
    choose(client, theme="dark")
    assert "Max-Age=0" in choose(client, theme="system")
    assert "data-theme" not in page(client.get("/")).css_first("html").attributes


def test_what_is_not_sent_stays_as_it_was(client: Browser) -> None:
    choose(client, theme="dark")
    choose(client, size="90")
    assert page(client.get("/")).css_first("html").attributes["data-theme"] == "dark"


def test_the_choice_leads_back_to_where_it_was_asked_for(client: Browser, essay: EssayAt) -> None:
    for onward, place in ((essay.path, essay.path), ("//evil.example", "/display?saved=1"), ("", "/display?saved=1")):
        token = token_of(client.client.get("/display", query_string={"next": onward}))
        sent = client.client.post("/display", data={"csrf_token": token, "theme": "light", "next": onward})
        assert sent.headers["Location"] == place
    assert page(client.client.get("/display?saved=1")).css_first(".done[role=alert]") is not None


def test_a_choice_that_is_none_is_refused_beside_its_field(client: Browser) -> None:
    token = token_of(client.client.get("/display"))
    answer = client.client.post("/display", data={"csrf_token": token, "theme": "purple"})
    assert answer.status_code == 422
    assert page(answer).css_first("#display-theme-problem").text() == "Choose one of these."
    assert "Set-Cookie" not in answer.headers or "debate_display" not in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("cookie", ["theme=purple", "%00", "theme=dark" * 200, "x" * 3000, "=&=&&&", "size=1e9"])
def test_a_cookie_that_says_nothing_is_no_choice(client: Browser, cookie: str) -> None:
    client.client.set_cookie("debate_display", cookie)
    assert client.client.get("/").status_code == 200


def test_every_choice_survives_its_cookie() -> None:
    for name, values in CHOICES.items():
        for value in values:
            chosen = Display(**{name: value})
            assert Display.kept(chosen.cookie()) == chosen
    assert Display().cookie() == ""


def test_a_page_shaped_by_a_choice_is_not_shared(client: Browser, essay: EssayAt) -> None:
    assert client.client.get(essay.path).headers["Cache-Control"].startswith("public")
    choose(client, theme="dark")
    answer = client.client.get(essay.path)
    assert answer.headers["Cache-Control"] == "private, max-age=0, must-revalidate"
    again = client.client.get(essay.path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert "Cookie" in answer.headers["Vary"]
    assert client.client.get("/display").headers["Cache-Control"] == "private, no-store"


def test_activity_marks_show_where_most_was_said_until_they_are_hidden(
    essay: EssayAt, critic: Browser, client: Browser
) -> None:
    for number in range(5):
        essay.reply(critic, f"Said {number}.", p=2)
    essay.reply(critic, "Said once.", p=1)

    def marked(path: str) -> dict[str, str]:
        nodes = page(client.get(path)).css("section[data-heat]")
        return {(node.id or "").removeprefix("p-"): node.attributes["data-heat"] or "" for node in nodes}

    assert marked(essay.path) == {essay.paragraphs[1][1]: "2"}
    assert marked(f"{essay.path}?heat=0") == {}
    choose(client, activity="off")
    assert marked(essay.path) == {}


# --- the site's own pages


@pytest.fixture
def pages(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the owner's pages."""
    monkeypatch.setattr(app, "instance_path", str(tmp_path))
    folder = tmp_path / "pages"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", ["about", "rules", "privacy", "contact"])
def test_there_are_sensible_words_in_both_languages(client: Browser, name: str, pages: Path) -> None:
    english = client.get(f"/{name}")
    assert english.status_code == 200
    assert page(english).css_first(".site").attributes["lang"] == "en"
    assert len(words(english).split()) > 100
    choose(client, language="de")
    german = client.get(f"/{name}")
    assert page(german).css_first(".site").attributes["lang"] == "de"
    assert page(german).css_first("h1").text() != page(english).css_first("h1").text()


def test_the_owners_file_takes_the_place_of_ours_at_once_and_goes_again(client: Browser, pages: Path) -> None:
    before = client.get("/about").text
    file = pages / "about.md"
    file.write_text("# Our reading room\n\nWrite to [us](mailto:us@site.example) or see [the rules](/rules).\n")
    tree = page(client.get("/about"))
    assert tree.css_first("title").text() == "Our reading room"
    assert [node.text() for node in tree.css("h1")] == ["Our reading room"]
    assert [node.attributes["href"] for node in tree.css(".site a")] == ["mailto:us@site.example", "/rules"]
    file.write_text("# Second wording\n\nChanged.\n")
    os.utime(file, ns=(1, 1))
    assert page(client.get("/about")).css_first("h1").text() == "Second wording"
    file.unlink()
    assert client.get("/about").text == before


def test_a_page_in_the_readers_language_comes_before_one_for_all(client: Browser, pages: Path) -> None:
    (pages / "rules.md").write_text("# For all\n\nWords.\n")
    (pages / "rules.de.md").write_text("# Auf Deutsch\n\nWorte.\n")
    assert page(client.get("/rules")).css_first("h1").text() == "For all"
    choose(client, language="de")
    assert page(client.get("/rules")).css_first("h1").text() == "Auf Deutsch"


@pytest.mark.parametrize("bytes_", [b"\xff\xfe\x00", b"# A\x00", b"x" * 200_001, b"", b" \n"])
def test_a_file_that_cannot_be_shown_leaves_ours_and_a_line_in_the_log(
    client: Browser, pages: Path, bytes_: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (pages / "contact.md").write_bytes(bytes_)
    with caplog.at_level(logging.WARNING):
        assert "Contact" in client.get("/contact").text
    assert "contact.md" in caplog.text


def test_an_owners_page_runs_no_script(client: Browser, pages: Path) -> None:
    (pages / "about.md").write_text(
        "# T<script>1</script>\n\n<script>1</script> [a](javascript:1) ![i](https://e.example/)\n"
    )
    answer = client.get("/about")
    tree = page(answer)
    assert not tree.css(".site script, .site img, .site a")
    assert tree.css_first("h1").text() == "T<script>1</script>"


# --- the first page


def test_the_first_page_shows_the_liveliest_paragraph_of_each_essay(
    app: Flask, essay: EssayAt, moderator: Browser, critic: Browser, client: Browser
) -> None:
    quiet = publish(app, moderator, "Quiet", ["Nobody answers this.", "Nor this."])
    top = essay.reply(critic, "One.", p=3)
    essay.reply(critic, "Two.", to=top, p=3)
    essay.reply(critic, "Three.", p=2, stance="con")
    tree = page(client.get("/"))
    shown = tree.css("a.lively")
    assert [node.attributes["href"] for node in shown] == [essay.p(3)]
    assert "1 for" in " ".join(shown[0].text().split())
    assert "paragraph 3" in shown[0].text()
    assert tree.css_first(f'h2 a[href="{quiet.path}"]') is not None


def test_of_equally_lively_paragraphs_the_more_even_then_the_first_is_shown(
    app: Flask, essay: EssayAt, critic: Browser, client: Browser
) -> None:
    for paragraph, stances in ((1, "pro pro"), (2, "pro con"), (3, "con pro")):
        for number, stance in enumerate(stances.split()):
            essay.reply(critic, f"{number} {stance} {paragraph}.", p=paragraph, stance=stance)
    shown = page(client.get("/")).css_first("a.lively")
    assert shown.attributes["href"] == essay.p(2)
    with app.extensions["database"].reading() as session:
        assert essay_queries.liveliest(session, []) == {}


def test_the_search_form_comes_with_many_essays_or_a_question(
    app: Flask, essay: EssayAt, moderator: Browser, client: Browser
) -> None:
    assert page(client.get("/")).css_first("form") is None
    assert page(client.get("/", q="bees")).css_first("form input[name=q]") is not None
    for number in range(5):
        publish(app, moderator, f"Essay {number}")
    assert page(client.get("/")).css_first("form input[name=q]") is not None
