"""C. Nothing changes but by a form of this site, sent by the person whose session it is."""

import re
from pathlib import Path

import pytest
from cast import EssayAt, rows
from live import Page, Person, site_on
from sqlalchemy import select
from test_access import DRAFTS, FORMS, Form
from town import FULL, Town, on_one_database, stage_of, sweep, swept, where_all_is

from debate.models import Reply, Vote

pytestmark = pytest.mark.slow

ALL = FORMS | DRAFTS
EVIL = {"Origin": "https://evil.example"}


def forged(who: Person, token: str, path: str, fields: dict[str, str], *, wide: bool = FULL) -> list[Page]:
    """A form without a token, with somebody else's, from another site; and in every other way if `wide`."""
    right = fields | {"csrf_token": who.token}
    few = [
        who.request("POST", path, fields),
        who.request("POST", path, fields | {"csrf_token": token}),
        who.request("POST", path, right, EVIL),
    ]
    if not wide:
        return few
    plain = "\r\n".join(f"{name}={value}" for name, value in right.items()).encode()
    return [
        *few,
        who.request("POST", path, fields, {"X-CSRFToken": token, "X-CSRF-Token": token}),
        who.request("POST", path, right, {"Origin": "null"}),
        who.request("POST", path, right, {"Origin": f"http://127.0.0.1:{who.site.port}.evil.example"}),
        who.request("POST", path, plain, {"Content-Type": "text/plain"}),
        who.request("POST", path, b"{}", {"Content-Type": "application/json"}),
        who.request("POST", f"{path}?csrf_token={who.token}", fields),
    ]


@on_one_database
@pytest.mark.parametrize("form", ALL.values(), ids=ALL.keys())
def test_c1_a_form_that_was_not_made_here_for_this_person_changes_nothing(town: Town, form: Form) -> None:
    stage = stage_of(town)
    path = form.path(stage)
    who = town.people[(form.may or "author").split()[0]]
    others = town.people["critic" if who is town.people["author"] else "author"]
    before = town.rows()
    wide = FULL or form.endpoint in ("replies.to_paragraph", "votes.cast", "users.give_role")
    assert {page.status for page in forged(who, others.token, path, form.fields, wide=wide)} <= {400, 403}
    assert town.rows() == before


@on_one_database
def test_c1_no_route_that_takes_a_post_does_without_the_token(town: Town) -> None:
    who, others = town.people["admin"], town.people["author"]
    before = town.rows()
    for rule in town.app.url_map.iter_rules():
        methods = rule.methods or set()
        assert methods <= {"GET", "HEAD", "OPTIONS", "POST"}, rule
        if "POST" in methods:
            path = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)
            path = re.sub(r"<[^>]*>", "1", path)
            assert {page.status for page in forged(who, others.token, path, {})} <= {400, 403}, rule
            assert who.request("PUT", path, {"csrf_token": who.token}).status == 405
    assert town.rows() == before


@on_one_database
@pytest.mark.parametrize("role", ["visitor", "admin", *(["critic", "moderator"] if FULL else [])])
def test_c2_reading_every_page_there_is_changes_not_one_row(town: Town, role: str) -> None:
    where_all_is(town)
    town.kept.pop(f"swept by {role}", None)  # anew, and then kept for others
    before = town.rows()
    for page in swept(town, role):
        assert page.status < 500, page.path
    if role == "admin" or FULL:
        who = town.people[role if FULL else "author"]
        about = () if FULL else ("{about}", "{key}")
        for page in sweep(who, where_all_is(town), "HEAD", about, **{"HX-Request": "true"}):
            assert page.status < 500, page.path
    assert town.rows() == before


