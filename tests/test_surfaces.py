"""What is held, hidden, withdrawn, erased, unpublished or a draft is nowhere for those who may not see it: a mark in
each field, every place where content can surface (debate/surfaces.py), every kind of reader."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cast import (
    Browser,
    EssayAt,
    add_user,
    article,
    cite,
    hide,
    publish,
    report,
    row,
    rows,
    share,
    vote,
    withdraw,
    words,
)
from flask import Flask
from sqlalchemy import select, text
from sweep import places

from debate.db import Base
from debate.models import Citation, Item, Reply, Ruling, Source
from debate.queries import counts, moderation
from debate.surfaces import MORE_SURFACES, SURFACES

MARKS = ("xyzzybody", "xyzzyearlier", "xyzzylink", "xyzzyurl", "xyzzyquote", "xyzzylocator", "xyzzytitle")
OF_SOURCES = ("xyzzysource", "xyzzyauthor", "xyzzycopy")
NOTE, CONTACT = "xyzzyreport", "xyzzycontact"
WORDY = (*MARKS, "[xyzzytitle](https://xyzzylink.example/)")


def marked(essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, client: Browser) -> dict[str, int]:
    """A reply of the critic's with a mark in each field, between two others, reported by a visitor."""
    above = essay.reply(author, "Above it.")
    about = essay.reply(critic, "xyzzyearlier first words", to=above, stance="con")
    critic.post(f"/replies/{about}/edit", body="xyzzybody and [xyzzytitle](https://xyzzylink.example/) say it.")
    at = f"https://xyzzyurl.example/{essay.id}"  # each essay has sources of its own
    cite(critic, about, f"{at}/source", "xyzzyquote")
    critic.post(f"/replies/{about}/citations", url=f"{at}/2", locator="xyzzylocator")
    of_it = Citation.reply_id == about
    source = rows(essay.app, select(Citation.source_id).where(of_it).order_by(Citation.id))[0]
    described = {"title": "xyzzysource", "authors": "xyzzyauthor", "archive_url": "https://xyzzycopy.example/"}
    scholar = add_user(essay.app, "Scholar")
    assert scholar.post(f"/sources/{source}/edit", edit="0", **described).status_code == 303
    citation = rows(essay.app, select(Citation.id).where(of_it).order_by(Citation.id))[0]
    stranger.post(f"/citations/{citation}/check", answer="no")
    stranger.post(f"/replies/{about}/asks", wanted="1")
    below = essay.reply(author, "Below it.", to=about, stance="con")
    vote(stranger, about, 1)
    form = client.get(f"/replies/{about}/reports")
    token = form.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    fields = {"reason": "other", "note": NOTE, "contact": f"{CONTACT}@example.org", "csrf_token": token}
    assert client.post(f"/replies/{about}/reports", **fields).status_code == 303
    return {"about": about, "above": above, "below": below}


def held(app: Flask, about: int) -> None:
    """As if it had been held from the start."""
    from debate.actions import moderation as acts
    from debate.queries import ground as grounds

    boss = add_user(app, "Keeper", role="moderator")

    def hold(session) -> None:
        ground = grounds.on_reply(session, boss.actor, about)
        acts.shift(session, ground, "held")
        session.add(Item(kind="held", essay_id=ground.essay.id, reply_id=about, why="links", opened_at=ground.now))

    app.extensions["database"].write(hold)


