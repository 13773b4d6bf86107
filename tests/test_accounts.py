"""Accounts: registering, logging in and out, staying logged in, roles."""

import statistics
import time
from typing import Any, NoReturn

import pytest
from cast import (
    PASSWORD,
    Browser,
    EssayAt,
    add_user,
    everything,
    form_to,
    page,
    problem,
    row,
    rows,
    token_in,
    value,
    words,
)
from flask import Flask
from hostile import OUTWARD
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from debate.actions import sites
from debate.db import Database
from debate.models import Ruling, Standing, User

NEW = {"name": "Newcomer", "email": "new@example.org", "password": "long enough"}


def register(browser: Browser, **fields: str):
    return browser.post("/register", csrf_token=token_in(browser.get("/register")), **NEW | fields)


def logged_in(browser: Browser) -> bool:
    return browser.client.get("/notices").status_code == 200


def test_registering_makes_a_participant_and_logs_in(app: Flask, client: Browser) -> None:
    answer = register(client, next="/moderation/log")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/moderation/log")
    user = rows(app, select(User))[0]
    assert (user.name, user.email, user.role) == ("Newcomer", "new@example.org", "participant")
    assert "long enough" not in user.password_hash
    assert logged_in(client)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": "x"}, "name"),
        ({"name": "x" * 33}, "name"),
        ({"name": "two words"}, "name"),
        ({"name": "<script>"}, "name"),
        ({"name": "admin"}, "name"),
        ({"name": "M0derator"}, "name"),
        ({"email": "nowhere"}, "email"),
        ({"email": "a@b@c.org"}, "email"),
        ({"email": f"{'a' * 250}@example.org"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 129}, "password"),
    ],
)
def test_what_is_wrong_with_a_new_account_stands_beside_the_field(
    app: Flask, client: Browser, fields: dict[str, str], name: str
) -> None:
    answer = register(client, **fields)
    assert answer.status_code == 422
    assert problem(answer, name)
    assert [value(answer, kept) for kept in ("name", "email")] == [(NEW | fields)[kept] for kept in ("name", "email")]
    assert NEW["password"] not in answer.text
    assert rows(app, select(User)) == []


@pytest.mark.parametrize(
    "name", ["critic", "CRITIC", "Cr1tic", "Crltic", "Cri-tic", "c.ritic", "Criti\u0441", "ⓒritic", "Crit\u200bic"]
)  # fmt: skip
def test_a_name_that_looks_like_one_that_is_taken_is_refused(
    app: Flask, critic: Browser, client: Browser, name: str
) -> None:
    answer = register(client, name=name)
    assert answer.status_code == 422
    assert problem(answer, "name")
    assert rows(app, select(User.id)) == [critic.id]


def test_where_registration_is_closed_nobody_registers(make_app, critic: Browser) -> None:
    visitor = Browser(make_app(registration="closed"))
    assert form_to(visitor.get("/register"), "/register") is None
    token = token_in(visitor.get("/login"))
    assert visitor.post("/register", csrf_token=token, **NEW).status_code == 403


def fails(*_: Any) -> NoReturn:
    raise OperationalError("", None, Exception("gone"))


