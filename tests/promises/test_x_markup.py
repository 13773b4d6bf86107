"""X. Whatever people type stays text wherever it is shown, and what they link is a web address."""

import json
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from browsers import chromium
from cast import EssayAt, cite, hide, lock, publish, reply_id_of, report, row, rows, suspend, withdraw
from hostile import ADDRESSES, MARKUP, harm
from live import PASSWORD, Page, Person, essay_at
from playwright.sync_api import ConsoleMessage
from pyotp import random_base32
from sqlalchemy import select
from sweep import places
from town import Town, failing, on_one_database, sweep

from debate.actions import steps
from debate.models import Citation, Ruling, Source, Vote

pytestmark = pytest.mark.slow

# What an excerpt, a feed or an export might read a second time.
TWICE = "&lt;img src=x onerror=1&gt; http://a.example &amp;lt;svg onload=1&amp;gt;"


@pytest.fixture(scope="module")
def typed(town: Town) -> dict[str, str]:
    """An essay with every piece of markup in every field that takes words, and what fills in the paths."""
    author, critic, stranger = (town.cast[role] for role in ("author", "critic", "stranger"))
    moderator, admin = town.cast["moderator"], town.cast["admin"]
    essay = publish(town.app, author, MARKUP[0], [f"{words} {n}" for n, words in enumerate(MARKUP)])
    above = essay.reply(author, f"{MARKUP[2]} above")
    about = essay.reply(critic, f"{TWICE} first", to=above, stance="con")
    assert critic.post(f"/replies/{about}/edit", body=f"> {MARKUP[0]}\n\n- {TWICE}").status_code == 303
    below = essay.reply(stranger, MARKUP[1], to=about, stance="con")
    for number, words in enumerate(MARKUP):
        essay.reply((author, critic, stranger)[number % 3], f"{words.strip()} said {number}", p=2)
        _cite_in_every_field(town, essay, words, number)
        report(author, essay.reply(critic, f"Reported {number}.", p=4), "other", note=words)
    hide(moderator, essay.reply(critic, f"{MARKUP[0]} hidden", p=3), "other", MARKUP[1])
    lock(moderator, essay.target(5), reason=f"{MARKUP[0]} {MARKUP[7]}")
    loud = town.add()
    suspend(moderator, loud)
    for act, words in (("suspend", MARKUP[1]), ("lift", MARKUP[0])):
        moderator.post(f"/users/{loud.name}/{act}", bar="7", reason="other", note=words)
    hide(moderator, about, "other", MARKUP[3])
    ruling = rows(town.app, select(Ruling.id).where(Ruling.reply_id == about))[0]
    assert critic.post(f"/moderation/rulings/{ruling}/appeal", words=MARKUP[5]).status_code == 303
    moderator.post(f"/replies/{about}/restore", note=MARKUP[6])
    _revise(town, essay)
    assert admin.post(f"/users/{loud.name}/role", role="participant").status_code == 303
    found = places(essay, about, above, below) | {"mark": quote("<img src=x onerror=1>"), "ruling": str(ruling)}
    return found | _set_apart(town)


ALL = " ".join(MARKUP)  # for what takes a few lines
BYLINE = '"><svg onload=alert(1)></title><script>1</script>{{7*191919}}'  # for what takes a hundred characters
APART = ("bylined", "archived", "unpublished")


