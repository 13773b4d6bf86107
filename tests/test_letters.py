"""What is settled by mail: an address confirmed, a password chosen anew, another address; and how letters get sent."""

import base64
import re
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from browsers import chromium
from cast import PASSWORD, Browser, add_user, problem, row, rows, token_in, words
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from live import site_on
from sqlalchemy import delete, insert, select, update

from debate import config, mail, tokens
from debate.actions import accounts
from debate.actions import letters as acts
from debate.config import BadSetting, Settings
from debate.models import Letter, MailToken, User
from debate.refusals import Missing

NEW = {"name": "Newcomer", "email": "new@example.org", "password": "long enough"}


def letters(app: Flask) -> list[Letter]:
    """What waits to be sent, oldest first."""
    return rows(app, select(Letter).order_by(Letter.id))


def link(letter: Letter) -> str:
    """The path that a letter leads to."""
    found = re.search(r"https?://[^/\s]+(/\S+)", letter.body)
    assert found, letter.body
    return found[1]


def register(browser: Browser, **fields: str):
    return browser.post("/register", csrf_token=token_in(browser.get("/register")), **NEW | fields)


def press(browser: Browser, path: str, **fields: str):
    """Open the page of a letter and send its form."""
    return browser.post(path, csrf_token=token_in(browser.get(path)), **fields)


def forgotten(browser: Browser, name: str):
    return press(browser, "/forgotten", name=name)


def test_a_new_address_is_confirmed_by_the_letter_to_it_from_any_browser(app: Flask, client: Browser) -> None:
    register(client)
    (letter,) = letters(app)
    assert letter.address == "new@example.org"
    elsewhere = Browser(app)
    assert rows(app, select(User.confirmed_key)) == [None]
    assert "new@example.org is yours?" in words(elsewhere.get(link(letter)))
    assert rows(app, select(User.confirmed_key)) == [None]  # looking changes nothing: mail is looked through
    assert "is the address of your account" in words(press(elsewhere, link(letter)))
    assert rows(app, select(User.confirmed_key)) == ["new@example.org"]
    assert elsewhere.get(link(letter)).status_code == 404
    assert elsewhere.client.get("/notices").status_code == 303  # whoever reads the mail is not logged in by it


def test_nobody_learns_at_registration_whose_an_address_is(app: Flask, critic: Browser) -> None:
    answers = {}
    for name, email in (("Wren.one", "unknown@example.org"), ("Wren.two", "CRITIC@example.org")):
        visitor = Browser(app)
        answer = register(visitor, name=name, email=email)
        answers[name] = (answer.status_code, answer.headers["Location"], len(answer.data))
    assert answers["Wren.one"] == answers["Wren.two"]
    first, second = letters(app)
    assert "To confirm that it is yours" in first.body
    assert "You have an account already" in second.subject
    assert len(rows(app, select(MailToken))) == 1
    assert critic.log_in(name="critic@example.org").status_code == 303  # the address leads to who confirmed it


def test_of_two_accounts_with_one_address_who_confirms_first_has_it(app: Flask) -> None:
    for name in ("First.one", "Second.two"):
        register(Browser(app), name=name)
    one, two = letters(app)
    press(Browser(app), link(two))
    answer = press(Browser(app), link(one))
    assert answer.status_code == 422
    assert "belongs to another account" in words(answer)
    assert [user.confirmed_key for user in rows(app, select(User).order_by(User.id))] == [None, "new@example.org"]


def test_the_letter_can_be_sent_again_and_then_only_the_newer_is_good(app: Flask, client: Browser) -> None:
    register(client)
    client.name = "Newcomer"
    assert client.post("/settings/email/again").headers["Location"] == "/settings?sent=1"
    assert "on its way to new@example.org" in words(client.get("/settings?sent=1"))
    older, newer = letters(app)
    assert client.get(link(older)).status_code == 404
    assert press(client, link(newer)).status_code == 200
    assert "Send the letter again" not in client.get("/settings").text


# --- a forgotten password


