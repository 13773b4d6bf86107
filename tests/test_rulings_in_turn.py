"""One ruling after another, in whatever order: nothing is stuck, nothing lost, nothing of another's undone."""

from collections.abc import Iterator

import pytest
from cast import Browser, EssayAt, add_user, article, hide, lock, page, publish, report, row, rows, suspend, vote, words
from flask import Flask
from sqlalchemy import select

from debate.models import Item, Lock, Reply, Ruling, Standing, Vote, VoteAside
from debate.queries import counts, moderation


def decide(who: Browser, item_id: int, act: str, **fields: str):
    return who.post(f"/moderation/items/{item_id}", act=act, **fields)


def last(app: Flask) -> Ruling:
    return rows(app, select(Ruling).order_by(Ruling.id.desc()))[0]


def waiting(app: Flask, kind: str) -> list[Item]:
    return rows(app, select(Item).where(Item.kind == kind, Item.closed_at.is_(None)))


def appeal(app: Flask, who: Browser, ruling: Ruling) -> int:
    assert who.post(f"/moderation/rulings/{ruling.id}/appeal", words="Look again.").status_code == 303
    return waiting(app, "appeal")[-1].id


@pytest.fixture
def made(essay: EssayAt, critic: Browser) -> int:
    return essay.reply(critic, "An argument that somebody minds.")


@pytest.fixture(autouse=True)
def counted(app: Flask) -> Iterator[None]:
    """After each test the counts are what the rows say, and the chain is whole."""
    yield
    with app.extensions["database"].reading() as session:
        assert counts.differences(session) == []
        assert moderation.verify(session).wrong == []


def test_a_moderator_of_one_essay_bans_nobody(
    app: Flask, essay: EssayAt, made: int, critic: Browser, author: Browser, admin: Browser, stranger: Browser
) -> None:
    helper = add_user(app, "Helper")
    admin.post(f"{essay.path}/moderators", name="Helper")
    other = publish(app, author, title="Another essay altogether")
    elsewhere = other.reply(author, "An argument over there.")
    vote(critic, elsewhere, 1)
    item = report(stranger, made)
    assert decide(helper, item, "hide", reason="spam", bar="ban").status_code == 422
    assert 'value="ban"' not in helper.get("/moderation").text
    assert row(app, Reply, elsewhere).ups == 1
    assert decide(helper, item, "hide", reason="spam", bar="always").status_code == 303
    assert critic.post(f"{essay.p()}/replies", stance="pro", body="Here?").status_code == 403
    assert suspend(admin, critic, kind="banned")
    assert (rows(app, select(Vote)), len(rows(app, select(VoteAside)))) == ([], 1)
    assert admin.post("/users/Critic/lift").status_code == 303
    assert row(app, Reply, elsewhere).ups == 1
    assert critic.post(f"{essay.p()}/replies", stance="pro", body="Still not.").status_code == 403
    assert helper.post("/users/Critic/lift", essay=other.slug).status_code == 403
    assert helper.post("/users/Critic/lift", essay=essay.slug).status_code == 303
    assert critic.post(f"{essay.p()}/replies", stance="pro", body="At last.").status_code == 303


def test_a_moderator_of_one_essay_does_not_suspend_another_of_it(
    app: Flask, essay: EssayAt, admin: Browser, stranger: Browser
) -> None:
    for name in ("Helper", "Second"):
        add_user(app, name)
        admin.post(f"{essay.path}/moderators", name=name)
    helper, second = (
        Browser(app, name, rows(app, select(Ruling.user_id).order_by(Ruling.id))[at])
        for at, name in enumerate(("Helper", "Second"))
    )
    item = report(stranger, essay.reply(second, "A colleague's words."))
    assert decide(helper, item, "suspend", reason="spam", bar="1").status_code == 403