def _set_apart(town: Town) -> dict[str, str]:
    """Essays with markup for their author's name, and everything that ends a debate or a source in it, for a reason
    of markup; the paths, by APART."""
    moderator, admin, critic = (town.cast[role] for role in ("moderator", "admin", "critic"))
    made = {}
    for name in APART:
        fields = {
            "title": f"{MARKUP[2]} {name}",
            "text": f"One, {name}.\n\nTwo.",
            "author": BYLINE,
            "intent": "publish",
        }
        answer = moderator.post("/essays/new", **fields)
        assert answer.status_code == 303, answer.text
        made[name] = answer.headers["Location"]
    there = essay_at(town.app.extensions["database"], made["bylined"].rpartition("/")[2])
    place = made["bylined"] + f"/p/{there.keys[0]}"
    replies = []
    for number in range(3):
        answer = critic.post(f"{place}/replies", stance="pro", body=f"Apart {number}.")
        replies.append(reply_id_of(answer))
    cited = [cite(critic, replies[number], f"https://example.org/apart/{number}") for number in range(2)]
    first, second = (row(town.app, Citation, number).source_id for number in cited)
    for edit in range(2):
        critic.post(f"/sources/{second}/edit", title=f"{MARKUP[1]} {edit}", edit=str(edit))
    item = report(town.cast["author"], replies[0])
    done = (
        (moderator, f"{place}/lock", {"reason": ALL}),
        (moderator, f"{place}/unlock", {"reason": ALL}),
        (moderator, f"{made['archived']}/archive", {"reason": ALL}),
        (moderator, f"{made['archived']}/publish", {"reason": ALL}),
        (moderator, f"{made['archived']}/archive", {"reason": ALL}),
        (moderator, f"{made['unpublished']}/unpublish", {"reason": ALL}),
        (moderator, f"{made['unpublished']}/publish", {"reason": ALL}),
        (moderator, f"{made['unpublished']}/unpublish", {"reason": ALL}),
        (moderator, f"/sources/{first}/merge", {"into": str(second), "note": ALL}),
        (moderator, f"/sources/{first}/separate", {"note": ALL}),
        (moderator, f"/sources/{second}/edits/1", {"hidden": "1", "note": ALL}),
        (moderator, f"/moderation/items/{item}", {"act": "keep", "note": ALL}),
        (admin, f"/replies/{replies[2]}/erase", {"reason": "other", "note": ALL}),
    )
    for who, path, fields in done:
        assert who.post(path, **fields).status_code == 303, path
    critic.app.extensions["database"].write(steps.add, critic.actor, MARKUP[1], secret=random_base32())
    return made | {"described": str(second)}


def _cite_in_every_field(town: Town, essay: EssayAt, words: str, number: int) -> None:
    stranger = town.cast["stranger"]
    made = essay.reply(town.cast["critic"], f"Sourced {number}.", p=1)
    cited = cite(
        stranger, made, f"https://example.org/{number}?q=<b>'\"".replace('"', "%22").replace("<b>", "x"), words
    )
    source = rows(town.app, select(Citation.source_id).where(Citation.id == cited))[0]
    said = dict.fromkeys(("title", "authors", "publisher"), words)
    stranger.post(f"/sources/{source}/edit", edit="0", year="1999", archive_url="https://example.net/", **said)
    stranger.post(f"/replies/{made}/citations", url="https://example.net/", quote=words, locator=words, shows="context")


def _revise(town: Town, essay: EssayAt) -> None:
    """Another wording of each paragraph, so that differences are shown."""
    lines = "\n\n".join(f"{words} {n} <b>anew</b> {TWICE}" for n, words in enumerate(MARKUP))
    fields = {"title": MARKUP[3], "text": lines, "note": MARKUP[2], "intent": "publish"}
    answer = town.cast["author"].post(f"{essay.path}/edit", **fields)
    assert answer.status_code == 303, answer.text


def harmless(pages: Iterator[Page]) -> list[Page]:
    """Pages that were looked through."""
    looked = list(pages)
    for page in looked:
        assert page.status < 500, page.path
        if page.headers.get_content_type() == "text/html":
            assert list(harm(page.tree)) == [], page.path
    return looked


@on_one_database
@pytest.mark.parametrize("role", ["visitor", "critic", "moderator"])
def test_x1_nothing_that_was_typed_is_markup_on_any_page(town: Town, typed: dict[str, str], role: str) -> None:
    person = town.people[role]
    pages = harmless(iter(_swept(town, typed, role)))
    assert not any("1343433" in page.text for page in pages)
    shown = harmless(iter([person.get(typed["essay"])]))[0].words
    for number, words in enumerate(MARKUP):
        assert " ".join(f"{words} {number} <b>anew</b> {TWICE}".split()) in shown
    second = f"{typed['essay']}/p/{_keys(person.get(typed['essay']))[1]}"
    harmless(person.get(f"{second}{more}") for more in ("?sort=new", "?sort=disputed", "/wordings", "/new?since=0"))


