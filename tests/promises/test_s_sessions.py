"""S. Sessions and passwords: nobody gets into an account but its owner, nor learns whether there is one."""

import itertools
import re
import statistics
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlencode

import pytest
from cast import rows, suspend
from hostile import OUTWARD
from live import KINDS, PASSWORD, Page, Person, Site, filled, site_on
from sqlalchemy import select
from town import FULL, Town, on_one_database, sockets_answer

from debate.models import MailToken, User

pytestmark = pytest.mark.slow

# A hash left out would show as a hundredth of the time.
TIMINGS, APART = (50, 0.1) if FULL else (5, 1.0)
MORE_OUTWARD = (
    "https:///evil.example", "/\u2044evil.example", "/\uff0fevil.example", "/\u3002evil.example", "//evil\u3002example",
    "\thttps://evil.example", "/..//evil.example", "/.;//evil.example", "/%5c%5cevil.example", "/login/../logout",
    "/essays/x\r\nSet-Cookie: a=b", "//127.0.0.1@evil.example", "data:text/html,x", "blob:x",
)  # fmt: skip


ALL_OUTWARD = (*OUTWARD, *MORE_OUTWARD)


@pytest.fixture(scope="module", params=KINDS)
def limited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with its limits, behind a proxy: the last address of X-Forwarded-For is the asker's."""
    settings = {"DEBATE_LIMITS": "on", "DEBATE_PROXIES": "1", "DEBATE_WORKERS": "4"}
    with site_on(request.param, tmp_path_factory.mktemp("limited"), **settings) as site:
        site.add_people(["Alice", "Bertha"])
        yield site.start()


def attempt(site: Site, name: str, password: str, address: str, before: str = "", path: str = "/login") -> Page:
    """Try to log in from an address; `before` is what the asker says of it themselves."""
    person = Person(site)
    headers = {"X-Forwarded-For": f"{before}, {address}" if before else address}
    fields = filled(person.get("/login", **headers).form("/login"), None, {"name": name, "password": password})
    return person.request("POST", path, fields, headers)


def copy_of(person: Person) -> Person:
    """Somebody who has a copy of all cookies."""
    thief = Person(person.site)
    thief.cookies = dict(person.cookies)
    return thief


def is_in(person: Person) -> bool:
    return person.get("/notices").status == 200


# --- S1


def test_s1_the_session_after_the_login_is_not_the_one_before(town: Town) -> None:
    person = Person(town.site, town.add().name)
    person.get("/login")
    before = copy_of(person)
    person.login()
    assert before.cookies["debate_session"] != person.cookies["debate_session"]
    assert is_in(person)
    assert not is_in(before)


def _log_out(person: Person) -> None:
    assert person.post("/logout").status == 303


def _change_password(person: Person) -> None:
    assert person.post("/settings/password", current=PASSWORD, password="another long one").status == 303


def _end_others(person: Person) -> None:
    assert person.post("/settings/sessions/end-others").status == 303


@pytest.mark.parametrize("end", [_log_out, _change_password, _end_others])
def test_s1_a_copy_of_a_cookie_is_dead_once_its_session_has_ended(town: Town, end: Callable[[Person], None]) -> None:
    name = town.add().name
    person, elsewhere = (Person(town.site, name) for _ in range(2))
    for one in (person, elsewhere):
        page = one.get("/login")
        assert one.send(page, "/login", name=name, password=PASSWORD, remember="1").status == 303
    person.token = filled(person.get("/").form("/logout"), None, {})["csrf_token"]
    thieves = [copy_of(person)] + ([copy_of(elsewhere)] if end is not _log_out else [])
    for thief in list(thieves):
        for alone in ("debate_session", "debate_remember"):
            half = Person(town.site)
            half.cookies = {alone: thief.cookies[alone]}
            thieves.append(half)
    assert all(is_in(thief) for thief in thieves)
    end(person)
    assert not any(is_in(thief) for thief in thieves)


# --- S2


@on_one_database
@pytest.mark.parametrize("onward", ALL_OUTWARD)
def test_s2_nobody_is_sent_to_another_site_after_logging_in(town: Town, onward: str) -> None:
    person = Person(town.site, town.people["stranger"].name)
    page = person.get(f"/login?next={quote(onward, safe='')}")
    assert page.one("input[name=next]").attributes["value"] == "/"
    fields = filled(page.form("/login"), None, {"name": person.name, "password": PASSWORD})
    token = fields["csrf_token"]
    if FULL or ALL_OUTWARD.index(onward) % 6 == 0:  # a password takes its time
        answer = person.request("POST", "/login", fields | {"next": onward})
        assert (answer.status, answer.location) == (303, "/")
        assert not any("a=b" in line for line in answer.headers.get_all("Set-Cookie") or [])
    visitor = Person(town.site)
    page = visitor.get(f"/display?next={quote(onward, safe='')}")
    fields = filled(page.form("/display"), None, {"theme": "dark"})
    chosen = visitor.request("POST", "/display", fields | {"next": onward})
    assert (chosen.status, chosen.location) == (303, "/display?saved=1")
    assert token