def test_who_forgot_the_password_chooses_another_by_mail(app: Flask, critic: Browser) -> None:
    critic.get("/notices")
    assert forgotten(Browser(app), "Critic").headers["Location"] == "/forgotten?sent=1"
    (letter,) = letters(app)
    assert letter.address == "critic@example.org"
    visitor = Browser(app)
    short = press(visitor, link(letter), password="short")
    assert (short.status_code, "at least 8" in problem(short, "password")) == (422, True)
    assert press(visitor, link(letter), password="quite another one").headers["Location"] == "/login?changed=1"
    assert critic.client.get("/notices").status_code == 303  # every session has ended
    assert Browser(app, "Critic", critic.id, "quite another one").log_in().status_code == 303
    assert Browser(app, "Critic", critic.id).log_in().status_code == 422
    assert visitor.get(link(letter)).status_code == 404
    assert letters(app)[-1].subject == "Your password was changed"


def test_nothing_tells_whether_there_is_such_an_account(app: Flask, critic: Browser) -> None:
    answers = set()
    for name in ("Critic", "critic@example.org", "Nobody", "nobody@example.org"):
        answer = forgotten(Browser(app), name)
        answers.add((answer.status_code, answer.headers["Location"], len(answer.data)))
    assert len(answers) == 1
    assert [letter.address for letter in letters(app)] == ["critic@example.org"] * 2 + [""] * 2


def test_no_letter_leads_nowhere_for_who_gave_an_address_that_is_anothers(app: Flask, critic: Browser) -> None:
    register(Browser(app), name="Second", email="critic@example.org")
    forgotten(Browser(app), "Second")
    assert [letter.subject for letter in letters(app)] == ["You have an account already"] * 2


def test_a_letter_for_another_password_is_good_once_for_an_hour_and_until_the_password_changes(
    app: Flask, critic: Browser
) -> None:
    forgotten(Browser(app), "Critic")
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(MailToken).values(until=datetime.now(UTC) - timedelta(seconds=1)))
    assert Browser(app).get(link(letters(app)[-1])).status_code == 404
    forgotten(Browser(app), "Critic")
    path = link(letters(app)[-1])
    assert Browser(app).get(path).status_code == 200
    critic.post("/settings/password", current=PASSWORD, password="changed meanwhile")
    assert press_stale(app, path).status_code == 404


def press_stale(app: Flask, path: str):
    visitor = Browser(app)
    return visitor.post(path, csrf_token=token_in(visitor.get("/login")), password="long enough")


def test_letters_to_one_address_and_for_one_network_are_few(make_app: Callable[..., Flask], critic: Browser) -> None:
    limited = make_app(limits=True)
    limited.extensions["settings"] = replace(limited.extensions["settings"], limits=False)  # no least time to type
    for name in ("Critic", "Nobody"):
        visitor = Browser(limited)
        assert [forgotten(visitor, name).status_code for _ in range(4)] == [303] * 3 + [429]
    refused = forgotten(Browser(limited), "nobody")
    assert int(refused.headers["Retry-After"]) > 0
    asked = [forgotten(Browser(limited), f"nobody{number}").status_code for number in range(6)]
    assert asked == [303] * 4 + [429] * 2


def test_a_secret_is_in_no_table_but_the_letter_that_is_still_to_be_sent(app: Flask, critic: Browser) -> None:
    forgotten(Browser(app), "Critic")
    secret = link(letters(app)[0]).rpartition("/")[2]
    (token,) = rows(app, select(MailToken))
    assert secret not in (token.digest, token.email)
    mail.send_due(app.extensions["database"], app.extensions["settings"])
    assert letters(app) == []


def test_links_go_to_the_sites_own_address_whatever_host_is_asked(
    make_app: Callable[..., Flask], critic: Browser
) -> None:
    app = make_app(url="https://debate.example.org", trusted_hosts=("debate.example.org", "localhost"))
    visitor = Browser(app)
    visitor.post(
        "/forgotten", name="Critic", csrf_token=token_in(visitor.get("/forgotten")), headers={"Host": "localhost"}
    )
    assert "https://debate.example.org/reset/" in letters(app)[0].body
    evil = Browser(app)
    assert evil.get("/forgotten", headers={"Host": "evil.example"}).status_code == 400


