"""Essays: looked at before they are published, published once, and everything that cannot become one."""

import threading
from io import BytesIO
from pathlib import Path

import pytest
from cast import PARAGRAPHS, TITLE, Browser, EssayAt, everything, page, problem, publish, row, rows, value, words
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from debate.models import Essay, Paragraph, Revision, Wording
from debate.queries import essays
from debate.text.intake import apart

TEXT = "\n\n".join(PARAGRAPHS)
BIG = "a paragraph of words " * 25 + "\n\n"
BAD = {
    "empty": ("", "The text is empty."),
    "only blank": (" \n\t\n \u200b", "The text is empty."),
    "too long": (BIG * (1_000_000 // len(BIG) + 1), "at most 1,000,000 fit"),
    "a title alone": ("Just a title", "There is no paragraph beneath the title"),
    "control character": ("Title\n\nA paragraph with a \x07 bell.", "control character (U+0007)"),
}


def file(data: bytes, name: str = "essay.txt") -> tuple[BytesIO, str]:
    return BytesIO(data), name


def keys(app: Flask) -> list[str]:
    return rows(app, select(Paragraph.key).order_by(Paragraph.id))


def test_a_preview_shows_the_paragraphs_found_and_stores_nothing(app: Flask, moderator: Browser, htmx: bool) -> None:
    moderator.token()
    before = everything(app)
    answer = moderator.post("/essays/new", htmx=htmx, title="A title", text=TEXT, author="Anne Author")
    assert answer.status_code == 200
    assert "3 paragraphs open to debate" in words(answer)
    assert [item.text().strip() for item in page(answer).css(".found-list li .words")] == list(PARAGRAPHS)
    assert [value(answer, name) for name in ("title", "author", "text")] == ["A title", "Anne Author", TEXT]
    assert everything(app) == before


def test_an_essay_is_published(app: Flask, moderator: Browser, client: Browser) -> None:
    answer = moderator.post("/essays/new", title=TITLE, text=TEXT, intent="publish")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/essays/on-keeping-bees-in-town")
    essay = rows(app, select(Essay))[0]
    assert (essay.title, essay.author_name, essay.owner_id, essay.revision) == (TITLE, "Warden", moderator.id, 1)
    assert rows(app, select(Revision.number)) == [1]
    assert rows(app, select(Wording.source).order_by(Wording.id)) == list(PARAGRAPHS)
    shown = client.get("/essays/on-keeping-bees-in-town")
    assert [node.attributes["id"] for node in page(shown).css("section.passage")] == [f"p-{key}" for key in keys(app)]


def test_the_first_block_is_the_title_where_none_is_given(app: Flask, moderator: Browser) -> None:
    moderator.post("/essays/new", text=f"{TITLE}\n\n{TEXT}", intent="publish")
    assert rows(app, select(Essay.title)) == [TITLE]
    assert len(keys(app)) == 3


def test_an_essay_by_somebody_else_belongs_to_nobody_here(app: Flask, moderator: Browser) -> None:
    moderator.post("/essays/new", title=TITLE, text=TEXT, author="Anne  Author", intent="publish")
    essay = rows(app, select(Essay))[0]
    assert (essay.author_name, essay.owner_id) == ("Anne Author", None)


def test_a_file_can_be_uploaded_and_published_from_the_preview(app: Flask, moderator: Browser) -> None:
    data = f"\ufeff# {TITLE}\r\n\r\n## Part\r\n\r\n{PARAGRAPHS[0]}\r\n".encode()
    preview = moderator.post("/essays/new", file=file(data, "essay.md"))
    assert preview.status_code == 200
    assert "1 paragraph open to debate" in words(preview)
    fields = {name: value(preview, name) for name in ("title", "author", "text")}
    answer = moderator.post("/essays/new", **fields, format="md", intent="publish")
    assert answer.status_code == 303
    assert rows(app, select(Wording.kind).order_by(Wording.id)) == ["heading", "text"]
    assert rows(app, select(Paragraph.debatable).order_by(Paragraph.id)) == [False, True]


@pytest.mark.parametrize("intent", ["preview", "publish"])
@pytest.mark.parametrize(("text", "sentence"), BAD.values(), ids=BAD.keys())
def test_a_text_that_cannot_be_an_essay_gets_a_sentence_and_keeps_the_words(
    app: Flask, moderator: Browser, intent: str, text: str, sentence: str
) -> None:
    moderator.token()
    answer = moderator.post("/essays/new", text=text, author="Anne", intent=intent)
    assert answer.status_code == 422
    assert sentence in problem(answer, "text")
    assert value(answer, "author") == "Anne"
    assert value(answer, "text").strip("\n") == text.replace("\x07", "\x07").strip("\n") or "\x07" in text
    assert rows(app, select(Essay)) == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The text is empty."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a picture"),
        ("Título\n\nUn párrafo.".encode("latin-1"), "not in UTF-8 (line 1)"),
        ("Title\n\nA paragraph.".encode("utf-16"), "UTF-16"),
        (b"x" * 4_000_100, "too long"),
        ("Title\n\n" + "é" * 1_000_000, "at most 1,000,000"),
    ],
    ids=["empty", "binary", "latin-1", "utf-16", "far too long", "too long"],
)
def test_a_file_that_cannot_be_an_essay_gets_a_sentence_beside_it(
    app: Flask, moderator: Browser, data: bytes | str, sentence: str
) -> None:
    data = data.encode() if isinstance(data, str) else data
    answer = moderator.post("/essays/new", title="Typed title", text="Typed text.", file=file(data), intent="publish")
    assert answer.status_code == 422
    assert sentence in problem(answer, "file")
    assert [value(answer, "title"), value(answer, "text")] == ["Typed title", "Typed text."]
    assert rows(app, select(Essay)) == []


