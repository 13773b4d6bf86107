"""Floods: how often, from where, how new; what is held and what is refused; and that it holds however many workers."""

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from cast import (
    PARAGRAPHS,
    PASSWORD,
    TITLE,
    Browser,
    EssayAt,
    add_user,
    lock,
    page,
    report,
    row,
    rows,
    token_in,
    vote,
    words,
)
from flask import Flask
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from debate import doors
from debate.actions import paces, users
from debate.actions.paces import ACCOUNT, NETWORK, NEW_ACCOUNT, Window
from debate.models import Item, Notice, Pace, Reply, User, Vote
from debate.queries import counts
from debate.shared_paces import SharedPaces

AT = datetime(2026, 1, 1, tzinfo=UTC)
SAME = "Every lamp on the quay should burn all night, and nobody should pay for it."


@pytest.fixture
def limited(make_app: Callable[..., Flask]) -> Flask:
    """The same site, with its limits on."""
    return make_app(limits=True)


@pytest.fixture
def person(limited: Flask) -> Browser:
    """A participant who is not new."""
    return add_user(limited, "Regular")


def newcomer(app: Flask, name: str = "Newcomer") -> Browser:
    """Somebody who registered just now."""
    hashed = app.extensions["passwords"].hash(PASSWORD)
    user_id = app.extensions["database"].write(users.add, name, f"{name}@example.org", hashed, is_new=True)
    return Browser(app, name, user_id)


def post(who: Browser, essay: EssayAt, body: str, stance: str = "pro", **fields: str):
    return who.post(f"{essay.p()}/replies", stance=stance, body=body, **fields)


def state_of(app: Flask, body: str) -> str:
    return rows(app, select(Reply.state).where(Reply.body == body))[0]


# --- how often


def test_too_many_replies_are_refused_with_a_time_and_the_words_kept(
    limited: Flask, essay: EssayAt, person: Browser, htmx: bool
) -> None:
    most = ACCOUNT["reply"][0].most
    for number in range(most):
        assert post(person, essay, f"Argument {number}.").status_code == 303
    answer = person.post(f"{essay.p()}/replies", htmx=htmx, stance="pro", body="One too many.")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "You can post again at" in words(answer)
    assert "One too many." in answer.text
    assert len(rows(limited, select(Reply))) == most
    assert post(person, essay, "", "pro").status_code == 422
    with limited.extensions["database"].engine.begin() as connection:
        connection.execute(update(Pace).values(at=datetime.now(UTC) - timedelta(minutes=2)))
    assert post(person, essay, "After a while.").status_code == 303


def test_what_was_refused_does_not_count(limited: Flask, essay: EssayAt, person: Browser) -> None:
    for _ in range(20):
        assert post(person, essay, " ").status_code == 422
    assert post(person, essay, "A first one.").status_code == 303


def test_new_accounts_are_slower_and_moderators_are_not_slowed(limited: Flask, essay: EssayAt) -> None:
    new = newcomer(limited)
    made = [post(new, essay, f"Argument {number}.").status_code for number in range(5)]
    assert made == [303] * NEW_ACCOUNT["reply"][0].most + [429] * (5 - NEW_ACCOUNT["reply"][0].most)
    boss = add_user(limited, "Boss", role="moderator")
    assert {post(boss, essay, f"Ruling {number}.").status_code for number in range(15)} == {303}


def test_votes_have_a_limit_that_says_when(limited: Flask, essay: EssayAt, author: Browser) -> None:
    new = newcomer(limited)
    made = [essay.reply(author, f"Argument {number}.") for number in range(22)]
    answers = [new.post(f"/replies/{number}/vote", value="1") for number in made]
    assert [answer.status_code for answer in answers] == [303] * 20 + [429] * 2
    assert "Not counted" in words(answers[-1])


