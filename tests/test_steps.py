"""A second step after the password: an app's code, a passkey of a real browser, recovery codes."""

import time

import pytest
from browsers import chromium
from cast import PASSWORD, Browser, add_user, page, problem, row, rows, value, words
from flask import Flask
from live import site_on
from pyotp.totp import TOTP
from sqlalchemy import select

from debate.actions import steps
from debate.models import RecoveryCode, Step


def code(secret: str, offset: int = 0) -> str:
    return TOTP(secret).at(int(time.time()) + 30 * offset)


def add_app(who: Browser, *, name: str = "My phone", **fields: str):
    """Set an app up as its owner would; returns the answer and the secret."""
    shown = who.get("/settings/two-step")
    secret = page(shown).css_first("code.key").text()  # type: ignore[union-attr]
    typed = {"setup": value(shown, "setup"), "code": code(secret), "current": PASSWORD, "name": name} | fields
    return who.post("/settings/two-step/app", **typed), secret


def codes_in(answer) -> list[str]:
    return [node.text() for node in page(answer).css(".codes code")]


def is_in(browser: Browser) -> bool:
    return browser.client.get("/notices").status_code == 200


def half(app: Flask, who: Browser) -> Browser:
    """At another browser, after the password."""
    browser = Browser(app, who.name, who.id)
    answer = browser.log_in(next="/moderation/log")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login/second?next=/moderation/log")
    assert not is_in(browser)
    browser._token = token_of(browser)
    return browser


def token_of(browser: Browser) -> str:
    field = page(browser.client.get("/login/second")).css_first("input[name=csrf_token]")
    assert field is not None
    return field.attributes["value"] or ""


def second(browser: Browser, code: str):
    return browser.post("/login/second", code=code, next="/moderation/log")


def test_once_an_app_is_set_up_the_password_alone_gets_nobody_in(app: Flask, moderator: Browser) -> None:
    answer, secret = add_app(moderator)
    assert len(set(codes_in(answer))) == 10
    browser = half(app, moderator)
    assert second(browser, "000000").status_code == 422
    assert not is_in(browser)
    answer = second(browser, code(secret, 1))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/moderation/log")
    assert is_in(browser)


def test_a_code_is_good_once_and_not_long(app: Flask, moderator: Browser) -> None:
    _, secret = add_app(moderator)
    used = code(secret)  # it showed that the app was set up
    assert second(half(app, moderator), used).status_code == 422
    new = code(secret, 1)
    assert second(half(app, moderator), new).status_code == 303
    assert second(half(app, moderator), new).status_code == 422
    assert second(half(app, moderator), code(secret, -3)).status_code == 422


def test_a_recovery_code_is_good_once_however_it_is_typed(app: Flask, moderator: Browser) -> None:
    answer, _ = add_app(moderator)
    first, other = codes_in(answer)[:2]
    assert second(half(app, moderator), first.upper().replace("-", " ")).status_code == 303
    assert second(half(app, moderator), first).status_code == 422
    assert "9 recovery codes are left" in words(moderator.get("/settings/two-step"))
    moderator.post("/settings/two-step/codes", current=PASSWORD)
    assert second(half(app, moderator), other).status_code == 422
    assert all(len(kept.digest) == 64 for kept in rows(app, select(RecoveryCode)))


def test_the_second_step_cannot_be_reached_or_skipped_without_the_first(app: Flask, moderator: Browser) -> None:
    _, secret = add_app(moderator)
    visitor = Browser(app)
    assert visitor.get("/login/second").headers["Location"].startswith("/login?next=")
    browser = half(app, moderator)
    assert browser.get("/settings").status_code == 303
    moderator.post("/settings/password", current=PASSWORD, password="another long one")
    answer = second(browser, code(secret, 1))  # the password that was right is not any more
    assert answer.headers["Location"].startswith("/login")
    assert not is_in(browser)


def test_codes_cannot_be_guessed_at(make_app, moderator: Browser) -> None:
    add_app(moderator)
    limited = make_app(limits=True)
    browser = half(limited, moderator)
    assert [second(browser, f"{number:06}").status_code for number in range(6)] == [422] * 5 + [429]


def test_codes_cannot_be_guessed_at_from_many_networks_either(make_app, moderator: Browser) -> None:
    answer, _ = add_app(moderator)
    limited = make_app(limits=True)
    tried, browser = [], Browser(limited)
    for network in range(5):
        browser = Browser(limited, moderator.name, moderator.id)
        browser.client.environ_base["REMOTE_ADDR"] = f"203.0.{network}.1"
        assert browser.log_in().headers["Location"].startswith("/login/second")
        browser._token = token_of(browser)
        tried += [second(browser, f"{network}{number:05}").status_code for number in range(5)]
    assert tried == [422] * 20 + [429] * 5
    assert second(browser, codes_in(answer)[0]).status_code == 429  # not even the right one tells


def test_a_setup_sent_twice_is_one_step_so_that_each_code_is_good_once(app: Flask, moderator: Browser) -> None:
    shown = moderator.get("/settings/two-step")
    secret = page(shown).css_first("code.key").text()  # type: ignore[union-attr]
    for _ in range(2):
        add_app(moderator, setup=value(shown, "setup"), code=code(secret))
    assert len(rows(app, select(Step))) == 1
    new = code(secret, 1)
    assert [second(half(app, moderator), new).status_code for _ in range(2)] == [303, 422]


