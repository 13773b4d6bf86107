"""Pages of what was refused: all of it comes back, and sent again it is the same."""

import io
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from cast import Browser, EssayAt, cite, hide, page, rows, suspend, value, words
from flask import Flask
from packed import document, docx
from selectolax.lexbor import LexborNode
from sqlalchemy import select
from test_floods import newcomer

from debate.models import Check, Citation, Lock, Standing


def again(form: LexborNode) -> dict[str, list[str]]:
    """What the form on a page of what was refused would send, but for its token."""
    found: dict[str, list[str]] = {}
    for node in form.css("input[type=hidden], textarea"):
        name = node.attributes["name"] or ""
        said = node.text() if node.tag == "textarea" else node.attributes.get("value") or ""
        if name != "csrf_token":
            found.setdefault(name, []).append(said.removeprefix("\n"))
    return found


def sent_again(app: Flask, who: Browser, path: str, **fields: str):
    """Send a form as somebody who was signed out, then what came back as `who`."""
    refused = Browser(app).post(path, **fields)
    assert refused.status_code == 401
    form = page(refused).css_first("form.send-again")
    return who.post(form.attributes["action"] or "", **again(form))


def test_a_lock_for_new_accounts_is_one_when_it_is_sent_again(app: Flask, essay: EssayAt, moderator: Browser) -> None:
    answer = sent_again(app, moderator, f"{essay.p()}/lock", reason="Quiet.", newcomers="1")
    assert answer.status_code == 303
    assert rows(app, select(Lock.newcomers)) == [True]


def test_a_suspension_in_one_essay_is_lifted_there_alone(
    app: Flask, essay: EssayAt, admin: Browser, critic: Browser, moderator: Browser
) -> None:
    suspend(admin, critic)
    sent_again(app, moderator, "/users/Critic/lift", essay=essay.slug, note="Enough.")
    assert rows(app, select(Standing.lifted_at).where(Standing.user_id == critic.id)) == [None]


def test_an_answer_about_a_source_stays_when_it_is_sent_again(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser
) -> None:
    made = essay.reply(critic, "With a source.")
    path = f"/citations/{cite(critic, made, 'https://example.org/a', 'So it is.')}/check"
    stranger.post(path, answer="yes")
    assert sent_again(app, stranger, path, answer="no").status_code == 303
    assert rows(app, select(Check.answer)) == ["no"]


def test_every_field_of_a_revision_comes_back_and_no_password_does(app: Flask, essay: EssayAt) -> None:
    fields = {"title": "T", "text": "A.\n\nB.", "base": "1", "of": "abc", "language": "de", "intent": "publish"}
    lists = {"was": ["2", ""], "switch": ["x" * 64, "y" * 64]}
    visitor = Browser(app)
    refused = visitor.post(f"{essay.path}/edit", **fields, **lists)
    found = again(page(refused).css_first("form.send-again"))
    assert found == {name: [said] for name, said in fields.items()} | lists
    hers = {"current": "her secret word", "password": "another one of hers", "code": "123456"}
    refused = visitor.post("/settings/password", **hers)
    assert refused.status_code == 401
    assert not any(secret in refused.text for secret in hers.values())


@pytest.mark.parametrize("status", [401, 429])
def test_with_a_file_that_is_no_text_the_other_words_come_back(
    app: Flask, make_app: Callable[..., Flask], status: int
) -> None:
    site = make_app(limits=True, publishing="everyone") if status == 429 else app
    who = newcomer(site) if status == 429 else Browser(app)
    fields = {"title": "A title of mine", "author": "Somebody Else", "intent": "draft"}
    token = who.token()
    for number in range(4 if status == 429 else 1):
        data = fields | {"title": f"A title of mine {number}", "csrf_token": token}
        data |= {
            "file": (io.BytesIO(docx(document(f"<w:p><w:r><w:t>Words {number}.</w:t></w:r></w:p>"))), "essay.docx")
        }
        answer = who.client.post("/essays/new", data=data)
    assert answer.status_code == status, words(answer)
    assert "A title of mine" in value(answer, "title")
    assert "choose it once more" in words(answer)
    text = who.client.post("/essays/new", data=fields | {"csrf_token": token, "file": (io.BytesIO(b"Words."), "a.txt")})
    assert text.status_code == status
    assert "Words." in text.text