def test_a_vote_turned_over_and_over_is_as_many_votes(limited: Flask, essay: EssayAt, author: Browser) -> None:
    new, made = newcomer(limited), essay.reply(author, "Turn this over.")
    turns = [new.post(f"/replies/{made}/vote", value=value) for value in ("1", "-1", "0") * 14]
    codes = [answer.status_code for answer in turns]
    assert 20 <= codes.index(429) <= 35
    assert codes[-1] == 429
    assert "Not counted" in words(turns[-1])


def test_essays_and_drafts_have_a_limit(make_app: Callable[..., Flask]) -> None:
    app = make_app(limits=True, publishing="everyone")
    new, boss = newcomer(app), add_user(app, "Boss", role="moderator")
    text = "A first paragraph, number {}.\n\nAnother one."
    for who, refused in ((new, [429] * 2), (boss, [303] * 2)):
        codes = [
            who.post("/essays/new", title=f"T{n}", text=text.format(n), intent=("draft", "publish")[n % 2]).status_code
            for n in range(5)
        ]
        assert codes == [303] * 3 + refused
    late = new.post("/essays/new", title="T", text=text.format("late"), intent="publish")
    assert text.format("late").partition("\n")[0] in late.text
    assert int(late.headers["Retry-After"]) > 0


def test_confirming_has_a_limit(
    limited: Flask, essay: EssayAt, author: Browser, person: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ACCOUNT, "confirm", (Window(2, 60),))
    made = [essay.reply(person, "Mine."), *(essay.reply(author, f"Argument {number}.") for number in range(2))]
    for number in made[1:]:
        vote(person, number, 1)
    text = "\n\n".join((f"{PARAGRAPHS[0]} Indeed.", *PARAGRAPHS[1:]))
    assert author.post(f"{essay.path}/edit", title=TITLE, text=text, intent="publish").status_code == 303
    assert [person.post(f"/replies/{number}/confirm").status_code for number in made] == [303, 303, 429]
    assert person.post(f"/replies/{made[0]}/confirm").status_code == 303, "what changes nothing is not counted"