@on_one_database
@pytest.mark.parametrize("role", ["visitor", "critic", "moderator"])
def test_x1_reasons_notes_and_authors_are_there_to_be_read(town: Town, typed: dict[str, str], role: str) -> None:
    """So that it was looked for where it stands."""
    person, reason = town.people[role], " ".join(ALL.split())
    noted = rows(town.app, select(Ruling.act).where(Ruling.note.contains(ALL.strip(), autoescape=True)))
    ends = "archive unarchive unpublish publish lock unlock merge separate hide-edit keep erase"
    assert set(noted) == set(ends.split())
    assert person.get("/moderation/log").words.count(reason) == len(noted)
    for name in ("archived", "unpublished"):
        assert reason in person.get(typed[name]).words
    for path in (typed["bylined"], typed["archived"], "/"):
        assert BYLINE in person.get(path).words
    if role == "critic":
        assert MARKUP[1] in person.get("/settings/two-step").words  # what they call their app


def _swept(town: Town, typed: dict[str, str], role: str) -> list[Page]:
    """All pages as somebody gets them, looked at once."""
    name = f"typed, by {role}"
    if name not in town.kept:
        person = town.people[role]
        pages = list(sweep(person, typed))
        for path in (typed[one] for one in APART):
            there = {"essay": path, "slug": path.rpartition("/")[2]}
            pages += sweep(person, typed | there, about=("{essay}", "{slug}"))
        pages += [person.get(path) for path in ("/", f"/sources/{typed['described']}")]
        town.kept[name] = pages
    return town.kept[name]


def _keys(page: Page) -> list[str]:
    return [(node.id or "").removeprefix("p-") for node in page.all("section[id^=p-]")]


@on_one_database
@pytest.mark.parametrize("words", MARKUP)
def test_x1_an_address_that_holds_markup_is_answered_without_it(town: Town, typed: dict[str, str], words: str) -> None:
    given, visitor, critic = quote(words, safe=""), town.people["visitor"], town.people["critic"]
    paths = [f"/{given}", f"/essays/{given}", f"/users/{given}", f"/search?q={given}&by={given}&essay={given}"]
    paths += [f"{typed['essay']}?open={given}&sort={given}", f"/login?next={given}", f"/?q={given}"]
    harmless(visitor.get(path, **{"HX-Target": "x", "HX-Current-URL": given}) for path in paths)
    fields = {"body": words, "source_url": words, "stance": words, "key": words}
    for person in (visitor, critic):  # 401, and 422
        answer = person.post(f"{typed['essay']}/p/{typed['key']}/replies", **fields)
        assert answer.status in (401, 422)
        harmless(iter([answer]))


@on_one_database
def test_x2_what_was_escaped_is_never_read_a_second_time(town: Town, typed: dict[str, str]) -> None:
    for role in ("critic", "moderator"):
        for page in _swept(town, typed, role):
            if page.headers.get_content_type() == "text/html":
                assert "<img" not in page.text, page.path
                assert "<svg onload" not in page.text, page.path
    author, critic = town.people["author"], town.people["critic"]
    assert TWICE in author.get(f"{typed['essay']}/edit").one("textarea[name=text]").text()
    assert TWICE in critic.get(f"/replies/{typed['about']}/edit").one("textarea[name=body]").text()
    kept = json.loads(critic.get("/settings/data").text)
    assert any(TWICE in reply["body"] for reply in kept["replies"])


@on_one_database
@pytest.mark.parametrize("address", ADDRESSES)
def test_x3_what_is_no_web_address_is_neither_a_source_nor_a_link(town: Town, address: str) -> None:
    if "linked" not in town.kept:
        town.kept["linked"] = town.essay("On links")
    essay: EssayAt = town.kept["linked"]
    critic = town.people["critic"]
    before = rows(town.app, select(Source.id))
    said = f"[link]({address}) <{address}> [other][1] {address} ![i]({address})\n\n[1]: {address}"
    said = f"{ADDRESSES.index(address)} {said}"
    made = critic.post(f"{essay.p()}/replies", stance="pro", body=said).reply_id
    assert critic.post(f"/replies/{made}/citations", url=address).status == 422
    assert critic.post(f"{essay.p()}/replies", stance="pro", body="x", source_url=address).status == 422
    assert rows(town.app, select(Source.id)) == before
    harmless(iter([critic.get(f"/replies/{made}"), critic.get(f"/replies/{made}/edit")]))


