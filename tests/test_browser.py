"""A walk in a real browser: visitor, participant and moderator, with JavaScript and without."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from browsers import chromium
from live import PASSWORD, EssayAt, Site, site_on
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


@dataclass
class Ring:
    """The site, its essay, and the browser's windows by person."""

    site: Site
    essay: EssayAt
    browser: Browser
    script: bool
    trouble: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.site.port}{path}"

    @contextmanager
    def window(self, width: int = 1280) -> Iterator[Page]:
        context = self.browser.new_context(
            java_script_enabled=self.script, viewport={"width": width, "height": 800}, color_scheme="light"
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: self._note(said.type, said.text))
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        yield page
        context.close()

    def _note(self, kind: str, words: str) -> None:
        # A status of 4xx that the page shows is what these walks are about.
        if kind == "error" and "status of 4" not in words and "Status Error Code 4" not in words:
            self.trouble.append(words)

    def log_in(self, page: Page, name: str) -> None:
        page.fill("input[name=name]", name)
        page.fill("input[name=password]", PASSWORD)
        page.click("button.primary")
        page.wait_for_load_state()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def ring(request: pytest.FixtureRequest, tmp_path: Path, browser: Browser) -> Iterator[Ring]:
    with site_on("sqlite", tmp_path, DEBATE_WORKERS="1") as site:
        essay = site.add_essay()
        site.add_people(["Ann", "Ben"])
        site.add_people(["Mo"], "moderator")
        site.start()
        there = Ring(site, essay, browser, request.param)
        yield there
        assert there.trouble == []


def write(ring: Ring, page: Page, words: str, stance: str = "con", source: str = "") -> None:
    """Fill in the top-level form of the open debate and post it."""
    form = page.locator(f"#form-p-{ring.essay.keys[1]}")
    if not form.is_visible():
        page.click(".write > summary")
    form.locator(f"input[name=stance][value={stance}]").check()
    form.locator("textarea[name=body]").fill(words)
    if source:
        form.locator(".with-source > summary").click()
        form.locator("input[name=source_url]").fill(source)
    form.locator("button[value=post]").click(delay=150)  # as long as people press: nothing may move it away meanwhile


def test_a_visitor_opens_a_debate_and_comes_back_to_it_signed_in(ring: Ring) -> None:
    key = ring.essay.keys[1]
    with ring.window() as page:
        page.goto(ring.url(ring.essay.path))
        marker = page.locator(f"#m-{key}")
        marker.click()
        expect(page.locator(f"#d-{key}")).to_be_visible()
        if ring.script:
            expect(page).to_have_url(ring.url(f"{ring.essay.path}?open={key}"))
            expect(marker).to_have_attribute("aria-expanded", "true")
            expect(marker).to_be_focused()
            page.click(".close")
            expect(page.locator(f"#d-{key}")).to_have_count(0)
            expect(marker).to_be_focused()
            marker.click()
        else:
            expect(page).to_have_url(ring.url(ring.essay.paragraph(2)))
            page.go_back()
            expect(page).to_have_url(ring.url(ring.essay.path))
            page.go_forward()
        page.click(".invite a")
        ring.log_in(page, "Ann")
        in_place = f"{ring.essay.path}?open={key}#p-{key}"
        expect(page).to_have_url(ring.url(in_place if ring.script else ring.essay.paragraph(2)))
        expect(page.locator(f"form[action='{ring.essay.paragraph(2)}/replies']")).to_be_visible()


