"""The moderators' queue: what waits is decided once, can be undone for ten minutes, and is nobody else's business."""

from datetime import UTC, datetime, timedelta

import pytest
from cast import (
    Browser,
    EssayAt,
    add_user,
    everything,
    form_to,
    hide,
    page,
    publish,
    report,
    row,
    rows,
    suspend,
    withdraw,
    words,
)  # fmt: skip
from flask import Flask
from sqlalchemy import select, update

from debate.models import Item, Lock, Notice, Reply, Ruling, Standing
from debate.queries import counts


def decide(who: Browser, item_id: int, act: str, htmx: bool = False, **fields: str):
    return who.post(f"/moderation/items/{item_id}", htmx=htmx, act=act, **fields)


def last(app: Flask) -> Ruling:
    return rows(app, select(Ruling).order_by(Ruling.id.desc()))[0]


@pytest.fixture
def made(essay: EssayAt, critic: Browser) -> int:
    return essay.reply(critic, "An argument that somebody minds.")


@pytest.fixture
def item(made: int, stranger: Browser) -> int:
    return report(stranger, made)


DECISIONS = {
    "keep": ({}, "visible"),
    "hide": ({"reason": "insult"}, "hidden"),
    "ask": ({"reason": "source", "note": "Where is that from?"}, "visible"),
    "lock": ({"note": "Too hot."}, "visible"),
    "suspend": ({"reason": "insult", "bar": "7"}, "visible"),
    "duplicate": ({"of": "{other}"}, "duplicate"),
}


@pytest.mark.parametrize("act", DECISIONS)
def test_an_item_is_decided_with_one_entry_in_the_log_told_to_the_writer_and_undone(
    app: Flask, essay: EssayAt, made: int, item: int, critic: Browser, stranger: Browser, moderator: Browser,
    act: str, htmx: bool,
) -> None:  # fmt: skip
    other = essay.reply(stranger, "The same argument, said before.")
    fields, state = DECISIONS[act]
    answer = decide(moderator, item, act, htmx, **{name: said.format(other=other) for name, said in fields.items()})
    assert answer.status_code == (200 if htmx else 303)
    assert row(app, Reply, made).state == state
    ruling = last(app)
    assert (ruling.act, ruling.by_id, len(rows(app, select(Ruling)))) == (act, moderator.id, 1)
    kept = row(app, Item, item)
    assert (kept.outcome_id, kept.closed_at is not None) == (ruling.id, True)
    told = rows(app, select(Notice.ruling_id).where(Notice.user_id == critic.id))
    assert told == ([] if act == "keep" else [ruling.id])
    if act != "keep":
        assert "Warden" in words(critic.get("/notices"))
    undone = moderator.post(f"/moderation/rulings/{ruling.id}/undo", htmx=htmx)
    assert undone.status_code == (200 if htmx else 303)
    assert row(app, Reply, made).state == "visible"
    assert row(app, Item, item).closed_at is None
    assert last(app).about_id == ruling.id
    assert rows(app, select(Notice).where(Notice.user_id == critic.id, Notice.kind == "ruling")) == []
    assert not [lock for lock in rows(app, select(Lock)) if lock.lifted_at is None]
    assert not [one for one in rows(app, select(Standing)) if one.lifted_at is None]
    with app.extensions["database"].reading() as session:
        assert counts.differences(session) == []
    assert decide(moderator, item, "keep").status_code == 303


