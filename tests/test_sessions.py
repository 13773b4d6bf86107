"""Sessions: listed, ended one by one or all at once; a cookie that was kept of one is dead from the next request on."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from cast import PASSWORD, Browser, EssayAt, add_user, page, row, rows, suspend, words
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from debate import devices
from debate.actions import accounts, replies, sign_ins, users
from debate.models import MailToken, Reply, SignIn, User
from debate.refusals import SignedOut

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Safari/604"


def at(app: Flask, who: Browser, agent: str = FIREFOX) -> Browser:
    """The same person at another browser, logged in."""
    browser = Browser(app, who.name, who.id)
    browser.client.environ_base["HTTP_USER_AGENT"] = agent
    assert browser.log_in().status_code == 303
    return browser


def is_in(browser: Browser) -> bool:
    return browser.client.get("/notices").status_code == 200


def ends(browser: Browser) -> list[str]:
    """Where the list offers to log out, from top to bottom."""
    return [
        form.attributes["action"] or "" for form in page(browser.get("/settings/sessions")).css("form.row:has(button)")
    ]


def test_each_session_is_listed_with_its_browser_and_ended_alone(app: Flask, critic: Browser) -> None:
    here, phone, third = at(app, critic), at(app, critic, IPHONE), at(app, critic, "")
    said = words(here.get("/settings/sessions"))
    assert ["Firefox, Linux" in said, "Safari, iPhone" in said, "Some browser" in said] == [True] * 3
    assert said.count("Log out there") == 2
    mine = rows(app, select(SignIn).where(SignIn.device == "Safari, iPhone"))[0]
    answer = here.post(f"/settings/sessions/{mine.id}/end")
    assert answer.headers["Location"] == "/settings/sessions?ended=1"
    assert [is_in(browser) for browser in (here, phone, third)] == [True, False, True]
    assert len(ends(here)) == 1


def test_everywhere_else_ends_at_once_and_here_goes_on(app: Flask, critic: Browser) -> None:
    here, phone = at(app, critic), at(app, critic, IPHONE)
    phone.log_in(remember="1")
    phone.client.delete_cookie("debate_session")
    kept = here.client.get_cookie("debate_session")
    here.post("/settings/sessions/end-others")
    assert [is_in(here), is_in(phone)] == [True, False]
    thief = app.test_client()
    assert kept is not None
    thief.set_cookie(kept.key, kept.value)
    assert thief.get("/notices").status_code == 303  # this session's own cookie from before, too


def test_nobody_ends_anothers_session(app: Flask, critic: Browser, stranger: Browser, admin: Browser) -> None:
    at(app, critic)
    (there,) = rows(app, select(SignIn).where(SignIn.user_id == critic.id))
    for who in (stranger, admin):
        assert who.post(f"/settings/sessions/{there.id}/end").status_code == 404
    assert Browser(app).client.post(f"/settings/sessions/{there.id}/end").status_code in (400, 401)
    assert rows(app, select(SignIn.id).where(SignIn.user_id == critic.id)) == [there.id]


def test_a_session_that_ended_writes_nothing_not_even_what_was_begun_before(
    app: Flask, essay: EssayAt, critic: Browser
) -> None:
    here, phone = at(app, critic), at(app, critic, IPHONE)
    token = phone.token()
    here.post("/settings/sessions/end-others")
    answer = phone.post(f"{essay.p()}/replies", stance="pro", body="From the phone.", csrf_token=token)
    assert answer.status_code == 401
    assert "From the phone." in answer.text  # the words come back


def test_it_ends_by_itself_after_a_month_and_its_row_goes_with_the_next_log_in(app: Flask, critic: Browser) -> None:
    here = at(app, critic)
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(SignIn).values(until=SignIn.made_at))
    assert not is_in(here)
    here.log_in()
    assert len(rows(app, select(SignIn))) == 1


def test_the_browser_holds_the_secret_and_the_table_only_its_digest(app: Flask, critic: Browser) -> None:
    here = at(app, critic)
    here.log_in(remember="1")
    cookie = here.client.get_cookie("debate_remember")
    assert cookie is not None
    secret = cookie.decoded_value.split("|")[2]
    digests = rows(app, select(SignIn.digest))
    assert all(secret not in digest and len(digest) == 64 for digest in digests)


def test_a_session_from_before_they_were_listed_goes_on_until_it_is_logged_out(app: Flask, critic: Browser) -> None:
    with app.test_request_context():
        from flask_login.utils import encode_cookie

        kept = encode_cookie(f"{critic.id}|1")
    old = app.test_client()
    old.set_cookie("debate_remember", kept)
    assert old.get("/notices").status_code == 200
    there = Browser(app, critic.name, critic.id)
    there.client, there._began = old, True
    there.post("/logout")
    again = app.test_client()
    again.set_cookie("debate_remember", kept)
    assert again.get("/notices").status_code == 303
    assert row(app, User, critic.id).session_version == 2


def test_who_is_barred_can_still_log_out_everywhere(app: Flask, critic: Browser, moderator: Browser) -> None:
    here, phone = at(app, critic), at(app, critic, IPHONE)
    suspend(moderator, critic)
    assert here.post("/settings/sessions/end-others").status_code == 303
    assert not is_in(phone)


def test_use_is_noted_by_writing_to_the_hour_and_never_by_reading(app: Flask, essay: EssayAt, critic: Browser) -> None:
    here = at(app, critic)
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(SignIn).values(used_at=essay_made(app)))
    before = rows(app, select(SignIn.used_at))
    here.get(essay.path)
    assert rows(app, select(SignIn.used_at)) == before
    here.post(f"{essay.p()}/replies", stance="pro", body="An argument.")
    after = rows(app, select(SignIn.used_at))
    assert after > before
    here.post("/notices/read")
    assert rows(app, select(SignIn.used_at)) == after


def essay_made(app: Flask):
    from datetime import UTC, datetime, timedelta

    return datetime.now(UTC) - timedelta(hours=2)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        (IPHONE, "Safari, iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 (KHTML, like Gecko) Chrome/150.0 Safari/537 Edg/150.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537 (KHTML, like Gecko) Chrome/150.0 Mobile Safari/537",
            "Chrome, Android",
        ),
        ("curl/8", ""),
        ("<script>" * 1000, ""),
    ],
)
def test_a_browser_is_named_in_a_few_words(agent: str, name: str) -> None:
    assert devices.named(agent) == name


def test_a_password_made_anew_ends_sessions_of_every_kind(app: Flask) -> None:
    made = add_user(app, "Made")
    here = at(app, made)
    done = app.test_cli_runner().invoke(args=["user", "password", "Made", "--password-stdin"], input=PASSWORD + "!")
    assert done.exit_code == 0
    assert not is_in(here)


def failures(app: Flask, name: str, times: int) -> list[int]:
    return [Browser(app, name, 0, "not it at all").log_in().status_code for _ in range(times)]


def test_refusals_do_not_tell_whose_an_address_is(make_app, critic: Browser) -> None:
    limited = make_app(limits=True)
    assert failures(limited, "Critic", 6) == [422] * 5 + [429]
    for address in ("critic@example.org", "nobody@example.org"):
        assert failures(limited, address, 2) == [422] * 2


def test_attempts_are_counted_apart_for_names_that_begin_alike(make_app, app: Flask) -> None:
    limited, begins = make_app(limits=True), "m" * 27
    mine = add_user(app, f"{begins}.mine")
    add_user(app, f"{begins}.hers")
    assert failures(limited, f"{begins}.hers", 4) == [422] * 4
    assert Browser(limited, mine.name, mine.id).log_in().status_code == 303  # takes back nothing there
    assert failures(limited, f"{begins}.hers", 2) == [422, 429]


def test_a_log_in_that_was_under_way_when_all_sessions_ended_begins_none(app: Flask, critic: Browser) -> None:
    write, kept = app.extensions["database"].write, row(app, User, critic.id)
    write(accounts.set_password, "Critic", "another hash")
    write(users.rehash, critic.id, kept.password_hash, "the old one, hashed anew")
    assert row(app, User, critic.id).password_hash == "another hash"
    with pytest.raises(SignedOut):
        write(sign_ins.begin_as, critic.id, kept.session_version, "secret", "Some browser")
    assert rows(app, select(SignIn)) == []


def test_a_password_given_by_the_operator_leaves_no_session_listed_and_no_letter_good(
    app: Flask, critic: Browser
) -> None:
    at(app, critic)
    critic.post("/settings/email", email="thief@example.net", current=PASSWORD)
    assert len(rows(app, select(MailToken))) == 1
    app.extensions["database"].write(accounts.set_password, "Critic", "another hash")
    assert (rows(app, select(MailToken)), rows(app, select(SignIn))) == ([], [])


def test_an_edit_that_waited_while_the_password_was_changed_is_not_taken(
    app: Flask, essay: EssayAt, critic: Browser
) -> None:
    made, changed, database = essay.reply(critic, "As it was."), Event(), app.extensions["database"]

    def change(session: Session) -> None:
        accounts.set_password(session, "Critic", "another hash")
        session.flush()
        changed.set()
        time.sleep(0.5)  # the edit has come to wait by then

    with ThreadPoolExecutor(1) as pool:
        changing = pool.submit(database.write, change)
        changed.wait()
        with pytest.raises(SignedOut):
            database.write(replies.edit, f"{critic.id}|1", made, "Otherwise.", "<p>Otherwise.</p>")
        changing.result()
    assert row(app, Reply, made).body == "As it was."


def test_of_more_than_fifty_sessions_the_oldest_ends(app: Flask, critic: Browser) -> None:
    from debate.actions import sign_ins

    first = at(app, critic)
    for number in range(50):
        app.extensions["database"].write(sign_ins.begin, critic.id, f"secret {number}", "")
    assert len(rows(app, select(SignIn))) == 50
    assert not is_in(first)
