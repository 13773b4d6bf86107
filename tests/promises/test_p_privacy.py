"""P. What is not for somebody is nowhere they can look: on no page, in no cache, in no answer to a guess."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cast import EssayAt, cite, everything, hide, publish, rows, share, withdraw
from live import PASSWORD, Page, Person, Site, free_port, lacking
from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from sweep import places
from test_surfaces import MARKS, NOTE, OF_SOURCES, held, marked
from town import FULL, Town, failing, on_one_database, sweep, swept, where_all_is

from debate.models import Reply, User

pytestmark = pytest.mark.slow

NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
HOW = "The tests behind a caching proxy are off; to turn them on install nginx (Debian: apt-get install nginx)"
# Pages that a cache might be talked into keeping.
DISGUISES = ("/x.css", ".css", "%2fx.css", ";x.css", "?x.css", "/../x.js", "%00.css", "%0a.png", "#x.css", "/.ico")
HIDDEN_PATHS = (
    "/.git/config", "/.env", "/instance/secret_key", "/secret_key", "/debate.db", "/instance/debate.db", "/serve.log",
    "/console", "/metrics", "/debug", "/admin", "/server-status", "/static/../pyproject.toml", "/static/%2e%2e/x",
    "/static/..%2fpyproject.toml", "/static/css", "/essays/%00", "/users/%00", "/ESSAYS/new",
    "/templates/base.html", "/static/css/../../pyproject.toml", "/wp-login.php", "/%c0%ae%c0%ae/etc/passwd",
)  # fmt: skip


def said_at(pages: Iterator[Page]) -> dict[str, str]:
    """Everything that was answered, headers too, in small letters, by path."""
    return {page.path: f"{page.status} {page.text} {page.headers}".lower() for page in pages}


# --- P1


def _taken_away(town: Town, state: str) -> tuple[EssayAt, dict[str, int]]:
    """A reply with a mark in each field, seen by all, and then held, hidden, withdrawn or erased."""
    cast = town.cast
    essay = town.essay(f"On what is {state}")
    town.app.extensions["database"].write(_forget_names)
    made = marked(essay, *(cast[role] for role in ("critic", "author", "stranger", "visitor")))
    for path in (f"/replies/{made['about']}", essay.p(), essay.path):
        assert town.people["visitor"].get(path).status == 200
    if state == "held":
        held(town.app, made["about"])
    elif state == "hidden":
        hide(cast["moderator"], made["about"])
    elif state == "withdrawn":
        withdraw(cast["critic"], made["about"])
    else:
        fields = {"reason": "other", "note": "A court said so."}
        assert town.people["admin"].post(f"/replies/{made['about']}/erase", **fields).status == 303
    return essay, made


@pytest.mark.parametrize("state", ["held", "hidden", "withdrawn", "erased"])
def test_p1_what_was_taken_away_is_nowhere_for_others(town: Town, state: str) -> None:
    essay, made = _taken_away(town, state)
    where = places(essay, **made)
    own = ("{about}", "{ruling}", "{citation}", "{source}", "{above}", "{below}", "{mark}")
    for role in ("visitor", "stranger"):
        about = () if (state, role) == ("held", "visitor") else own
        shown = said_at(sweep(town.people[role], where, about=about))
        for mark in (*MARKS, *OF_SOURCES, NOTE):
            assert [path for path, said in shown.items() if mark in said and mark not in path] == [], role
    for role in ("critic", "moderator"):
        said = town.people[role].get(f"/replies/{made['about']}").text
        assert ("xyzzybody" in said) == (state in ("held", "hidden")), role


def _forget_names(session: Session) -> None:
    """Names that the scene of test_surfaces.py gives are free again."""
    for user in session.scalars(select(User).where(User.name.in_(("Scholar", "Keeper")))):
        user.name, user.name_key = f"Gone{user.id}", f"gone{user.id}"
        user.email = user.email_key = f"gone{user.id}@example.org"
        user.confirmed_key = None


def test_p1_what_is_held_or_a_draft_answers_like_what_never_was(town: Town) -> None:
    essay = town.essay("On guesses")
    town.app.extensions["database"].write(_forget_names)
    kept_back = essay.reply(town.cast["critic"], "Held words.")
    held(town.app, kept_back)
    draft = town.essay("On drafts", as_draft=True)
    share(town.cast["author"], draft)
    never = 2_000_000_000
    pairs = [(f"/replies/{kept_back}{tail}", f"/replies/{never}{tail}") for tail in ("", "/replies", "/wording")]
    pairs += [(f"/replies/{kept_back}/reports", f"/replies/{never}/reports")]
    pairs += [
        (f"{draft.path}{tail}", f"/essays/draft-{never}{tail}") for tail in ("", "/tree", "/sources", "/revisions")
    ]
    pairs += [(draft.p(), f"/essays/draft-{never}/p/{draft.paragraphs[0][1]}")]
    pairs += [(f"/drafts/{draft.id}/{'0' * 40}", f"/drafts/{never}/{'0' * 40}")]
    for role in ("visitor", "stranger"):
        for there, nowhere in pairs:
            answers = [town.people[role].get(path) for path in (there, nowhere)]
            assert {page.status for page in answers} == {404}, there
            assert len({_unlike(page, path) for page, path in zip(answers, (there, nowhere), strict=True)}) == 1, there
    posts = ({"stance": "pro", "body": "x"}, "replies"), ({"value": "1"}, "vote"), ({"reason": "spam"}, "reports")
    for fields, tail in posts:
        answers = [town.people["stranger"].post(f"/replies/{number}/{tail}", **fields) for number in (kept_back, never)]
        assert [page.status for page in answers] == [404, 404], tail


def _unlike(page: Page, path: str) -> str:
    """A page without its own address and token."""
    said = re.sub(r'name="csrf_token" value="[^"]*"', "", page.text)
    return said.replace(path, "/").replace(path.replace("/", "%2F"), "/")


# --- P2, P3


class Behind(NamedTuple):
    """Two nodes on one database, a caching proxy before both, and where that keeps what it keeps."""

    town: Town
    proxy: Site
    other: Site
    kept: Path

    def at(self, name: str = "") -> Person:
        person = Person(self.proxy, name)
        return person.login() if name else person


CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log stderr; {user}
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  proxy_cache_path {folder}/kept keys_zone=all:1m use_temp_path=off;
  upstream nodes {{ server 127.0.0.1:{one}; server 127.0.0.1:{other}; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://nodes; proxy_set_header Host $http_host; proxy_cache all; proxy_cache_valid any 10m;
      proxy_cache_key $request_uri; proxy_cache_revalidate on; add_header X-Kept $upstream_cache_status always;
    }}
  }}
}}
"""


