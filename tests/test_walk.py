"""A debate carried over HTTP by two participants and a moderator, read by a visitor: through the pages' own forms."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from live import KINDS, PARAGRAPHS, PASSWORD, TITLE, EssayAt, Page, Person, Site, essay_at, site_on
from selectolax.lexbor import LexborNode

pytestmark = [pytest.mark.slow, pytest.mark.sweep]

DEPTH = 12


@dataclass
class Walk:
    """Who walks, through what; `chain` is the ids from the top-level reply down, `words` what each says."""

    site: Site
    essay: EssayAt
    ann: Person
    ben: Person
    warden: Person
    visitor: Person
    chain: list[int]
    words: list[str]

    @property
    def paragraph(self) -> str:
        return self.essay.paragraph(2)


@pytest.fixture(params=KINDS, scope="module")
def walk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """A site with the essay, brought in by the command; three accounts; the first reply and eleven beneath it."""
    folder = tmp_path_factory.mktemp(f"walk-{request.param}")
    with site_on(request.param, folder) as site:
        essay = brought_in(site)
        added = site.run(
            *("user", "add", "Warden", "--email", "warden@example.org", "--role", "moderator", "--password-stdin"),
            typed=PASSWORD + "\n",
        )
        assert added.returncode == 0, added.stderr
        site.start()
        ann, ben = Person(site, "Ann").register(), Person(site, "Ben").register()
        walk = Walk(site, essay, ann, ben, Person(site, "Warden").login(), Person(site), [], [])
        carry(walk)
        yield walk
        assert site.stop() == 0, site.log
        assert "Traceback" not in site.log


def brought_in(site: Site) -> EssayAt:
    file = site.folder / "harbour.txt"
    file.write_text("\n\n".join((TITLE, *PARAGRAPHS)))
    done = site.run("essay", "import", str(file), "--author", "Ada Quay")
    assert done.returncode == 0, done.stderr
    path, count = done.stdout.split()[:2]
    assert path.startswith("/essays/")
    assert int(count) == len(PARAGRAPHS)
    with site.database() as database:
        return essay_at(database, path.removeprefix("/essays/"))


def carry(walk: Walk) -> None:
    """Ann replies to the second paragraph, Ben to her, and so on down."""
    for depth in range(1, DEPTH + 1):
        who = (walk.ben, walk.ann)[depth % 2]
        stance = "pro" if depth % 3 == 0 else "con"
        words = f"At depth {depth} {who.name} holds that the wall is worth {depth * 7} boats."
        if depth == 1:
            action = f"{walk.paragraph}/replies"
            page = who.get(walk.paragraph)
        else:
            action = f"/replies/{walk.chain[-1]}/replies"
            page = who.get(action)
        answer = who.send(page, action, stance=stance, body=words)
        seen = who.follow(answer)
        article = seen.reply(answer.reply_id)
        assert article.attributes["data-stance"] == stance
        assert article.attributes["data-score"] == "0"
        assert words in article.text()
        walk.chain.append(answer.reply_id)
        walk.words.append(words)


def score(page: Page, reply_id: int) -> int:
    return int(page.reply(reply_id).attributes["data-score"] or "")


def pressed(page: Page, reply_id: int) -> dict[str, str]:
    """The vote form of a reply: each button's value, and whether it is pressed."""
    buttons = page.form(f"/replies/{reply_id}/vote").css("button[name=value]")
    return {button.attributes["value"] or "": button.attributes["aria-pressed"] or "" for button in buttons}


def fresh(walk: Walk, who: Person, words: str, number: int = 4) -> int:
    """A top-level reply that only one test is about."""
    action = walk.essay.paragraph(number) + "/replies"
    return who.send(who.get(walk.essay.paragraph(number)), action, stance="pro", body=words).reply_id


def lock(walk: Walk, target: str, page: str, **typed: str) -> Page:
    return walk.warden.follow(walk.warden.send(walk.warden.get(page), f"{target}/lock", **typed))


def unlock(walk: Walk, target: str, page: str) -> None:
    assert walk.warden.send(walk.warden.get(page), f"{target}/unlock").status == 303


def above(node: LexborNode, tag: str) -> LexborNode | None:
    at = node.parent
    while at is not None and at.tag != tag:
        at = at.parent
    return at


def test_a_visitor_reads_the_essay(walk: Walk) -> None:
    page = walk.visitor.get(walk.essay.path)
    assert page.status == 200
    assert [node.id for node in page.all("section[id^=p-]")] == [f"p-{key}" for key in walk.essay.keys]
    for key, words in zip(walk.essay.keys, PARAGRAPHS, strict=True):
        assert words in page.one(f"#p-{key}").text()
    assert page.one("h1").text() == TITLE
    assert "Ada Quay" in page.words