def test_a_passkey_that_was_removed_or_used_meanwhile_gets_nobody_in(app: Flask, moderator: Browser) -> None:
    write = app.extensions["database"].write
    write(steps.add, moderator.actor, "Key", passkey=steps.Passkey("id", "key", 0))
    step_id = rows(app, select(Step.id))[0]
    assert [write(steps.use_passkey, step_id, count) for count in (0, 0, 3, 3, 2, 0, 4)] == [
        *(True, True, True),  # a passkey without a count says 0 each time
        *(False, False, False, True),
    ]
    assert write(steps.add, moderator.actor, "Key", passkey=steps.Passkey("id", "key", 0)) == []  # sent twice
    assert rows(app, select(Step.id)) == [step_id]
    write(steps.remove, moderator.actor, step_id)
    assert not write(steps.use_passkey, step_id, 5)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"code": "123"}, "code"),
        ({"current": "not it"}, "current"),
        ({"setup": "made.up"}, "code"),
        ({"setup": ""}, "code"),
    ],
)
def test_an_app_is_not_set_up_without_password_and_a_code_of_it(
    app: Flask, moderator: Browser, fields: dict[str, str], name: str
) -> None:
    answer, _ = add_app(moderator, **fields)
    assert answer.status_code == 422
    assert problem(answer, name)
    assert rows(app, select(Step)) == []


def test_a_setup_is_good_for_who_was_shown_it_alone(app: Flask, moderator: Browser, stranger: Browser) -> None:
    shown = moderator.get("/settings/two-step")
    secret = page(shown).css_first("code.key").text()  # type: ignore[union-attr]
    answer, _ = add_app(stranger, setup=value(shown, "setup"), code=code(secret))
    assert answer.status_code == 422


def test_a_step_is_removed_with_the_password_and_by_its_owner_alone(
    app: Flask, moderator: Browser, stranger: Browser
) -> None:
    add_app(moderator)
    (step,) = rows(app, select(Step))
    path = f"/settings/two-step/{step.id}/remove"
    assert stranger.post(path, current=PASSWORD).status_code == 404
    assert moderator.post(path, current="not it").status_code == 422
    assert row(app, Step, step.id).name == "My phone"
    assert moderator.post(path, current=PASSWORD).status_code == 303
    assert rows(app, select(Step)) == []
    assert rows(app, select(RecoveryCode)) == []
    assert Browser(app, moderator.name, moderator.id).log_in().headers["Location"] == "/"


def test_the_operator_takes_the_second_step_away_of_who_lost_everything(app: Flask, moderator: Browser) -> None:
    add_app(moderator)
    done = app.test_cli_runner().invoke(args=["user", "second-step-off", "Warden"])
    assert done.exit_code == 0, done.output
    assert not is_in(moderator)
    assert Browser(app, moderator.name, moderator.id).log_in().headers["Location"] == "/"
    assert app.test_cli_runner().invoke(args=["user", "second-step-off", "Nobody"]).exit_code == 2


def test_what_no_browser_made_is_no_passkey(app: Flask, moderator: Browser) -> None:
    moderator.get("/settings/two-step")
    for answer in (
        "",
        "{}",
        "null",
        '{"id": "x"}',
        "[" * 10_000,
        '{"id":"AA","rawId":"AA","type":"public-key","response":{}}',
    ):
        made = moderator.post("/settings/two-step/passkey", **{"passkey": answer, "passkey-current": PASSWORD})
        assert made.status_code == 422
    add_app(moderator)
    browser = half(app, moderator)
    for answer in ("{}", "null", '{"id": "x"}', "[" * 10_000):
        assert browser.post("/login/second", passkey=answer, next="/").status_code in (422, 429)
    assert not is_in(browser)


@pytest.mark.browser
@pytest.mark.slow
def test_a_passkey_of_a_real_browser_is_made_and_logs_in(tmp_path) -> None:
    with site_on("sqlite", tmp_path) as site, chromium() as browser:
        site.start()
        site.add_people(["Wren"], "moderator")
        context = browser.new_context()
        tab = context.new_page()
        keys = context.new_cdp_session(tab)
        keys.send("WebAuthn.enable")
        chosen = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
        keys.send("WebAuthn.addVirtualAuthenticator", {"options": chosen | {"automaticPresenceSimulation": True}})
        at = f"http://localhost:{site.port}"

        def log_in() -> None:
            tab.goto(f"{at}/login?next=/settings")
            tab.fill("[name=name]", "Wren")
            tab.fill("[name=password]", "seven lamps on the quay")
            tab.click("button.primary")

        log_in()
        tab.goto(f"{at}/settings/two-step")
        form = tab.locator("form[data-passkey=make]")
        form.locator("[name=name]").fill("This machine")
        form.locator("[name=passkey-current]").fill("seven lamps on the quay")
        form.locator("button").click()
        tab.wait_for_selector(".codes")
        assert tab.locator(".codes li").count() == 10
        tab.goto(at)
        tab.click("text=Log out")
        log_in()
        tab.wait_for_url("**/login/second**")
        tab.click("form[data-passkey=show] button")
        tab.wait_for_url(f"{at}/settings")
        assert "Your account" in tab.inner_text("h1")
        (count,) = site.rows(select(Step.latest))[0]
        assert count >= 1
        context.close()


def test_others_need_no_second_step(app: Flask, moderator: Browser) -> None:
    add_app(moderator)
    assert add_user(app, "Plain").log_in().headers["Location"] == "/"