# By state: how it comes about, and who reads the words still.
STATES = {
    "held": {"Critic", "Warden", "Chief"},
    "hidden": {"Critic", "Warden", "Chief"},
    "withdrawn": set(),
    "erased": set(),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.sweep
def test_what_may_not_be_seen_is_nowhere(
    app: Flask, essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser, admin: Browser,
    client: Browser, state: str,
) -> None:  # fmt: skip
    other = publish(app, author, title="Another essay altogether")
    helper = add_user(app, "Helper")
    admin.post(f"{other.path}/moderators", name="Helper")
    made = marked(essay, critic, author, stranger, client)
    about = made["about"]
    warm = [client.get(path.format(**places(essay, **made))) for path in (SURFACES["replies.show"], "{essay}/p/{key}")]
    assert all(MARKS[0] in answer.text for answer in warm)  # so that what is kept of pages is put to the test too
    if state == "held":
        held(app, about)
    elif state == "hidden":
        hide(moderator, about, "insult")
    elif state == "withdrawn":
        withdraw(critic, about)
    else:
        assert admin.post(f"/replies/{about}/erase", reason="other", note="A court said so.").status_code == 303
    where = places(essay, **made)
    for who in (client, stranger, author, helper, critic, moderator, admin):
        shown = _all_that_is_shown(who, where)
        reads = who.name in STATES[state]
        for mark in (*MARKS, *OF_SOURCES):
            found = [path for path, said in shown.items() if mark in said]
            if not reads and path_of_own_data(found, who, state):
                continue
            assert bool(found) == reads, (state, who.name or "visitor", mark, found)
        told = [path for path, said in shown.items() if NOTE in said or CONTACT in said]
        assert set(told) <= ({"/moderation?kind=reported", "/moderation"} if who.name in ("Warden", "Chief") else set())
        if state in ("held", "withdrawn", "erased"):
            notices = shown.get("/notices", "")
            assert "xyzzy" not in notices


def path_of_own_data(found: list[str], who: Browser, state: str) -> bool:
    """Who withdrew it takes it along still; who linked a source too."""
    return state == "withdrawn" and who.name == "Critic" and found in ([], ["/settings/data"])


def _all_that_is_shown(who: Browser, where: dict[str, str]) -> dict[str, str]:
    """Everything that is answered, headers too, lower case, by path; with htmx what differs."""
    found = {}
    for template in (*SURFACES.values(), *MORE_SURFACES):
        path = template.format(**where)
        for htmx in (False, True):
            answer = who.get(path, htmx=htmx)
            assert answer.status_code < 500, path
            found[path] = found.get(path, "") + answer.text.lower() + str(answer.headers).lower()
    return found


# --- essays that are not for all to read

NAMED = "Xyzzy&name of an essay"  # its address does not hold the mark
OF_ESSAYS = ("xyzzy&name", "xyzzy&amp;name", "xyzzyparagraph")
TEXT = ("xyzzyparagraph one.", "xyzzyparagraph two.", "xyzzyparagraph three.")


@pytest.mark.sweep
def test_what_was_unpublished_is_nowhere(
    app: Flask, critic: Browser, author: Browser, stranger: Browser, moderator: Browser, admin: Browser,
    client: Browser,
) -> None:  # fmt: skip
    essay = publish(app, author, NAMED, TEXT)
    other = publish(app, author, title="Another essay altogether")
    helper = add_user(app, "Helper")
    admin.post(f"{other.path}/moderators", name="Helper")
    made = marked(essay, critic, author, stranger, client)
    where = places(essay, **made)
    for path in ("{essay}", "/replies/{about}", "{essay}/p/{key}", "/", "/search?q=xyzzyparagraph"):
        assert OF_ESSAYS[1] in client.get(path.format(**where)).text.lower()  # kept, then
    assert moderator.post(f"{essay.path}/unpublish", reason="Enough of it.").status_code == 303
    every = (*MARKS, *OF_SOURCES, *OF_ESSAYS, "above it.", "below it.", NOTE, CONTACT)
    for who in (client, stranger, helper):
        shown = _all_that_is_shown(who, where)
        for mark in every:
            found = [path for path, said in shown.items() if mark in said]
            assert found == [], (who.name or "visitor", mark)
    own = {"/replies/{about}".format(**where), "/replies/{about}?alone=1".format(**where), "/settings/data"}
    shown = _all_that_is_shown(critic, where)
    for mark in every:
        found = {path for path, said in shown.items() if mark in said}
        assert found <= own, mark
        assert mark != MARKS[0] or found == own
        assert not found or mark in MARKS  # nothing that others wrote
    for who in (author, moderator, admin):
        shown = _all_that_is_shown(who, where)
        for path in ("{essay}", "{essay}/tree", "{essay}/p/{key}?sort=new", "{essay}/revisions/1"):
            assert OF_ESSAYS[1] in shown[path.format(**where)], (who.name, path)
        for path in ("/?q=xyzzy", "/search?q=xyzzy", "/search?by=Critic", "/users/Critic", "/moderation/locks"):
            assert not any(mark in shown[path] for mark in every), (who.name, path)


@pytest.mark.parametrize("rebuilt", [False, True], ids=["", "index made anew"])
@pytest.mark.sweep
def test_a_draft_is_nowhere(
    app: Flask, essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser,
    admin: Browser, client: Browser, rebuilt: bool,
) -> None:  # fmt: skip
    about, above, below = (essay.reply(critic, f"Reply {number}.") for number in range(3))
    draft = publish(app, author, NAMED, TEXT, as_draft=True)
    link = share(author, draft)
    if rebuilt:
        assert app.test_cli_runner().invoke(args=["search", "rebuild"]).exit_code == 0
    where = places(essay, about, above, below)
    where |= {"essay": draft.path, "slug": draft.slug, "key": draft.paragraphs[0][1]}
    secret = link.rpartition("/")[2]
    for who in (client, stranger, critic, moderator, admin):
        assert OF_ESSAYS[1] in who.get(link).text.lower()
        shown = _all_that_is_shown(who, where)
        for mark in (*OF_ESSAYS, secret):
            assert [path for path, said in shown.items() if mark in said] == [], (who.name or "visitor", mark)
    shown = _all_that_is_shown(author, where)
    told = {path for path, said in shown.items() if any(mark in said for mark in OF_ESSAYS)}
    assert draft.path in told
    for path in told:
        asked_by_address = path.endswith(f"essay={draft.slug}")
        assert asked_by_address or path.startswith((draft.path, "/essays/new", "/users/Author", "/settings/data")), path


@pytest.mark.parametrize("state", ["held", "hidden"])
def test_counts_and_orders_do_not_tell_of_it(
    app: Flask, essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser,
    client: Browser, state: str,
) -> None:  # fmt: skip
    essay.reply(author, "A visible one.")
    alone = essay.reply(critic, f"{MARKS[0]} alone.")
    (held(app, alone) if state == "held" else hide(moderator, alone))
    shown = words(client.get(essay.path))
    assert "1 reply by 1 person" in shown
    assert "1 for" in words(client.get(essay.p()))
    assert "0 replies" in words(client.get("/users/Critic"))
    assert article(client.get(essay.p()), alone) is None
    codes = {"held": 404, "hidden": 410}
    for path in (f"/replies/{alone}", f"/replies/{alone}/reports"):
        assert client.get(path).status_code == codes[state], path
    for path in (f"/replies/{alone}/replies", f"/replies/{alone}/vote", f"/replies/{alone}/citations"):
        answer = stranger.post(path, stance="pro", body="x", value="1", url="https://example.org/")
        assert answer.status_code == codes[state], path


def test_the_similar_replies_of_a_preview_are_visible_ones(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    said = "Xyzzybody lamps burn along the quay through the whole night."
    made = essay.reply(critic, said)
    hide(moderator, made)
    fields = {"stance": "pro", "body": "Lamps burn along the quay through the whole night.", "intent": "preview"}
    assert "xyzzybody" not in stranger.post(f"{essay.p()}/replies", **fields).text.lower()


# --- erased


def test_erased_words_are_in_no_table_and_no_file(
    app: Flask, essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser, admin: Browser,
    client: Browser,
) -> None:  # fmt: skip
    made = marked(essay, critic, author, stranger, client)
    about = made["about"]
    hide(moderator, about, "other", note="A note.")
    critic.post(f"/moderation/rulings/{rows(app, select(Ruling.id))[0]}/appeal", words="xyzzyappeal words")
    assert moderator.post(f"/replies/{about}/erase", reason="other", note="x").status_code == 403
    assert admin.post(f"/replies/{about}/erase", reason="other", note="").status_code == 422
    form = admin.get(f"/replies/{about}/erase")
    assert "xyzzybody" in form.text
    assert admin.post(f"/replies/{about}/erase", reason="other", note="A court said so.").status_code == 303
    database = app.extensions["database"]
    with database.reading() as session:
        for name, table in Base.metadata.tables.items():
            assert "xyzzy" not in repr(session.execute(select(table)).all()).lower(), name
        assert counts.differences(session) == []
        assert moderation.verify(session).wrong == []
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        data = Path(database.engine.url.database or "").read_bytes()
        assert b"xyzzy" not in data.lower()
    assert row(app, Reply, about).state == "erased"
    assert rows(app, select(Citation)) == rows(app, select(Source)) == []
    shown = client.get(f"/replies/{about}")
    assert shown.status_code == 200
    assert "Erased for good by an admin" in words(shown)
    assert "Below it." in words(shown)
    assert "erased the words of" in words(client.get("/moderation/log"))
    assert "erased the words of" in words(critic.get("/notices"))
    assert admin.post(f"/replies/{about}/erase", reason="other", note="Twice.").status_code == 410
    assert critic.post(f"/replies/{about}/withdraw").status_code == 410
    assert moderator.post(f"/replies/{about}/restore").status_code == 410


def test_every_process_lets_go_of_what_it_kept(
    app: Flask, make_app: Callable[..., Flask], essay: EssayAt, critic: Browser, admin: Browser
) -> None:
    other = make_app()
    made = essay.reply(critic, "xyzzybody words.")
    elsewhere = essay.reply(critic, "Another one.")
    reader = Browser(other)
    assert "xyzzybody" in reader.get(f"/replies/{made}").text
    kept = (other.extensions["parts"], other.extensions["visitors"].pages)
    assert all(len(store._values) for store in kept)
    admin.post(f"/replies/{made}/erase", reason="other", note="A court said so.")
    reader.get(f"/replies/{elsewhere}")
    assert not any("xyzzybody" in html for html in kept[0]._values.values())
    import gzip

    assert not any(b"xyzzybody" in gzip.decompress(page.body) for page in kept[1]._values.values())


def test_replies_that_repeat_its_words_are_named_to_the_admin(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, admin: Browser
) -> None:
    said = "She lives at 12 Mill Lane, on the second floor."
    made = essay.reply(critic, said)
    quoting = essay.reply(stranger, f"> {said}\n\nThis should go.")
    essay.reply(stranger, "Something else entirely.")
    shown = admin.get(f"/replies/{made}/erase")
    assert f"/replies/{quoting}/erase" in shown.text
    assert "Something else entirely" not in shown.text


def test_a_report_of_an_erased_reply_keeps_its_reason_alone(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, admin: Browser
) -> None:
    made = essay.reply(critic, "Words.")
    report(stranger, made, "other", note="It says where xyzzy lives.")
    admin.post(f"/replies/{made}/erase", reason="other", note="A court said so.")
    with app.extensions["database"].reading() as session:
        assert session.execute(text("SELECT reason, note, contact FROM reports")).all() == [("other", "", "")]
    assert rows(app, select(Item.closed_at)) != [None]