# --- S3


def bare(page: Page, *names: str) -> str:
    """A page without what differs for everybody: tokens, times of opening, and the names that were typed."""
    said = re.sub(r'(name="(csrf_token|began)" value=|data-reader=)"[^"]*"', r"\1", page.text)
    for name in names:
        said = said.replace(name, "somebody").replace(name.lower(), "somebody")
    return said


@on_one_database
def test_s3_a_wrong_login_says_the_same_whoever_it_was(town: Town) -> None:
    known, banned = _known_and_banned(town)
    pages = []
    for name in (known, banned, "Nobody1", "nobody1@example.org", address(known), address(banned)):
        person = Person(town.site, name)
        page = person.send(person.get("/login"), "/login", name=name, password="wrong password")
        pages.append((page.status, bare(page, name)))
    assert pages[0][0] == 422
    assert len(set(pages)) == 1


def _known_and_banned(town: Town) -> tuple[str, str]:
    """The names of two accounts, the second of which is banned."""
    known, banned = town.add(), town.add()
    suspend(town.cast["admin"], banned, kind="banned")
    return known.name, banned.name


def address(name: str) -> str:
    """What Town.add gives an account as its address."""
    return f"{name.lower()}@example.org"


def take_as_long(whose: list[str], ask: Callable[[str], Page], status: int, apart: float = APART) -> None:
    """Ask about each in turn, over and over: the times do not tell them apart. Other work on this machine may, for a
    while: it is asked more often then."""
    spent: dict[str, list[float]] = {one: [] for one in whose}
    typical: dict[str, float] = {}
    for tries in range(1, 4 * TIMINGS + 1):
        for one, times in spent.items():
            start = time.perf_counter()
            answer = ask(one)
            times.append(time.perf_counter() - start)
            assert answer.status == status, one
        # Of few the quickest, which nothing else has slowed down.
        typical = {one: statistics.median(times) if FULL else min(times) for one, times in spent.items()}
        if tries >= TIMINGS and max(typical.values()) / min(typical.values()) < 1 + apart:
            return
    pytest.fail(f"These are told apart: {typical}")


@on_one_database
def test_s3_a_wrong_login_takes_as_long_whoever_it_was(town: Town) -> None:
    person = Person(town.site)
    fields = filled(person.get("/login").form("/login"), None, {"password": "wrong password"})
    whose = [*_known_and_banned(town), "Nobody2", "nobody2@example.org"]
    take_as_long(whose, lambda name: person.request("POST", "/login", fields | {"name": name}), 422)


@on_one_database
def test_s3_who_asks_for_another_password_learns_nothing(town: Town) -> None:
    known, banned = _known_and_banned(town)
    answers = []
    for name in (known, banned, "Nobody3", address(known), address(banned), "nobody3@example.org"):
        person = Person(town.site)
        answer = person.send(person.get("/forgotten"), "/forgotten", name=name)
        answers.append((answer.status, answer.location, bare(person.follow(answer), name)))
    assert answers[0][:2] == (303, "/forgotten?sent=1")
    assert len(set(answers)) == 1


@on_one_database
def test_s3_who_registers_or_moves_with_somebodys_address_learns_nothing(town: Town) -> None:
    known, banned = _known_and_banned(town)
    answers = []
    for number, email in enumerate((address(known), address(banned), "nobody4@example.org")):
        person = Person(town.site, f"Newcomer.{town.made}.{number}")
        answer = _registered(person, email)
        answers.append((answer.status, answer.text, bare(person.get("/settings"), email, person.name)))
    assert answers[0][0] == 303
    assert answers[0] == answers[1] == answers[2]
    moves = []
    for email in (address(known), address(banned), "nobody5@example.org"):
        person = town.at(town.add())
        answer = _moved(person, email)
        moves.append((answer.status, answer.location, bare(person.follow(answer), person.name, email)))
    assert moves[0][0] == 303
    assert moves[0] == moves[1] == moves[2]


def _registered(person: Person, email: str) -> Page:
    fields = {"name": person.name, "email": email, "password": "long enough"}
    return person.send(person.get("/register"), "/register", **fields)


def _moved(person: Person, email: str) -> Page:
    return person.post("/settings/email", email=email, current=PASSWORD)