def test_what_is_folded_under_a_reply_is_never_shown_from_another_time(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, author: Browser, moderator: Browser, client: Browser
) -> None:
    first, second, third = (essay.reply(who, f"The argument of {who.name}.") for who in (critic, stranger, author))
    item = report(critic, second, "duplicate")
    decide(moderator, item, "duplicate", of=str(first))
    assert "argument of Stranger" in client.get(essay.p()).text
    stranger.post(f"/replies/{second}/withdraw")
    item = report(critic, third, "duplicate")
    decide(moderator, item, "duplicate", of=str(first))
    for who in (client, critic, moderator):
        for path in (essay.p(), f"/replies/{first}"):
            shown = article(who.get(path), first).text()
            assert "argument of Author" in shown, who.name
            assert "argument of Stranger" not in shown, who.name


def test_a_note_that_was_erased_stands_nowhere_else(
    app: Flask, essay: EssayAt, made: int, critic: Browser, stranger: Browser, moderator: Browser, admin: Browser,
    client: Browser,
) -> None:  # fmt: skip
    hide(moderator, made, "other", note="xyzzy hid it.")
    lock(moderator, essay.target(2), reason="xyzzy locked it.")
    moderator.post("/users/Stranger/suspend", bar="7", reason="other", note="xyzzy suspended.")
    paths = (essay.path, essay.p(2), f"/replies/{made}", "/moderation/locks", "/notices", "/settings", "/settings/data")
    for who in (critic, stranger, client):
        assert any("xyzzy" in who.get(path).text for path in paths), who.name
    for ruling in rows(app, select(Ruling)):
        assert admin.post(f"/moderation/rulings/{ruling.id}/erase-note").status_code == 303
    for who in (critic, stranger, client, moderator):
        for path in (*paths, "/moderation/log"):
            assert "xyzzy" not in who.get(path).text, (who.name, path)


def test_an_erased_note_does_not_keep_a_ruling_from_being_appealed_or_undone(
    app: Flask, essay: EssayAt, made: int, critic: Browser, moderator: Browser, admin: Browser
) -> None:
    hide(moderator, made, "other", note="Too much said.")
    ruling = last(app)
    admin.post(f"/moderation/rulings/{ruling.id}/erase-note")
    appeal(app, critic, ruling)
    assert moderator.post(f"/moderation/rulings/{ruling.id}/undo").status_code == 303
    assert row(app, Reply, made).state == "visible"


def test_nobody_decides_on_words_they_have_not_seen(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser
) -> None:
    moderator.post(f"{essay.path}/premoderation", value="1")
    critic.post(f"{essay.p()}/replies", stance="pro", body="Harmless words.")
    [item] = waiting(app, "held")
    seen = page(moderator.get("/moderation")).css_first(f"#item-{item.id} [name=edit]").attributes["value"]
    critic.post(f"/replies/{item.reply_id}/edit", body="Spam that nobody has seen.")
    answer = decide(moderator, item.id, "approve", edit=seen)
    assert answer.status_code == 422
    assert "has changed the words meanwhile" in words(answer)
    assert "Spam that nobody has seen." in words(answer)
    assert row(app, Reply, item.reply_id).state == "held"
    assert decide(moderator, item.id, "approve", edit="1").status_code == 303