def test_a_question_that_fails_opens_nothing_that_admins_have_closed(
    app: Flask, database: Database, admin: Browser, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.post("/moderation/settings", registration="closed")
    token = token_in(client.get("/login"))
    monkeypatch.setattr(database, "peek", fails)
    assert "Registration is closed" in words(client.get("/register"))
    assert client.post("/register", csrf_token=token, **NEW).status_code == 403
    assert rows(app, select(User.id)) == [admin.id]
    monkeypatch.setattr(database, "session", fails)
    assert client.get("/about").status_code == client.post("/register", csrf_token=token, **NEW).status_code == 503
    assert client.get("/nowhere").status_code == 404


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_registration_is_closed_still_when_every_kept_connection_was_cut(
    app: Flask, database: Database, admin: Browser, client: Browser
) -> None:
    admin.post("/moderation/settings", registration="closed")
    token = token_in(client.get("/login"))
    with database.engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert client.post("/register", csrf_token=token, **NEW).status_code == 403
    assert rows(app, select(User.id)) == [admin.id]


@pytest.mark.parametrize("way", ["closed", "approval"])
def test_what_is_set_while_a_password_is_hashed_holds_for_its_account(
    app: Flask, database: Database, admin: Browser, client: Browser, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    actor, hashing = admin.actor, app.extensions["passwords"].hash

    def slowly(password: str) -> str:
        database.write(sites.choose, actor, registration=way)
        return hashing(password)

    monkeypatch.setattr(app.extensions["passwords"], "hash", slowly)
    assert register(client).status_code == (403 if way == "closed" else 303)
    assert len(rows(app, select(User.id))) == (1 if way == "closed" else 2)
    assert rows(app, select(Standing.kind)) == ([] if way == "closed" else ["waiting"])


@pytest.mark.parametrize("name", ["Critic", "critic", "CRITIC", "critic@example.org", " Critic@Example.ORG "])
def test_a_name_or_an_email_logs_in(critic: Browser, name: str) -> None:
    assert critic.log_in(name=name).status_code == 303
    assert logged_in(critic)


@pytest.mark.parametrize(
    ("name", "password"),
    [("Critic", "wrong password"), ("Nobody", PASSWORD), ("", ""), ("Cr1tic", PASSWORD), ("Critic", PASSWORD + " ")],
)
def test_a_wrong_login_says_the_same_whoever_it_was(critic: Browser, client: Browser, name: str, password: str) -> None:
    answer = critic.log_in(name=name, password=password)
    assert answer.status_code == 422
    assert problem(answer, "name") == "The name or the password is not right. Check both and try again."
    assert value(answer, "name") == name
    assert not logged_in(critic)


@pytest.mark.slow
def test_a_wrong_login_takes_as_long_for_nobody_as_for_somebody(make_app, critic: Browser) -> None:
    app = make_app(testing=False)
    dear = add_user(app, "Somebody")
    spent: dict[str, list[float]] = {"Somebody": [], "Nobody.here": []}
    for _ in range(3):
        for name, times in spent.items():
            visitor = Browser(app, name)
            start = time.process_time()
            assert visitor.log_in(password="wrong password").status_code == 422
            times.append(time.process_time() - start)
    some, none = (statistics.median(times) for times in spent.values())
    assert some / none == pytest.approx(1, abs=0.5)
    assert dear.id


def test_logging_out_kills_every_cookie_that_was_kept(critic: Browser) -> None:
    critic.log_in(remember="1")
    kept = [critic.client.get_cookie(name) for name in ("debate_session", "debate_remember")]
    assert all(cookie is not None and cookie.http_only and cookie.same_site == "Lax" for cookie in kept)
    elsewhere = Browser(critic.app, critic.name, critic.id)
    elsewhere.log_in()
    assert critic.post("/logout").headers["Location"] == "/"
    for cookies in (kept, kept[:1], kept[1:]):
        thief = critic.app.test_client()
        for cookie in cookies:
            thief.set_cookie(cookie.key, cookie.value)
        assert thief.get("/notices").status_code == 303
    assert not logged_in(critic)
    assert logged_in(elsewhere)  # that session is another, to be ended at /settings/sessions


def test_the_session_is_another_after_the_login(critic: Browser) -> None:
    critic.client.get("/login")
    before = critic.client.get_cookie("debate_session")
    critic.log_in()
    after = critic.client.get_cookie("debate_session")
    assert before is not None
    assert after is not None
    assert before.value != after.value


def test_who_asked_to_stay_logged_in_comes_back_without_a_session(critic: Browser, stranger: Browser) -> None:
    for who, stays in ((critic, True), (stranger, False)):
        who.log_in(**({"remember": "1"} if stays else {}))
        who.client.delete_cookie("debate_session")
        assert logged_in(who) == stays


def test_a_cookie_that_was_tampered_with_is_nobodys(critic: Browser, admin: Browser) -> None:
    for forged in ("", "x", f"{admin.id}|1", f"{admin.id}|1|deadbeef", "9" * 4_000):
        client = critic.app.test_client()
        client.set_cookie("debate_remember", forged)
        client.set_cookie("debate_session", forged)
        assert client.get("/notices").status_code == 303


def test_a_role_counts_from_the_next_request_on(essay: EssayAt, stranger: Browser, admin: Browser, htmx: bool) -> None:
    assert stranger.post(f"{essay.path}/lock", reason="Mine.").status_code == 403
    admin.post("/users/Stranger/role", htmx=htmx, role="moderator")
    assert stranger.post(f"{essay.path}/lock", reason="Mine.").status_code == 303
    admin.post("/users/Stranger/role", htmx=htmx, role="participant")
    before = everything(essay.app)
    assert stranger.post(f"{essay.path}/unlock").status_code == 403
    assert everything(essay.app) == before


def test_giving_a_role_is_logged(app: Flask, stranger: Browser, admin: Browser, htmx: bool) -> None:
    answer = admin.post("/users/Stranger/role", htmx=htmx, role="moderator")
    assert answer.status_code == (200 if htmx else 303)
    assert row(app, User, stranger.id).role == "moderator"
    ruling = rows(app, select(Ruling))[0]
    assert (ruling.act, ruling.by_id, ruling.user_id) == ("role", admin.id, stranger.id)
    assert "participant → moderator" in ruling.note


def test_the_last_admin_stays_one(app: Flask, admin: Browser, htmx: bool) -> None:
    answer = admin.post("/users/Chief/role", htmx=htmx, role="participant")
    assert answer.status_code == 422
    assert "only admin" in answer.text
    assert row(app, User, admin.id).role == "admin"
    add_user(app, "Second", role="admin")
    assert admin.post("/users/Chief/role", htmx=htmx, role="participant").status_code in (200, 303)


@pytest.mark.parametrize("role", ["", "owner", "Admin"])
def test_a_role_that_is_none_is_refused(app: Flask, stranger: Browser, admin: Browser, role: str) -> None:
    assert admin.post("/users/Stranger/role", role=role).status_code == 422
    assert row(app, User, stranger.id).role == "participant"


@pytest.mark.parametrize("onward", OUTWARD)
def test_after_the_login_one_stays_on_this_site(critic: Browser, client: Browser, onward: str) -> None:
    assert critic.log_in(next=onward).headers["Location"] == "/"
    assert page(client.get("/login", next=onward)).css_first("input[name=next]").attributes["value"] == "/"
    assert register(client, next=onward).headers["Location"] == "/"


@pytest.mark.parametrize("onward", ["/essays/some-essay?open=abc12", "/replies/7#reply-7", "/essays/new", "/"])
def test_after_the_login_one_goes_on_to_where_one_wanted(critic: Browser, onward: str) -> None:
    assert critic.log_in(next=onward).headers["Location"] == onward


def test_logged_out_meanwhile_the_words_are_kept_and_nothing_is_posted(essay: EssayAt, critic: Browser) -> None:
    token = critic.token()
    elsewhere = Browser(critic.app, critic.name, critic.id)
    elsewhere.post("/settings/sessions/end-others")
    before = everything(essay.app)
    answer = critic.post(f"{essay.p()}/replies", stance="con", body="An hour's work.", csrf_token=token)
    assert answer.status_code == 401
    assert value(answer, "body") == "An hour's work."
    assert everything(essay.app) == before
    assert value(answer, "stance") == "con"


def test_a_profile_shows_what_somebody_wrote(essay: EssayAt, critic: Browser, client: Browser) -> None:
    made = essay.reply(critic, "My visible argument.")
    answer = client.get("/users/critic")
    assert f"/replies/{made}" in answer.text
    assert "1 reply" in answer.text
    assert "critic@example.org" not in answer.text
    assert client.get("/users/Nobody").status_code == 404


# --- changing one's password


def change(browser: Browser, current: str = PASSWORD, password: str = "another long one"):
    return browser.post("/settings/password", current=current, password=password)


def test_a_changed_password_ends_every_other_session(app: Flask, critic: Browser) -> None:
    elsewhere = Browser(app, critic.name, critic.id)
    assert logged_in_as(elsewhere)
    assert logged_in_as(critic)
    answer = change(critic)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/password?saved=1")
    assert "Everywhere else you are logged out" in critic.get("/settings/password?saved=1").text
    assert logged_in(critic)
    assert not logged_in(elsewhere)
    assert Browser(app, critic.name, critic.id).log_in().status_code == 422
    assert Browser(app, critic.name, critic.id, "another long one").log_in().status_code == 303


def logged_in_as(browser: Browser) -> bool:
    return browser.get("/notices").status_code == 200


@pytest.mark.parametrize(
    ("fields", "name", "sentence"),
    [
        ({"current": "not it"}, "current", "This is not your password."),
        ({"current": ""}, "current", "This is not your password."),
        ({"password": "short"}, "password", "at least 8 characters"),
        ({"password": "x" * 129}, "password", "128 characters or fewer"),
    ],
    ids=["wrong", "none", "too short", "too long"],
)
def test_a_password_is_not_changed_without_the_old_one_and_a_good_new_one(
    app: Flask, critic: Browser, fields: dict[str, str], name: str, sentence: str
) -> None:
    before = row(app, User, critic.id).password_hash
    answer = change(critic, **fields)
    assert answer.status_code == 422
    assert sentence in problem(answer, name)
    assert "not it" not in answer.text
    assert row(app, User, critic.id).password_hash == before
    assert logged_in(critic)


def test_an_open_session_is_no_place_to_guess_the_password_at(make_app, critic: Browser) -> None:
    limited = Browser(make_app(limits=True), critic.name, critic.id)
    assert [change(limited, current=f"guess {number}").status_code for number in range(6)] == [422] * 5 + [429]


def test_a_visitor_is_asked_to_log_in_before_changing_a_password(client: Browser) -> None:
    assert client.get("/settings/password").headers["Location"] == "/login?next=/settings/password"