@pytest.mark.parametrize(("title", "sentence"), [("T" * 500, "has 500 characters; at most 300")])
def test_a_title_that_does_not_fit_gets_a_sentence_and_keeps_the_words(
    app: Flask, moderator: Browser, title: str, sentence: str
) -> None:
    answer = moderator.post("/essays/new", title=title, text=TEXT, intent="publish")
    assert answer.status_code == 422
    assert sentence in problem(answer, "title")
    assert value(answer, "text") == TEXT
    assert "\0" in title or value(answer, "title") == title
    assert rows(app, select(Essay)) == []


def test_an_authors_name_that_does_not_fit_gets_a_sentence(app: Flask, moderator: Browser) -> None:
    answer = moderator.post("/essays/new", title=TITLE, text=TEXT, author="A" * 101, intent="publish")
    assert answer.status_code == 422
    assert "100 characters or fewer. It has 101." in problem(answer, "author")


def test_a_text_of_exactly_the_limit_is_taken(app: Flask, moderator: Browser) -> None:
    text = (BIG * (1_000_000 // len(BIG) + 1))[:1_000_000]
    assert moderator.post("/essays/new", title=TITLE, text=text, intent="publish").status_code == 303
    assert sum(len(source) for source in rows(app, select(Wording.source))) > 990_000


def test_who_would_wait_long_for_the_files_of_others_is_told_so(
    moderator: Browser, monkeypatch: pytest.MonkeyPatch, htmx: bool
) -> None:
    monkeypatch.setattr(apart, "PATIENCE", 0.01)
    monkeypatch.setattr(apart, "_turns", turns := threading.BoundedSemaphore(1))
    pasted = {"title": TITLE, "format": "html", "text": "<p>Words that are kept.</p>"}
    with turns:
        answer = moderator.post("/essays/new", htmx=htmx, **pasted)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Words that are kept." in answer.text
    for _ in range(2):
        assert moderator.post("/essays/new", htmx=htmx, **pasted).status_code == 200


def test_a_title_that_is_taken_makes_another_address(app: Flask, moderator: Browser, author: Browser) -> None:
    slugs = [publish(app, author, paragraphs=[f"Text {number}."]).slug for number in range(3)]
    assert slugs == ["on-keeping-bees-in-town", "on-keeping-bees-in-town-2", "on-keeping-bees-in-town-3"]
    for title, slug in (("New", "new-2"), ("Пчёлы", "pchiolly"), ("!!!", "essay"), ("../../etc", "etc"), ("蜂", None)):
        made = publish(app, moderator, title=title).slug
        assert slug in (made, None) or title == "Пчёлы"
        assert made != "new"
        assert made.isascii()
        assert moderator.get(f"/essays/{made}").status_code == 200


def test_a_double_click_publishes_once(app: Flask, moderator: Browser) -> None:
    first, second = (moderator.post("/essays/new", title=TITLE, text=TEXT, intent="publish") for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 409)
    assert first.headers["Location"] in second.text
    assert len(rows(app, select(Essay))) == 1
    assert moderator.post("/essays/new", title=TITLE, text=f"{TEXT}\n\nMore.", intent="publish").status_code == 303


def test_everyone_may_publish_where_the_setting_says_so(app: Flask, make_app, critic: Browser) -> None:
    assert critic.get("/essays/new").status_code == 403
    open_site = make_app(publishing="everyone")
    browser = Browser(open_site, critic.name, critic.id)
    assert browser.post("/essays/new", title=TITLE, text=TEXT, intent="publish").status_code == 303
    assert rows(app, select(Essay.owner_id)) == [critic.id]


def test_a_visitor_is_asked_to_log_in_before_writing_an_essay(client: Browser) -> None:
    assert client.get("/essays/new").headers["Location"] == "/login?next=/essays/new"


def test_every_essay_is_on_a_page(
    app: Flask, runner: FlaskCliRunner, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [publish(app, title=f"Lamps & quays {number}").slug for number in range(5)]
    publish(app, title="Bees")
    monkeypatch.setattr(essays, "PAGE", 2)

    def through(path: str) -> list[str]:
        found = []
        while path:
            shown = page(client.get(path))
            found += [(link.attributes["href"] or "").removeprefix("/essays/") for link in shown.css(".essays h2 a")]
            assert len(shown.css(".essays h2 a")) <= 2
            assert len(found) <= 6
            onward = shown.css_first("nav.pages a[rel=next]")
            path = (onward.attributes["href"] or "") if onward else ""
        return found

    assert through("/") == ["bees", *made[::-1]]
    assert through("/?q=Lamps+%26+quays") == made[::-1]
    beyond = client.get("/?page=99")
    assert "No essay has been published yet" not in words(beyond)
    assert page(beyond).css_first('main a[href="/"]') is not None
    assert runner.invoke(args=["essay", "list"]).stdout.count("/essays/") == 6


# --- the command


def run(runner: FlaskCliRunner, *args: object):
    return runner.invoke(args=["essay", "import", *map(str, args)])


def test_the_command_publishes_a_file(
    app: Flask, runner: FlaskCliRunner, author: Browser, tmp_path: Path, client: Browser
) -> None:
    path = tmp_path / "bees.md"
    path.write_text(f"# {TITLE}\n\n---\n\n{TEXT}\n")
    done = run(runner, path, "--author", "author")
    assert (done.exit_code, done.stdout) == (0, "/essays/on-keeping-bees-in-town 3 paragraphs\n")
    assert client.get("/essays/on-keeping-bees-in-town").status_code == 200
    assert rows(app, select(Essay.owner_id)) == [author.id]
    titled = run(runner, path, "--title", "Otherwise", "--format", "txt", "--author", "Nobody Known")
    assert titled.stdout == "/essays/otherwise 5 paragraphs\n"
    assert "/essays/otherwise\t0 replies\tOtherwise" in runner.invoke(args=["essay", "list"]).stdout


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01binary", "párrafo".encode("latin-1"), b"Title only", b"x" * 1_000_001, None],
    ids=["empty", "binary", "latin-1", "no paragraph", "too long", "no such file"],
)  # fmt: skip
def test_the_command_refuses_a_bad_file_in_one_line(
    app: Flask, runner: FlaskCliRunner, tmp_path: Path, data: bytes | None
) -> None:
    path = tmp_path / "bad.txt"
    if data is not None:
        path.write_bytes(data)
    for options in ([], ["--title", "T" * 500]):
        done = run(runner, path, *options)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
        assert str(path) in done.stderr
    assert rows(app, select(Essay)) == []


def test_a_paragraphs_key_says_nothing_about_its_place(app: Flask, essay: EssayAt) -> None:
    found = keys(app)
    assert len(set(found)) == 3
    assert all(4 <= len(key) <= 8 and key.isalnum() and key == key.lower() for key in found)
    assert row(app, Essay, essay.id).version == 1
