"""Pages for visitors are kept and sent again, and never one that is out of date."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from cast import Browser, EssayAt, cite, hide, lock, vote, withdraw, words
from flask import Flask
from test_reading import statements


@pytest.fixture
def made(essay: EssayAt, critic: Browser) -> int:
    return essay.reply(critic, "The first of them.")


def kept(app: Flask, client: Browser, path: str, **headers: str) -> bool:
    """Whether a page is sent without asking the database for more than the version."""
    client.get(path)
    with statements(app) as seen:
        client.get(path, headers=headers)
    return not seen


def test_a_page_that_was_made_is_sent_again(app: Flask, essay: EssayAt, made: int, client: Browser) -> None:
    for path in ("/", essay.path, essay.p(), f"{essay.path}/tree", f"{essay.path}/sources", f"/replies/{made}",
                 "/search?q=first", "/users/Critic", "/moderation/log"):  # fmt: skip
        first = client.get(path)
        assert kept(app, client, path), path
        again = client.get(path)
        assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])


def test_no_page_is_kept_for_somebody(app: Flask, essay: EssayAt, made: int, critic: Browser, client: Browser) -> None:
    assert not kept(app, critic, essay.path)
    assert "Critic" not in client.get(essay.path).text.replace("Critic.", "")
    client.post("/display", csrf_token="x", theme="dark")
    client.client.set_cookie("debate_display", "theme=dark")
    assert not kept(app, client, essay.path)


@pytest.mark.parametrize("act", ["reply", "vote", "hide", "withdraw", "edit", "cite", "lock", "unlock", "restore"])
def test_the_very_next_answer_after_a_write_is_new(
    app: Flask, essay: EssayAt, made: int, critic: Browser, stranger: Browser, moderator: Browser, client: Browser,
    act: str,
) -> None:  # fmt: skip
    if act == "unlock":
        lock(moderator, essay.target(1))
    if act == "restore":
        hide(moderator, made)
    paths = (
        essay.p(),
        f"/replies/{made}",
        f"{essay.path}/tree?depth=all",
        f"{essay.path}?open={essay.paragraphs[0][1]}",
    )
    before = {path: client.get(path) for path in paths}
    {
        "reply": lambda: essay.reply(stranger, "And a second.", to=made),
        "vote": lambda: vote(stranger, made, 1),
        "hide": lambda: hide(moderator, made),
        "withdraw": lambda: withdraw(critic, made),
        "edit": lambda: critic.post(f"/replies/{made}/edit", body="Said otherwise."),
        "cite": lambda: cite(stranger, made, "https://example.org/x"),
        "lock": lambda: lock(moderator, essay.target(1)),
        "unlock": lambda: moderator.post(f"{essay.p()}/unlock"),
        "restore": lambda: moderator.post(f"/replies/{made}/restore"),
    }[act]()
    for path, old in before.items():
        answer = client.get(path, headers={"If-None-Match": old.headers["ETag"]})
        fresh = "lock" in act and "tree" in path
        assert fresh or answer.status_code != 304, path
        if act in ("hide", "withdraw"):
            assert "The first of them." not in answer.text, path


def test_another_process_hears_of_it_too(app: Flask, make_app, essay: EssayAt, made: int, moderator: Browser) -> None:
    other = Browser(make_app())
    assert "The first of them." in other.get(essay.p()).text
    hide(moderator, made)
    assert "The first of them." not in other.get(essay.p()).text


def test_a_lock_that_ends_by_itself_ends_on_kept_pages(
    app: Flask, essay: EssayAt, made: int, moderator: Browser, client: Browser
) -> None:
    lock(moderator, essay.target(1), until=datetime.now(UTC) + timedelta(seconds=1))
    assert "Too hot." in client.get(essay.p()).text
    store = app.extensions["visitors"].pages
    page = next(iter(store._values.values()))
    assert page.until <= __import__("time").monotonic() + 1


def test_bytes_are_sent_as_the_browser_takes_them(app: Flask, essay: EssayAt, made: int, client: Browser) -> None:
    plain = client.get(essay.path)
    packed = client.get(essay.path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) == int(packed.headers["Content-Length"])
    assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}"
    refused = client.get(essay.path, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers
    head = app.test_client().head(essay.path)
    assert (head.data, head.status_code, head.headers["ETag"]) == (b"", 200, plain.headers["ETag"])
    for tag in (plain.headers["ETag"], packed.headers["ETag"], '"a", W/"b", ' + plain.headers["ETag"], "*"):
        again = client.get(essay.path, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Content-Security-Policy"] == plain.headers["Content-Security-Policy"]


def test_a_fragment_is_kept_apart_from_its_page(essay: EssayAt, made: int, client: Browser) -> None:
    page, part = client.get(essay.p()), client.get(essay.p(), htmx=True)
    assert "<html" in page.text
    assert "<html" not in part.text
    assert client.get(essay.p()).data == page.data
    assert client.get(essay.p(), htmx=True).data == part.data


def test_a_host_that_is_not_ours_is_refused_also_for_what_is_kept(essay: EssayAt, client: Browser) -> None:
    assert client.get(essay.path).status_code == 200
    assert client.get(essay.path, headers={"Host": "evil.example"}).status_code == 400


def test_a_database_that_does_not_answer_is_told_of(app: Flask, essay: EssayAt, client: Browser) -> None:
    client.get(essay.path)
    database = app.extensions["database"]
    peek = database.peek
    database.peek = lambda *_: (_ for _ in ()).throw(OSError("gone"))
    try:
        assert client.get(essay.path).status_code == 200  # the app asks for itself
    finally:
        database.peek = peek


def test_addresses_that_nothing_is_at_are_not_kept(app: Flask, essay: EssayAt, client: Browser) -> None:
    for path in ("/essays/nowhere", "/replies/999999", "/users/Nobody", f"{essay.path}/p/zzzzz"):
        assert client.get(path).status_code == 404
        assert client.get(path).status_code == 404
    assert words(client.get("/login"))
    assert client.get("/login").headers["Cache-Control"] == "private, no-store"