@on_one_database
@pytest.mark.parametrize("form", ["forgotten", "register", "settings/email"])
def test_s3_no_form_takes_longer_for_an_address_that_is_somebodys(town: Town, form: str) -> None:
    known, banned = _known_and_banned(town)
    visitor, mover = Person(town.site), town.at(town.add())
    fields = filled(visitor.get(f"/{form}").form(f"/{form}"), None, {}) if form != "settings/email" else {}
    numbers = itertools.count()

    def ask(email: str) -> Page:
        if form == "settings/email":
            return _moved(mover, email)
        if form == "forgotten":
            return visitor.request("POST", "/forgotten", fields | {"name": email})
        newcomer = Person(town.site)
        newcomer.cookies = dict(visitor.cookies)  # its token is good for all of them: the form need not be opened anew
        said = {"name": f"Newcomer.{town.made}.{next(numbers)}.timed", "email": email, "password": "long enough"}
        return newcomer.request("POST", "/register", fields | said)

    whose = [address(known), address(banned), "nobody6@example.org"]
    # Without a hash it is a few milliseconds, of which a tenth is less than they vary by.
    take_as_long(whose, ask, 303, 1.0 if form == "forgotten" else APART)


# --- S4


def test_s4_five_wrong_passwords_close_one_account_to_one_network_alone(limited: Site) -> None:
    spoofs = ("", "203.0.113.9", "10.0.0.1, 203.0.113.8", "127.0.0.1", "unknown")
    for number in range(5):
        assert attempt(limited, "Alice", "wrong wrong", f"198.51.100.{number}", spoofs[number]).status == 422
    for name, before in (("Alice", ""), ("ALICE", "203.0.113.10"), (" alice", "::1")):
        refused = attempt(limited, name, PASSWORD, "198.51.100.77", before)
        assert refused.status == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert attempt(limited, "Bertha", PASSWORD, "198.51.100.78").status == 303
    assert attempt(limited, "Alice", PASSWORD, "203.0.113.5").status == 303  # she is somewhere else


@pytest.mark.parametrize("limited", KINDS if FULL else KINDS[:1], indirect=True)
def test_s4_no_other_way_to_write_the_address_tries_a_password(limited: Site) -> None:
    for _ in range(5):
        assert attempt(limited, "Bertha", "wrong wrong", "198.51.101.1", path="/login?x=1").status == 422
    for path in ("/login", "/login/", "/login.json", "/login/x", "//login", "/LOGIN", "/login%2f", "/login;x"):
        answer = attempt(limited, "Bertha", PASSWORD, "198.51.101.1", path=path)
        assert answer.status in (308, 403, 404, 405, 429), path
    person = Person(limited)
    headers = {"X-Forwarded-For": "198.51.101.2"}
    fields = filled(person.get("/login", **headers).form("/login"), None, {"name": "Bertha", "password": PASSWORD})
    body = urlencode(fields)
    cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    told = sockets_answer(
        limited,
        (
            f"POST /login HTTP/1.0\r\nHost: 127.0.0.1:{limited.port}\r\nCookie: {cookies}\r\n"
            f"Content-Length: {len(body)}"
            "\r\nContent-Type: application/x-www-form-urlencoded\r\nX-Forwarded-For: 9.9.9.9\r\n"
            f"X-Forwarded-For: 198.51.101.2\r\n\r\n{body}"
        ).encode(),
    )
    assert b" 429 " in told.partition(b"\r\n")[0], told[:300]


@pytest.mark.full  # twenty passwords take their time
@pytest.mark.parametrize("limited", KINDS if FULL else KINDS[:1], indirect=True)
def test_s4_twenty_wrong_passwords_close_a_network_to_all_accounts(limited: Site) -> None:
    codes = [
        attempt(limited, f"Nobody{number % 7}", "wrong wrong", f"198.51.102.{number}").status for number in range(24)
    ]
    assert codes == [422] * 20 + [429] * 4
    assert attempt(limited, "Bertha", PASSWORD, "198.51.102.200").status == 429
    assert attempt(limited, "Bertha", PASSWORD, "198.51.103.200").status == 303


def test_s4_the_limit_does_not_tell_which_address_belongs_to_which_name(limited: Site) -> None:
    for _ in range(5):
        assert attempt(limited, "Alice", "wrong wrong", "198.51.104.1").status == 422
    assert attempt(limited, "Alice", "wrong wrong", "198.51.104.1").status == 429
    tries = {email: attempt(limited, email, "wrong wrong", "198.51.104.1").status for email in EMAILS}
    assert set(tries.values()) == {422}, tries


EMAILS = ("alice@example.org", "bertha@example.org", "nobody@example.org")


# --- S5


GOOD = (
    "kl9-Übr§",
    "many words " * 11 + "sevens.",
    "🗝️ ключ 🚪 ",
    "<script>&amp;\"'",
    "\u0041\u030angstro\u0308m war da",
)


