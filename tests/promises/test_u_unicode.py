"""U. Letters that deceive: nobody passes for somebody else, and no words cover or disguise those beside them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from browsers import chromium
from cast import cite, row, rows
from live import PASSWORD, Page, Person
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from town import Town, on_one_database

from debate.models import Citation, Reply, User
from debate.text import names

pytestmark = pytest.mark.slow

FOR_ADMIN = (
    "admin", "ADMIN", "\u0430dmin", "adrnin", "admin\u200b", "\u202enimda", "\u202eadmin", "\u24d0dmin", "admin ",
    " admin", "adm1n", "a.d.m.i.n", "\uff41dmin", "\U0001d41admin", "\u1d00dmin", "adm\u0131n",
    "mod", "m0derator", "deleted", "deleted-user", "system", "Debate", "r00t",
)  # fmt: skip
FOR_WARDEN = (
    "Warden", "warden", "WARDEN", "W\u0430rden", "Vvarden", "Warden\u200b", "War.den", "\u24ccarden", "VVARDEN",
    "Ward\u0435n", "Wa\u00adrden", "War\u2060den", "W\uff41rden", "\u13b3arden", "Warden\ufe0f", "War\u034fden",
)  # fmt: skip
TURNING = "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200E, 0x200F, 0x061C, 0xFEFF]))
TAGS = "".join(map(chr, range(0xE0041, 0xE0060)))


def register(town: Town, name: str) -> Page:
    person = Person(town.site, name)
    town.made += 1
    fields = {"name": name, "email": f"u{town.made}@example.org", "password": PASSWORD}
    return person.send(person.get("/register"), "/register", **fields)


@pytest.mark.parametrize("name", [*FOR_ADMIN, *FOR_WARDEN])
def test_u1_nobody_registers_a_name_that_passes_for_another(town: Town, name: str) -> None:
    before = rows(town.app, select(User.id))
    answer = register(town, name)
    assert answer.status == 422
    assert answer.all("input[name=name][aria-describedby]")
    assert rows(town.app, select(User.id)) == before


def test_u1_of_two_names_that_look_alike_one_is_made_however_they_are_sent(town: Town) -> None:
    for pair in (("Twin.lamp", "TWIN-LAMP"), ("Quayside", "Quays1de")):
        with ThreadPoolExecutor(2) as both:
            answers = list(both.map(lambda name: register(town, name).status, pair))
        assert sorted(answers) == [303, 422]
        assert len(rows(town.app, select(User.id).where(User.name_key == names.key(pair[0])))) == 1


def test_u1_the_database_itself_refuses_a_second_name_with_the_same_key(town: Town) -> None:
    def pass_for(session: Session) -> None:
        known = session.scalars(select(User).where(User.name == "Warden")).one()
        other = session.scalars(select(User).where(User.name == "Critic")).one()
        other.name_key = known.name_key

    with pytest.raises(IntegrityError):
        town.app.extensions["database"].write(pass_for)


@on_one_database
@pytest.mark.parametrize("name", ["Warden", "warden", "w\u0430rden", "Vvarden", "War.den", "Warden%E2%80%8B"])
def test_u1_an_address_that_looks_like_a_profile_is_not_another_way_to_it(town: Town, name: str) -> None:
    page = Person(town.site).get(f"/users/{name.replace(chr(0x430), '%D0%B0')}")
    assert page.status == (200 if name.lower() == "warden" else 404)


@on_one_database
def test_u2_characters_that_turn_or_hide_text_do_not_come_through(town: Town) -> None:
    essay, critic, moderator = town.essay("On turning"), town.people["critic"], town.people["moderator"]
    fields = {
        "title": f"O{TURNING}n",
        "text": f"Tu{TURNING}rned{TAGS}.",
        "author": f"A{TURNING}da",
        "intent": "publish",
    }
    published = moderator.post("/essays/new", **fields)
    assert published.status == 303
    said = f"be{TURNING}fore{TAGS} a\x00b\x0b \U0001f469\u200d\U0001f680 \u0645\u06cc\u200c\u062e end"
    made = critic.post(f"{essay.p()}/replies", stance="pro", body=said).reply_id
    body = row(town.app, Reply, made).body
    assert body == "before ab \U0001f469\u200d\U0001f680 \u0645\u06cc\u200c\u062e end"
    source = rows(
        town.app,
        select(Citation.source_id).where(Citation.id == cite(town.cast["critic"], made, "https://example.org/u")),
    )
    fields = {"title": f"T{TURNING}itle", "authors": f"A{TAGS}uthor", "edit": "0"}
    critic.post(f"/sources/{source[0]}/edit", **fields)
    critic.post(
        f"/replies/{made}/citations", url="https://example.org/v", quote=f"q{TURNING}uote", locator=f"p{TAGS}age"
    )
    for path in (
        published.location,
        essay.path,
        essay.p(),
        f"/replies/{made}",
        f"{essay.path}/tree",
        f"{essay.path}/sources",
        "/search?q=before",
    ):
        page = Person(town.site).get(path)
        # An essay's text keeps marks that only say which way a word is written.
        unwanted = set(TURNING[:9] + TAGS) if path == published.location else set(TURNING + TAGS)
        assert not set(page.text) & unwanted, path
        for name in page.all("a[href^='/users/']"):
            assert name.parent is not None
            assert name.css("bdi") or name.parent.tag == "bdi", (path, name.html)


@on_one_database
@pytest.mark.parametrize(
    "body",
    ["\u200b", "\u2800\u3164", "\u00ad\ufeff\u2060", "&#8203;", "&nbsp; &ZeroWidthSpace;", TURNING, " \n\t ", TAGS],
)
def test_u2_what_shows_nothing_is_empty(town: Town, body: str) -> None:
    essay = town.essay("On nothing")
    assert town.people["critic"].post(f"{essay.p()}/replies", stance="pro", body=body).status == 422
    assert rows(town.app, select(Reply.id).where(Reply.essay_id == essay.id)) == []


@on_one_database
@pytest.mark.parametrize(
    "body", [b"%ED%A0%80", b"\xff\xfe", b"%FF%FE", b"a%00b", b"%F0%9F", b"%C0%AF", b"\xed\xb0\x80x", b"%u0041", b"%"]
)
def test_u2_bytes_that_are_no_text_are_no_failure(town: Town, body: bytes) -> None:
    essay, critic = town.essay("On bytes"), town.people["critic"]
    fields = b"csrf_token=" + critic.token.encode() + b"&stance=pro&body=" + body
    answer = critic.request("POST", f"{essay.p()}/replies", fields)
    assert answer.status in (303, 400, 422)
    stored = rows(town.app, select(Reply.body).where(Reply.essay_id == essay.id))
    assert not any("\0" in one for one in stored)
    for path in ("/search?q=%ED%A0%80", "/users/%FF", "/essays/%ED%A0%80", "/?q=%F0%9F", "/login?next=%FF"):
        assert critic.get(path).status in (200, 303, 404), path


@on_one_database
@pytest.mark.browser
def test_u2_a_tower_of_marks_covers_nobody_elses_words(town: Town) -> None:
    essay, critic, tower = town.essay("On towers"), town.people["critic"], "o" + "\u0310" * 1000
    made = critic.post(f"{essay.p()}/replies", stance="pro", body=f"Towering x{tower}{tower}").reply_id
    # As high as each field takes.
    linked = {"url": "https://example.org/tower", "quote": tower[:1000], "locator": tower[:200]}
    assert critic.post(f"/replies/{made}/citations", **linked).status == 303
    source = rows(town.app, select(Citation.source_id).where(Citation.reply_id == made))[0]
    described = {"title": tower[:300], "authors": tower[:1000], "publisher": tower[:300]}
    assert critic.post(f"/sources/{source}/edit", edit="0", **described).status == 303
    town.people["stranger"].post(f"{essay.p()}/replies", stance="pro", body="Beside it.")
    towering = town.people["moderator"].post(
        "/essays/new", title=f"T{tower[:290]}", text=f"Beside x{tower}.", author=f"A{tower[:90]}", intent="publish"
    )
    assert towering.status == 303
    highest = {
        essay.p(): 1000,
        f"/replies/{made}": 1000,
        f"{essay.path}/tree?depth=all": 70,  # a line of an outline is cut
        f"{essay.path}/sources": 999,
        f"/sources/{source}": 999,
        "/search?q=towering": 150,
        "/users/Critic": 200,
        towering.location: 1000,
        "/": 280,
    }
    loose: list[str] = []
    with chromium() as browser:
        page = browser.new_page(base_url=f"http://127.0.0.1:{town.site.port}")
        for path, marks in highest.items():
            page.goto(path)
            seen = page.evaluate(TOWERS)
            assert seen["highest"] >= marks, (path, seen["highest"])
            loose += seen["loose"]
    assert loose == []


# How many marks the highest tower has, and the elements that hold one and let it out: neither they nor anything around
# them, up to the main part, is clipped.
TOWERS = """() => {
  const loose = []
  let highest = 0
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const towers = walk.currentNode.data.match(/\\u0310{9,}/g)
    if (!towers) continue
    highest = Math.max(highest, ...towers.map(tower => tower.length))
    let node = walk.currentNode.parentElement
    const from = node
    while (node && node.tagName !== 'MAIN') {
      const style = getComputedStyle(node)
      if (/paint|strict|content/.test(style.contain) || /clip|hidden|auto/.test(style.overflowY)) break
      node = node.parentElement
    }
    if (!node || node.tagName === 'MAIN') loose.push(location.pathname + ' ' + from.outerHTML.slice(0, 60))
  }
  return {highest, loose}
}"""