# --- another address


def move(browser: Browser, email: str, current: str = PASSWORD):
    return browser.post("/settings/email", email=email, current=current)


def test_another_address_counts_once_its_letter_is_followed_and_the_old_one_is_told(
    app: Flask, critic: Browser
) -> None:
    assert move(critic, "elsewhere@example.org").headers["Location"] == "/settings/email?sent=1"
    assert row(app, User, critic.id).email == "critic@example.org"
    (letter,) = letters(app)
    assert letter.address == "elsewhere@example.org"
    press(Browser(app), link(letter))
    user = row(app, User, critic.id)
    assert (user.email, user.email_key, user.confirmed_key) == ("elsewhere@example.org",) * 3
    told = letters(app)[-1]
    assert (told.address, told.subject) == ("critic@example.org", "Your e-mail address was changed")


def test_an_address_that_is_anothers_is_not_given_away_nor_told_of(
    app: Flask, critic: Browser, stranger: Browser
) -> None:
    answers = [move(critic, email) for email in ("free@example.org", "stranger@example.org")]
    assert len({(answer.status_code, answer.headers["Location"]) for answer in answers}) == 1
    assert [letter.subject for letter in letters(app)] == [
        "Confirm your new e-mail address",
        "You have an account already",
    ]
    assert row(app, User, stranger.id).confirmed_key == "stranger@example.org"


@pytest.mark.parametrize(
    ("email", "current", "field"),
    [("nowhere", PASSWORD, "email"), ("a@b@c.example", PASSWORD, "email"), ("a@b.example", "not it", "current")],
)
def test_an_address_is_not_changed_without_the_password_and_an_address(
    app: Flask, critic: Browser, email: str, current: str, field: str
) -> None:
    answer = move(critic, email, current)
    assert answer.status_code == 422
    assert problem(answer, field)
    assert letters(app) == []


# --- how letters get sent


@dataclass
class MailServer:
    """A mail server that keeps what it is sent; or refuses everything with `refuses`; or goes without a word; or with
    `tls` takes letters only encrypted, from who has logged in."""

    port: int = 0
    refuses: bool = False
    is_rude: bool = False
    tls: ssl.SSLContext | None = None
    taken: list[str] = field(default_factory=list)
    names: list[bytes] = field(default_factory=list)  # with their passwords


@contextmanager
def mail_server(**named: Any) -> Iterator[MailServer]:
    kept = MailServer(**named)

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline().decode().strip():
                word = line[:4].upper()
                if word == "DATA":
                    self.say("354 go on")
                    kept.taken.append(self.read())
                elif kept.tls and word in ("EHLO", "STAR", "AUTH"):
                    self.meet(kept.tls, word, line)
                    continue
                refused = (kept.refuses and word == "RCPT") or (kept.tls and word == "MAIL" and not kept.names)
                bye = "421 enough" if kept.is_rude else "221 bye"
                self.say(bye if word == "QUIT" else "550 nobody@secret.example is unknown" if refused else "250 ok")

        def meet(self, tls: ssl.SSLContext, word: str, line: str) -> None:
            if word == "EHLO":
                is_secret = isinstance(self.request, ssl.SSLSocket)
                self.say(f"250-here\r\n250 {'AUTH PLAIN' if is_secret else 'STARTTLS'}")
            elif word == "STAR":
                self.say("220 go on")
                self.request = tls.wrap_socket(self.request, server_side=True)
                self.setup()
            else:
                kept.names.append(base64.b64decode(line.split()[-1]))
                self.say("235 in")

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def read(self) -> str:
            lines = iter(self.rfile.readline, b".\r\n")
            return b"".join(lines).decode()

        def say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        kept.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield kept
        server.shutdown()


def by(app: Flask, server: MailServer) -> Settings:
    return replace(app.extensions["settings"], mail_url=f"smtp://127.0.0.1:{server.port}", mail_from="site@example.org")


def put(app: Flask, subject: str = "Grüße", body: str = "A line.\n.\nA dot.") -> None:
    app.extensions["database"].write(acts.put, "to@example.org", acts.Words(subject, body))


