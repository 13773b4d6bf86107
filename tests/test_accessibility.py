"""Every page for every reader: axe, the console, the policy, sideways scrolling, moving content, small targets.

A slice in `make check`: each page as each reader, in one theme and width. With FULL=1 in all of them.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import seeded
import sweep
from axe_playwright_python.sync_playwright import Axe
from browsers import chromium
from live import PASSWORD, Site, site_on
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from debate.actions import revisions
from debate.actions.essays import Said
from debate.db import Database
from debate.models import Citation, Essay, Paragraph, Reply, Ruling
from debate.queries import revisions as revisions_of
from debate.queries import texts
from debate.text.essay import parse
from debate.text.plan import plan

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FULL = os.environ.get("FULL") == "1"
ROLES = {"visitor": "", "participant": "Ann", "moderator": "Mo"}
PEOPLE = ROLES | {"admin": "Chief"}
LOOKS = tuple(product(("light", "dark"), (1280, 320)))
SIZE = (seeded.PARAGRAPHS, seeded.REPLIES) if FULL else (20, 300)
AXE = Axe()
WATCH = """
window.shifts = [];
window.stopped = [];
new PerformanceObserver(list => list.getEntries().forEach(entry => {
  if (!entry.hadRecentInput) { window.shifts.push(entry.value); }
})).observe({type: "layout-shift", buffered: true});
document.addEventListener("securitypolicyviolation", event => window.stopped.push(event.violatedDirective));
"""
# A link within a sentence is as high as its line; anything else is a target of its own.
SMALL = """() => [...document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden]), textarea")]
  .filter(node => node.checkVisibility() && node.getClientRects().length && !node.closest(".unseen, .skip, label"))
  .filter(node => getComputedStyle(node).display !== "inline"
    || node.parentElement.textContent.trim() === node.textContent.trim())
  .map(node => [node.outerHTML.slice(0, 90), node.getBoundingClientRect()])
  .filter(([_, box]) => box.width < 24 || box.height < 24)
  .map(([html, box]) => `${html} ${box.width} x ${box.height}`)"""


@dataclass
class Ring:
    """A site with the essay of seeded.py, a browser, and where things are in it."""

    site: Site
    browser: Browser
    places: dict[str, str]
    cookies: dict[str, Any] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.site.port}{path.format(**self.places)}"

    def window(self, role: str, theme: str = "light", width: int = 1280, **more: str) -> Page:
        """A page of somebody's, who is logged in if that role is."""
        height = 800 if width > 400 else 640
        context = self.browser.new_context(
            color_scheme=theme, reduced_motion="reduce", viewport={"width": width, "height": height}, **more
        )
        context.add_init_script(WATCH)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda said: self._note(said.type, said.text))
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith(self.url("")) or self.trouble.append(asked.url))
        if PEOPLE[role] and role in self.cookies:
            context.add_cookies(self.cookies[role])
        elif PEOPLE[role]:
            page.goto(self.url("/login"))
            page.fill("input[name=name]", PEOPLE[role])
            page.fill("input[name=password]", PASSWORD)
            page.click("button.primary")
            page.wait_for_load_state()
            self.cookies[role] = context.cookies()
        return page

    def _note(self, kind: str, words: str) -> None:
        if kind in ("error", "warning") and "status of 4" not in words and "Status Error Code 4" not in words:
            self.trouble.append(words)

    def look(self, page: Page, where: str, moved: bool = True, within: str | None = None) -> None:
        """Nothing may be wrong with what the page now shows; in a short run axe looks only at what has changed since
        the last look, where `within` names it."""
        found = AXE.run(page, None if FULL else within, options={"resultTypes": ["violations", "incomplete"]}).response
        wrong = [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:4]) for rule in found["violations"]]
        assert wrong == [], where
        if FULL:
            for rule in found["incomplete"]:
                print("to look at:", where, rule["id"], [node["html"][:100] for node in rule["nodes"]][:3])
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, where
        assert page.evaluate("window.stopped") == [], where
        if moved:
            assert page.evaluate("window.shifts.reduce((sum, value) => sum + value, 0)") == 0, where
        assert self.trouble == [], where