def test_files_to_be_read_have_a_limit(make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(limits=True, publishing="everyone")
    monkeypatch.setitem(NEW_ACCOUNT, "file", (Window(2, 60),))
    new = newcomer(app)
    pasted = {"title": "T", "format": "html", "text": "<p>Kept words.</p>"}
    answers = [new.post("/essays/new", **pasted) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Kept words." in words(answers[-1])
    assert new.post("/essays/new", file=(BytesIO(b"One.\n\nTwo."), "essay.txt")).status_code == 429
    assert new.post("/essays/new", **pasted | {"format": "md"}).status_code == 200


def test_where_no_network_is_known_visitors_share_a_limit(limited: Flask, essay: EssayAt, critic: Browser) -> None:
    limited.extensions["settings"] = replace(limited.extensions["settings"], limits=False)  # no least time to type
    visitor = Browser(limited)
    visitor.client.environ_base["REMOTE_ADDR"] = "unknown"
    made = [essay.reply(critic, f"Argument {number}.") for number in range(NETWORK["visit report"][0].most + 1)]
    codes = []
    for number in made:
        token = token_in(visitor.get(f"/replies/{number}/reports"))
        codes.append(visitor.post(f"/replies/{number}/reports", reason="insult", csrf_token=token).status_code)
    assert codes == [303] * (len(made) - 1) + [429]
    write, most = limited.extensions["database"].write, NETWORK["register"][0].most
    for _ in range(most):
        write(paces.keep, "register", None, datetime.now(UTC))
    with pytest.raises(paces.TooFast):
        write(paces.keep, "register", None, datetime.now(UTC))


def test_a_network_has_a_limit_of_its_own(limited: Flask, essay: EssayAt) -> None:
    people = [add_user(limited, f"Neighbour{number}") for number in range(5)]
    codes = [post(people[number % 5], essay, f"Argument {number}.").status_code for number in range(40)]
    assert codes.count(303) == NETWORK["reply"][0].most
    elsewhere = people[0].client.post(
        f"{essay.p()}/replies",
        data={"stance": "pro", "body": "From another network.", "csrf_token": people[0].token()},
        environ_base={"REMOTE_ADDR": "198.51.100.7"},
    )
    assert elsewhere.status_code == 303


def test_no_address_is_kept(limited: Flask, essay: EssayAt, person: Browser) -> None:
    post(person, essay, "An argument.")
    keys = rows(limited, select(Pace.key))
    assert any("@" in key for key in keys)
    assert not any("127.0.0" in key for key in keys)


def test_limits_hold_where_many_write_at_once(limited: Flask) -> None:
    database, windows = limited.extensions["database"], {"reply:1": (Window(5, 60),), "reply@x": (Window(9, 60),)}
    taken: list[bool] = []

    def worker() -> None:
        for _ in range(5):
            try:
                database.write(paces.take, "reply", windows, datetime.now(UTC))
                taken.append(True)
            except paces.TooFast:
                taken.append(False)

    threads = [threading.Thread(target=worker) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(True) == 5


def test_windows_slide() -> None:
    window = Window(3, 60)
    times = [AT + timedelta(seconds=second) for second in (0, 10, 50)]
    assert paces.ends(window, times[:2], AT + timedelta(seconds=55)) is None
    assert paces.ends(window, times, AT + timedelta(seconds=55)) == AT + timedelta(seconds=60)
    assert paces.ends(window, times, AT + timedelta(seconds=60)) is None
    assert paces.ends(window, times, AT + timedelta(seconds=61)) is None


def test_what_a_clock_counted_that_has_gone_back_since_shuts_nobody_out(
    limited: Flask, essay: EssayAt, person: Browser, author: Browser
) -> None:
    most, votes = ACCOUNT["reply"][0].most, ACCOUNT["vote"][0].most
    made = [essay.reply(author, f"Vote on this, {number}.") for number in range(votes + 1)]
    for number in range(most):
        assert post(person, essay, f"Argument {number}.").status_code == 303
    assert [person.post(f"/replies/{one}/vote", value="1").status_code for one in made] == [303] * votes + [429]
    for ahead in (timedelta(hours=1), timedelta(days=2)):
        assert post(person, essay, "One too many.").status_code == 429
        with limited.extensions["database"].engine.begin() as connection:
            connection.execute(update(Pace).values(at=datetime.now(UTC) + ahead))
            connection.execute(update(Vote).values(cast_at=datetime.now(UTC) + ahead))
        for number in range(most):
            assert post(person, essay, f"Back by {ahead}, {number}.").status_code == 303
        assert person.post(f"/replies/{made[-1]}/vote", value="1").status_code == 303
        assert person.post(f"/replies/{made[-1]}/vote", value="0").status_code == 303


def test_redis_does_not_count_what_is_ahead_either(redis_url: str) -> None:
    shared = SharedPaces(redis_url)
    windows = {"reply:9": (Window(2, 60), Window(3, 3600))}
    shared.forget("reply:9")
    for ahead in (timedelta(days=2), timedelta(hours=1), timedelta(0)):
        taken = [shared.take(windows, AT + ahead) for _ in range(3)]
        assert taken == [None, None, AT + ahead + timedelta(seconds=60)]
    shared.forget("reply:9")


def test_redis_counts_the_same_and_the_database_takes_over_when_it_is_gone(redis_url: str, limited: Flask) -> None:
    shared, other = SharedPaces(redis_url), SharedPaces(redis_url)
    windows = {"reply:1": (Window(3, 60), Window(4, 600)), "reply@x": (Window(10, 60),)}
    shared.forget("reply:1"), shared.forget("reply@x")
    taken = [node.take(windows, AT + timedelta(seconds=at)) for at, node in enumerate((shared, other, shared, other))]
    assert taken == [None, None, None, AT + timedelta(seconds=60)]
    assert shared.take(windows, AT + timedelta(seconds=61)) is None
    assert shared.take(windows, AT + timedelta(seconds=62)) == AT + timedelta(seconds=600)
    shared.forget("reply:1"), shared.forget("reply@x")
    gone = SharedPaces("redis://127.0.0.1:1/0")
    database = limited.extensions["database"]
    database.info["shared paces"] = gone
    for expected in (None, None, paces.TooFast):
        try:
            database.write(paces.take, "reply", {"k": (Window(2, 60),)}, AT)
            assert expected is None
        except paces.TooFast:
            assert expected is paces.TooFast


def test_a_redis_that_did_not_answer_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    gone, asked = SharedPaces("redis://127.0.0.1:1/0"), []
    ask = gone._take

    def counted(**given: object) -> object:
        asked.append(given)
        return ask(**given)

    monkeypatch.setattr(gone, "_take", counted)
    windows = {"k": (Window(2, 60),)}
    assert [gone.take(windows, AT) for _ in range(3)] == [gone.SILENT] * 3
    gone.forget("k")
    assert len(asked) == 1
    monkeypatch.setattr(gone, "_asked_from", 0.0)
    assert gone.take(windows, AT) is gone.SILENT
    assert len(asked) == 2


# --- logging in and registering


def test_wrong_passwords_are_limited_for_one_account_and_the_right_one_is_forgiven(
    limited: Flask, person: Browser
) -> None:
    def attempt(name: str, password: str) -> int:
        other = Browser(limited, name, person.id, password)
        return other.log_in().status_code

    assert [attempt("Regular", "wrong wrong") for _ in range(4)] == [422] * 4
    assert attempt("Regular", PASSWORD) == 303
    assert [attempt("regular", "wrong wrong") for _ in range(5)] == [422] * 5
    refused = Browser(limited, "REGULAR", person.id).log_in()
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "REGULAR" in refused.text
    assert attempt("Nobody.Here", "wrong wrong") == 422


def register(app: Flask, name: str, waited: int = 10, **fields: str):
    """Send the form as a person does who took `waited` seconds."""
    client = app.test_client()
    form = page(client.get("/register"))
    sent = {node.attributes["name"]: node.attributes.get("value") or "" for node in form.css("main input")}
    began = int(sent["began"].rpartition(".")[0]) - waited
    with app.test_request_context():
        sent["began"] = doors._signer().sign(str(began)).decode()
    return client.post(
        "/register", data=sent | {"name": name, "email": f"{name}@example.org", "password": PASSWORD} | fields
    )


def test_who_is_refused_an_account_costs_no_hash(limited: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords, hashed = limited.extensions["passwords"], []
    monkeypatch.setattr(passwords, "hash", lambda password: hashed.append(password) or "!")
    for number in range(3):
        assert register(limited, "Puppet").status_code == (422 if number else 303), (
            "a name that is taken counts nothing"
        )
    codes = [register(limited, f"Puppet{number}").status_code for number in range(7)]
    assert codes == [303] * 4 + [429] * 3
    assert len(hashed) == 5


def test_accounts_from_one_network_are_few(limited: Flask) -> None:
    codes = [register(limited, f"Puppet{number}").status_code for number in range(8)]
    assert codes == [303] * 5 + [429] * 3
    assert len(rows(limited, select(User))) == 5
    assert all(user.new_until is not None for user in rows(limited, select(User)))


def test_a_form_that_comes_at_once_or_with_the_hidden_field_filled_in_is_not_a_persons(limited: Flask) -> None:
    quick = register(limited, "Quick", waited=0)
    assert quick.status_code == 422
    assert "faster than people type" in words(quick)
    assert "Quick@example.org" in quick.text
    trapped = register(limited, "Trapped", homepage="https://spam.example/")
    assert trapped.status_code == 422
    assert rows(limited, select(User)) == []
    forged = register(limited, "Forged", began="1.x")
    assert forged.status_code == 422
    assert register(limited, "Slow", waited=-3600).status_code == 303, "the clock has gone back meanwhile"


def test_where_limits_are_off_nothing_waits(app: Flask) -> None:
    assert [register(app, f"Quick{number}", waited=0).status_code for number in range(7)] == [303] * 7


# --- what is held


def without_token(answer: TestResponse) -> str:
    """A page without what changes with every second."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", answer.text)


def test_first_posts_with_links_are_held_and_seen_by_their_writer_and_moderators_alone(
    limited: Flask, essay: EssayAt, author: Browser, moderator: Browser, client: Browser
) -> None:
    new, above = newcomer(limited), essay.reply(author, "Something to answer.")
    answer = new.post(f"/replies/{above}/replies", stance="con", body="See https://lamps.example/ for it.")
    assert answer.status_code == 303
    made = rows(limited, select(Reply).where(Reply.parent_id == above))[0]
    assert made.state == "held"
    assert "Waiting for a moderator. Only you can see this." in words(new.get(answer.headers["Location"]))
    assert "Waiting for a moderator" in words(new.get(f"/replies/{above}"))
    for who in (client, author):
        assert "lamps.example" not in who.get(f"/replies/{above}").text
        hidden, never = who.get(f"/replies/{made.id}"), who.get("/replies/99999")
        assert (hidden.status_code, never.status_code) == (404, 404)
        assert without_token(hidden).replace(f"/{made.id}", "") == without_token(never).replace("/99999", "")
    assert rows(limited, select(Notice)) == []
    item = rows(limited, select(Item))[0]
    assert (item.kind, item.why) == ("held", "links")
    assert "links among an account" in words(moderator.get("/moderation"))
    assert moderator.post(f"/moderation/items/{item.id}", act="approve").status_code == 303
    assert "lamps.example" in client.get(f"/replies/{above}").text
    assert rows(limited, select(Notice.user_id).where(Notice.kind == "answer")) == [author.id]
    with limited.extensions["database"].reading() as session:
        assert counts.differences(session) == []


def test_a_source_is_a_link_too_and_an_edit_cannot_slip_one_in(limited: Flask, essay: EssayAt, critic: Browser) -> None:
    new = newcomer(limited)
    post(new, essay, "With a source.", source_url="https://lamps.example/")
    assert state_of(limited, "With a source.") == "held"
    post(new, essay, "Plain words, at first.")
    [made] = rows(limited, select(Reply).where(Reply.body == "Plain words, at first."))
    assert made.state == "visible"
    new.post(f"/replies/{made.id}/edit", body="Now see https://lamps.example/ please.")
    assert row(limited, Reply, made.id).state == "held"
    other = essay.reply(critic, "Somebody else's.")
    cited = new.post(f"/replies/{other}/citations", url="https://lamps.example/")
    assert cited.status_code == 403
    with limited.extensions["database"].reading() as session:
        assert counts.differences(session) == []


def test_after_three_replies_that_stand_links_are_not_held(limited: Flask, essay: EssayAt) -> None:
    new = newcomer(limited)
    for number in range(3):
        essay_reply(limited, new, essay, f"Plain argument number {number}.")
    essay_reply(limited, new, essay, "See https://lamps.example/ for it.")
    assert state_of(limited, "See https://lamps.example/ for it.") == "visible"
    many = " ".join(f"https://lamps.example/{number}" for number in range(3))
    essay_reply(limited, new, essay, many)
    assert state_of(limited, many) == "held"


def essay_reply(app: Flask, who: Browser, essay: EssayAt, body: str) -> None:
    """Post, as after some time."""
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(delete(Pace))
    assert post(who, essay, body).status_code == 303


def test_what_many_accounts_say_alike_is_held_and_never_refused(
    app: Flask, essay: EssayAt, moderator: Browser, client: Browser
) -> None:
    ways = (SAME, SAME.upper(), f"{SAME} {SAME}", f"Nobody should pay for it, and {SAME}", f"{SAME} !!!")
    for number, said in enumerate(ways):
        other = add_user(app, f"Puppet{number}")
        assert post(other, essay, said, stance="pro" if number % 2 else "con").status_code == 303
    assert [reply.state for reply in rows(app, select(Reply).order_by(Reply.id))] == ["visible"] * 3 + ["held"] * 2
    assert {item.why for item in rows(app, select(Item))} == {"alike"}
    for name in ("First", "Second", "Third"):
        assert post(add_user(app, name), essay, "I agree.").status_code == 303
    assert set(rows(app, select(Reply.state).where(Reply.body == "I agree."))) == {"visible"}


def test_the_same_words_twice_under_one_parent_are_409_with_a_link(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser, htmx: bool
) -> None:
    made = essay.reply(critic, SAME)
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(Reply).values(made_at=AT))
    again = critic.post(f"{essay.p()}/replies", htmx=htmx, stance="con", body=SAME)
    assert again.status_code == 409
    assert f"reply-{made}" in again.text
    assert SAME in again.text
    assert post(stranger, essay, SAME).status_code == 303
    assert critic.post(f"{essay.p(2)}/replies", stance="con", body=SAME).status_code == 303


def test_an_essay_can_have_every_reply_looked_at_first(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser, client: Browser
) -> None:
    made = essay.reply(critic, "Before it began.")
    assert moderator.post(f"{essay.path}/premoderation", value="1").status_code == 303
    post(critic, essay, "Held at first.")
    assert state_of(app, "Held at first.") == "held"
    assert "Held at first." not in client.get(essay.p()).text
    critic.post(f"/replies/{made}/edit", body="Changed afterwards.")
    assert row(app, Reply, made).state == "held"
    post(moderator, essay, "A moderator's own.")
    assert state_of(app, "A moderator's own.") == "visible"
    moderator.post(f"{essay.path}/premoderation", value="0")
    post(critic, essay, "At once.")
    assert state_of(app, "At once.") == "visible"


def test_new_accounts_can_be_looked_at_first(limited: Flask, essay: EssayAt, admin: Browser, person: Browser) -> None:
    admin.post("/moderation/settings", registration="open", holds_new="1")
    new = newcomer(limited)
    post(new, essay, "From a new account.")
    post(person, essay, "From an older one.")
    assert (state_of(limited, "From a new account."), state_of(limited, "From an older one.")) == ("held", "visible")


def test_held_words_can_be_edited_withdrawn_and_turned_down(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser
) -> None:
    moderator.post(f"{essay.path}/premoderation", value="1")
    for number in range(3):
        post(critic, essay, f"Held {number}.")
    first, second, third = rows(app, select(Reply.id).order_by(Reply.id))
    assert critic.post(f"/replies/{first}/edit", body="Held, and better.").status_code == 303
    assert critic.post(f"/replies/{second}/withdraw").status_code == 303
    items = rows(app, select(Item).where(Item.closed_at.is_(None)).order_by(Item.id))
    assert [(item.reply_id, item.edit) for item in items] == [(first, 1), (third, 0)]
    assert moderator.post(f"/moderation/items/{items[1].id}", act="hide", reason="spam").status_code == 303
    assert row(app, Reply, third).state == "hidden"
    assert "spam" in words(critic.get("/notices"))
    with app.extensions["database"].reading() as session:
        assert counts.differences(session) == []


def test_a_lock_for_new_accounts_closes_nothing_to_others(
    limited: Flask, essay: EssayAt, moderator: Browser, person: Browser, client: Browser
) -> None:
    new = newcomer(limited)
    made = essay.reply(moderator, "Something to answer.")
    answer = moderator.post(f"{essay.p()}/lock", reason="A flood.", newcomers="1", votes="1")
    assert answer.status_code == 303
    for path, fields in (
        (f"{essay.p()}/replies", {"stance": "pro", "body": "New words."}),
        (f"/replies/{made}/replies", {"stance": "pro", "body": "New words."}),
        (f"/replies/{made}/vote", {"value": "1"}),
    ):
        refused = new.post(path, **fields)
        assert refused.status_code == 423, path
        assert "closes this to new accounts only" in words(refused)
        assert person.post(path, **fields).status_code == 303, path
    assert "closes this to new accounts only" in words(client.get(essay.p()))
    assert page(new.get(essay.p())).css_first("form.reply-form") is None
    assert page(person.get(essay.p())).css_first("form.reply-form") is not None
    assert "for new accounts only" in words(client.get("/moderation/log"))


def test_all_locks_are_on_one_page_for_everybody(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser, client: Browser
) -> None:
    made = essay.reply(critic, "An argument.")
    soon = datetime.now(UTC) + timedelta(hours=1)
    lock(moderator, essay.target(), reason="The essay.")
    lock(moderator, essay.target(2), reason="A paragraph.", until=soon, votes=True)
    moderator.post(f"/replies/{made}/lock", reason="A branch.")
    shown = client.get("/moderation/locks")
    assert len(page(shown).css("ol.log > li")) == 3
    assert all(said in words(shown) for said in ("The essay.", "A paragraph.", "A branch.", "Voting is closed too."))
    assert page(shown).css_first("form") is None
    assert moderator.post(f"/replies/{made}/unlock").status_code == 303
    assert "A branch." not in words(client.get("/moderation/locks"))
    assert len(page(moderator.get("/moderation/locks")).css("ol.log form")) == 2


# --- before posting


def test_a_preview_shows_what_others_said_alike_on_the_same_side(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser, htmx: bool
) -> None:
    alike = essay.reply(critic, "The lamps on the quay should burn all night for the fishermen.")
    essay.reply(critic, "Bees prefer clover to anything that grows on a roof.")
    other_side = essay.reply(critic, "The lamps on the quay should burn all night: nonsense.", stance="con")

    def shown(stance: str) -> list[str]:
        answer = stranger.post(
            f"{essay.p()}/replies", htmx=htmx, stance=stance, body="The lamps on the quay should burn for fishermen.",
            intent="preview",
        )  # fmt: skip
        assert answer.status_code == 200
        return [link.attributes["href"] for link in page(answer).css(".similar a")]

    assert shown("pro") == [f"/replies/{alike}"]
    assert shown("con") == [f"/replies/{other_side}"]
    moderator.post(f"/replies/{alike}/hide", reason="spam")
    assert shown("pro") == []
    assert len(rows(app, select(Reply))) == 3


def test_a_duplicate_folds_under_the_other_and_counts_nowhere(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, author: Browser, moderator: Browser, client: Browser
) -> None:
    first, second = essay.reply(critic, "The first of them."), essay.reply(stranger, "The second says the same.")
    beneath = essay.reply(author, "An answer to the second.", to=second)
    vote(author, first, 1)
    item = report(author, second, "duplicate")
    assert moderator.post(f"/moderation/items/{item}", act="duplicate", of=f"/replies/{first}#x").status_code == 303
    shown = client.get(essay.p())
    fold = page(shown).css_first(f"#reply-{first} details.folded")
    assert "The second says the same." in fold.text()
    assert page(shown).css_first(f"#c-pro-{essay.paragraphs[0][1]}").text() == "1"
    own = client.get(f"/replies/{second}")
    assert own.status_code == 200
    assert "folded this under another reply" in words(own)
    assert "An answer to the second." in words(own)
    assert "The second says the same." not in client.get("/search", q="second says").text
    assert stranger.post(f"/replies/{second}/replies", stance="pro", body="On.").status_code == 410
    assert critic.post(f"/replies/{second}/vote", value="1").status_code == 410
    assert client.get(f"/replies/{beneath}").status_code == 200
    with app.extensions["database"].reading() as session:
        assert counts.differences(session) == []
    critic.post(f"/replies/{first}/withdraw")
    assert row(app, Reply, second).state == "visible"
    with app.extensions["database"].reading() as session:
        assert counts.differences(session) == []