def test_c3_cookies_go_to_this_host_alone_encrypted_and_not_to_scripts(tmp_path: Path) -> None:
    with site_on("sqlite", tmp_path / "site", DEBATE_HTTPS="on", DEBATE_WORKERS="1") as site:
        (alice,) = site.add_people(["Alice"])
        site.start()
        answer = alice.send(
            alice.get("/login"), "/login", name="Alice", password="seven lamps on the quay", remember="1"
        )
        assert answer.status == 303
        cookies = answer.headers.get_all("Set-Cookie") or []
        assert {line.partition("=")[0] for line in cookies} == {"__Host-debate_session", "__Host-debate_remember"}
        chosen = alice.send(alice.get("/display"), "/display", theme="dark").headers.get_all("Set-Cookie") or []
        assert len(chosen) == 1
        for line in cookies + chosen:
            said = {part.strip().lower() for part in line.split(";")}
            assert line.startswith("__Host-debate_")
            assert said >= {"secure", "httponly", "samesite=lax", "path=/"}
            assert not any(part.startswith("domain") for part in said)
        assert alice.get("/").headers["Strict-Transport-Security"].startswith("max-age=")


def test_c3_no_picture_link_or_form_of_another_site_casts_a_vote(town: Town) -> None:
    made = town.essay("On votes").reply(town.cast["critic"], "A reply.")
    alice = town.people["stranger"]
    path = f"/replies/{made}/vote"
    tries = [
        alice.get(f"{path}?value=1&csrf_token={alice.token}"),
        alice.request("HEAD", f"{path}?value=1&csrf_token={alice.token}"),
        alice.get(f"{path}?value=1&_method=POST", **{"X-HTTP-Method-Override": "POST"}),
        alice.request("POST", path, {"value": "1"}, EVIL),
        alice.request("POST", path, {"value": "1"}, {"Origin": "null", "Referer": "https://evil.example/"}),
    ]
    assert [page.status for page in tries] == [405, 405, 405, 403, 403]
    assert rows(town.app, select(Vote.value).where(Vote.reply_id == made)) == []
    assert alice.post(path, value="1").status == 303


# --- C4


def typed_by(alice: Person, essay: EssayAt) -> tuple[Page, dict[str, str]]:
    """The form that somebody has open, and what is sent of it."""
    page = alice.get(f"{essay.p()}/replies")
    token = page.form(f"{essay.p()}/replies").css_first("input[name=csrf_token]")
    assert token is not None
    return page, {"csrf_token": token.attributes["value"] or "", "stance": "con", "body": "An hour's work."}


def test_c4_who_was_logged_out_meanwhile_gets_the_draft_back_and_nothing_is_posted(town: Town) -> None:
    essay, alice = town.essay("On logging out"), town.at(town.add())
    _, sent = typed_by(alice, essay)
    assert alice.post("/logout").status == 303
    answer = alice.request("POST", f"{essay.p()}/replies", sent)
    assert answer.status == 401
    assert [node.text() for node in answer.all("textarea")] == ["An hour's work."]
    assert answer.all("a[href^='/login']")
    assert rows(town.app, select(Reply.id).where(Reply.essay_id == essay.id)) == []


@pytest.mark.parametrize("ended", ["here", "elsewhere"])
def test_c4_a_form_that_alice_left_open_is_not_posted_as_bob(town: Town, ended: str) -> None:
    essay, who, bob = town.essay("On two people"), town.add(), town.add()
    alice = town.at(who)
    _, sent = typed_by(alice, essay)
    if ended == "here":
        alice.post("/logout")
    else:
        elsewhere = town.at(who)
        assert elsewhere.post("/settings/sessions/end-others").status == 303
    same_browser = Person(town.site, bob.name)
    same_browser.cookies = alice.cookies
    same_browser.login()
    answer = same_browser.request("POST", f"{essay.p()}/replies", sent)
    assert answer.status == 400
    assert "An hour's work." in [node.text() for node in answer.all("textarea")]
    assert rows(town.app, select(Reply.id).where(Reply.essay_id == essay.id)) == []


def test_c4_a_form_that_alice_left_open_is_posted_when_she_is_back(town: Town) -> None:
    essay, who = town.essay("On coming back"), town.add()
    alice, elsewhere = town.at(who), town.at(who)
    _, sent = typed_by(alice, essay)
    assert elsewhere.post("/settings/sessions/end-others").status == 303
    assert alice.request("POST", f"{essay.p()}/replies", sent).status == 401
    alice.login()
    assert alice.request("POST", f"{essay.p()}/replies", sent).status == 303
    assert rows(town.app, select(Reply.author_id).where(Reply.essay_id == essay.id)) == [who.id]