@pytest.mark.parametrize("is_rude", [False, True])
def test_a_letter_is_sent_once_and_forgotten(app: Flask, is_rude: bool) -> None:
    put(app)
    with mail_server(is_rude=is_rude) as server:
        assert mail.send_due(app.extensions["database"], by(app, server)) == (1, 0)
        assert mail.send_due(app.extensions["database"], by(app, server)) == (0, 0)
    (sent,) = server.taken
    assert "To: to@example.org" in sent
    assert "From: site@example.org" in sent
    assert "Auto-Submitted: auto-generated" in sent
    assert letters(app) == []


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """With a certificate that nobody vouches for."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example.org")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    file = tmp_path / "mail.pem"
    file.write_bytes(secret + made.sign(key, hashes.SHA256()).public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_server_on_this_machine_may_ask_for_tls_and_a_password_and_vouch_for_itself(
    app: Flask, tls: ssl.SSLContext
) -> None:
    put(app)
    with mail_server(tls=tls) as server:
        settings = replace(by(app, server), mail_url=f"smtp://me:secret@127.0.0.1:{server.port}")
        assert mail.send_due(app.extensions["database"], settings) == (1, 0)
    assert server.names == [b"\0me\0secret"]
    assert len(server.taken) == 1


def test_elsewhere_a_certificate_that_nobody_vouches_for_is_not_taken(app: Flask, tls: ssl.SSLContext) -> None:
    put(app)
    with mail_server(tls=tls) as server:  # 0.0.0.0 leads here as well, and is not among the names of this machine
        settings = replace(by(app, server), mail_url=f"smtp://me:secret@0.0.0.0:{server.port}")
        assert mail.send_due(app.extensions["database"], settings) == (0, 1)
    assert server.names == server.taken == []


def test_where_the_server_is_gone_or_refuses_the_letter_waits_and_goes_out_later(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    put(app)
    database = app.extensions["database"]
    gone = replace(app.extensions["settings"], mail_url="smtp://127.0.0.1:9")
    assert mail.send_due(database, gone) == (0, 1)
    assert mail.send_due(database, gone) == (0, 0)  # not at once again
    hasten(app)
    with mail_server(refuses=True) as server:
        assert mail.send_due(database, by(app, server)) == (0, 1)
    assert "example" not in caplog.text  # addresses are in no log
    hasten(app)
    with mail_server() as server:
        assert mail.send_due(database, by(app, server)) == (1, 0)
    assert letters(app) == []


@pytest.mark.parametrize("was_tried", [False, True])
def test_a_letter_of_a_clock_that_has_gone_back_since_does_not_wait_for_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch, was_tried: bool
) -> None:
    database = app.extensions["database"]
    gone = replace(app.extensions["settings"], mail_url="smtp://127.0.0.1:9")
    with monkeypatch.context() as patch:
        patch.setattr(acts, "now", lambda _: datetime.now(UTC) + timedelta(days=2))
        put(app)
        if was_tried:
            assert mail.send_due(database, gone) == (0, 1)
    assert database.peek(mail.IS_ANY_DUE)
    assert mail.send_due(database, gone) == (0, 1)
    assert mail.send_due(database, gone) == (0, 0)  # as of now it is due later
    hasten(app)
    with mail_server() as server:
        assert mail.send_due(database, by(app, server)) == (1, 0)


def hasten(app: Flask) -> None:
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(Letter).values(due_at=Letter.made_at))


def test_a_letter_that_nobody_takes_is_given_up_after_eight_tries(app: Flask) -> None:
    put(app)
    gone = replace(app.extensions["settings"], mail_url="smtp://127.0.0.1:9")
    for _ in range(8):
        hasten(app)
        mail.send_due(app.extensions["database"], gone)
    assert letters(app) == []


def test_without_a_server_letters_go_to_the_console(app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    put(app, "A subject", "Its words.")
    assert mail.send_due(app.extensions["database"], app.extensions["settings"]) == (1, 0)
    said = capfd.readouterr().err
    assert "To: to@example.org" in said
    assert "Its words." in said


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"DEBATE_MAIL_URL": "mail.example.org"}, "DEBATE_MAIL_URL: use console:"),
        ({"DEBATE_MAIL_URL": "smtp://mail.example.org:x"}, "DEBATE_MAIL_URL: the port"),
        ({"DEBATE_MAIL_FROM": "nobody"}, "DEBATE_MAIL_FROM: 'nobody'"),
        ({"DEBATE_URL": "debate.example.org"}, "DEBATE_URL: this is not the address"),
        ({"DEBATE_URL": "https://debate.example.org/forum"}, "DEBATE_URL: this is not the address"),
    ],
)
def test_a_setting_of_mail_that_cannot_be_is_one_line(tmp_path, settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadSetting, match=re.escape(sentence)):
        config.from_environment(settings, tmp_path)


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, "http://localhost:5000"),
        ({"DEBATE_URL": "https://debate.example.org/"}, "https://debate.example.org"),
        ({"DEBATE_HOST": "0.0.0.0", "DEBATE_TRUSTED_HOSTS": "debate.example.org"}, "https://debate.example.org"),
        ({"DEBATE_PORT": "8000"}, "http://localhost:8000"),
    ],
)
def test_links_in_letters_begin_with_what_is_set_or_can_be_told(tmp_path, settings: dict[str, str], url: str) -> None:
    read = config.from_environment(settings, tmp_path)
    assert read.url == url
    assert read.mail_from.partition("@")[2] == url.partition("//")[2].partition(":")[0]


def test_an_account_made_by_the_operator_has_a_confirmed_address_of_its_own(app: Flask) -> None:
    made = add_user(app, "Made")
    assert row(app, User, made.id).is_confirmed
    runner = app.test_cli_runner()
    again = runner.invoke(
        args=["user", "add", "Other", "--email", "MADE@example.org", "--password-stdin"], input="long enough"
    )
    assert again.exit_code == 2
    assert "There is an account with this e-mail address" in again.output


HIDDEN = "a@=?utf-8?q?=0d=0aBcc:x=40y=2Eorg=0d=0a=0d=0aOther=20words?=.b"  # two line ends and more, once decoded


@pytest.mark.parametrize(
    "address",
    [
        HIDDEN,
        "=?utf-8?q?a=0Ab?=@x.org",
        "a]@example.org",
        "a:b@example.org",
        "(a@example.org",
        "a@b.org(",
        "a\\b@c.org",
    ],
)
def test_what_a_mailer_reads_as_more_than_an_address_is_none(app: Flask, client: Browser, address: str) -> None:
    assert problem(register(client, email=address), "email")
    assert rows(app, select(User)) == letters(app) == []


@pytest.mark.parametrize(
    "address", ["o+tag@sub.example.org", "jörg@müller.example", "a.b-c_d%e@x-y.org", "q?x=1@a.org"]
)
def test_an_ordinary_address_is_taken(client: Browser, address: str) -> None:
    assert register(client, email=address).status_code == 303


@pytest.mark.parametrize("address", [HIDDEN, "=?utf-8?q?a=0Ab?=@x.org", "a]@example.org"])
def test_a_letter_that_cannot_be_made_holds_up_no_other_and_is_given_up(app: Flask, address: str) -> None:
    database = app.extensions["database"]
    database.write(acts.put, address, acts.Words("A subject", "Its words."))
    put(app)
    with mail_server() as server:
        assert mail.send_due(database, by(app, server)) == (1, 1)
        for _ in range(7):
            hasten(app)
            mail.send_due(database, by(app, server))
    (sent,) = server.taken
    assert "To: to@example.org" in sent
    assert letters(app) == []


def test_registering_is_no_way_to_flood_an_address(make_app: Callable[..., Flask], app: Flask) -> None:
    limited = make_app(limits=True)
    limited.extensions["settings"] = replace(limited.extensions["settings"], limits=False)  # no least time to type
    answers = {register(Browser(limited), name=f"Newcomer.{one}").status_code for one in ("aa", "bb", "cc", "dd")}
    assert answers == {303}
    assert len(letters(app)) == 3


def test_accounts_of_one_address_are_no_way_to_flood_it_and_do_not_tell_whose_it_is(
    make_app: Callable[..., Flask], app: Flask
) -> None:
    names = ("First.one", "Second.two")
    for name in names:
        register(Browser(app), name=name)
    limited = make_app(limits=True)
    limited.extensions["settings"] = replace(limited.extensions["settings"], limits=False)  # no least time to type
    asked = [forgotten(Browser(limited), name).status_code for name in (*names * 3, "new@example.org")]
    assert asked == [303] * 7
    assert [letter.address for letter in letters(app)[2:]] == ["new@example.org"] * 3 + [""] * 4


def test_a_letter_asked_for_while_the_account_goes_is_for_nobody(app: Flask, critic: Browser) -> None:
    forgotten(Browser(app), "Critic")
    critic.post("/settings/delete", words="keep", current=PASSWORD)
    with app.extensions["database"].engine.begin() as connection:  # as if it had been asked for a moment later
        late = {
            "user_id": critic.id,
            "purpose": "reset",
            "email": "critic@example.org",
            "digest": tokens.digest("late"),
        }
        connection.execute(insert(MailToken), late | {"until": datetime.now(UTC) + timedelta(hours=1)})
    with pytest.raises(Missing):
        app.extensions["database"].write(accounts.reset, "late", "a hash", acts.Words("", ""))
    assert row(app, User, critic.id).password_hash == "!"


def test_a_letter_that_has_the_number_of_one_that_went_is_not_taken_for_it(app: Flask) -> None:
    """As where the account of the first is deleted while a mail server takes its time."""
    write = app.extensions["database"].write
    write(acts.put, "to@example.org", acts.Words("One", ""))
    first, *_ = write(acts.take)
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(delete(Letter))
    write(acts.put, "to@example.org", acts.Words("Two", ""))
    write(acts.sent, first)
    assert not write(acts.failed, first)
    assert [(letter.subject, letter.tries) for letter in letters(app)] == [("Two", 0)]


def test_only_the_letter_that_is_being_sent_is_held(app: Flask) -> None:
    write = app.extensions["database"].write
    for subject in ("One", "Two"):
        put(app, subject)
    taken = [write(acts.take) for _ in range(3)]
    assert [one and one[2].subject for one in taken] == ["One", "Two", None]


def test_no_link_of_a_letters_page_carries_its_secret_on(app: Flask, critic: Browser) -> None:
    forgotten(Browser(app), "Critic")
    path = link(letters(app)[0])
    shown = Browser(app).get(path).text
    assert shown.count(path.rpartition("/")[2]) == 1  # the form's own address


@pytest.mark.browser
@pytest.mark.slow
def test_the_forms_that_letters_lead_to_are_taken_from_a_real_browser_whose_referrer_tells_no_secret(tmp_path) -> None:
    with site_on("sqlite", tmp_path) as site, chromium() as browser:
        site.start()
        site.add_people(["Wren"])
        secrets = {purpose: tokens.new() for purpose in ("confirm", "reset")}
        with site.database() as there:
            who = site.rows(select(User.id, User.email))[0]
            for purpose, secret in secrets.items():
                soon = datetime.now(UTC) + timedelta(hours=1)
                about = {"user_id": who.id, "email": who.email, "purpose": purpose}
                made = insert(MailToken).values(digest=tokens.digest(secret), until=soon, **about)
                there.write(lambda session, made=made: session.execute(made) and None)
        context = browser.new_context()
        tab = context.new_page()
        asked = []
        tab.on("request", lambda request: asked.append(request))
        tab.goto(f"http://127.0.0.1:{site.port}/confirm/{secrets['confirm']}")
        tab.click("button.primary")
        assert tab.inner_text("h1") == "Confirmed"
        tab.goto(f"http://127.0.0.1:{site.port}/reset/{secrets['reset']}")
        tab.fill("[name=password]", "another long password")
        tab.click("button.primary")
        assert "Log in with the new one" in tab.inner_text("main")
        referrers = {request.all_headers().get("referer", "") for request in asked}
        assert f"http://127.0.0.1:{site.port}/" in referrers
        assert not [each for each in referrers if any(secret in each for secret in secrets.values())]
        context.close()
