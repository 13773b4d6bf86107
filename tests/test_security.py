"""What people type stays text, what they link is http, and every answer holds the browser to this site."""

from collections.abc import Callable

import pytest
from cast import Browser, EssayAt, cite, everything, hide, lock, page, publish, report, rows, token_in, words
from flask import Flask
from hostile import ADDRESSES, MARKUP, harm
from sqlalchemy import select
from werkzeug.test import TestResponse

from debate.models import Reply, Ruling, Source

# What people type has nothing to do with the kind of database.
on_one_database = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def test_the_search_for_harm_finds_it(app: Flask) -> None:
    for text in (text for text in MARKUP if text[0] == "<" and text[1].isalpha()):
        answer = app.test_client().get("/livez")
        answer.set_data(f"<div class=body><p>{text}</p></div>")
        assert list(harm(page(answer))), text


def reads(answer: TestResponse) -> TestResponse:
    """An answer that was looked through and is harmless."""
    assert list(harm(page(answer))) == [], answer.request.path
    assert answer.status_code < 500
    return answer


@on_one_database
@pytest.mark.parametrize("typed", MARKUP)
@pytest.mark.sweep
def test_what_people_type_stays_text_on_every_page(
    app: Flask, author: Browser, critic: Browser, moderator: Browser, client: Browser, typed: str
) -> None:
    essay = publish(app, author, title=typed.strip(), paragraphs=[typed, f"{typed}\n{typed}"])
    made = essay.reply(critic, typed)
    essay.reply(author, f"{typed} again", to=made, stance="con")
    critic.post(f"/replies/{made}/edit", body=f"> {typed}\n\n- {typed}\n\n[{typed}](https://a.example/)")
    source = {"url": "https://example.org/<script>", "quote": typed, "locator": typed}
    reads(critic.post(f"/replies/{made}/citations", **source))
    cite(author, made, "https://example.org/?q='onclick=1", typed)
    hidden = essay.reply(critic, f"Hidden {typed}")
    hide(moderator, hidden, "other", typed)
    lock(moderator, essay.target(2), reason=typed)
    report(author, made, "other", note=typed)
    moderator.post("/users/Critic/suspend", bar="7", reason="other", note=typed)
    ruling = rows(app, select(Ruling.id).order_by(Ruling.id.desc()))[0]
    critic.post(f"/moderation/rulings/{ruling}/appeal", words=typed)
    for path in ("/moderation", "/moderation?kind=appeal", "/moderation/log", "/moderation/locks", "/users/Critic"):
        reads(moderator.get(path))
    for path in ("/notices", "/settings", f"/moderation/rulings/{ruling}/appeal"):
        reads(critic.get(path))
    key = essay.paragraphs[0][1]
    paths = [
        "/",
        f"/?q={typed}",
        f"/login?next={typed}",
        "/moderation/log",
        "/users/Critic",
        "/notices",
        f"/replies/{made}",
    ]
    paths += [
        f"{essay.path}{rest}" for rest in ("", f"?open={key}", "/tree", "/tree?depth=all", "/sources", f"/p/{key}")
    ]
    for path in [*paths, f"/replies/{made}/edit", f"/replies/{made}/replies", f"/replies/{hidden}", essay.p(2)]:
        answer = reads(critic.get(path))
        assert "1343433" not in words(answer) or "{{" not in typed
    for path in (essay.path, f"/replies/{made}", f"/replies/{hidden}", f"/essays/{typed}"):
        reads(moderator.get(path))
        reads(client.get(path))
    shown = page(client.get(essay.path))
    assert (shown.css_first("h1").text() or "").strip() == typed.strip()
    assert shown.css_first(".words").text().strip() == typed.strip()


@on_one_database
@pytest.mark.parametrize("typed", MARKUP)
@pytest.mark.sweep
def test_what_is_given_back_in_a_form_stays_text(
    essay: EssayAt, critic: Browser, moderator: Browser, client: Browser, typed: str, htmx: bool
) -> None:
    made = essay.reply(critic, "A reply.")
    lock(moderator, essay.target(3), reason=typed)
    fields = {"body": typed, "source_url": typed, "source_quote": typed, "stance": typed, "key": typed}
    answers = [
        critic.post(f"{essay.p()}/replies", htmx=htmx, **fields),
        critic.post(f"{essay.p()}/replies", htmx=htmx, stance="pro", body=typed, intent="preview"),
        critic.post(f"{essay.p(3)}/replies", htmx=htmx, stance="pro", body=typed),
        critic.post(f"/replies/{made}/edit", htmx=htmx, body=f"{typed} ", intent="preview"),
        critic.post(f"/replies/{made}/citations", htmx=htmx, url=typed, quote=typed, locator=typed, shows=typed),
        critic.post(f"{essay.p()}/replies", htmx=htmx, **fields, csrf_token=typed),
        client.post(f"{essay.p()}/replies", htmx=htmx, **fields),
        moderator.post(f"{essay.path}/lock", htmx=htmx, reason=typed, until=typed),
        moderator.post(f"/replies/{made}/hide", htmx=htmx, reason=typed, note=typed),
        moderator.post("/essays/new", htmx=htmx, title=typed, text=f"{typed}\n\n{typed}", author=typed),
        client.post("/login", htmx=htmx, name=typed, password=typed, csrf_token=token_in(client.get("/login"))),
        client.post("/register", htmx=htmx, name=typed, email=typed, csrf_token=token_in(client.get("/login"))),
    ]
    assert [answer.status_code for answer in map(reads, answers)] == [
        422, 200, 423, 200, 422, 400, 401, 422, 422, 200, 422, 422,
    ]  # fmt: skip