@on_one_database
@pytest.mark.parametrize(
    ("name", "begin"), [("text.md", "# Links\n\n"), ("text.html", "<h1>Links</h1>"), ("t.txt", "")]
)
def test_x3_an_essay_that_is_uploaded_links_to_web_addresses_alone(town: Town, name: str, begin: str) -> None:
    lines = [
        f'Paragraph {number}: [a]({one}) <a href="{one}" onclick=x>b</a>'
        for number, one in enumerate(ADDRESSES)
        if "\x01" not in one
    ]
    lines += [f"<p>{words}</p>" for words in MARKUP]
    answer = upload(town.people["moderator"], f"<b>{name}", (begin + "\n\n".join(lines)).encode(), name)
    assert answer.status == 303, answer.words[:500]
    page = town.people["visitor"].get(answer.location)
    harmless(iter([page, *(town.people[role].get(f"{answer.location}/tree") for role in ("visitor", "moderator"))]))
    assert "Paragraph 1" in page.words


def upload(who: Person, title: str, text: bytes, name: str) -> Page:
    """Publish a file as an essay."""
    line, end = b"--end\r\nContent-Disposition: form-data; name=", b"\r\n"
    fields = {"csrf_token": who.token, "intent": "publish", "title": title}
    body = b"".join(line + f'"{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items())
    body += line + f'"file"; filename="{name}"\r\n\r\n'.encode() + text + end + b"--end--" + end
    return who.request("POST", "/essays/new", body, {"Content-Type": "multipart/form-data; boundary=end"})


@on_one_database
def test_x4_a_link_of_somebodys_is_marked_as_theirs_and_shows_where_it_leads(town: Town) -> None:
    critic = town.people["critic"]
    said = "[my bank](https://www.example.org/login) [apple](https://\u0430pple.com/) [b\u00fccher](https://b\u00fccher.example/)"
    path = f"{town.essay('On hosts').p()}/replies"
    page = critic.follow(critic.post(path, stance="pro", body=said, source_url="https://\u0430pple.com/x"))
    links = page.all("article a[href^=http]")
    for node in links:
        assert set((node.attributes["rel"] or "").split()) >= {"nofollow", "ugc", "noopener"}
        assert urlsplit(node.attributes["href"] or "").scheme == "https"
    assert links
    for host in ("example.org", "xn--pple-43d.com", "b\u00fccher.example"):
        assert host in page.words, page.words
    assert "\u0430pple.com" not in page.words


# --- X5


def hold_to_this_site(page: Page) -> None:
    """The headers that hold a browser to this site."""
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
    assert "unsafe" not in page.headers["Content-Security-Policy"], page.path
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Referrer-Policy"] in ("same-origin", "strict-origin")
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert not set(page.headers.keys()) & {"X-Powered-By", "Access-Control-Allow-Origin"}
    assert (page.headers["Server"] or "gunicorn") == "gunicorn"


@on_one_database
def test_x5_every_answer_of_every_status_holds_the_browser_to_this_site(town: Town, typed: dict[str, str]) -> None:
    critic, visitor = town.people["critic"], town.people["visitor"]
    essay = town.essay("On headers")
    path = f"{essay.p()}/replies"
    gone = essay.reply(town.cast["critic"], "Soon gone.")
    withdraw(town.cast["critic"], gone)
    lock(town.cast["moderator"], essay.target(2))
    answers = [
        visitor.get("/"),
        critic.post(path, stance="pro", body="Once."),
        visitor.get("/about", **{"If-None-Match": visitor.get("/about").headers["ETag"]}),
        critic.post(path, csrf_token="wrong"),
        visitor.post(path),
        critic.post("/moderation/settings"),
        visitor.get("/nowhere"),
        visitor.get("/logout"),
        critic.post(path, stance="pro", body="Once."),
        critic.post(f"/replies/{gone}/replies", stance="pro", body="Too late."),
        critic.post(path, stance="pro", body="x" * 600_000),
        critic.post(path, stance="", body=""),
        critic.post(f"{essay.p(2)}/replies", stance="pro", body="Locked."),
        visitor.get(f"{typed['essay']}/sources.json"),
        visitor.get("/static/icon.svg"),
    ]
    statuses = [page.status for page in answers]
    assert statuses == [200, 303, 304, 400, 401, 403, 404, 405, 409, 410, 413, 422, 423, 200, 200]
    for page in answers:
        hold_to_this_site(page)
    for role in ("critic", "moderator"):
        for page in _swept(town, typed, role):
            hold_to_this_site(page)


@on_one_database
def test_x5_a_failure_holds_the_browser_to_this_site_too(town: Town) -> None:
    made = town.essay("On failures").reply(town.cast["critic"], "A reply.")
    with failing(town, "rulings"):
        page = town.people["moderator"].post(f"/replies/{made}/hide", reason="other", note="Lost?")
    assert page.status == 500
    hold_to_this_site(page)
    assert "Lost?" in [node.text() for node in page.all("textarea")]


@on_one_database
@pytest.mark.browser
def test_x5_pages_work_in_a_real_browser_without_one_breach_of_the_policy(town: Town, typed: dict[str, str]) -> None:
    said: list[str] = []
    essay = town.essay("On browsers")
    made = essay.reply(town.cast["critic"], "A reply.")

    def listen(message: ConsoleMessage) -> None:
        said.append(message.text)

    base = f"http://127.0.0.1:{town.site.port}"
    with chromium() as browser:
        page = browser.new_page(base_url=base)
        page.on("console", listen)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective))"
        )
        page.goto("/login")
        page.fill("input[name=name]", "Stranger")
        page.fill("input[name=password]", PASSWORD)
        page.click("button.primary")
        page.wait_for_load_state()
        page.goto(essay.path)
        page.click(f"#m-{essay.paragraphs[0][1]}")
        page.click(f"#up-{made}")
        page.locator(f"#up-{made}[aria-pressed=true]").wait_for()
        for path in (typed["essay"], f"{typed['essay']}/tree?depth=all", f"/replies/{typed['about']}", "/display"):
            page.goto(path)
    assert said == []
    assert rows(town.app, select(Vote.value).where(Vote.reply_id == made)) == [1]


