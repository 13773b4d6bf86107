"""Sources: linked to anybody's reply, one row a thing, counted by the side that cites them."""

import pytest
from cast import Browser, EssayAt, article, cite, everything, hide, page, problem, row, rows, value, words
from flask import Flask
from sqlalchemy import select

from debate.models import Citation, Reply, Source

GOOD = {"url": "https://example.org/study?b=1", "quote": "Bees thrive.", "locator": "p. 12", "shows": "undercuts"}


@pytest.fixture
def reply_id(essay: EssayAt, critic: Browser) -> int:
    return essay.reply(critic, "Something to prove.")


def test_anybody_may_link_a_source_to_a_reply(
    app: Flask, reply_id: int, critic: Browser, stranger: Browser, client: Browser, htmx: bool
) -> None:
    answer = stranger.post(f"/replies/{reply_id}/citations", htmx=htmx, **GOOD)
    if htmx:
        assert page(answer).css_first(f"#citations-{reply_id} li") is not None
        assert value(answer, "url") == ""
    else:
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/replies/{reply_id}#reply-{reply_id}")
    citation = rows(app, select(Citation))[0]
    assert (citation.reply_id, citation.by_id, citation.url) == (reply_id, stranger.id, GOOD["url"])
    assert (citation.quote, citation.locator, citation.shows) == ("Bees thrive.", "p. 12", "undercuts")
    shown = page(client.get(f"/replies/{reply_id}")).css_first(f"#citation-{citation.id}")
    assert all(said in shown.text() for said in ("example.org", "Bees thrive.", "p. 12", "undercuts", "Stranger"))
    link = shown.css_first("a.source")
    assert link.attributes["href"] == GOOD["url"]
    assert set(link.attributes["rel"].split()) >= {"nofollow", "ugc", "noopener"}


def test_a_source_can_come_with_a_reply(app: Flask, essay: EssayAt, critic: Browser, htmx: bool) -> None:
    source = {"source_url": "http://example.org/a", "source_quote": "So it is."}
    critic.post(f"{essay.p()}/replies", htmx=htmx, stance="pro", body="With proof.", **source)
    citation = rows(app, select(Citation))[0]
    assert (citation.url, citation.quote, citation.shows) == ("http://example.org/a", "So it is.", "supports")
    assert citation.reply_id == rows(app, select(Reply.id))[0]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"url": ""}, "url"),
        ({"url": "ftp://example.org/"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://user:pw@example.org/"}, "url"),
        ({"url": "https://example.org/" + "a" * 1_990}, "url"),
        ({"quote": "q" * 1_001}, "quote"),
        ({"locator": "l" * 201}, "locator"),
        pytest.param(
            {"shows": "proves"},
            "shows",
        ),
    ],
)
def test_a_source_that_cannot_be_taken_gets_a_sentence_and_keeps_the_words(
    app: Flask, reply_id: int, stranger: Browser, htmx: bool, fields: dict[str, str], name: str
) -> None:
    before = everything(app)
    answer = stranger.post(f"/replies/{reply_id}/citations", htmx=htmx, **GOOD | fields)
    assert answer.status_code == 422
    assert problem(answer, name)
    typed = GOOD | fields
    assert [value(answer, kept) for kept in ("url", "quote", "locator")] == [
        typed[kept] for kept in ("url", "quote", "locator")
    ]
    assert everything(app) == before


def test_a_thing_is_one_source_however_its_address_is_written(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser
) -> None:
    for number, url in enumerate(
        ("https://Example.org/a", "https://example.org:443/a#part", "https://example.org/b/../a?utm_source=x")
    ):
        cite(stranger, essay.reply(critic, f"Reply {number}."), url)
    assert rows(app, select(Source.canonical)) == ["https://example.org/a"]
    assert len(rows(app, select(Citation))) == 3


def test_the_same_source_with_the_same_quote_is_linked_once(
    app: Flask, reply_id: int, stranger: Browser, critic: Browser, htmx: bool
) -> None:
    cite(critic, reply_id, GOOD["url"], GOOD["quote"])
    answer = stranger.post(f"/replies/{reply_id}/citations", htmx=htmx, **GOOD)
    assert answer.status_code == 409
    assert GOOD["quote"] in answer.text
    other = stranger.post(f"/replies/{reply_id}/citations", htmx=htmx, **GOOD | {"quote": "Other words."})
    assert other.status_code == (200 if htmx else 303)
    assert len(rows(app, select(Citation))) == 2


def test_the_page_of_sources_counts_the_sides_that_cite(
    essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    pro = essay.reply(critic, "For.", stance="pro")
    con = essay.reply(stranger, "Against it.", to=pro, stance="con")
    gone = essay.reply(stranger, "Also for.", stance="pro")
    for reply_id in (pro, con, gone):
        cite(critic, reply_id, "https://example.org/shared")
    cite(critic, gone, "https://example.org/only-hidden")
    hide(moderator, gone)
    answer = client.get(f"{essay.path}/sources")
    cells = page(answer).css("table.sources tbody tr td")
    assert len(page(answer).css("table.sources tbody tr")) == 1
    assert [cell.text() for cell in cells][2:5] == ["2 times", "1", "1"]
    assert "only-hidden" not in answer.text
    assert [link.attributes["href"] for link in page(answer).css("ul.where a")] == [
        f"/replies/{pro}",
        f"/replies/{con}",
    ]


def test_of_a_source_the_first_of_either_side_are_named_whichever_came_first(
    essay: EssayAt, critic: Browser, client: Browser
) -> None:
    made = [essay.reply(critic, f"For {number}.") for number in range(6)] + [essay.reply(critic, "No.", stance="con")]
    for reply_id in made:
        cite(critic, reply_id, "https://example.org/shared")
    named = [link.attributes["href"] for link in page(client.get(f"{essay.path}/sources")).css("ul.where a")]
    assert named[:-1] == [f"/replies/{reply_id}" for reply_id in (*made[:3], made[-1])]
    assert (named[-1] or "").startswith("/sources/")


def test_a_hidden_replys_sources_are_hidden_with_it(
    essay: EssayAt, reply_id: int, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    essay.reply(stranger, "Answer.", to=reply_id)
    cite(stranger, reply_id, "https://marker.example/", "Marker words.")
    hide(moderator, reply_id)
    assert "marker" not in client.get(f"/replies/{reply_id}").text.lower()
    assert "Marker words." in moderator.get(f"/replies/{reply_id}").text
    assert article(moderator.get(f"/replies/{reply_id}"), reply_id) is not None
    assert row(essay.app, Reply, reply_id).state == "hidden"
    assert "No sources" in words(client.get(f"{essay.path}/sources"))