@pytest.mark.parametrize("place", ["essay", "paragraph", "tree", "sources", "reply", "log"])
def test_pages_for_everybody_are_for_everybody(walk: Walk, place: str) -> None:
    path = {
        "essay": walk.essay.path,
        "paragraph": walk.paragraph,
        "tree": f"{walk.essay.path}/tree",
        "sources": f"{walk.essay.path}/sources",
        "reply": f"/replies/{walk.chain[3]}",
        "log": "/moderation/log",
    }[place]
    page = Person(walk.site).get(path)
    assert page.status == 200
    assert page.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Set-Cookie" not in page.headers
    assert "csrf_token" not in page.text
    assert not [form for form in page.all("form") if (form.attributes.get("method") or "get").lower() == "post"]
    again = Person(walk.site).get(path, **{"If-None-Match": page.headers["ETag"]})
    assert again.status == 304
    assert walk.ann.get(path).headers["Cache-Control"] == "private, no-store"


def test_the_chain_goes_down_to_the_twelfth_reply(walk: Walk) -> None:
    assert len(set(walk.chain)) == DEPTH
    page = walk.visitor.get(f"/replies/{walk.chain[-1]}")
    assert page.reply_ids() == walk.chain
    page = walk.visitor.get(walk.paragraph)
    shown = page.reply_ids()
    assert shown == walk.chain[: len(shown)]
    assert len(shown) > 1
    for parent, child in pairwise(shown):
        inside = above(page.reply(child), "ol")
        assert inside is not None
        assert inside.id == f"beneath-{parent}"


def test_a_reply_with_a_source_and_a_preview(walk: Walk) -> None:
    action = f"{walk.essay.paragraph(3)}/replies"
    typed = {
        "stance": "con",
        "body": "The fee of 1961 drove *nobody* out.",
        "source_url": "https://harbours.example/fees/1961",
        "source_quote": "Not one berth was given up",
    }
    looked = walk.ann.send(walk.ann.get(walk.essay.paragraph(3)), action, press=("intent", "preview"), **typed)
    assert looked.status == 200
    assert looked.one(".preview em").text() == "nobody"
    assert not walk.visitor.get(walk.essay.paragraph(3)).reply_ids()
    answer = walk.ann.send(looked, action)
    page = walk.visitor.get(answer.location)
    article = page.reply(answer.reply_id)
    assert article.attributes["data-stance"] == "con"
    assert article.css('a[href="https://harbours.example/fees/1961"]')
    assert "Not one berth was given up" in article.text()
    assert "harbours.example" in walk.visitor.get(f"{walk.essay.path}/sources").words


def test_what_is_missing_is_said_and_the_words_stay(walk: Walk) -> None:
    action = f"{walk.essay.paragraph(5)}/replies"
    page = walk.ben.send(walk.ben.get(walk.essay.paragraph(5)), action, body="No side was chosen here.")
    assert page.status == 422
    assert page.all('[role="alert"]')
    assert page.form(action).css_first("textarea[name=body]").text() == "No side was chosen here."
    answer = walk.ben.send(page, action, stance="pro")
    assert "No side was chosen here." in walk.ben.follow(answer).reply(answer.reply_id).text()


def test_one_form_is_one_reply(walk: Walk) -> None:
    action = f"{walk.essay.paragraph(6)}/replies"
    page = walk.ben.get(walk.essay.paragraph(6))
    first = walk.ben.send(page, action, stance="pro", body="Storms do not wait for a vote.")
    second = walk.ben.send(page, action, stance="pro", body="Storms do not wait for a vote.")
    assert first.reply_id == second.reply_id
    other = walk.ben.send(page, action, stance="pro", body="Nor does the tide.")
    assert other.reply_id != first.reply_id


def test_votes_are_cast_changed_and_cleared(walk: Walk) -> None:
    target = walk.chain[0]
    action = f"/replies/{target}/vote"
    for value, then, buttons in (
        ("1", 1, {"0": "true", "-1": "false"}),
        ("-1", -1, {"1": "false", "0": "true"}),
        ("0", 0, {"1": "false", "-1": "false"}),
        ("1", 1, {"0": "true", "-1": "false"}),
    ):
        answer = walk.ben.send(walk.ben.get(walk.paragraph), action, press=("value", value))
        assert answer.reply_id == target
        page = walk.ben.follow(answer)
        assert score(page, target) == then
        assert pressed(page, target) == buttons
    assert walk.warden.send(walk.warden.get(f"/replies/{target}"), action, press=("value", "1")).status == 303
    for path in (walk.paragraph, f"/replies/{target}", f"{walk.essay.path}/tree", f"/replies/{walk.chain[5]}"):
        assert score(walk.visitor.get(path), target) == 2, path
    own = walk.ann.get(walk.paragraph)
    assert not own.forms(action)
    assert walk.ann.post(action, value="1").status == 403
    assert walk.ben.post(action, value="2").status == 422
    assert Person(walk.site).post(action, value="1").status == 401
    assert score(walk.visitor.get(walk.paragraph), target) == 2