@contextmanager
def nginx(folder: Path, one: Site, other: Site) -> Iterator[Site]:
    """A proxy that keeps whatever it is not told to keep no longer, before two nodes."""
    if NGINX is None:
        lacking(HOW)
    folder.mkdir()
    proxy = replace(one, port=free_port(), process=None)
    user = "user root;" if os.getuid() == 0 else ""
    words = CONFIGURATION.format(folder=folder, one=one.port, other=other.port, port=proxy.port, user=user)
    (folder / "conf").write_text(words)
    process = subprocess.Popen([NGINX, "-c", folder / "conf", "-e", "stderr"], stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while not proxy.is_ready() and time.monotonic() < end:
            time.sleep(0.05)
        yield proxy
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def behind(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    folder = tmp_path_factory.mktemp("behind")
    other = replace(town.site, folder=folder, port=free_port(), process=None)
    other.settings = town.site.settings | {"DEBATE_WORKERS": "1"}
    other.start()
    try:
        with nginx(folder / "nginx", town.site, other) as proxy:
            yield Behind(town, proxy, other, folder / "nginx" / "kept")
    finally:
        other.kill()


@on_one_database
def test_p2_what_one_person_got_a_cache_gives_to_nobody_else(behind: Behind) -> None:
    alice, bob = behind.town.add("Zqalice"), behind.town.add("Zqbob")
    draft = publish(behind.town.app, alice, "Zqsecret plans", as_draft=True)
    where = where_all_is(behind.town)
    person = behind.at(alice.name)
    own = [
        "/",
        "/notices",
        "/settings",
        "/settings/data",
        f"/users/{alice.name}",
        draft.path,
        f"{draft.path}/sources.txt",
    ]
    guessed = [f"{path}{disguise}" for path in own[1:4] for disguise in DISGUISES]
    loaded = [person.get(path) for path in (*own, *guessed)] + list(sweep(person, where))
    assert sum("Zqalice" in page.text for page in loaded) > 40
    assert any("Zqsecret" in page.text for page in loaded)
    for other in (behind.at(), behind.at(bob.name)):
        everywhere = () if other.name and not FULL else sweep(other, where)
        for page in [*(other.get(path) for path in (*own, *guessed)), *everywhere]:
            if page.path.partition("?")[0].rstrip("/") != f"/users/{alice.name}":
                assert "zqalice" not in page.text.lower(), page.path
            assert "zqsecret" not in page.text.lower(), page.path
            assert alice.name not in str(page.headers), page.path
    for file in behind.kept.rglob("*"):
        kept = file.read_bytes() if file.is_file() else b""
        assert b"Set-Cookie" not in kept
        assert b"csrf_token" not in kept
        assert b"Zqsecret" not in kept


@on_one_database
def test_p2_what_may_be_kept_holds_nothing_of_anybodys(town: Town) -> None:
    for page in swept(town, "visitor"):
        control = page.headers["Cache-Control"]
        assert control, page.path
        if "no-store" not in control:
            assert "Set-Cookie" not in page.headers, page.path
            assert "csrf_token" not in page.text, page.path
            assert "max-age=0" in control or page.path.startswith(("/assets/", "/static/", "/favicon")), page.path
    for page in swept(town, "admin"):
        if page.path.startswith(("/assets/", "/static/", "/favicon", "/livez", "/readyz")):
            assert "Set-Cookie" not in page.headers, page.path
            continue
        assert page.headers["Cache-Control"] == "private, no-store", page.path
        assert "Cookie" in (page.headers["Vary"] or ""), page.path


def test_p2_a_page_and_its_fragment_at_one_address_are_told_apart(town: Town) -> None:
    where, visitor = where_all_is(town), Person(town.site)
    for path in (where["essay"], f"{where['essay']}/p/{where['key']}", f"/replies/{where['above']}"):
        page, fragment = visitor.get(path), visitor.get(path, **{"HX-Request": "true"})
        for one in (page, fragment):
            assert "HX-Request" in one.headers["Vary"]
        assert page.text == fragment.text or page.headers["ETag"] != fragment.headers["ETag"], path


def tag_of(reader: Person, path: str) -> str:
    """The ETag of a page, by which its node says that it has not changed. One that tells times may, once a minute."""
    for _ in range(3):
        tag = reader.get(path).headers["ETag"]
        if reader.get(path, **{"If-None-Match": tag}).status == 304:
            return tag
    pytest.fail(f"{path} is sent anew each time")


def test_p3_what_was_hidden_is_gone_at_once_on_every_node_and_behind_the_cache(behind: Behind) -> None:
    town, essay = behind.town, behind.town.essay("On purging")
    made = essay.reply(town.cast["critic"], "xyzzypurge words.")
    cite(town.cast["stranger"], made, "https://xyzzypurge.example/", "xyzzypurge quote")
    paths = [
        f"{essay.path}?open={essay.paragraphs[0][1]}",
        essay.p(),
        f"/replies/{made}",
        f"{essay.path}/tree?depth=all",
        "/search?q=xyzzypurge",
    ]
    paths += [f"{essay.path}/sources"] + [f"{essay.path}/sources.{form}" for form in ("bib", "json", "txt")]
    nodes = [Person(site) for site in (town.site, behind.other)]
    readers = [Person(behind.proxy), Person(behind.proxy), *nodes]
    for reader in readers * 2:
        for path in paths:
            assert "xyzzypurge" in reader.get(path).text, path
    had = {path: {tag_of(node, path) for node in nodes} for path in paths}  # what browsers and caches have of them
    assert town.people["moderator"].post(f"/replies/{made}/hide", reason="insult").status == 303
    for reader in readers:
        for path in paths:
            for asked in (*({"If-None-Match": tag} for tag in had[path]), {}):
                page = reader.get(path, **asked)
                assert page.status == (410 if path == f"/replies/{made}" else 200), (path, asked)
                for word in ("xyzzypurge words", "xyzzypurge quote", "xyzzypurge.example"):
                    assert word not in page.text, (path, asked, page.headers["X-Kept"])


@on_one_database
def test_p3_the_proxy_keeps_what_never_changes_and_asks_anew_for_every_page(behind: Behind) -> None:
    reader, essay = behind.at(), behind.town.essay("On keeping")
    page = reader.get(essay.path)
    assets = [node.attributes["href"] or "" for node in page.all("link[rel=stylesheet]")]
    assets += [node.attributes["src"] or "" for node in page.all("script[src]")]
    assert len(assets) > 1
    for path in assets:
        before, kept = reader.get(path), reader.get(path)
        assert (kept.status, kept.headers["X-Kept"], kept.text) == (200, "HIT", before.text), path
    assert any(file.is_file() for file in behind.kept.rglob("*"))
    for path in ("/", essay.path, essay.p(), f"{essay.path}/sources.txt", "/about"):
        assert [reader.get(path).headers["X-Kept"] for _ in range(3)] == ["MISS"] * 3, path


# --- P4, P5


@on_one_database
@pytest.mark.parametrize("path", HIDDEN_PATHS)
def test_p4_what_is_not_a_page_is_not_there(town: Town, path: str) -> None:
    page = Person(town.site).get(path)
    assert page.status == 404
    assert "root:" not in page.text


@on_one_database
def test_p4_methods_that_tell_of_the_inside_are_refused(town: Town) -> None:
    for method in ("TRACE", "CONNECT", "PROPFIND", "DEBUG"):
        page = Person(town.site).request(method, "/", headers={"X-Secret": "xyzzysecret"})
        assert page.status in (400, 404, 405), method
        assert "xyzzysecret" not in page.text + str(page.headers)


@on_one_database
def test_p4_a_failure_tells_nothing_of_the_inside_whatever_flask_is_told(town: Town, tmp_path: Path) -> None:
    site = replace(town.site, folder=tmp_path, port=free_port(), process=None)
    site.settings = town.site.settings | {"FLASK_DEBUG": "1", "FLASK_ENV": "development", "DEBATE_WORKERS": "1"}
    made = town.essay("On tracebacks").reply(town.cast["critic"], "A reply.")
    site.start()
    try:
        person = Person(site, town.people["moderator"].name).login()
        with failing(town, "rulings"):
            page = person.post(f"/replies/{made}/hide", reason="other", note="Why.")
    finally:
        site.kill()
    assert page.status == 500
    assert "Something went wrong here" in page.text
    for word in (
        "Traceback",
        "INSERT",
        "sqlalchemy",
        "psycopg",
        "/work",
        "debate/",
        "trigger",
        "Werkzeug",
        "gunicorn/",
    ):
        assert word not in page.text, word
    assert "Traceback" in site.log


def test_p5_what_one_takes_along_is_ones_own_alone(town: Town) -> None:
    where_all_is(town)
    own = json.loads(town.people["stranger"].get("/settings/data").text)
    assert own["account"]["name"] == "Stranger"
    words = json.dumps(own).lower()
    others = [row for row in rows(town.app, select(User.email)) if row and not row.startswith("stranger@")]
    assert not any(email in words for email in others)
    assert "password" not in words.replace("password_changed", "")
    for reply in own["replies"]:
        assert reply["id"] in rows(town.app, _replies_of("Stranger"))


OF_PEOPLE = ("{writer}", "{about}", "{key}", "/moderation", "/users")


def _replies_of(name: str) -> Select[Any]:
    return select(Reply.id).join(User, User.id == Reply.author_id).where(User.name == name)


def test_p5_a_deleted_account_leaves_its_arguments_and_nothing_that_leads_to_it(town: Town) -> None:
    browser = town.add("Zqleaver")
    essay = town.essay("On leaving")
    made = essay.reply(browser, "An argument that stays.")
    person = town.at(browser)
    assert person.post("/settings/delete", words="keep", current=PASSWORD).status == 303
    page = Person(town.site).get(f"/replies/{made}")
    assert "An argument that stays." in page.words
    assert "[deleted user]" in page.words
    for shown in sweep(Person(town.site), places(essay, made, made, made, "Zqleaver"), about=OF_PEOPLE):
        if "Zqleaver" not in shown.path:
            assert "zqleaver" not in shown.text.lower(), shown.path
    assert not any("zqleaver" in repr(table).lower() for table in everything(town.app).values())
    for name in ("Zqleaver", "zqleaver", "Zq-leaver", "Zq1eaver"):
        newcomer = Person(town.site, name)
        fields = {"name": name, "email": "again@example.org", "password": "a long new one"}
        assert newcomer.send(newcomer.get("/register"), "/register", **fields).status == 422, name