def revised(database: Database, slug: str) -> None:
    """A second revision: the most debated paragraph reworded, the next one taken out."""
    with database.reading() as session:
        essay = session.scalars(select(Essay).where(Essay.slug == slug)).one()
        text = texts.of(session, essay)
        first, second = sorted(text.passages, key=lambda one: -one.paragraph.reply_count)[:2]
        words = {first.key: f"{first.wording.source} Or so it is said.", second.key: ""}
        sources = [words.get(passage.key, passage.wording.source) for passage in text.passages]
        blocks = parse("\n\n".join(source for source in sources if source), "md", essay.title).blocks
        planned = plan(essay.title, blocks, *revisions_of.known(text))
    assert planned.removed == (second.key,)
    database.write(revisions.revise, None, essay.id, planned, Said(format="md"), note="A doubt", base=1)


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ring]:
    folder = tmp_path_factory.mktemp("reach")
    with chromium() as browser, site_on("sqlite", Path(folder), DEBATE_WORKERS="1") as site:
        site.add_people(["Ann", "Critic", "Author"])
        site.add_people(["Mo"], "moderator")
        site.add_people(["Chief"], "admin")
        database = Database(site.database_url)
        slug = database.write(seeded.seed, *SIZE)
        revised(database, slug)
        database.dispose()
        [(key,)] = site.rows(
            select(Paragraph.key)
            .join(Paragraph.essay)
            .where(Essay.slug == slug)
            .order_by(Paragraph.reply_count.desc())
            .limit(1)
        )
        [(hidden, parent)] = site.rows(select(Reply.id, Reply.path).where(Reply.state == "hidden"))
        below = site.rows(select(Reply.id).where(Reply.parent_id == hidden).limit(1))
        deep = site.rows(select(Reply.id).order_by(Reply.depth.desc()).limit(1))
        assert parent
        seen = select(Citation.id, Citation.source_id).join(Reply, Reply.id == Citation.reply_id)
        use, cited = site.rows(seen.where(Reply.state == "visible", Citation.quote != "").limit(1))[0]
        site.start()
        yield Ring(
            site, browser,
            {"essay": f"/essays/{slug}", "slug": slug, "key": key, "mark": "harbour", "hidden": str(hidden),
             "about": str(hidden), "below": str(below[0][0]), "above": str(deep[0][0]), "writer": "Demo.Reader",
             "citation": str(use), "source": str(cited), "use": str(use), "seen": str(cited),
             "ruling": str(site.rows(select(Ruling.id).where(Ruling.reply_id == hidden))[0][0])},
        )  # fmt: skip