def test_the_next_item_has_the_focus_and_is_said_to_be_left(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    first, second = (report(stranger, essay.reply(critic, f"Argument {number}.")) for number in (1, 2))
    answer = decide(moderator, first, "hide", True, reason="spam")
    assert f"#item-{second}" in answer.headers["HX-Trigger-After-Settle"]
    assert "1 left" in page(answer).css_first("#say").text()
    assert form_to(answer, f"/moderation/rulings/{last(app).id}/undo") is not None
    answer = decide(moderator, second, "hide", reason="spam")
    assert answer.headers["Location"] == "/moderation?kind=reported"
    assert "Nothing waits here" in words(moderator.get("/moderation"))
    plain = moderator.get("/moderation")
    assert len(page(plain).css("details.recent form")) == 2


def test_the_second_of_two_moderators_is_told_the_outcome(
    app: Flask, item: int, moderator: Browser, admin: Browser, htmx: bool
) -> None:
    decide(moderator, item, "hide", reason="insult", note="Calls names.")
    answer = decide(admin, item, "keep", htmx, note="Fine by me, and here is a long reason.")
    assert answer.status_code == 409
    assert "Warden hid a reply" in words(answer)
    assert "Calls names." in words(answer)
    assert "Fine by me" in answer.text
    assert len(rows(app, select(Ruling))) == 1


def test_deciding_on_the_replys_own_page_closes_the_item_too(
    app: Flask, made: int, item: int, moderator: Browser, admin: Browser
) -> None:
    hide(moderator, made)
    assert decide(admin, item, "keep").status_code == 409
    assert row(app, Item, item).outcome_id == last(app).id


def test_what_was_withdrawn_waits_no_longer(
    app: Flask, made: int, item: int, critic: Browser, moderator: Browser
) -> None:
    withdraw(critic, made)
    assert row(app, Item, item).closed_at is not None
    assert decide(moderator, item, "hide", reason="spam").status_code == 410
    assert "An argument" not in moderator.get("/moderation").text


def test_nobody_learns_from_a_decided_item_who_wrote_what_was_erased(
    app: Flask, made: int, item: int, moderator: Browser, admin: Browser, htmx: bool
) -> None:
    assert admin.post(f"/replies/{made}/erase", reason="other", note="A court said so.").status_code == 303
    for fields in ({}, {"act": "nothing"}, {"act": "hide"}, {"act": "hide", "reason": "spam"}):
        answer = moderator.post(f"/moderation/items/{item}", htmx=htmx, **fields)
        assert answer.status_code == 410, fields
        assert "Critic" not in answer.text


def test_what_was_erased_meanwhile_does_not_wait_again(
    app: Flask, made: int, item: int, moderator: Browser, admin: Browser, htmx: bool
) -> None:
    decide(moderator, item, "suspend", reason="insult", bar="7")
    ruling = last(app)
    admin.post(f"/replies/{made}/erase", reason="other", note="A court said so.")
    undone = moderator.post(f"/moderation/rulings/{ruling.id}/undo", htmx=htmx)
    assert undone.status_code == (200 if htmx else 303)
    assert "Critic" not in undone.text
    assert row(app, Item, item).closed_at is not None
    assert "Critic" not in decide(moderator, item, "keep", htmx).text


def test_nobody_rules_on_their_own_words(app: Flask, essay: EssayAt, stranger: Browser, moderator: Browser) -> None:
    item = report(stranger, essay.reply(moderator, "A moderator's own."))
    shown = moderator.get("/moderation")
    assert form_to(shown, f"/moderation/items/{item}") is None
    assert "nobody rules on their own words" in words(shown)
    before = everything(app)
    for act in ("keep", "hide", "lock", "ask"):
        assert decide(moderator, item, act, reason="spam", note="x").status_code == 403
    assert everything(app) == before


@pytest.mark.parametrize(
    ("act", "fields", "name"),
    [("hide", {}, "reason"), ("hide", {"reason": "other"}, "note"), ("lock", {}, "note"), ("ask", {}, "reason"),
     ("suspend", {"reason": "spam"}, "bar"), ("suspend", {"reason": "spam", "bar": "9"}, "bar"),
     ("duplicate", {}, "of"), ("duplicate", {"of": "999999"}, "of"),
     ("hide", {"reason": "spam", "note": "x" * 1001}, "note")],
)  # fmt: skip
def test_what_is_missing_is_said_and_nothing_is_stored(
    app: Flask, item: int, moderator: Browser, act: str, fields: dict[str, str], name: str, htmx: bool
) -> None:
    before = everything(app)
    answer = decide(moderator, item, act, htmx, **fields)
    assert answer.status_code == 422
    assert page(answer).css_first(f"#item-{item}-{name}-problem") is not None
    assert everything(app) == before


def test_hiding_may_suspend_its_writer_in_the_same_breath(
    app: Flask, item: int, critic: Browser, moderator: Browser
) -> None:
    assert decide(moderator, item, "hide", reason="insult", bar="1").status_code == 303
    assert [ruling.act for ruling in rows(app, select(Ruling).order_by(Ruling.id))] == ["hide", "suspend"]
    assert critic.post("/users/Stranger/mute", value="1").status_code == 403


def test_a_lesser_suspension_does_not_swallow_a_wider_one(
    app: Flask, essay: EssayAt, made: int, item: int, critic: Browser, stranger: Browser, moderator: Browser,
    admin: Browser,
) -> None:  # fmt: skip
    admin.post(f"{essay.path}/moderators", name="Stranger")
    own = report(moderator, essay.reply(critic, "Another one."))
    assert decide(stranger, own, "suspend", reason="insult", bar="1").status_code == 303
    assert decide(moderator, item, "hide", reason="insult", bar="30").status_code == 303
    bars = rows(app, select(Standing.essay_id).where(Standing.user_id == critic.id).order_by(Standing.id))
    assert bars == [essay.id, None]
    again = report(stranger, essay.reply(app_writer := add_user(app, "Another"), "And one more."))
    suspend(admin, app_writer, kind="suspended")
    assert decide(moderator, again, "hide", reason="insult", bar="1").status_code == 303, "barred for longer already"


def test_undoing_is_for_who_ruled_and_for_ten_minutes(
    app: Flask, made: int, item: int, moderator: Browser, admin: Browser
) -> None:
    decide(moderator, item, "hide", reason="insult")
    ruling = last(app)
    assert admin.post(f"/moderation/rulings/{ruling.id}/undo").status_code == 403
    with app.extensions["database"].engine.begin() as connection:
        then = datetime.now(UTC) - timedelta(minutes=11)
        connection.execute(update(Ruling.__table__).values(made_at=then))
    assert moderator.post(f"/moderation/rulings/{ruling.id}/undo").status_code == 403
    assert row(app, Reply, made).state == "hidden"
    assert moderator.post("/moderation/rulings/999/undo").status_code == 404


def test_undoing_twice_is_once_and_what_the_writer_did_meanwhile_stands(
    app: Flask, made: int, item: int, critic: Browser, moderator: Browser
) -> None:
    decide(moderator, item, "hide", reason="insult")
    ruling = last(app)
    moderator.post(f"/moderation/rulings/{ruling.id}/undo")
    assert moderator.post(f"/moderation/rulings/{ruling.id}/undo").status_code == 409
    decide(moderator, item, "hide", reason="insult")
    ruling = last(app)
    withdraw(critic, made)
    assert moderator.post(f"/moderation/rulings/{ruling.id}/undo").status_code == 410
    assert row(app, Reply, made).state == "withdrawn"


def test_a_moderator_of_one_essay_has_no_power_in_another(
    app: Flask,
    essay: EssayAt,
    made: int,
    item: int,
    critic: Browser,
    author: Browser,
    admin: Browser,
    moderator: Browser,
) -> None:
    helper = add_user(app, "Helper")
    other = publish(app, author, title="Another essay altogether")
    theirs = other.reply(critic, "An argument over there.")
    waiting = report(moderator, theirs)
    admin.post(f"{other.path}/moderators", name="Helper")
    queue = words(helper.get("/moderation"))
    assert "over there" in queue
    assert "somebody minds" not in queue
    before = everything(app)
    for path, fields in (
        (f"/moderation/items/{item}", {"act": "hide", "reason": "spam"}),
        (f"/replies/{made}/hide", {"reason": "spam"}),
        (f"{essay.path}/lock", {"reason": "x"}),
        (f"/replies/{made}/lock", {"reason": "x"}),
        (f"{essay.path}/premoderation", {"value": "1"}),
        ("/users/Critic/suspend", {"bar": "7", "reason": "spam"}),
        (f"{essay.path}/moderators", {"name": "Stranger"}),
        (f"/replies/{theirs}/erase", {"reason": "spam", "note": "x"}),
    ):
        assert helper.post(path, **fields).status_code == 403, path
    assert helper.post("/moderation/bulk", item=str(item), act="hide", reason="spam", confirmed="1").status_code == 422
    assert everything(app) == before
    assert decide(helper, waiting, "hide", reason="spam", bar="7").status_code == 303
    assert critic.post(f"{other.p()}/replies", stance="pro", body="Again.").status_code == 403
    assert critic.post(f"{essay.p()}/replies", stance="pro", body="Here I may.").status_code == 303
    admin.post(f"{other.path}/moderators", name="Helper", act="dismiss")
    assert helper.get("/moderation").status_code == 403
    assert helper.post(f"/replies/{theirs}/restore").status_code == 403


def test_a_helper_cannot_undo_or_see_what_is_elsewhere(
    app: Flask, essay: EssayAt, made: int, item: int, author: Browser, admin: Browser, moderator: Browser
) -> None:
    helper = add_user(app, "Helper")
    other = publish(app, author, title="Another essay altogether")
    admin.post(f"{other.path}/moderators", name="Helper")
    decide(moderator, item, "hide", reason="insult")
    assert helper.post(f"/moderation/rulings/{last(app).id}/undo").status_code == 403
    assert "somebody minds" not in helper.get(f"/replies/{made}").text


def test_several_are_decided_together_after_a_page_that_says_what_will_happen(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    ids = [report(stranger, essay.reply(critic, f"Buy lamp number {number}.")) for number in range(3)]
    fields = [("item", str(number)) for number in ids]
    token = moderator.token()
    asked = moderator.client.post("/moderation/bulk", data={"csrf_token": token, "item": [said for _, said in fields]})
    assert asked.status_code == 200
    assert "each of these 3 replies" in asked.text
    assert rows(app, select(Ruling)) == []
    sure = {
        "csrf_token": token,
        "item": [said for _, said in fields],
        "confirmed": "1",
        "act": "hide",
        "reason": "spam",
    }
    done = moderator.client.post("/moderation/bulk", data=sure)
    assert done.text.count("decided") == 3
    assert {reply.state for reply in rows(app, select(Reply))} == {"hidden"}
    assert len(rows(app, select(Ruling))) == 3
    assert moderator.post("/moderation/bulk").status_code == 422
    assert stranger.post("/moderation/bulk", item=str(ids[0])).status_code == 403
    assert Browser(app).post("/moderation/bulk", csrf_token="x").status_code == 401


def test_only_admins_suspend_moderators(
    app: Flask, essay: EssayAt, moderator: Browser, stranger: Browser, admin: Browser
) -> None:
    other = add_user(app, "Other.Warden", role="moderator")
    item = report(stranger, essay.reply(other, "What a moderator said."))
    assert decide(moderator, item, "suspend", reason="insult", bar="1").status_code == 403
    assert decide(admin, item, "suspend", reason="insult", bar="1").status_code == 303
    assert other.get("/moderation").status_code == 403


def test_a_suspended_moderator_has_no_power(
    app: Flask, made: int, item: int, moderator: Browser, admin: Browser
) -> None:
    suspend(admin, moderator)
    assert decide(moderator, item, "hide", reason="spam").status_code == 403
    assert moderator.get("/moderation").status_code == 403
    assert row(app, Reply, made).state == "visible"