@on_one_database
@pytest.mark.parametrize("password", GOOD)
def test_s5_any_password_of_8_to_128_characters_is_taken_whole(town: Town, password: str) -> None:
    lengths = {len(one) for one in GOOD}
    assert (min(lengths), max(lengths)) == (8, 128)
    town.made += 1
    person = Person(town.site, f"Keyholder{town.made}")
    page = person.get("/register")
    assert not page.one("input[name=password]").attributes.keys() & {"onpaste", "maxlength", "readonly"}
    fields = {"name": person.name, "email": f"{person.name}@example.org", "password": password}
    assert person.send(page, "/register", **fields).status == 303
    assert is_in(person)
    assert is_in(Person(town.site, person.name).login(password))
    for wrong in (password[:-1] + "?", password + "?"):
        other = Person(town.site)
        assert other.send(other.get("/login"), "/login", name=person.name, password=wrong).status == 422


@on_one_database
def test_s5_a_password_that_is_too_short_too_long_or_everybodys_is_refused(town: Town) -> None:
    for number, password in enumerate(("", "seven c", "x" * 129, *EVERYBODYS)):
        person = Person(town.site, f"Careless{number}")
        fields = {"name": person.name, "email": f"{person.name}@example.org", "password": password}
        answer = person.send(person.get("/register"), "/register", **fields)
        assert answer.status == 422, password
        assert not answer.one("input[name=password]").attributes.get("value")
    assert rows(town.app, select(User.id).where(User.name.like("Careless%"))) == []


EVERYBODYS = ("password", "Password1", "12345678", "123123123", "qwertyuiop", "iloveyou", "aaaaaaaa", "Careless9!")


@on_one_database
@pytest.mark.parametrize(("size", "status"), [(1_000_000, 413), (400_000, 422)])
def test_s5_a_huge_password_takes_no_longer_than_a_wrong_one(town: Town, size: int, status: int) -> None:
    person = Person(town.site)
    fields = filled(person.get("/login").form("/login"), None, {"name": "Stranger"})
    spent: dict[int, list[float]] = {15: [], size: []}
    for length in (15, size) * 3:
        start = time.perf_counter()
        try:
            answer = person.request("POST", "/login", fields | {"password": "x" * length})
            assert answer.status == (status if length == size else 422)
        except ConnectionError:  # it hung up rather than read on
            assert (length, status) == (size, 413)
        spent[length].append(time.perf_counter() - start)
    assert min(spent[size]) < min(spent[15]) + 0.2


# --- S6


@on_one_database
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1:80@evil.example", "127.0.0.1, evil.example"]
)
def test_s6_a_host_that_is_not_ours_gets_nothing(town: Town, host: str) -> None:
    page = Person(town.site).get("/", Host=host)
    assert page.status == 400
    assert "evil" not in page.text


def test_s6_the_letter_for_another_password_leads_here_once_and_ends_every_session(town: Town) -> None:
    name = town.add().name
    there, visitor = Person(town.site, name).login(), Person(town.site)
    page = visitor.get("/forgotten", Host=f"localhost:{town.site.port}")
    fields = filled(page.form("/forgotten"), None, {"name": name})
    host = f"localhost:{town.site.port}"
    evil = {
        "Host": host,
        "Origin": f"http://{host}",
        "X-Forwarded-Host": "evil.example",
        "X-Original-Host": "evil.example",
    }
    assert visitor.request("POST", "/forgotten", fields, evil).status == 303
    links = letter_to(town.site, name)
    assert "evil" not in links
    found = re.search(r"(https?://[^/\s]+)(/reset/\S+)", links)
    assert found is not None
    assert found[1] == f"http://localhost:{town.site.port}"
    path = found[2]
    other = Person(town.site)
    page = other.get(path)
    assert page.headers["Cache-Control"] == "private, no-store"
    assert other.send(page, path, password="a new long one").status == 303
    assert not is_in(there)
    assert other.get(path).status == 404
    assert other.send(other.get("/login"), "/login", name=name, password=PASSWORD).status == 422
    assert is_in(Person(town.site, name).login("a new long one"))
    assert (
        rows(town.app, select(MailToken.id).where(MailToken.purpose == "reset", MailToken.email.like(f"{name}@%")))
        == []
    )


def letter_to(site: Site, name: str) -> str:
    """The newest letter that went to somebody, as the console shows it."""
    end = time.monotonic() + 20
    while f"To: {name.lower()}@" not in site.log and time.monotonic() < end:
        time.sleep(0.2)
    return site.log.rpartition(f"To: {name.lower()}@")[2].partition("\n---\n")[0]