@on_one_database
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_not_http_is_no_source_and_no_link(essay: EssayAt, critic: Browser, address: str) -> None:
    made = essay.reply(critic, f"[link]({address}) <{address}> [other][1] {address}\n\n[1]: {address}")
    reads(critic.get(f"/replies/{made}"))
    before = everything(essay.app)
    answer = critic.post(f"/replies/{made}/citations", url=address)
    assert reads(answer).status_code == 422
    assert critic.post(f"{essay.p()}/replies", stance="pro", body="x", source_url=address).status_code == 422
    assert everything(essay.app) == before
    assert rows(essay.app, select(Source)) == []


def answers(
    app: Flask, essay: EssayAt, critic: Browser, client: Browser, moderator: Browser
) -> dict[int, TestResponse]:
    """One answer of every status."""
    gone = essay.reply(critic, "It goes.")
    hide(moderator, gone)
    lock(moderator, essay.target(2))
    made = essay.reply(critic, "It stays.")
    path = f"{essay.p()}/replies"
    log = client.get("/moderation/log")
    return {
        200: client.get("/"),
        303: critic.post(path, stance="pro", body="Another."),
        304: client.get("/moderation/log", headers={"If-None-Match": log.headers["ETag"]}),
        400: critic.post(path, csrf_token="wrong"),
        401: client.post(path),
        403: critic.post(f"{essay.path}/lock"),
        404: client.get("/nowhere"),
        405: client.get("/logout"),
        409: critic.post(path, stance="pro", body="Another."),
        410: client.get(f"/replies/{gone}"),
        413: critic.post(path, stance="pro", body="x" * 600_000),
        422: critic.post(f"/replies/{made}/edit", body=""),
        423: critic.post(f"{essay.p(2)}/replies", stance="pro", body="No."),
        500: client.get("/broken"),
    }


@pytest.fixture
def broken_app(make_app: Callable[..., Flask]) -> Flask:
    """The site as it is served, with one page that fails."""
    app = make_app(testing=False)
    app.add_url_rule("/broken", view_func=lambda: str(1 // 0))
    return app


@on_one_database
def test_every_answer_holds_the_browser_to_this_site(
    broken_app: Flask, essay: EssayAt, critic: Browser, moderator: Browser
) -> None:
    critic = Browser(broken_app, critic.name, critic.id)
    for status, answer in answers(broken_app, essay, critic, Browser(broken_app), moderator).items():
        assert answer.status_code == status
        policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert policy["default-src"] == "'self'"
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        if status not in (303, 304):
            assert page(answer).css_first("h1") is not None
            assert list(harm(page(answer))) == []


@on_one_database
def test_a_failure_tells_nothing_about_the_inside(broken_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    answer = Browser(broken_app).get("/broken")
    assert answer.status_code == 500
    assert not any(word in answer.text for word in ("Traceback", "ZeroDivision", "/work", "debate/", "SELECT"))
    assert "ZeroDivisionError" in caplog.text
    assert answer.headers["Cache-Control"] == "private, no-store"


@on_one_database
def test_with_https_cookies_are_secure_and_bound_to_the_host(make_app: Callable[..., Flask], critic: Browser) -> None:
    app = make_app(https=True)
    client = app.test_client()
    answer = client.get("/login", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-debate_session=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain" not in cookie
    assert critic.id


@on_one_database
def test_addresses_that_are_carried_away_have_the_sites_own_scheme(
    make_app: Callable[..., Flask], essay: EssayAt, critic: Browser
) -> None:
    cite(critic, essay.reply(critic, "With a source."), "https://example.org/a", "A quote.")
    for https, scheme in ((True, "https"), (False, "http")):  # the proxy speaks http to both
        listed = make_app(https=https).test_client().get(f"{essay.path}/sources.bib").text
        assert f" {scheme}://localhost/sources/1" in listed


@on_one_database
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example", ""])
def test_a_foreign_host_is_refused(client: Browser, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


@on_one_database
@pytest.mark.parametrize(
    "path", ["/.git/config", "/instance/secret_key", "/debate.db", "/console", "/metrics", "/static/../pyproject.toml",
             "/static/%2e%2e/pyproject.toml", "/ESSAYS/new", "/essays/%00", "/users/%00", "/replies/1%00"],
)  # fmt: skip
def test_what_is_not_a_page_is_not_found(client: Browser, path: str) -> None:
    assert client.get(path).status_code == 404


@on_one_database
def test_odd_bytes_in_a_form_are_no_failure(essay: EssayAt, critic: Browser) -> None:
    token = critic.token().encode()
    for body in (b"\xff\xfe", b"%ED%A0%80", b"nul%00nul", b"\xf0\x9f", b"x" * 9_999 + b"%00"):
        answer = critic.client.post(
            f"{essay.p()}/replies",
            data=b"csrf_token=" + token + b"&stance=pro&body=" + body,
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code in (303, 400, 422)
    assert all("\0" not in body for body in rows(essay.app, select(Reply.body)))