# --- X6


@on_one_database
def test_x6_what_is_taken_out_is_read_by_no_browser_and_ends_where_it_should(town: Town, typed: dict[str, str]) -> None:
    visitor = town.people["visitor"]
    kinds = {"json": "application/vnd.citationstyles.csl+json", "bib": "application/x-bibtex", "txt": "text/plain"}
    for form, kind in kinds.items():
        page = visitor.get(f"{typed['essay']}/sources.{form}")
        assert page.headers.get_content_type() == kind
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Content-Disposition"].startswith("attachment")
    listed = json.loads(visitor.get(f"{typed['essay']}/sources.json").text)
    assert {words.strip() for words in MARKUP} <= {item["title"] for item in listed}


@on_one_database
def test_x6_no_title_ends_an_entry_of_bibtex_and_begins_another(town: Town) -> None:
    essay = town.essay("On braces")
    made = essay.reply(town.cast["critic"], "A reply.")
    said = ("x}}, url = {https://evil.example/}, note = {{", "{{{", "}\n}\n@misc{evil, title = {x}}", "a {b} c")
    for number, title in enumerate(said):
        cited = cite(town.cast["critic"], made, f"https://example.org/{essay.id}/{number}")
        source = rows(town.app, select(Citation.source_id).where(Citation.id == cited))[0]
        fields = {"title": title, "authors": f"{title}; B, C", "publisher": title, "edit": "0"}
        assert town.people["critic"].post(f"/sources/{source}/edit", **fields).status == 303
    listed = town.people["visitor"].get(f"{essay.path}/sources.bib").text
    depth, begun = 0, 0
    for sign in listed:
        begun += sign == "@" and depth == 0
        depth += (sign == "{") - (sign == "}")  # BibTeX counts what is escaped too
        assert depth >= 0
    assert (depth, begun) == (0, len(said))