NO_PAGES = (
    "asset", "icon", "static", "health.livez", "health.readyz", "health.metrics", "paragraphs.new", "settings.data",
    "essay_sources.take_out",
)  # fmt: skip
PAGES = [path for endpoint, path in sweep.PAGES.items() if endpoint not in NO_PAGES]
PAGES += [path for path in sweep.MORE_PAGES if path not in sweep.PAGES.values() and path[-4:] not in (".bib", ".txt")]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_serves_every_reader(ring: Ring, role: str) -> None:
    looks = {look: ring.window(role, *look) for look in LOOKS}
    for number, path in enumerate(["/nowhere", *PAGES]):
        if not (
            FULL or (number + list(ROLES).index(role)) % 3 == 0 or (role, path[:11]) == ("moderator", "/moderation")
        ):
            continue  # in a short run every page has one reader, and moderators see theirs
        for look in LOOKS if FULL else [LOOKS[(number // 3 + list(ROLES).index(role)) % len(LOOKS)]]:
            page = looks[look]
            page.goto(ring.url(path))
            ring.look(page, f"{role} {look} {path}")
            if look[1] == 320:
                assert page.evaluate(SMALL) == [], f"{role} {path}"
    for page in looks.values():
        page.context.close()


@pytest.mark.parametrize("look", LOOKS if FULL else [("dark", 320)], ids=str)
def test_what_admins_see_serves_them(ring: Ring, look: tuple[str, int]) -> None:
    page = ring.window("admin", *look)
    for path in ("/moderation/health", "/moderation/settings"):
        page.goto(ring.url(path))
        for summary in page.locator("main details > summary").all():
            summary.click()
        ring.look(page, path, moved=False)
        if look[1] == 320:
            assert page.evaluate(SMALL) == [], path
    page.context.close()


@pytest.mark.parametrize("look", LOOKS if FULL else [("dark", 320)], ids=str)
def test_what_comes_into_a_page_serves_every_reader(ring: Ring, look: tuple[str, int]) -> None:
    page = ring.window("participant", *look)
    page.goto(ring.url("{essay}"))
    key = ring.places["key"]
    page.click(f"#m-{key}")
    here = f"#d-{key}"
    debate = page.locator(here)
    expect(debate).to_be_visible()
    expect(debate.locator(".drawn").first).to_be_visible()
    for line in debate.locator(".side:has(article) > .nobody").all():
        expect(line).to_be_hidden()
    ring.look(page, "open")
    page.locator(f"#more-pro-{key} a").click()
    expect(page.locator(f"#pro-{key} > li").nth(4)).to_be_visible()
    ring.look(page, "more", within=here)
    debate.locator("details.order > summary").first.click()
    ring.look(page, "order", within=here)
    # One not voted on yet: this reader votes once in each look, and the same button again would take the vote back.
    name = debate.locator('form.vote button[value="1"]').first.get_attribute("id")
    page.locator(f"#{name}").click()
    expect(page.locator(f"#{name}")).to_have_attribute("aria-pressed", "true")
    ring.look(page, "voted", within=here)
    page.locator(f"#d-{key} .write > summary").click()
    form = page.locator(f"#form-p-{key}")
    form.locator("button[value=post]").click()
    expect(form.locator(".errors")).to_be_visible()
    ring.look(page, "errors", within=here)
    form.locator("input[value=con]").check()
    form.locator("textarea[name=body]").fill(f"Said while looked at, {look}.")
    form.locator("button[value=preview]").click()
    expect(form.locator(".preview")).to_be_visible()
    ring.look(page, "preview", within=here)
    form.locator("button[value=post]").click()
    mine = page.locator("article.reply", has_text=f"Said while looked at, {look}.")
    expect(mine).to_be_focused()
    ring.look(page, "posted", within=here)
    mine.locator("a.act", has_text="Edit").click()
    expect(page.locator("form.edit textarea")).to_be_focused()
    ring.look(page, "edit", within=here)
    page.locator("form.edit a.act").click()
    expect(mine).to_be_visible()
    ring.look(page, "edit given up", within=here)
    debate.locator("a.answer.con").first.click()
    expect(page.locator(".slot form textarea[name=body]")).to_be_focused()
    ring.look(page, "answer", within=here)
    page.locator(".slot form a.act").click()
    ring.look(page, "cancelled", within=here)
    page.locator("[data-closes]").first.click()
    ring.look(page, "closed")
    page.context.close()


@pytest.mark.parametrize("look", LOOKS if FULL else [("light", 320)], ids=str)
def test_what_moderators_do_serves_every_reader(ring: Ring, look: tuple[str, int]) -> None:
    page = ring.window("moderator", *look)
    page.goto(ring.url("/replies/{below}"))
    page.locator("details.fold > summary").first.click()
    cite = page.locator("form.cite-form")
    cite.locator("button").first.click()
    expect(cite.locator(".errors")).to_be_visible()
    ring.look(page, "source, errors")
    hide = page.locator("form.hide-form")
    hide.locator("button").click()
    expect(hide.locator(".errors")).to_be_visible()
    ring.look(page, "hide, errors")
    hide.locator("select").select_option("off-topic")
    hide.locator("button").click()
    expect(page.locator("article.reply.hidden:not(.line)")).to_be_focused()
    expect(page.locator("#say")).to_have_text("Reply hidden. Undo available.")
    ring.look(page, "hidden")
    hide.locator("button").click()
    expect(page.locator("article.reply.hidden:not(.line)")).to_have_count(0)
    expect(page.locator("#say")).to_have_text("Reply restored.")
    ring.look(page, "restored")
    page.locator(".lock-form button").click()
    page.wait_for_load_state()
    ring.look(page, "lock, errors")
    page.goto(ring.url("/notices"))
    ring.look(page, "notices")
    page.context.close()


BROUGHT_IN = """# Lamps

They burn all night. Nobody asked.

## A part of it

- one
- two

Put them out[^1].

[^1]: By ten.
"""


@pytest.mark.parametrize("look", LOOKS if FULL else [("dark", 320)], ids=str)
def test_what_authors_do_serves_every_reader(ring: Ring, look: tuple[str, int]) -> None:
    page = ring.window("moderator", *look)
    page.goto(ring.url("/essays/new"))
    page.fill("textarea[name=text]", BROUGHT_IN + str(look))
    page.check("input[name=format][value=md]")
    page.locator(".buttons button[value=preview]").click()
    expect(page.locator("#found")).to_be_visible()
    ring.look(page, "preview")
    page.locator("#b-0 button", has_text="Split").click()
    expect(page.locator(".seams")).to_be_visible()
    ring.look(page, "split")
    if look[1] == 320:
        assert page.evaluate(SMALL) == []
    page.locator("button[value=draft]").click()
    page.locator("button", has_text="Make a secret link").click()
    expect(page.locator("#secret")).to_be_visible()
    ring.look(page, "draft")
    page.goto(page.locator("#secret").input_value())
    ring.look(page, "shared")
    page.go_back()
    page.locator("#share button", has_text="Publish").click()
    expect(page.locator("#share")).to_have_count(0)
    path = page.url
    page.goto(f"{path}/edit")
    text = page.locator("textarea[name=text]").input_value()
    page.fill("textarea[name=text]", text.replace("Nobody asked", "Nobody was asked").replace("## A part of it", ""))
    page.locator(".buttons button[value=preview]").click()
    expect(page.locator(".lost")).to_be_visible()
    for summary in page.locator("#found details > summary").all():
        summary.click()
    ring.look(page, "revision", moved=False)
    if look[1] == 320:
        assert page.evaluate(SMALL) == []
    page.locator("button[value=publish]").click()
    expect(page.locator(".lost")).to_have_count(0)
    page.goto(f"{path}/revisions/2?from=1")
    ring.look(page, "difference")
    page.goto(path)
    page.locator("#retire summary").click()
    page.locator("#retire button", has_text="Archive").click()
    expect(page.locator(".errors")).to_be_visible()
    ring.look(page, "archive, errors")
    page.fill("input[name=reason]", "All was said.")
    page.locator("button", has_text="Archive").click()
    expect(page.locator(".told")).to_contain_text("Archived")
    ring.look(page, "archived")
    page.context.close()


def test_stances_are_words_where_colours_are_forced(ring: Ring) -> None:
    page = ring.window("visitor", forced_colors="active")
    page.goto(ring.url("{essay}/p/{key}"))
    for stance, word in (("pro", "For"), ("con", "Against")):
        expect(page.locator(f".side.{stance} > ol > li > article .stance").first).to_contain_text(word)
    ring.look(page, "forced colours")
    page.context.close()


def test_a_debate_opens_without_moving_what_is_read(ring: Ring) -> None:
    page = ring.window("visitor")
    page.goto(ring.url("{essay}"))
    marker = page.locator(f"#m-{ring.places['key']}")
    marker.scroll_into_view_if_needed()
    before = marker.bounding_box()
    marker.click()
    expect(page.locator(f"#d-{ring.places['key']}")).to_be_visible()
    after = marker.bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 40  # the light makes a little room around its paragraph
    page.context.close()
