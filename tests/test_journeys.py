"""What people come to do, walked in a browser: with JavaScript, without, and with it stopped once the page has loaded.

And what JavaScript adds: where the focus is, what is announced, drafts, shortcuts; and other ways to read.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from browsers import chromium
from live import PASSWORD, EssayAt, Person, Site, site_on
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from debate.models import Item, Reply

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ON, OFF, STOPPED = "with JavaScript", "without JavaScript", "stopped after load"


@dataclass
class Ring:
    """A site, a browser, and how far its scripts run; each test has an essay and people of its own."""

    site: Site
    browser: Browser
    mode: str = ON
    number: int = 0
    trouble: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.site.port}{path}"

    @property
    def script(self) -> bool:
        return self.mode == ON

    def person(self, role: str = "participant") -> Person:
        """Somebody new, logged in over HTTP."""
        self.number += 1
        return self.site.add_people([f"{role.capitalize()}{self.number}"], role)[0].login()

    @contextmanager
    def window(self, width: int = 1280, height: int = 800, **more: Any) -> Iterator[Page]:
        context = self.browser.new_context(
            java_script_enabled=self.mode != OFF, viewport={"width": width, "height": height}, **more
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        yield page
        context.close()
        assert self.trouble == []

    def go(self, page: Page, path: str) -> None:
        """Open a page; then, if that is the mode, stop its scripts."""
        if self.mode != STOPPED:
            page.goto(self.url(path))
            return
        scripts = page.context.new_cdp_session(page)
        scripts.send("Emulation.setScriptExecutionDisabled", {"value": False})
        page.goto(self.url(path))
        page.wait_for_load_state()
        scripts.send("Emulation.setScriptExecutionDisabled", {"value": True})

    def log_in(self, page: Page, person: Person, onward: str = "/") -> None:
        self.go(page, f"/login?next={onward}")
        fill_login(page, person)


def fill_login(page: Page, person: Person) -> None:
    page.fill("input[name=name]", person.name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.primary")
    page.wait_for_load_state()


def said(page: Page) -> str:
    return page.locator("#say").inner_text()


def active(page: Page) -> str:
    """The id of what has the focus, else its class, else its tag."""
    return page.evaluate("(here => here.id || here.className || here.tagName)(document.activeElement)")


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ring]:
    folder = Path(tmp_path_factory.mktemp("journeys"))
    with chromium() as browser, site_on("sqlite", folder, DEBATE_WORKERS="1") as site:
        site.add_essay()
        site.start()
        yield Ring(site, browser)


@pytest.fixture(params=[ON, OFF, pytest.param(STOPPED, marks=pytest.mark.full)])
def ring(request: pytest.FixtureRequest, grounds: Ring) -> Ring:
    grounds.mode = request.param
    grounds.trouble.clear()
    return grounds


@pytest.fixture
def scripted(grounds: Ring) -> Ring:
    grounds.mode = ON
    grounds.trouble.clear()
    return grounds


@pytest.fixture
def essay(grounds: Ring) -> EssayAt:
    return grounds.site.add_essay()


def answered(
    person: Person, essay: EssayAt, body: str, *, to: int = 0, stance: str = "con", p: int = 2, **more: str
) -> int:
    """A reply posted over HTTP; its id."""
    path = f"/replies/{to}/replies" if to else f"{essay.paragraph(p)}/replies"
    return person.post(path, stance=stance, body=body, **more).reply_id


# --- the walks


def test_read_to_paragraph_7_find_the_strongest_con_and_its_source(ring: Ring, essay: EssayAt) -> None:
    one, two = ring.person(), ring.person()
    answered(one, essay, "A weak one.", p=7)
    strong = answered(
        one, essay, "The strong one.", p=7, source_url="https://example.org/quay", source_quote="so it is"
    )
    two.post(f"/replies/{strong}/vote", value="1")
    with ring.window() as page:
        ring.go(page, essay.path)
        page.locator(f"#m-{essay.keys[6]}").click()
        first = page.locator(f"#con-{essay.keys[6]} > li > article").first
        expect(first).to_contain_text("The strong one.")
        expect(first.locator("a.source")).to_have_attribute("href", "https://example.org/quay")
        first.locator(".citations summary").click()
        expect(first.locator("blockquote")).to_have_text("so it is")


def test_log_in_from_a_reply_err_preview_and_dispute_it_with_a_source(ring: Ring, essay: EssayAt) -> None:
    ann, ben = ring.person(), ring.person()
    made = answered(ann, essay, "Say something against this.")
    with ring.window() as page:
        ring.go(page, essay.paragraph(2))
        page.locator(f"#reply-{made} a.act", has_text="Log in to reply").click()
        fill_login(page, ben)
        expect(page).to_have_url(ring.url(f"/replies/{made}/replies"))
        form = page.locator(f"#form-r-{made}")
        form.locator("button[value=post]").click()
        expect(page.locator(".errors")).to_contain_text("Enter your reply.")
        expect(page).to_have_title(re.compile("^Error:"))
        form.locator("input[value=con]").check()
        form.locator("textarea[name=body]").fill("Something against it.")
        if not form.locator("input[name=source_url]").is_visible():
            form.locator(".with-source > summary").click()
        form.locator("input[name=source_url]").fill("ftp://example.org/berths")
        form.locator("button[value=preview]").click()
        expect(page.locator(".errors")).to_contain_text("A source must start with http:// or https://")
        expect(form.locator("textarea[name=body]")).to_have_value("Something against it.")
        form.locator("input[name=source_url]").fill("https://example.org/berths")
        form.locator("button[value=preview]").click()
        expect(form.locator(".preview")).to_contain_text("Something against it.")
        form.locator("button[value=post]").click()
        page.wait_for_url("**#reply-*")
        reply = page.locator(page.url[page.url.index("#") :])
        expect(reply).to_contain_text("Something against it.")
        expect(reply.locator(".stance")).to_contain_text("Disputes")
        expect(reply.locator("a.source")).to_have_attribute("href", "https://example.org/berths")


def test_a_vote_is_changed_twice_and_stays_after_a_reload(ring: Ring, essay: EssayAt) -> None:
    ann, ben = ring.person(), ring.person()
    made = answered(ann, essay, "Judge this.")
    with ring.window() as page:
        ring.log_in(page, ben, essay.paragraph(2))
        for button, score in (("up", "1 point"), ("down", "−1 point"), ("up", "1 point")):
            page.locator(f"#{button}-{made}").click()
            expect(page.locator(f"#vote-{made} .score")).to_have_text(score)
            expect(page.locator(f"#{button}-{made}")).to_have_attribute("aria-pressed", "true")
        ring.go(page, essay.paragraph(2))
        expect(page.locator(f"#vote-{made} .score")).to_have_text("1 point")
        expect(page.locator(f"#up-{made}")).to_have_text("You agree")
        expect(page.locator(f"#down-{made}")).to_have_attribute("aria-pressed", "false")


def test_a_permalink_six_levels_deep_leads_up_to_the_paragraph(ring: Ring, essay: EssayAt) -> None:
    ann = ring.person()
    made = answered(ann, essay, "Level 1.")
    for level in range(2, 7):
        made = answered(ann, essay, f"Level {level}.", to=made)
    with ring.window() as page:
        ring.go(page, f"/replies/{made}")
        expect(page.locator("h1")).to_have_text("A reply, 6 levels deep")
        expect(page.locator(".above article")).to_have_count(5)
        page.locator(".above article").nth(2).locator("a").first.click()
        expect(page.locator(".focus")).to_contain_text("Level 3.")
        page.locator(".crumbs a").nth(1).click()
        expect(page).to_have_url(ring.url(essay.paragraph(2)))
        expect(page.locator("h1")).to_have_text("Debate on paragraph 2")


def test_words_come_back_from_a_lock_that_came_first(ring: Ring, essay: EssayAt) -> None:
    ann, mo = ring.person(), ring.person("moderator")
    with ring.window() as page:
        ring.log_in(page, ann, essay.paragraph(2))
        form = page.locator(f"#form-p-{essay.keys[1]}")
        form.locator("input[value=pro]").check()
        form.locator("textarea[name=body]").fill("Written for an hour.")
        mo.post(f"{essay.paragraph(2)}/lock", reason="Enough for tonight.")
        form.locator("button[value=post]").click()
        expect(page.locator(".refused")).to_contain_text("Enough for tonight.")
        expect(page.locator(".refused textarea")).to_have_value("Written for an hour.")
    assert ann.get(essay.paragraph(2)).reply_ids() == []


def test_addresses_of_what_was_hidden_withdrawn_or_never_there_say_so(ring: Ring, essay: EssayAt) -> None:
    ann, mo = ring.person(), ring.person("moderator")
    hidden, kept, gone = (answered(ann, essay, f"Reply {number}.") for number in range(3))
    answered(ann, essay, "Beneath it.", to=kept)
    for reply_id in (hidden, kept):
        mo.post(f"/replies/{reply_id}/hide", reason="insult", note="")
    ann.post(f"/replies/{gone}/withdraw")
    with ring.window() as page:
        for reply_id, words in (
            (hidden, "A moderator hid it: insult."),
            (gone, "Its writer withdrew it."),
            (10**8, "There is nothing here"),
        ):
            ring.go(page, f"/replies/{reply_id}")
            expect(page.locator("main")).to_contain_text(words)
            expect(page.locator("main")).not_to_contain_text(f"Reply {reply_id}.")
        ring.go(page, f"/replies/{kept}")
        expect(page.locator(f"#reply-{kept}")).to_contain_text("[Hidden by a moderator: insult]")
        expect(page.locator("main")).to_contain_text("Beneath it.")


def test_a_moderator_hides_five_by_keyboard_and_takes_one_back(ring: Ring, essay: EssayAt) -> None:
    ann, mo = ring.person(), ring.person("moderator")
    made = [answered(ann, essay, f"Off the point, {number}.") for number in range(5)]
    with ring.window() as page:
        ring.log_in(page, mo)
        for reply_id in made:
            ring.go(page, f"/replies/{reply_id}#moderate-{reply_id}")
            page.locator(f"#hide-{reply_id} select").focus()
            page.keyboard.type("off")
            for _ in range(2):
                page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            expect(page.locator(f"#reply-{reply_id} .notice")).to_contain_text("Hidden by a moderator: off topic.")
        if ring.script:
            expect(page.locator(f"#reply-{made[4]}")).to_be_focused()
        page.locator(f"#hide-{made[4]} button").focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"#reply-{made[4]} .notice")).to_have_count(0)
        if ring.script:
            expect(page.locator("#say")).to_have_text("Reply restored.")


def test_the_tree_leads_to_what_is_disputed(ring: Ring, essay: EssayAt) -> None:
    ann = ring.person()
    made = answered(ann, essay, "Disputed below.", p=3)
    below = answered(ann, essay, "The dispute.", to=made, p=3)
    with ring.window() as page:
        ring.go(page, f"{essay.path}/tree")
        page.locator(".depths a", has_text="All").click()
        line = page.locator(f"#reply-{below}")
        expect(line.locator(".stance")).to_contain_text("Disputes")
        line.locator("a").click()
        expect(page.locator(".focus")).to_contain_text("The dispute.")


def test_the_same_replies_are_on_every_page_however_far_scripts_run(ring: Ring, essay: EssayAt) -> None:
    ann = ring.person()
    top = answered(ann, essay, "Top.", stance="pro")
    for number in range(5):
        answered(ann, essay, f"Answer {number}.", to=top, stance="pro" if number % 2 else "con")
    paths = (
        essay.paragraph(2),
        f"/replies/{top}",
        f"{essay.path}/tree?depth=all",
        f"{essay.path}?open={essay.keys[1]}",
    )
    with ring.window() as page:
        for path in paths:
            ring.go(page, path)
            shown = page.locator("article.reply").evaluate_all("nodes => nodes.map(node => node.id)")
            assert shown == [f"reply-{number}" for number in Person(ring.site).get(path).reply_ids()], path


# --- what is focused and what is announced


def test_focus_and_announcements_are_as_specified(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann, ben = ring.person(), ring.person()
    key = essay.keys[1]
    made = [answered(ann, essay, f"Argument {number}.") for number in range(6)]
    with ring.window() as page:
        ring.log_in(page, ben, essay.path)
        marker = page.locator(f"#m-{key}")
        marker.focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"#d-{key}")).to_be_visible()
        assert (active(page), marker.get_attribute("aria-expanded"), said(page)) == (f"m-{key}", "true", "")
        expect(page).to_have_url(ring.url(f"{essay.path}?open={key}"))
        page.locator(f"#more-con-{key} a").click()
        expect(page.locator(f"#con-{key} > li")).to_have_count(6)
        fourth = page.locator(f"#con-{key} > li > article").nth(3)
        expect(fourth).to_be_focused()
        ids = page.locator("[id]").evaluate_all("nodes => nodes.map(node => node.id)")
        assert len(ids) == len(set(ids))
        expect(page.locator(f"#more-con-{key} a")).to_have_count(0)
        opener = page.locator(f"#con-to-{made[5]}")
        opener.click()
        box = page.locator(f"#form-r-{made[5]} textarea[name=body]")
        expect(box).to_be_focused()
        assert box.evaluate("box => box.labels[0].innerText") == f"Reply to {ann.name}, disputing"
        page.locator(f"#form-r-{made[5]} a.act").click()
        expect(opener).to_be_focused()
        opener.click()
        form = page.locator(f"#form-r-{made[5]}")
        expect(form.locator("textarea[name=body]")).to_be_focused()
        form.locator("button[value=post]").click()
        expect(form.locator(".errors")).to_be_focused()
        form.locator("textarea[name=body]").fill("My answer.")
        form.locator("button[value=preview]").click()
        expect(form.locator(".preview h4")).to_be_focused()
        expect(page.locator("#say")).to_have_text("Preview updated.")
        form.locator("textarea[name=body]").press("Control+Enter")
        mine = page.locator("article.reply", has_text="My answer.")
        expect(mine).to_be_focused()
        up = page.locator(f"#up-{made[5]}")
        up.click()
        expect(up).to_have_text("You agree")
        expect(up).to_be_focused()
        expect(page.locator("#say")).to_have_text("Your vote: agree. Score 1.")
        page.locator("[data-closes]").first.click()
        assert (active(page), marker.get_attribute("aria-expanded")) == (f"m-{key}", "false")
        expect(page).to_have_url(ring.url(f"{essay.path}#p-{key}"))


def test_new_replies_are_told_once_and_shown_when_asked_for(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann = ring.person()
    with ring.window() as page:
        page.clock.install()
        page.goto(ring.url(f"{essay.path}?open={essay.keys[1]}"))
        before = active(page)
        answered(ann, essay, "It came later.")
        page.clock.run_for(12_000)
        news = page.locator(f"#news-{essay.keys[1]} a")
        expect(news).to_have_text("Show 1 new reply")
        assert (active(page), said(page)) == (before, "1 new reply available")
        expect(page.locator("article.reply")).to_have_count(0)
        news.click()
        expect(page.locator(f"#news-{essay.keys[1]} article")).to_contain_text("It came later.")
        expect(page.locator(f"#news-{essay.keys[1]} article")).to_be_focused()


def test_what_was_told_as_new_stays_whole_where_it_stands_in_full(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann, ben = ring.person(), ring.person()
    key = essay.keys[1]
    for number in range(4):
        answered(ann, essay, f"Argument {number}.")
    lines, more = f"#news-{key} article", f"#more-con-{key} a"
    for first in ("the line", "the whole"):
        with ring.window() as page:
            ring.log_in(page, ben)
            page.clock.install()
            page.goto(ring.url(f"{essay.path}?open={key}&sort=old"))
            made = answered(ann, essay, f"It came later than {first}.")
            beneath = answered(ann, essay, f"Beneath it, after {first}.", to=made)
            form = page.locator(f"#answer-{made} form")
            if first == "the whole":
                page.locator(more).click()
                page.locator(f"#con-to-{made}").click()
                form.locator("textarea[name=body]").fill("Half an answer.")
            page.clock.run_for(12_000)
            page.locator(f"#news-{key} a").click()
            expect(page.locator(lines)).to_have_count(2)
            expect(page.locator(lines).first).to_be_focused()
            if first == "the line":
                page.locator(more).click()
            expect(page.locator(f"#con-{key} #reply-{made} .body")).to_be_visible()
            expect(page.locator(f"#con-{key} #reply-{beneath} .body")).to_be_visible()
            expect(page.locator(lines)).to_have_count(2)
            if first == "the whole":
                expect(form.locator("textarea[name=body]")).to_have_value("Half an answer.")
            ids = page.locator("[id]").evaluate_all("nodes => nodes.map(node => node.id)")
            assert len(ids) == len(set(ids))


def test_what_was_drawn_goes_when_it_comes_again_unless_it_is_being_answered(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann, ben = ring.person(), ring.person()
    key = essay.keys[1]
    for number in range(8):
        answered(ann, essay, f"Argument {number}.")
    for is_answered in (False, True):
        with ring.window() as page:
            ring.log_in(page, ben, essay.paragraph(2))
            drawn = page.locator(".drawn article")
            name = drawn.get_attribute("id") or ""
            if is_answered:
                drawn.locator("a.answer.con").click()
                page.locator(".drawn form textarea[name=body]").fill("Half an answer.")
            page.locator(f"#more-con-{key} a").click()
            expect(page.locator(f"#side-con-{key} article.reply")).to_have_count(8)
            if is_answered:
                expect(page.locator(f".drawn #{name}")).to_be_visible()
                expect(page.locator(".drawn form textarea[name=body]")).to_have_value("Half an answer.")
            else:
                expect(page.locator(f"#con-{key} #{name}")).to_be_visible()
                expect(page.locator(".drawn")).to_have_count(0)


def test_offline_nothing_is_lost_and_nothing_is_posted_twice(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann = ring.person()
    with ring.window() as page:
        ring.log_in(page, ann, f"{essay.path}?open={essay.keys[1]}")
        form = page.locator(f"#form-p-{essay.keys[1]}")
        form.locator("input[value=con]").check()
        form.locator("textarea[name=body]").fill("Posted from a tunnel.")
        page.context.set_offline(True)
        form.locator("button[value=post]").click()
        expect(page.locator("#alarm")).to_have_text("Not sent. Your text is kept. Try again.")
        expect(form.locator("textarea[name=body]")).to_have_value("Posted from a tunnel.")
        expect(form.locator("button[value=post]")).to_be_focused()
        page.context.set_offline(False)
        form.locator("button[value=post]").dblclick()
        expect(page.locator("article.reply", has_text="Posted from a tunnel.")).to_have_count(1)
    assert len(ann.get(essay.paragraph(2)).reply_ids()) == 1


def test_an_answer_finds_its_place_on_every_page_that_offers_one(scripted: Ring) -> None:
    ring = scripted
    author, ann = ring.person("moderator"), ring.person()
    fields = {"title": f"Answered {ring.number}", "language": "en", "intent": "publish"}
    path = author.post("/essays/new", **fields, text="First part.\n\nAnd its end.").location
    key = author.get(path).all("section.passage")[0].attributes["id"] or ""
    made = ann.post(f"{path}/p/{key[2:]}/replies", stance="con", body="Answer this.").reply_id
    for number in range(4):
        last = ann.post(f"/replies/{made}/replies", stance="pro", body=f"Number {number}.").reply_id
    assert author.post(f"{path}/edit", **fields, text="First part, mostly.\n\nAnd its end.").status == 303
    with ring.window() as page:
        ring.log_in(page, ann)
        for there in (f"/replies/{made}/wording", f"{path}/reworded", f"/replies/{made}?after={last}"):
            page.goto(ring.url(there))
            page.locator(f"#con-to-{made}").click()
            form = page.locator(f"#form-r-{made}")
            form.locator("textarea[name=body]").fill(f"Said at {there}.")
            form.locator("button[value=post]").click()
            answer = page.locator("article.reply", has_text=f"Said at {there}.")
            expect(answer).to_be_focused()
            expect(form).to_have_count(0)
        expect(page.locator(f"#con-r{made} > li")).to_have_count(1)
        expect(page.locator(f"#c-con-r{made}")).to_have_text("3")


# --- drafts


def typed(page: Page, essay: EssayAt) -> Any:
    """The top-level form's text, wherever it now stands."""
    return page.locator(f"#form-p-{essay.keys[1]} textarea[name=body]")