def test_a_participant_errs_previews_posts_votes_answers_and_edits(ring: Ring) -> None:
    key = ring.essay.keys[1]
    form = f"#form-p-{key}"
    with ring.window() as page:
        page.goto(ring.url("/login?next=" + ring.essay.paragraph(2)))
        ring.log_in(page, "Ann")
        page.click(f"{form} input[value=con]")
        page.click(f"{form} button[value=post]")
        expect(page.locator(f"{form} .errors")).to_contain_text("Enter your reply")
        expect(page.locator(f"{form} input[value=con]")).to_be_checked()
        if ring.script:
            expect(page.locator(f"{form} .errors")).to_be_focused()
        page.fill(f"{form} textarea[name=body]", "Small boats pay **twice** as it is.")
        page.click(f"{form} button[value=preview]")
        expect(page.locator(f"{form} .preview strong")).to_have_text("twice")
        page.click(f"{form} .with-source > summary")
        page.fill(f"{form} input[name=source_url]", "https://example.org/berths")
        page.locator(f"{form} button[value=post]").dblclick()
        reply = page.locator("article.reply")
        expect(reply).to_have_count(1)
        expect(reply).to_contain_text("twice as it is")
        expect(reply.locator(".citations")).to_contain_text("example.org")
        if ring.script:
            expect(reply).to_be_focused()
            expect(page.locator(f"{form} textarea[name=body]")).to_have_value("")
        name = reply.get_attribute("id") or ""
        edit = reply.locator("a.act", has_text="Edit")
        edit.click()
        number = name.removeprefix("reply-")
        page.fill(f"#edit-{number} textarea", "Small boats pay twice already.")
        page.click(f"#edit-{number} button[value=post]")
        expect(page.locator(f"#{name}")).to_contain_text("twice already")
        expect(page.locator(f"#{name} .edited")).to_be_visible()
    with ring.window(width=320) as page:
        page.goto(ring.url("/login?next=" + ring.essay.paragraph(2)))
        ring.log_in(page, "Ben")
        up, down = page.locator(f"#up-{number}"), page.locator(f"#down-{number}")
        for button, score in ((up, "1"), (down, "−1"), (down, "0")):
            button.click()
            expect(page.locator(f"#vote-{number} .score")).to_contain_text(score)
            if ring.script:
                expect(button).to_be_focused()
        expect(down).to_have_attribute("aria-pressed", "false")
        page.locator(f"#{name} a.answer.pro").click()
        nested = page.locator(f"#form-r-{number}")
        if ring.script:
            expect(nested.locator("textarea[name=body]")).to_be_focused()
        nested.locator("input[value=pro]").check()
        nested.locator("textarea[name=body]").fill("And the wall is theirs as well.")
        nested.locator("button[value=post]").click()
        # Without a script the answer leads to the debate on the reply that was answered.
        beneath = page.locator(f"#beneath-{number} article.reply" if ring.script else f"#pro-r{number} article.reply")
        expect(beneath).to_contain_text("theirs as well")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth") if ring.script else 0
        assert wide <= 0


def test_words_come_back_when_a_moderator_locks_meanwhile_and_a_hidden_reply_leaves_its_place(ring: Ring) -> None:
    with ring.window() as ann, ring.window() as mo:
        ann.goto(ring.url("/login?next=" + ring.essay.paragraph(2)))
        ring.log_in(ann, "Ann")
        write(ring, ann, "The first that stands.")
        reply = ann.locator("article.reply").first
        expect(reply).to_be_visible()
        number = (reply.get_attribute("id") or "").removeprefix("reply-")
        mo.goto(ring.url("/login?next=" + ring.essay.paragraph(2)))
        ring.log_in(mo, "Mo")
        mo.locator(".lock-form input[name=reason]").fill("Enough for tonight.")
        mo.locator(".lock-form button").click()
        expect(mo.locator(".lock-banner").first).to_contain_text("Enough for tonight.")
        write(ring, ann, "Words that came too late.")
        expect(ann.locator(".refused")).to_contain_text("Enough for tonight.")
        expect(ann.locator(".refused textarea").first).to_have_value("Words that came too late.")
        mo.locator(".lock-form button").click()
        expect(mo.locator(".lock-form", has_text="Lock this")).to_be_visible()
        mo.goto(ring.url(f"/replies/{number}/replies"))
        mo.locator("input[value=pro]").check()
        mo.locator("textarea[name=body]").fill("It stood on something.")
        mo.locator("button[value=post]").click()
        expect(mo.locator("article.reply", has_text="It stood on something.")).to_be_visible()
        mo.goto(ring.url(f"/replies/{number}"))
        mo.locator(f"#hide-{number} select").select_option("off-topic")
        mo.locator(f"#hide-{number} button").click()
        expect(mo.locator(f"#reply-{number}")).to_contain_text("Hidden by a moderator")
    with ring.window() as page:
        page.goto(ring.url(f"{ring.essay.path}/tree?depth=all"))
        expect(page.locator(f"#reply-{number}")).to_contain_text("Hidden by a moderator")
        expect(page.locator("main")).not_to_contain_text("The first that stands.")
        expect(page.locator("main")).to_contain_text("It stood on something.")
        page.goto(ring.url("/moderation/log"))
        expect(page.locator(".log li")).to_have_count(3)


@pytest.mark.parametrize("ring", [True], indirect=True, ids=["with JavaScript"])  # measuring needs it
def test_nothing_is_wider_than_a_small_screen(ring: Ring) -> None:
    with ring.window(width=320) as page:
        for path in ("", "/tree", "/sources", f"/p/{ring.essay.keys[0]}"):
            page.goto(ring.url(ring.essay.path + path))
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        for path in ("/", "/login", "/register", "/moderation/log", "/users/Ann", "/nowhere"):
            page.goto(ring.url(path))
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


