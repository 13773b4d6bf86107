"""Pages of what was refused: all of it comes back, and sent again it is the same."""

import io
from collections.abc import Callable

import pytest
from cast import Browser, EssayAt, cite, page, rows, suspend, value, words
from flask import Flask
from packed import document, docx
from selectolax.lexbor import LexborNode
from sqlalchemy import select
from test_floods import newcomer

from debate.models import Check, Lock, Standing


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