def test_a_draft_outlives_reloads_leaving_and_being_signed_out(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann, ben = ring.person(), ring.person()
    with ring.window() as page:
        page.on("dialog", lambda dialog: dialog.accept())  # leaving with words half written asks once
        ring.log_in(page, ann, essay.paragraph(2))
        typed(page, essay).fill("Half a thought.")
        page.reload()
        expect(typed(page, essay)).to_have_value("Half a thought.")
        expect(page.locator(".restored")).to_contain_text("Draft restored.")
        page.goto(ring.url("/rules"))
        page.go_back()
        expect(typed(page, essay)).to_have_value("Half a thought.")
        page.context.clear_cookies()
        page.locator(f"#form-p-{essay.keys[1]} input[value=pro]").check()
        page.locator(f"#form-p-{essay.keys[1]} button[value=post]").click()
        expect(page.locator(".refused")).to_contain_text("You were signed out. Your text is kept")
        expect(page.locator(".refused textarea").first).to_have_value("Half a thought.")
        ring.log_in(page, ben, essay.paragraph(2))
        expect(typed(page, essay)).to_have_value("")
        page.context.clear_cookies()
        ring.log_in(page, ann, essay.paragraph(2))
        expect(typed(page, essay)).to_have_value("Half a thought.")
        page.locator(".restored button").click()
        expect(typed(page, essay)).to_have_value("")
        page.reload()
        expect(typed(page, essay)).to_have_value("")


def test_a_draft_outlives_what_the_server_sends_back(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann = ring.person()
    with ring.window() as page:
        asked: list[str] = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        ring.log_in(page, ann, essay.paragraph(2))
        form = page.locator(f"#form-p-{essay.keys[1]}")
        form.locator("input[value=pro]").check()
        typed(page, essay).fill("Looked at, and then looked at once more.")
        for button in ("preview", "post"):
            if button == "post":  # with a mistake in another field
                form.locator(".with-source > summary").click()
                form.locator("input[name=source_url]").fill("ftp://example.org/")
            form.locator(f"button[value={button}]").click()
            expect(form.locator(".preview, .errors").first).to_be_visible()
            form.locator("input[value=con]").check()
            page.reload()
            expect(typed(page, essay)).to_have_value("Looked at, and then looked at once more.")
        assert asked == ["beforeunload"] * 2


def test_a_draft_outlives_an_answer_that_never_came(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann = ring.person()
    made = answered(ann, essay, "Answer me.")
    with ring.window() as page:
        page.on("dialog", lambda dialog: dialog.accept())
        ring.log_in(page, ann, f"/replies/{made}/replies")
        form = page.locator(f"#form-r-{made}")
        form.locator("textarea[name=body]").fill("Written, sent, and not stored.")
        form.locator("input[value=con]").check()
        page.route("**/replies", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
        form.locator("button[value=post]").click()
        page.wait_for_timeout(300)
        page.goto(ring.url(essay.path))
        page.goto(ring.url(f"/replies/{made}/replies"))
        expect(form.locator("textarea[name=body]")).to_have_value("Written, sent, and not stored.")


def test_an_essay_half_written_is_not_left_without_a_question(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    with ring.window() as page:
        asked: list[str] = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        ring.log_in(page, ring.person("moderator"), "/essays/new")
        page.fill("textarea[name=text]", "Half an essay.\n\nAnd its end.")
        page.goto(ring.url("/rules"))
        page.goto(ring.url("/essays/new"))
        page.fill("textarea[name=text]", "Half an essay.\n\nAnd its end.")
        page.locator(".buttons button[value=preview]").click()
        expect(page.locator("#found")).to_be_visible()
        page.locator("header .mark").click()
        page.wait_for_url(ring.url("/"))
        assert asked == ["beforeunload"] * 2


def test_a_draft_goes_when_it_is_posted_and_when_its_writer_logs_out(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann = ring.person()
    with ring.window() as page:
        page.on("dialog", lambda dialog: dialog.accept())
        ring.log_in(page, ann, essay.paragraph(2))
        typed(page, essay).fill("A whole thought.")
        page.locator(f"#form-p-{essay.keys[1]} input[value=pro]").check()
        page.locator(f"#form-p-{essay.keys[1]} button[value=post]").click()
        expect(page.locator("article.reply")).to_contain_text("A whole thought.")
        page.reload()
        expect(typed(page, essay)).to_have_value("")
        typed(page, essay).fill("Another, not posted.")
        page.locator(".top button", has_text="Log out").click()
        page.wait_for_load_state()
        assert page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('draft:'))") == []


def test_a_draft_of_a_form_on_its_own_page_goes_when_it_is_posted(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann = ring.person()
    made = answered(ann, essay, "Answer me.")
    with ring.window() as page:
        ring.log_in(page, ann, f"/replies/{made}/replies")
        form = page.locator(f"#form-r-{made}")
        form.locator("textarea[name=body]").fill("Here it is.")
        form.locator("input[value=con]").check()
        form.locator("button[value=post]").click()
        page.wait_for_url("**#reply-*")
        page.goto(ring.url(f"/replies/{made}/replies"))
        expect(form.locator("textarea[name=body]")).to_have_value("")


def test_a_draft_keeps_its_side(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann, ben = ring.person(), ring.person()
    made = answered(ann, essay, "Answer me.")
    with ring.window() as page:
        page.on("dialog", lambda dialog: dialog.accept())
        ring.log_in(page, ben)
        page.context.add_cookies([{"name": "debate_display", "value": "shortcuts=on", "url": ring.url("/")}])
        form = page.locator(f"#form-r-{made}")
        words = form.locator("textarea[name=body]")

        def by_key() -> None:
            page.goto(ring.url(essay.paragraph(2)))
            page.locator(f"#reply-{made}").focus()
            page.keyboard.press("r")
            expect(words).to_be_focused()

        by_key()
        expect(form.locator("input:checked")).to_have_count(0)
        form.locator("a.act", has_text="Cancel").click()
        expect(page.locator(f"#reply-{made}")).to_be_focused()
        by_key()
        page.keyboard.type("Against it.")
        page.keyboard.press("Control+Enter")
        expect(form.locator(".errors")).to_contain_text("Choose whether you support or dispute this reply.")
        expect(words).to_have_value("Against it.")
        form.locator("input[value=con]").check()
        form.locator(".with-source > summary").click()
        form.locator("select[name=source_shows]").select_option("undercuts")
        by_key()
        page.locator(f"#reply-{made}").focus()
        page.keyboard.press("r")  # the form is there
        expect(words).to_be_focused()
        expect(form.locator("input[value=con]")).to_be_checked()
        page.goto(ring.url(essay.paragraph(2)))
        page.locator(f"#pro-to-{made}").click()
        expect(words).to_have_value("Against it.")
        expect(form.locator("input[value=con]")).to_be_checked()
        expect(form.locator("select[name=source_shows]")).to_have_value("undercuts")
        page.locator(f"#pro-to-{made}").click()  # who wants to change sides, with the form there, does
        expect(form.locator("input[value=pro]")).to_be_checked()
        page.locator(f"#con-to-{made}").click()
        expect(form.locator("input[value=con]")).to_be_checked()
        words.press("Control+Enter")
        expect(page.locator("article.reply", has_text="Against it.")).to_have_attribute("data-stance", "con")


def test_a_draft_of_an_edit_goes_when_it_is_saved(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann = ring.person()
    made = answered(ann, essay, "The first words.")
    with ring.window() as page:
        ring.log_in(page, ann, essay.paragraph(2))
        page.locator(f"#to-edit-{made}").click()
        page.fill(f"#edit-{made} textarea", "The second words.")
        page.click(f"#edit-{made} button[value=post]")
        expect(page.locator(f"#reply-{made}")).to_contain_text("The second words.")
        page.locator(f"#to-edit-{made}").click()
        expect(page.locator(f"#edit-{made} textarea")).to_be_focused()
        expect(page.locator(".restored")).to_have_count(0)


HALF = "First *part*.\n\nAnd its end."


def test_an_essay_being_written_is_kept_until_it_is_stored(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    author = ring.person("moderator")
    with ring.window() as page:
        page.on("dialog", lambda dialog: dialog.accept())
        ring.log_in(page, author, "/essays/new")
        text = page.locator("textarea[name=text]")
        save = page.locator(".buttons button[value=draft]")
        page.fill("input[name=title]", f"Kept {ring.number}")
        text.fill(HALF)
        page.check("input[name=format][value=md]")
        page.select_option("select[name=language]", "de")
        sent = "**/essays/new"
        page.route(sent, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
        for button in (page.locator(".buttons button[value=preview]"), save):
            button.click()
            page.wait_for_timeout(300)
            page.goto(ring.url(essay.path))
            page.goto(ring.url("/essays/new"))
            expect(text).to_have_value(HALF)
            expect(page.locator(".restored")).to_contain_text("Draft restored.")
        page.unroute(sent)
        expect(page.locator("input[name=title]")).to_have_value(f"Kept {ring.number}")
        expect(page.locator("input[name=format]:checked")).to_have_value("md")
        expect(page.locator("select[name=language]")).to_have_value("de")
        page.locator(".buttons button[value=preview]").click()
        expect(page.locator("#found")).to_be_visible()
        text.press("Control+Enter")
        page.wait_for_timeout(300)
        expect(page).to_have_url(ring.url("/essays/new"))
        page.goto(ring.url("/essays/new"))
        expect(text).to_have_value(HALF)
        save.click()
        page.wait_for_url("**/essays/draft*")
        draft = page.url
        page.goto(ring.url("/essays/new"))
        expect(text).to_have_value("")
        page.goto(f"{draft}/edit")
        expect(page.locator(".restored")).to_have_count(0)
        text.fill(f"{HALF} Or not.")
        page.goto(ring.url("/essays/new"))
        expect(text).to_have_value("")
        page.goto(f"{draft}/edit")
        expect(text).to_have_value(f"{HALF} Or not.")
        text.fill(f"{HALF} Or not yet.")
        page.evaluate("addEventListener('pagehide', event => event.stopImmediatePropagation(), true)")
        page.wait_for_timeout(1500)
        page.reload()
        expect(text).to_have_value(f"{HALF} Or not yet.")
        save.click()
        page.wait_for_url(draft)
        page.goto(f"{draft}/edit")
        expect(page.locator(".restored")).to_have_count(0)


def test_a_draft_of_a_revision_does_not_take_back_another(scripted: Ring) -> None:
    ring = scripted
    author = ring.person("moderator")
    fields = {"title": f"Revised {ring.number}", "language": "en", "intent": "publish"}
    path = author.post("/essays/new", **fields, text=HALF).location
    with ring.window() as page:
        page.on("dialog", lambda dialog: dialog.accept())
        ring.log_in(page, author, f"{path}/edit")
        text, base = page.locator("textarea[name=text]"), page.locator("input[name=base]")
        text.fill("First part.\n\nAnd the end.")
        assert author.post(f"{path}/edit", **fields, text="Another first part.\n\nAnd its end.").status == 303
        page.goto(ring.url(f"{path}/edit"))
        expect(text).to_have_value("First part.\n\nAnd the end.")
        expect(base).to_have_value("1")
        page.locator(".buttons button[value=preview]").click()
        page.locator(".buttons button[value=publish]").click()
        expect(page.locator(".errors")).to_contain_text("This essay was changed meanwhile.")
        page.locator(".buttons button[value=preview]").click()
        page.goto(ring.url(f"{path}/edit"))
        text.fill("First part.\n\nAnd no end.")
        assert author.post(f"{path}/edit", **fields, text="A third first part.\n\nAnd its end.").status == 303
        page.reload()
        expect(base).to_have_value("2")
        page.locator(".restored button").click()
        expect(text).to_have_value("A third first part.\n\nAnd its end.")
        expect(base).to_have_value("3")


def test_what_was_refused_is_not_left_unasked_and_its_draft_goes_when_it_is_sent_again(
    scripted: Ring, essay: EssayAt
) -> None:
    ring = scripted
    author = ring.person("moderator")
    asked: list[str] = []
    with ring.window() as page:
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        for path in (essay.paragraph(2), "/essays/new"):
            ring.log_in(page, author, path)
            words = page.locator("main textarea").first
            words.fill(f"The first of it.\n\nThe rest of it, {path}.")
            if path == "/essays/new":
                page.fill("input[name=title]", f"Sent again {ring.number}")
                button = page.locator(".buttons button[value=draft]")
            else:
                page.check(f"#form-p-{essay.keys[1]} input[value=con]")
                button = page.locator(f"#form-p-{essay.keys[1]} button[value=post]")
            page.context.clear_cookies()
            button.click()
            page.locator(".send-again button").click()  # too soon
            page.wait_for_url("**/replies" if path != "/essays/new" else "**/essays/new")
            other = page.context.new_page()
            ring.log_in(other, author)
            other.close()
            page.locator(".send-again button").click()
            page.wait_for_url("**#reply-*" if path != "/essays/new" else "**/essays/draft*")
            assert asked == []
            page.goto(ring.url(path))
            expect(words).to_have_value("")
            expect(page.locator(".restored")).to_have_count(0)
        words.fill("A text.\n\nThat is refused.")
        page.context.clear_cookies()
        page.locator(".buttons button[value=draft]").click()
        expect(page.locator(".send-again")).to_be_visible()
        words.click()
        page.goto(ring.url("/rules"))
        assert asked == ["beforeunload"]


# --- by keyboard


def test_the_first_marker_is_twelve_tabs_away_at_most(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann = ring.person()
    for person in (None, ann):
        with ring.window() as page:
            if person:
                ring.log_in(page, person)
            page.goto(ring.url(essay.path))
            presses = 0
            while "marker" not in page.evaluate("document.activeElement.className"):
                page.keyboard.press("Tab")
                presses += 1
                assert presses <= 12


def test_a_reply_is_written_and_judged_by_keyboard_alone(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann, ben = ring.person(), ring.person()
    made = answered(ann, essay, "By keyboard.")
    with ring.window() as page:
        ring.log_in(page, ben, essay.path)
        page.locator(f"#m-{essay.keys[1]}").focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"#reply-{made}")).to_be_visible()
        for _ in range(30):
            page.keyboard.press("Tab")
            if active(page) == f"up-{made}":
                break
        page.keyboard.press("Space")
        expect(page.locator(f"#up-{made}")).to_have_attribute("aria-pressed", "true")
        for _ in range(6):
            page.keyboard.press("Tab")
            if active(page) == f"con-to-{made}":
                break
        page.keyboard.press("Enter")
        expect(page.locator(f"#form-r-{made} textarea[name=body]")).to_be_focused()
        page.keyboard.type("No mouse was used.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("article.reply", has_text="No mouse was used.")).to_be_focused()


def test_single_keys_do_nothing_until_they_are_switched_on(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann = ring.person()
    made = answered(ann, essay, "Under the second.")
    with ring.window() as page:
        ring.log_in(page, ann, essay.path)
        page.keyboard.press("j")
        assert active(page) in ("BODY", "main")
        page.context.add_cookies([{"name": "debate_display", "value": "shortcuts=on", "url": ring.url("/")}])
        page.reload()
        keys = essay.keys
        for key, where in (("j", keys[0]), ("j", keys[1]), ("j", keys[2]), ("k", keys[1])):
            page.keyboard.press(key)
            assert active(page) == f"p-{where}"
        page.keyboard.press("o")
        expect(page.locator(f"#reply-{made}")).to_be_visible()
        page.locator(f"#reply-{made}").focus()
        page.keyboard.press("u")
        assert active(page) == f"p-{keys[1]}"
        page.locator(f"#reply-{made}").focus()
        page.keyboard.press("r")
        expect(page.locator(f"#form-r-{made} textarea[name=body]")).to_be_focused()
        page.keyboard.type("jjoo?")
        expect(page.locator(f"#form-r-{made} textarea[name=body]")).to_have_value("jjoo?")
        page.locator(f"#reply-{made}").focus()
        page.keyboard.press("?")
        expect(page.locator("#keys dl")).to_be_visible()


# --- other ways to read


SPACED = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"
    " p { margin-block-end: 2em !important; }"
)


CUT_OFF = """() => [...document.querySelectorAll("h1, h2, h3, p, li, button, a, label")]
  .filter(node => node.checkVisibility() && !node.closest(".unseen, .long"))
  .filter(node => getComputedStyle(node).overflow !== "visible" && node.scrollHeight > node.clientHeight + 1)
  .map(node => node.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("way", ["four times as large", "with wider spacing", "from right to left"])
def test_nothing_is_cut_off_or_needs_sideways_scrolling(scripted: Ring, essay: EssayAt, way: str) -> None:
    ring = scripted
    ann = ring.person()
    made = answered(ann, essay, "A reply that is long enough to be read in several lines. " * 5)
    answered(ann, essay, "And one beneath.", to=made)
    sizes = [(320, 256)] if way == "four times as large" else [(320, 640), (1280, 800)]
    for width, height in sizes:
        with ring.window(width, height, bypass_csp=True) as page:
            ring.log_in(page, ann)
            for path in (
                "/",
                f"{essay.path}?open={essay.keys[1]}",
                f"/replies/{made}",
                f"{essay.path}/tree",
                "/display",
            ):
                page.goto(ring.url(path))
                if way == "with wider spacing":
                    page.add_style_tag(content=SPACED)
                if way == "from right to left":
                    page.evaluate("document.documentElement.dir = 'rtl'")
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (width, path)
                cut = page.evaluate(CUT_OFF)
                assert cut == [], (width, path)
            if way == "from right to left" and width > 1000:
                page.goto(ring.url(essay.path))
                page.evaluate("document.documentElement.dir = 'rtl'")
                marker = page.locator(".marker").first.bounding_box()
                words = page.locator(".essay .words").first.bounding_box()
                assert marker
                assert words
                assert marker["x"] + marker["width"] <= words["x"]


def test_on_paper_markers_are_in_brackets_and_debates_left_out(scripted: Ring, essay: EssayAt) -> None:
    ring = scripted
    ann = ring.person()
    for stance in ("pro", "pro", "con"):
        answered(ann, essay, f"Said {stance} {ring.number}.", stance=stance)
        ring.number += 1
    with ring.window() as page:
        page.goto(ring.url(f"{essay.path}?open={essay.keys[1]}"))
        page.emulate_media(media="print")
        marker = page.locator(f"#m-{essay.keys[1]}")
        assert marker.evaluate("node => getComputedStyle(node, '::before').content") == '"[2+/1−]"'
        expect(page.locator(f"#d-{essay.keys[1]}")).to_be_hidden()
        expect(page.locator(".top")).to_be_hidden()
        expect(page.locator(".essay .words").first).to_be_visible()


def test_five_items_are_decided_by_keyboard_and_one_is_undone(ring: Ring, essay: EssayAt) -> None:
    writer, reporter, keeper = ring.person(), ring.person(), ring.person("moderator")
    made = [answered(writer, essay, f"Buy lamp number {number} at my shop.", p=number + 1) for number in range(5)]
    for reply_id in made:
        assert reporter.post(f"/replies/{reply_id}/reports", reason="spam").status == 303
    site = ring.site
    waiting = [number for (number,) in site.rows(select(Item.id).where(Item.reply_id.in_(made)).order_by(Item.id))]
    with ring.window() as page:
        ring.log_in(page, keeper, "/moderation")
        ring.go(page, "/moderation")
        for at, number in enumerate(waiting):
            _tab_to(page, f"#item-{number}-reason")
            page.keyboard.type("sp")
            _tab_to(page, f"#item-{number} button[value=hide]")
            page.keyboard.press("Enter")
            if at + 1 < len(waiting):
                following = f"#item-{waiting[at + 1]}"
                if ring.script:
                    expect(page.locator(f"{following}:focus")).to_be_visible()
                    expect(page.locator("#say")).to_have_text(re.compile(r"\d+ left"))
                    expect(page.locator(f"#item-{number}.decided")).to_contain_text("spam")
                else:
                    page.wait_for_url(re.compile(f".*{following}$"))
                    expect(page.locator(f"#item-{number}")).to_have_count(0)
            else:
                _until(lambda: _state(site, made[4]) == "hidden")
                if not ring.script:  # the page that it leads to is on its way
                    expect(page.locator(f"#item-{number}")).to_have_count(0)
        assert [_state(site, reply_id) for reply_id in made] == ["hidden"] * 5
        undone = site.rows(select(Item.outcome_id).where(Item.id == waiting[2]))[0][0]
        if not ring.script:
            ring.go(page, "/moderation?kind=reported")
            _tab_to(page, "details.recent > summary")
            page.keyboard.press("Enter")
        _tab_to(page, f"#undo-{undone}", back=ring.script)
        page.keyboard.press("Enter")
        _until(lambda: _state(site, made[2]) == "visible")
        if ring.script:
            expect(page.locator(f"#item-{waiting[2]}:focus")).to_be_visible()
            expect(page.locator("#say")).to_have_text("Undone.")
        else:
            page.wait_for_url(re.compile(f".*#item-{waiting[2]}$"))
            expect(page.locator(f"#item-{waiting[2]}")).to_be_visible()
    assert [_state(site, reply_id) for reply_id in made] == ["hidden", "hidden", "visible", "hidden", "hidden"]
    site.run("log", "verify")


def _tab_to(page: Page, selector: str, *, back: bool = False) -> None:
    """Press Tab until that has the focus."""
    for _ in range(120):
        if page.locator(f"{selector}:focus").count():
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab")


def _state(site: Site, reply_id: int) -> str:
    return site.rows(select(Reply.state).where(Reply.id == reply_id))[0][0]


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_visitor_reports_and_a_newcomer_sees_that_the_reply_waits(ring: Ring, essay: EssayAt) -> None:
    writer, keeper, other = ring.person(), ring.person("moderator"), ring.person()
    made = answered(writer, essay, "An argument for the quay.")
    with ring.window(width=320) as page:
        ring.go(page, f"/replies/{made}")
        page.click(f"#reply-{made} a:has-text('Report')")
        page.select_option("select[name=reason]", "insult")
        page.fill("textarea[name=note]", "It names somebody.")
        page.click("main button.primary")
        expect(page.locator("main .done")).to_contain_text("A moderator will look at it")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert keeper.post(f"{essay.path}/premoderation", value="1").status == 303
    with ring.window() as page:
        ring.log_in(page, other, essay.paragraph(2))
        ring.go(page, essay.paragraph(2))
        page.check(f"#form-p-{essay.keys[1]} input[value=con]")
        page.fill(f"#form-p-{essay.keys[1]} textarea[name=body]", "Against the quay, for now.")
        page.click(f"#form-p-{essay.keys[1]} button[value=post]")
        expect(page.locator("article.reply.held")).to_contain_text("Waiting for a moderator. Only you can see this.")
        ring.go(page, essay.paragraph(2))
        expect(page.locator("article.reply.held")).to_contain_text("Against the quay, for now.")
    with ring.window() as page:
        ring.go(page, essay.paragraph(2))
        expect(page.locator("article.reply.held")).to_have_count(0)


def test_a_source_is_linked_looked_at_and_asked_for(ring: Ring, essay: EssayAt) -> None:
    writer, linker, reader = ring.person(), ring.person(), ring.person()
    made = answered(writer, essay, "The berths are full by nine.")
    doi = f"10.1000/berths{made}"
    answered(writer, essay, "So is the quay.", source_url=doi)
    with ring.window() as page:
        ring.log_in(page, linker, f"/replies/{made}")
        ring.go(page, f"/replies/{made}")
        page.locator(f"#ask-button-{made}").click()
        expect(page.locator(f"#ask-button-{made}")).to_have_attribute("aria-pressed", "true")
        expect(page.locator(f"#citations-{made} .asked")).to_have_text("1 reader asks for a source")
        if not page.locator(f"#cite-{made}").is_visible():
            page.locator("details.fold > summary").first.click()
        form = page.locator(f"#cite-{made}")
        form.locator("input[name=url]").fill(f"https://doi.org/{doi.upper()}")
        if ring.script:  # told as soon as the field is left
            form.locator("input[name=url]").blur()
        else:
            form.locator("button[value=preview]").click()
        expect(form.locator(".looked")).to_contain_text(f"doi:{doi}: already cited in 1 reply (0 for, 1 against)")
        form.locator("textarea[name=quote]").fill("full by nine")
        form.locator("button[value=post]").click()
        chip = page.locator(f"#citations-{made} > li[id]")
        expect(chip.locator("a.source")).to_have_attribute("href", f"https://doi.org/{doi.upper()}")
        expect(page.locator(f"#reply-{made}")).not_to_contain_text("asks for a source")
        chip.locator("a.at").click()
        expect(page.locator(".uses > li")).to_have_count(2)
    with ring.window(width=320) as page:
        ring.log_in(page, reader, f"/replies/{made}")
        ring.go(page, f"/replies/{made}")
        page.locator(f"#citations-{made} details > summary").click()
        page.locator(f"#citations-{made} .looks a[href^='/citations/']").click()
        page.locator(".check button", has_text="No").click()
        expect(page.locator(".check button", has_text="No")).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".answers-given")).to_contain_text("No 1 (0 for, 0 against, 1 neither)")
        if ring.script:
            assert active(page).endswith("-no")  # the focus stays where it was
            expect(page.locator("#say")).to_have_text("Your answer was counted.")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


SAVED = """<!doctype html><html lang="en"><head><title>Ferries | The Harbour Post</title></head><body>
<nav><a href="/">Front page</a></nav><article><h1>Ferries by night</h1>
<p>The night ferry carries nobody. It burns what forty cars burn.</p>
<p>A quay without light is a quay nobody trusts, whatever the council says of it.</p>
<p>So tie the boat up at ten, and give the crew their sleep.</p></article></body></html>"""


def test_an_author_brings_a_page_in_revises_it_and_readers_stand_by_their_words(ring: Ring, tmp_path: Path) -> None:
    author, critic, reader = ring.person("moderator"), ring.person(), ring.person()
    file = tmp_path / "ferries.html"
    file.write_text(SAVED)
    with ring.window(width=320) as page:
        ring.log_in(page, author, "/essays/new")
        ring.go(page, "/essays/new")
        page.set_input_files("input[name=file]", file)
        page.locator("form.essay-form .buttons button[value=preview]").click()
        expect(page.locator("#found-h")).to_have_text("3 paragraphs open to debate")
        expect(page.locator("input[name=title]")).to_have_value("Ferries by night")
        expect(page.locator("#found")).not_to_contain_text("Front page")
        page.locator("#b-0 button", has_text="Split").click()
        page.locator("#b-0 .seams button").click()
        expect(page.locator("#found-h")).to_have_text("4 paragraphs open to debate")
        page.locator("#b-1 button", has_text="Join with previous").click()
        expect(page.locator("#found-h")).to_have_text("3 paragraphs open to debate")
        page.locator("button", has_text="Save as a draft").click()
        page.locator("button", has_text="Make a secret link").click()
        link = page.locator("#secret").input_value()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.locator("#share button", has_text="Publish").click()
        expect(page.locator("#share")).to_have_count(0)
        path = page.url.partition(f":{ring.site.port}")[2].partition("#")[0]
        keys = [(node.get_attribute("id") or "")[2:] for node in page.locator("section.passage").all()]
    with ring.window() as page:
        assert page.goto(link).status == 404  # the draft is no more
    made = critic.post(f"{path}/p/{keys[1]}/replies", stance="con", body="It trusts the moon.").reply_id
    reader.post(f"/replies/{made}/vote", value="1")
    with ring.window() as page:
        ring.log_in(page, author, path)
        ring.go(page, path)
        page.get_by_role("link", name="Revise this essay").click()
        text = page.locator("textarea[name=text]")
        changed = text.input_value().replace("nobody trusts", "few would trust")
        text.fill(changed)
        page.fill("input[name=note]", "Few is not nobody")
        page.locator("form.essay-form .buttons button[value=preview]").click()
        expect(page.locator("#b-1 .fate")).to_contain_text("1 reply, 1 vote")
        expect(page.locator("#b-1 .fate")).to_contain_text("reworded")
        page.locator("button", has_text="Publish the revision").click()
        expect(page.locator(".edition")).to_contain_text("Revised once")
    for who in (critic, reader):
        with ring.window(width=320) as page:
            ring.log_in(page, who, "/notices")
            ring.go(page, "/notices")
            page.get_by_role("link", name=re.compile("Look at what changed")).click()
            expect(page.locator("section.reworded ins").first).to_have_text("few would trust")
            page.locator(".confirm button").click()
            if ring.script:
                expect(page.locator("#say")).to_have_text("Confirmed: it holds for the words of today.")
                expect(page.locator(".confirm")).to_have_count(0)
            else:
                expect(page.locator("main")).to_contain_text("Nothing waits for you here")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
    with ring.window() as page:
        ring.go(page, f"{path}/p/{keys[1]}")
        expect(page.locator(f"#reply-{made}")).not_to_contain_text("on an earlier wording")
        page.get_by_role("link", name="What changed").click()
        expect(page.locator(".diff del").first).to_have_text("nobody trusts")