@pytest.mark.parametrize("ring", [True], indirect=True, ids=["with JavaScript"])
def test_a_debate_opened_in_place_is_carried_there(ring: Ring) -> None:
    key = ring.essay.keys[1]
    opened = ring.url(f"{ring.essay.path}?open={key}")
    with ring.window() as page:
        page.goto(ring.url("/login?next=" + ring.essay.path))
        ring.log_in(page, "Ann")
        page.click(f"#m-{key}")
        expect(page).to_have_url(opened)
        write(ring, page, "Posted without leaving the essay.", source="https://example.org/quay")
        reply = page.locator("article.reply")
        expect(reply).to_have_count(1)
        expect(reply).to_be_focused()
        expect(page).to_have_url(opened)
        expect(page.locator(f"#c-con-{key}")).to_have_text("1")
        number = (reply.get_attribute("id") or "").removeprefix("reply-")
        reply.locator("a.answer.pro").click()
        answer = page.locator(f"#form-r-{number}")
        expect(answer.locator("textarea[name=body]")).to_be_focused()
        answer.locator("a.act", has_text="Cancel").click()
        expect(answer).to_have_count(0)
        expect(reply.locator("a.answer.pro")).to_be_focused()
        reply.locator("a.answer.pro").click()
        answer.locator("input[value=con]").check()
        answer.locator("textarea[name=body]").fill("An answer in its place.")
        answer.locator("button[value=post]").click()
        nested = page.locator(f"#beneath-{number} article.reply")
        expect(nested).to_contain_text("An answer in its place.")
        expect(nested).to_be_focused()
        expect(answer).to_have_count(0)
        expect(page).to_have_url(opened)
        ids = page.locator("[id]").evaluate_all("nodes => nodes.map(node => node.id)")
        assert len(ids) == len(set(ids)), sorted(name for name in set(ids) if ids.count(name) > 1)
        nested.locator("a.when").click()
        expect(page).to_have_url(ring.url(f"/replies/{int(number) + 1}"))
        page.go_back()
        expect(page).to_have_url(opened)
        expect(page.locator(f"#reply-{number}")).to_be_visible()
        page.reload()
        expect(page.locator("article.reply")).to_have_count(2)
        expect(page.locator(f"#m-{key}")).to_have_attribute("aria-expanded", "true")


def test_the_same_replies_stand_there_with_and_without_javascript(ring: Ring) -> None:
    (ann,) = ring.site.add_people(["Cleo"])
    ann.login()
    for stance in ("pro", "con"):
        ann.post(f"{ring.essay.paragraph(2)}/replies", stance=stance, body=f"Said {stance}.")
    shown = ann.get(ring.essay.paragraph(2)).reply_ids()
    assert len(shown) == 2
    with ring.window() as page:
        page.goto(ring.url(ring.essay.path))
        page.click(f"#m-{ring.essay.keys[1]}")
        expect(page.locator("article.reply")).to_have_count(2)
        found = page.locator("article.reply").evaluate_all("nodes => nodes.map(node => node.id)")
        assert found == [f"reply-{number}" for number in shown]


@pytest.mark.parametrize("ring", [True], indirect=True, ids=["with JavaScript"])  # measuring needs it
def test_what_people_with_an_account_see_fits_a_small_screen(ring: Ring) -> None:
    (cleo,) = ring.site.add_people(["Cleo-with-a-name-of-32-letters.-"[:31].rstrip(".-")])
    (warden,) = ring.site.add_people(["Warden"], "moderator")
    cleo.login()
    long = "A" * 200 + " https://example.org/" + "b" * 300 + " `" + "c" * 120 + "`"
    path = f"{ring.essay.paragraph(2)}/replies"
    source = {"source_url": "https://example.org/" + "d" * 400, "source_quote": "e" * 200}
    made = cleo.post(path, stance="con", body=long, **source).reply_id
    for depth in range(8):
        made = cleo.post(f"/replies/{made}/replies", stance="pro", body=f"Level {depth + 2}. {long}").reply_id
    pages = [
        ring.essay.path,
        f"{ring.essay.path}?open={ring.essay.keys[1]}",
        ring.essay.paragraph(2),
        path,
        f"{ring.essay.path}/tree?depth=all",
        f"{ring.essay.path}/sources",
        f"/replies/{made}",
        f"/replies/{made}/replies",
        "/notices",
        "/essays/new",
        f"/users/{cleo.name}",
    ]
    with ring.window(width=320) as page:
        page.goto(ring.url("/login"))
        ring.log_in(page, warden.name)
        for place in pages:
            page.goto(ring.url(place))
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, place
        page.goto(ring.url(f"/replies/{made}"))
        page.locator(".lock-form input[name=reason]").fill("f" * 300)
        page.locator(".lock-form button").click()
        expect(page.locator(".lock-banner").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.goto(ring.url("/moderation/log"))
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