def test_a_source_is_linked_to_another_ones_reply(walk: Walk) -> None:
    target = walk.chain[1]
    action = f"/replies/{target}/citations"
    page = walk.ann.get(f"/replies/{target}")
    wrong = walk.ann.send(page, action, url="javascript:alert(1)", quote="kept")
    assert wrong.status == 422
    assert wrong.form(action).css_first("textarea[name=quote]").text() == "kept"
    answer = walk.ann.send(
        page, action, url="https://tides.example/2019?b=2", quote="higher by a foot", locator="p. 4", shows="undercuts"
    )
    assert answer.reply_id == target
    article = walk.visitor.get(answer.location).reply(target)
    assert article.css_first('a[href="https://tides.example/2019?b=2"]').attributes["rel"] == "nofollow ugc noopener"
    assert "undercuts" in article.text()
    sources = walk.visitor.get(f"{walk.essay.path}/sources")
    assert "tides.example" in sources.words
    assert [a for a in sources.all("a") if a.attributes.get("href") == f"/replies/{target}"]


def test_own_words_are_edited_and_nobody_elses(walk: Walk) -> None:
    mine = fresh(walk, walk.ann, "The shops pay alredy.")
    action = f"/replies/{mine}/edit"
    answer = walk.ann.send(walk.ann.get(action), action, body="The shops pay already.")
    assert answer.reply_id == mine
    page = walk.visitor.get(answer.location)
    assert "The shops pay already." in page.reply(mine).text()
    assert "alredy" in page.words  # in its history
    assert walk.ben.get(action).status == 403
    assert walk.ben.post(action, body="Mine now.").status == 403
    assert walk.ben.post(f"/replies/{mine}/withdraw").status == 403
    assert not walk.ben.get(f"/replies/{mine}").forms(f"/replies/{mine}/withdraw")


def test_what_is_withdrawn_is_gone(walk: Walk) -> None:
    mine = fresh(walk, walk.ben, "I wish I had not said pelican.")
    page = walk.ben.get(f"/replies/{mine}")
    answer = walk.ben.send(page, f"/replies/{mine}/withdraw")
    assert answer.reply_id == mine
    gone = walk.visitor.get(f"/replies/{mine}")
    assert gone.status == 410
    for path in (f"/replies/{mine}", walk.essay.paragraph(4), f"{walk.essay.path}/tree?depth=all", "/users/Ben"):
        assert "pelican" not in walk.visitor.get(path).text, path
    assert walk.ann.post(f"/replies/{mine}/replies", stance="pro", body="To a pelican.").status == 410


@pytest.mark.parametrize("place", ["reply", "above", "paragraph", "essay"])
def test_a_lock_closes_what_is_beneath_it(walk: Walk, place: str) -> None:
    deep = walk.chain[-1]
    target, page = {
        "reply": (f"/replies/{deep}", f"/replies/{deep}"),
        "above": (f"/replies/{walk.chain[2]}", f"/replies/{walk.chain[2]}"),
        "paragraph": (walk.paragraph, walk.paragraph),
        "essay": (walk.essay.path, walk.essay.path),
    }[place]
    action = f"/replies/{deep}/replies"
    form = walk.ann.get(action)
    votes = place in ("reply", "essay")
    closing = {"reason": f"A rest for the {place}.", **({"votes": "1"} if votes else {})}
    assert "A rest for the" in lock(walk, target, page, **closing).words
    try:
        refused = walk.ann.send(form, action, stance="con", body="Written while the lock fell.")
        assert refused.status == 423
        assert f"A rest for the {place}." in refused.words
        assert "Written while the lock fell." in refused.words
        assert walk.ann.get(action).status == 423
        assert not walk.ann.get(f"/replies/{deep}").forms(action)
        assert walk.ann.post(f"/replies/{deep}/citations", url="https://a.example/").status == 423
        assert walk.ben.post(f"/replies/{deep}/edit", body="Other words.").status == 423
        voted = walk.ann.post(f"/replies/{deep}/vote", value="1").status
        assert voted == (423 if votes else 303)
        assert f"A rest for the {place}." in walk.visitor.get(f"/replies/{deep}").words
        assert walk.ann.post(f"{target}/unlock").status == 403
    finally:
        unlock(walk, target, page)
    assert walk.ann.post(f"/replies/{deep}/vote", value="0").status == 303
    answer = walk.ann.send(form, action, stance="con", body=f"Written after the lock on the {place}.")
    assert answer.status == 303
    assert walk.ann.send(walk.ann.get(f"/replies/{answer.reply_id}"), f"/replies/{answer.reply_id}/withdraw")
    log = walk.visitor.get("/moderation/log").words
    assert f"A rest for the {place}." in log