MARKDOWN = b"# A title\n\nWords *here*.\n\n## A part\n\nAnd there."


@pytest.mark.parametrize(
    ("name", "chosen", "said", "format"),
    [
        ("essay.md", "", MARKDOWN, "md"),
        ("essay.txt", "", MARKDOWN, "txt"),
        ("essay.txt", "md", MARKDOWN, "md"),
        ("essay.html", "", b"<h1>A title</h1><p>Words <em>here</em>.</p><p>And there.</p>", "html"),
    ],
)
def test_a_file_sent_again_is_read_as_it_was(
    app: Flask, moderator: Browser, name: str, chosen: str, said: bytes, format: str
) -> None:
    def file() -> dict[str, tuple[io.BytesIO, str]]:
        return {"file": (io.BytesIO(said), name)}

    fields = {"title": "A title", "language": "en", "format": chosen, "intent": "preview"}
    refused = Browser(app).post("/essays/new", **fields, **file())
    assert refused.status_code == 401
    sent = again(page(refused).css_first("form.send-again"))
    assert sent["format"] == [format]
    found = [
        page(moderator.post("/essays/new", **form)).css_first(".found-list").html for form in (sent, fields | file())
    ]
    assert found[0] == found[1]


def test_a_file_for_a_revision_is_what_its_name_says(app: Flask, essay: EssayAt) -> None:
    """The form's own format is that of the text it was filled with."""
    fields = {"title": "T", "base": "1", "format": "txt", "intent": "publish"}
    refused = Browser(app).post(f"{essay.path}/edit", **fields, file=(io.BytesIO(MARKDOWN), "essay.md"))
    assert again(page(refused).css_first("form.send-again"))["format"] == ["md"]


@pytest.mark.parametrize("name", ["essay.docx", "essay.fodt"])
def test_words_typed_beside_a_document_do_not_take_its_place_unsaid(app: Flask, name: str) -> None:
    flat = b'<?xml version="1.0"?><office:document office:mimetype="application/vnd.oasis.opendocument.text"/>'
    data = flat if name.endswith("fodt") else docx(document("<w:p><w:r><w:t>Words.</w:t></w:r></w:p>"))
    refused = Browser(app).post("/essays/new", text="Typed.\n\nBefore.", file=(io.BytesIO(data), name))
    assert refused.status_code == 401
    assert value(refused, "text").strip() == "Typed.\n\nBefore."
    assert "choose it once more" in words(refused)


def test_what_a_source_shows_goes_along_to_the_paragraph(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    made = essay.reply(critic, "Soon hidden.")
    hide(moderator, made)
    fields = {"body": "An answer.", "source_url": "https://example.org/", "source_shows": "undercuts"}
    gone = stranger.post(f"/replies/{made}/replies", stance="con", **fields)
    assert gone.status_code == 410
    form = page(gone).css_first("form.send-again")
    assert stranger.post(form.attributes["action"] or "", stance="con", **again(form)).status_code == 303
    assert rows(app, select(Citation.shows)) == ["undercuts"]


def test_after_a_log_in_on_such_a_page_one_is_on_a_page(app: Flask, essay: EssayAt, critic: Browser) -> None:
    made = essay.reply(critic, "Judge this.")
    its_page, vote = f"/replies/{made}", f"/replies/{made}/vote"

    def onward(path: str, came: str) -> str:
        refused = Browser(app).post(path, headers={"Referer": came} if came else None)
        assert refused.status_code == 401
        link = page(refused).css_first("header a[href^='/login']").attributes["href"] or ""
        return unquote(link.partition("next=")[2])

    here = "http://localhost"
    assert onward(vote, f"{here}{essay.p()}?sort=new") == f"{essay.p()}?sort=new"
    assert onward(vote, f"{here}{vote}") == its_page  # sent again from there
    assert onward(vote, f"https://elsewhere.example{essay.p()}") == its_page
    assert onward(vote, "") == its_page
    assert onward(f"{its_page}/replies", "") == f"{its_page}/replies"
    assert onward("/notices/read", "") == "/notices"