def test_held_words_wait_in_the_queue_until_they_are_decided(
    app: Flask, essay: EssayAt, made: int, critic: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    reported = report(stranger, made)
    moderator.post(f"{essay.path}/premoderation", value="1")
    critic.post(f"/replies/{made}/edit", body="Changed, so it waits.")
    [held] = waiting(app, "held")
    assert decide(moderator, reported, "keep").status_code == 303
    assert [item.id for item in waiting(app, "held")] == [held.id]
    for act in ("suspend", "lock"):
        assert decide(moderator, held.id, act, reason="spam", bar="1", note="x").status_code == 422
    assert decide(moderator, held.id, "ask", reason="source").status_code == 303
    assert f"/replies/{made}" not in client.get("/moderation/log?act=ask").text
    moderator.post(f"{essay.path}/premoderation", value="0")
    critic.post(f"/replies/{made}/edit", body="Changed as asked.")
    assert [item.why for item in waiting(app, "held")] == ["essay"]
    assert moderator.get("/moderation?kind=held").status_code == 200


def test_turning_down_what_was_held_can_be_undone_and_appealed(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser, admin: Browser
) -> None:
    moderator.post(f"{essay.path}/premoderation", value="1")
    critic.post(f"{essay.p()}/replies", stance="pro", body="Please let me in.")
    [item] = waiting(app, "held")
    decide(moderator, item.id, "hide", reason="spam")
    moderator.post(f"/moderation/rulings/{last(app).id}/undo")
    assert row(app, Reply, item.reply_id).state == "held"
    [item] = waiting(app, "held")
    decide(moderator, item.id, "hide", reason="spam")
    assert decide(admin, appeal(app, critic, last(app)), "overturn").status_code == 303
    assert row(app, Reply, item.reply_id).state == "held"
    assert len(waiting(app, "held")) == 1


def test_undoing_after_a_new_report_keeps_both(
    app: Flask, essay: EssayAt, made: int, critic: Browser, stranger: Browser, author: Browser, moderator: Browser
) -> None:
    item = report(stranger, made)
    decide(moderator, item, "ask", reason="source")
    ruling = last(app)
    report(author, made)
    assert moderator.post(f"/moderation/rulings/{ruling.id}/undo").status_code == 303
    [waits] = waiting(app, "reported")
    assert waits.report_count == 2
    assert "reported 2 times" in words(moderator.get("/moderation"))


def test_undoing_takes_back_no_later_ruling(
    app: Flask, essay: EssayAt, made: int, moderator: Browser, admin: Browser
) -> None:
    hide(moderator, made, "insult")
    first = last(app)
    admin.post(f"/replies/{made}/restore")
    hide(admin, made, "spam")
    assert moderator.post(f"/moderation/rulings/{first.id}/undo").status_code == 409
    assert row(app, Reply, made).state == "hidden"
    lock(moderator, essay.target(2))
    mine = last(app)
    admin.post(f"{essay.p(2)}/unlock")
    lock(admin, essay.target(2), reason="Mine.")
    assert moderator.post(f"/moderation/rulings/{mine.id}/undo").status_code == 409
    assert len([one for one in rows(app, select(Lock)) if one.lifted_at is None]) == 1


@pytest.mark.parametrize("how", ["undo", "restore", "withdraw", "erase"])
def test_an_appeal_is_closed_with_what_it_was_about(
    app: Flask, made: int, critic: Browser, moderator: Browser, admin: Browser, how: str
) -> None:
    hide(moderator, made)
    ruling = last(app)
    item = appeal(app, critic, ruling)
    if how == "undo":
        moderator.post(f"/moderation/rulings/{ruling.id}/undo")
    elif how == "withdraw":
        critic.post(f"/replies/{made}/withdraw")
    elif how == "erase":
        admin.post(f"/replies/{made}/erase", reason="other", note="A court said so.")
    else:
        admin.post(f"/replies/{made}/restore")
    assert waiting(app, "appeal") == []
    assert decide(admin, item, "overturn").status_code in (409, 410)


def test_an_appeal_against_a_suspension_is_closed_when_that_is_lifted(
    app: Flask, critic: Browser, moderator: Browser, admin: Browser
) -> None:
    suspend(moderator, critic)
    appeal(app, critic, last(app))
    admin.post("/users/Critic/lift")
    assert waiting(app, "appeal") == []


def test_who_was_refused_can_win_an_appeal(app: Flask, essay: EssayAt, moderator: Browser, admin: Browser) -> None:
    from debate.actions import users

    hashed = app.extensions["passwords"].hash("correct horse battery")
    number = app.extensions["database"].write(users.add, "Newcomer", "n@example.org", hashed, is_new=True, waits=True)
    new = Browser(app, "Newcomer", number)
    [item] = waiting(app, "account")
    assert decide(moderator, item.id, "refuse").status_code == 303
    assert "You are banned." in words(new.get("/"))
    second = decide(admin, item.id, "admit")
    assert (second.status_code, "Warden refused the account" in words(second)) == (409, True)
    assert decide(admin, appeal(app, new, last(app)), "overturn").status_code == 303
    assert new.post(f"{essay.p()}/replies", stance="pro", body="Thank you.").status_code == 303


def test_an_account_that_waits_can_be_banned_and_refused(app: Flask, moderator: Browser) -> None:
    from debate.actions import users

    number = app.extensions["database"].write(users.add, "Newcomer", "n@example.org", "x" * 20, is_new=True, waits=True)
    suspend(moderator, Browser(app, "Newcomer", number), kind="banned")
    assert decide(moderator, waiting(app, "account")[0].id, "refuse").status_code == 303
    assert len([one for one in rows(app, select(Standing)) if one.lifted_at is None]) == 1


def test_held_words_with_answers_beneath_are_said_to_be_nothing_else(
    app: Flask, essay: EssayAt, made: int, critic: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    below = essay.reply(stranger, "An answer.", to=made, stance="con")
    moderator.post(f"{essay.path}/premoderation", value="1")
    critic.post(f"/replies/{made}/edit", body="Changed, so it waits.")
    for path in (essay.p(), f"/replies/{below}"):
        shown = client.get(path)
        assert "Withdrawn" not in words(shown)
        assert "Not shown" in words(shown)
        assert page(shown).css_first(f"#reply-{made} a") is None


def test_several_at_once_go_on_where_one_is_refused(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    items = [report(stranger, essay.reply(critic, f"Argument {number}.")) for number in range(2)]
    items.append(report(stranger, essay.reply(moderator, "The moderator's own.")))
    moderator.post(f"{essay.path}/premoderation", value="1")
    critic.post(f"{essay.p()}/replies", stance="pro", body="A held one.")
    items.append(waiting(app, "held")[0].id)
    fields = {
        "csrf_token": moderator.token(),
        "item": [f"{number}:0" for number in items],
        "confirmed": "1",
        "act": "keep",
    }
    answer = moderator.client.post("/moderation/bulk", data=fields)
    assert answer.status_code == 200
    assert answer.text.count("decided") == 3
    assert "Nobody rules on their own words" in answer.text
    assert waiting(app, "held") == []
    odd = fields | {"act": "lock", "note": "x", "item": [f"{items[2]}:0"]}
    assert moderator.client.post("/moderation/bulk", data=odd).status_code == 422


def test_who_acted_cannot_be_worked_out_from_the_digests(app: Flask, made: int, moderator: Browser) -> None:
    hide(moderator, made)
    ruling = last(app)
    assert len(ruling.salt) == 32
    assert ruling.entry[0] == ruling.salt


def test_two_visitors_of_one_network_are_both_heard(app: Flask, made: int, client: Browser) -> None:
    for note in ("It names me.", "It names my sister."):
        form = client.get(f"/replies/{made}/reports")
        token = form.text.partition('name="csrf_token" value="')[2].partition('"')[0]
        answer = client.post(f"/replies/{made}/reports", reason="other", note=note, csrf_token=token)
        assert answer.status_code == 303
    assert rows(app, select(Item.report_count)) == [1]


def test_a_name_of_any_script_takes_its_data_out(app: Flask) -> None:
    person = add_user(app, "Łukasz")
    answer = person.get("/settings/data")
    answer.headers["Content-Disposition"].encode("latin-1")
    assert answer.get_json()["account"]["name"] == "Łukasz"


def test_an_admin_erases_no_own_words(app: Flask, essay: EssayAt, admin: Browser) -> None:
    made = essay.reply(admin, "My own words.")
    assert admin.post(f"/replies/{made}/erase", reason="other", note="x").status_code == 403