def test_what_is_hidden_is_a_tombstone_and_what_is_beneath_stays(walk: Walk) -> None:
    target, secret = walk.chain[1], walk.words[1]
    action = f"/replies/{target}/hide"
    page = walk.warden.get(f"/replies/{target}")
    assert walk.warden.send(page, action).status == 422  # for no reason
    answer = walk.warden.send(page, action, reason="off-topic", note="About another wall.")
    assert answer.reply_id == target
    places = (
        walk.essay.path,
        walk.paragraph,
        f"{walk.essay.path}?open={walk.essay.keys[1]}",
        f"{walk.essay.path}/tree",
        f"{walk.essay.path}/tree?depth=all",
        f"{walk.essay.path}/sources",
        f"/replies/{target}",
        f"/replies/{walk.chain[2]}",
        f"/replies/{walk.chain[-1]}",
        "/users/Ben",
        "/moderation/log",
        "/",
    )
    for who in (walk.visitor, walk.ann):
        for path in places:
            assert secret not in who.get(path).text, path
    tombstone = walk.visitor.get(walk.paragraph).reply(target)
    assert "Hidden by a moderator" in tombstone.text()
    assert "off topic" in tombstone.text()
    assert tombstone.attributes["data-stance"] == "con"
    assert walk.visitor.get(f"/replies/{target}").status == 200
    assert walk.words[2] in walk.visitor.get(walk.paragraph).words
    assert secret in walk.ben.get(f"/replies/{target}").words  # who wrote it still reads it
    assert walk.ann.post(f"/replies/{target}/vote", value="-1").status == 410
    assert walk.ann.post(f"/replies/{target}/replies", stance="pro", body="After it was hidden.").status == 410
    assert walk.ann.post(f"/replies/{target}/restore").status == 403
    restored = walk.warden.send(walk.warden.get(f"/replies/{target}"), f"/replies/{target}/restore")
    assert restored.reply_id == target
    assert secret in walk.visitor.get(walk.paragraph).words


def test_the_tree_nests_all_twelve(walk: Walk) -> None:
    page = walk.visitor.get(f"{walk.essay.path}/tree?depth=all")
    found = page.reply_ids()
    assert [reply_id for reply_id in found if reply_id in walk.chain] == walk.chain
    top = above(page.reply(walk.chain[0]), "li")
    for parent, child in pairwise(walk.chain):
        item = above(page.reply(child), "li")
        outer = above(item, "ol") if item else None
        holder = above(outer, "li") if outer else None
        assert holder is not None
        assert holder.css(f"#reply-{parent}"), (parent, child)
        assert top is not None
    for reply_id, words in zip(walk.chain, walk.words, strict=True):
        assert words[:60] in page.reply(reply_id).text()
        assert page.reply(reply_id).attributes["data-stance"] in ("pro", "con")
    assert [node.id for node in page.all("[id^=p-]")] == [f"p-{key}" for key in walk.essay.keys]
    short = walk.visitor.get(f"{walk.essay.path}/tree?depth=2").reply_ids()
    assert walk.chain[1] in short
    assert walk.chain[2] not in short


def test_who_is_not_a_moderator_has_no_such_controls(walk: Walk) -> None:
    target = walk.chain[4]
    for who in (walk.ann, walk.ben):
        page = who.get(f"/replies/{target}")
        for act in ("lock", "hide"):
            assert not page.forms(f"/replies/{target}/{act}")
            assert who.post(f"/replies/{target}/{act}", reason="spam").status == 403
    assert walk.ann.request("POST", f"/replies/{target}/vote", {"value": "1"}).status == 400  # without the token
    assert walk.visitor.get(f"/replies/{max(walk.chain) + 1000}").status == 404


def test_nothing_differs_when_counted_again(walk: Walk) -> None:
    assert walk.site.recounts() == "0 differences.\n"
