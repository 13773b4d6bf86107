"""Suspended, banned, not let in yet: reading and taking one's data out, nothing else, from the very next request."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from cast import Browser, EssayAt, add_user, everything, lock, page, row, rows, suspend, vote, words
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from test_access import FORMS, Stage
from test_access import stage as stage

from debate.actions import deletion, standings
from debate.db import Base, Database
from debate.models import Item, Reply, Ruling, Site, Standing, User, Vote, VoteAside
from debate.queries import counts
from debate.queries import ground as grounds
from debate.refusals import Barred

SOON = timedelta(hours=1)


@pytest.mark.parametrize("kind", ["suspended", "banned", "waiting"])
@pytest.mark.sweep
def test_on_no_route_is_anything_taken_from_who_is_barred(stage: Stage, kind: str) -> None:
    everybody = {role: stage.people[role] for role in ("stranger", "critic", "author", "moderator")}
    paths = {name: form.path(stage) for name, form in FORMS.items()}
    for person in everybody.values():
        person.token()
        if kind == "waiting":
            _waits(stage.app, person)
        else:
            suspend(stage.people["admin"], person, kind=kind)
    before = everything(stage.app)
    for name, form in FORMS.items():
        for role, person in everybody.items():
            if form.endpoint == "reports.appeal":
                continue
            answer = person.post(paths[name], **form.fields)
            assert answer.status_code == 403, (name, role)
            assert everything(stage.app) == before, (name, role)
            typed = form.fields.get("body", "")
            assert typed in answer.text


def _waits(app: Flask, person: Browser) -> None:
    def add(session) -> None:
        session.add(Standing(user_id=person.id, kind="waiting", placed_at=datetime.now(UTC)))

    app.extensions["database"].write(add)


def test_who_is_suspended_reads_is_told_why_takes_out_data_and_logs_out(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser
) -> None:
    made = essay.reply(critic, "What I said before.")
    answer = moderator.post("/users/Critic/suspend", bar="7", reason="insult", note="Three times in a day.")
    assert answer.status_code == 303
    for path in ("/", essay.path, essay.p(), f"/replies/{made}", "/notices", "/settings"):
        shown = critic.get(path)
        assert shown.status_code == 200, path
        assert "You are suspended." in words(shown)
        assert "Three times in a day." in words(shown)
        assert page(shown).css_first("form.vote, form.reply-form, a.answer") is None, path
    data = critic.get("/settings/data").get_json()
    assert [reply["body"] for reply in data["replies"]] == ["What I said before."]
    assert data["rulings on me"][0]["act"] == "suspend"
    assert critic.get("/moderation").status_code == 403
    assert critic.post("/logout").status_code == 303
    assert critic.log_in().status_code == 303


def test_a_suspension_ends_by_itself_or_is_lifted(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser
) -> None:
    suspend(moderator, critic, until=datetime.now(UTC) + SOON)
    assert critic.post(f"{essay.p()}/replies", stance="pro", body="Not now.").status_code == 403
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(Standing).values(until=datetime.now(UTC) - SOON))
    assert critic.post(f"{essay.p()}/replies", stance="pro", body="Now again.").status_code == 303
    suspend(moderator, critic)
    assert critic.post(f"{essay.p()}/replies", stance="pro", body="Not yet.").status_code == 403
    assert moderator.post("/users/Critic/lift", note="Enough.").status_code == 303
    assert critic.post(f"{essay.p()}/replies", stance="pro", body="At last.").status_code == 303
    assert moderator.post("/users/Critic/lift").status_code == 303
    assert [ruling.act for ruling in rows(app, select(Ruling).order_by(Ruling.id))] == ["suspend", "suspend", "lift"]


def test_twice_is_409_and_a_ban_may_follow_a_suspension(app: Flask, critic: Browser, moderator: Browser) -> None:
    suspend(moderator, critic)
    again = moderator.post("/users/Critic/suspend", bar="30", reason="spam")
    assert again.status_code == 409
    assert moderator.post("/users/Critic/suspend", bar="ban", reason="spam").status_code == 303
    assert "You are banned." in words(critic.get("/"))


def test_a_banned_accounts_votes_leave_all_counts_and_come_back_with_it(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    first, second = essay.reply(critic, "One."), essay.reply(author, "Two.", p=2)
    for reply_id, value in ((first, 1), (second, -1)):
        vote(stranger, reply_id, value)
        vote(moderator, reply_id, 1)
    before = [
        (reply.ups, reply.downs, reply.best, reply.disputed) for reply in rows(app, select(Reply).order_by(Reply.id))
    ]
    assert "2 points" in words(client.get(f"/replies/{first}"))
    suspend(moderator, stranger, kind="banned")
    assert [(reply.ups, reply.downs) for reply in rows(app, select(Reply).order_by(Reply.id))] == [(1, 0), (1, 0)]
    assert "1 point" in words(client.get(f"/replies/{first}"))
    assert rows(app, select(Vote.user_id).where(Vote.user_id == stranger.id)) == []
    assert len(rows(app, select(VoteAside))) == 2
    assert len(stranger.get("/settings/data").get_json()["votes set aside"]) == 2
    with app.extensions["database"].reading() as session:
        assert counts.differences(session) == []
    assert moderator.post("/users/Stranger/lift").status_code == 303
    after = [
        (reply.ups, reply.downs, reply.best, reply.disputed) for reply in rows(app, select(Reply).order_by(Reply.id))
    ]
    assert after == before
    assert rows(app, select(VoteAside)) == []


def test_what_a_banned_account_wrote_stays(
    essay: EssayAt, critic: Browser, moderator: Browser, client: Browser
) -> None:
    made = essay.reply(critic, "It stands for itself.")
    suspend(moderator, critic, kind="banned")
    assert "It stands for itself." in words(client.get(f"/replies/{made}"))


def test_nobody_suspends_oneself_and_moderators_are_admins_business(
    app: Flask, moderator: Browser, admin: Browser, critic: Browser
) -> None:
    before = everything(app)
    for who, name in ((moderator, "Warden"), (moderator, "Chief"), (critic, "Warden"), (admin, "Chief")):
        assert who.post(f"/users/{name}/suspend", bar="7", reason="spam").status_code == 403, (who.name, name)
    assert everything(app) == before
    assert admin.post("/users/Warden/suspend", bar="7", reason="spam").status_code == 303


def test_the_form_says_what_is_missing(moderator: Browser, critic: Browser) -> None:
    answer = moderator.post("/users/Critic/suspend", bar="", reason="", note="Kept words.")
    assert answer.status_code == 422
    assert "Kept words." in answer.text
    assert page(answer).css_first("#suspend-bar-problem, #suspend-reason-problem") is not None


def test_who_muted_somebody_finds_their_replies_folded_and_nobody_else_does(
    essay: EssayAt, critic: Browser, stranger: Browser, author: Browser, client: Browser
) -> None:
    made = essay.reply(critic, "A loud argument.")
    assert stranger.post("/users/Critic/mute", value="1").status_code == 303
    for who, is_folded in ((stranger, True), (author, False), (client, False)):
        for path in (essay.p(), f"/replies/{made}", f"{essay.path}?open={essay.paragraphs[0][1]}"):
            found = page(who.get(path)).css_first(f"#reply-{made} details.muted")
            assert (found is not None) == is_folded, (who.name, path)
    mine = essay.reply(stranger, "Mine.")
    critic.post(f"/replies/{mine}/replies", stance="con", body="Against it.")
    assert "Against it." not in stranger.get("/notices").text
    assert "Critic" in words(stranger.get("/settings"))
    assert stranger.post("/users/Critic/mute", value="0").status_code == 303
    assert page(stranger.get(f"/replies/{made}")).css_first("details.muted") is None
    assert stranger.post("/users/Stranger/mute", value="1").status_code == 403


def test_only_ones_own_data_is_taken_out(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, client: Browser
) -> None:
    essay.reply(critic, "The critic's.")
    theirs = essay.reply(stranger, "The stranger's.")
    stranger.post(f"/replies/{theirs}/edit", body="The stranger's, said better.")
    data = stranger.get("/settings/data")
    assert data.headers["Cache-Control"] == "private, no-store"
    assert "The critic's." not in data.text
    assert data.get_json()["replies"][0]["said before"][0]["body"] == "The stranger's."
    assert "critic@" not in data.text
    assert client.get("/settings/data").status_code == 303


# Where a table names an account, and under which heading of its own data that is; none: see the reason.
TAKEN_OUT = {
    "sign_ins.user_id": "sessions",
    "mail_tokens.user_id": "letters that are good still",
    "steps.user_id": "second steps",
    "recovery_codes.user_id": "recovery codes left",
    "essays.owner_id": "essays",
    "revisions.by_id": "revisions by me",
    "writers.user_id": None,  # a count of the replies
    "replies.author_id": "replies",
    "source_edits.by_id": "descriptions of sources",
    "citations.by_id": "citations",
    "checks.user_id": "answers about citations",
    "asks.user_id": "asked for a source",
    "locks.by_id": "locks by me",
    "locks.lifted_by_id": None,  # among the rulings
    "rulings.by_id": "rulings by me",
    "rulings.user_id": "rulings on me",
    "notices.user_id": "notices",
    "appeals.by_id": "appeals",
    "items.user_id": "what waits or waited for moderators",
    "reports.by_id": "reports",
    "standings.user_id": "standings",
    "standings.by_id": None,  # among the rulings
    "standings.lifted_by_id": None,
    "mutes.user_id": "muted",
    "mutes.muted_id": None,  # whom others mute is theirs
    "visits.user_id": "visits",
    "votes.user_id": "votes",
    "votes_aside.user_id": "votes set aside",
}


def test_wherever_a_table_names_an_account_it_is_among_its_own_data(
    app: Flask, essay: EssayAt, moderator: Browser, critic: Browser
) -> None:
    named = {
        f"{table.name}.{key.parent.name}"
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "users"
    }
    assert named == TAKEN_OUT.keys()
    lock(moderator, essay.target(2), reason="Too hot here.")
    ruling = suspend(moderator, critic)
    critic.post(f"/moderation/rulings/{ruling}/appeal", words="Look again.")
    own, theirs = (who.get("/settings/data").get_json() for who in (moderator, critic))
    assert own.keys() == theirs.keys() >= {name for name in TAKEN_OUT.values() if name}
    assert [one["act"] for one in own["rulings by me"]] == ["lock", "suspend"]
    assert [one["reason"] for one in own["locks by me"]] == ["Too hot here."]
    assert [one["words"] for one in theirs["appeals"]] == ["Look again."]
    assert [one["kind"] for one in theirs["what waits or waited for moderators"]] == ["appeal"]
    assert theirs["rulings by me"] == theirs["locks by me"] == own["appeals"] == own["rulings on me"] == []


def test_a_role_of_the_site_and_of_an_essay_are_apart(
    app: Flask, essay: EssayAt, admin: Browser, critic: Browser
) -> None:
    admin.post(f"{essay.path}/moderators", name="Critic")
    assert row(app, User, critic.id).role == "participant"
    assert "Critic" in words(admin.get(essay.path))
    assert admin.post(f"{essay.path}/moderators", name="Critic").status_code == 409
    missing = admin.post(f"{essay.path}/moderators", name="Nobody.Here")
    assert missing.status_code == 422
    assert "There is no account named Nobody.Here" in words(missing)


def test_who_waited_for_a_ban_to_be_stored_is_banned_when_it_is(
    database: Database, admin: Browser, critic: Browser
) -> None:
    held = Event()

    def slowly(session: Session) -> None:
        standings.bar(session, admin.actor, "Critic", "banned", None, "spam", "")
        session.flush()
        held.set()
        time.sleep(0.5)

    def act(session: Session) -> None:
        grounds.actor(session, critic.actor)

    admin.actor, critic.actor  # noqa: B018 (accounts are made when they are first asked for)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(database.write, slowly)
        assert held.wait(10)
        with pytest.raises(Barred):
            database.write(act)
        first.result()


def test_registration_by_approval(app: Flask, essay: EssayAt, admin: Browser, moderator: Browser) -> None:
    assert admin.post("/moderation/settings", registration="approval", names_moderators="1").status_code == 303
    new = Browser(app, "Newcomer", 0)
    token = page(new.client.get("/register")).css_first("[name=csrf_token]").attributes["value"]
    fields = {"name": "Newcomer", "email": "n@example.org", "password": new.password, "csrf_token": token}
    assert new.client.post("/register", data=fields).status_code == 303
    new._began = True
    assert "A moderator has to let your account in first" in words(new.get("/"))
    assert new.post(f"{essay.p()}/replies", stance="pro", body="Let me.").status_code == 403
    assert "Newcomer wants to take part" in words(moderator.get("/moderation"))
    item = page(moderator.get("/moderation?kind=account")).css_first("article.item").id
    answer = moderator.post(f"/moderation/items/{item.removeprefix('item-')}", act="admit")
    assert answer.status_code == 303
    new.forget_token()
    assert new.post(f"{essay.p()}/replies", stance="pro", body="Thank you.").status_code == 303
    assert moderator.post(f"/moderation/items/{item.removeprefix('item-')}", act="refuse").status_code == 409


def test_who_waited_and_has_gone_is_neither_let_in_nor_refused(app: Flask, moderator: Browser) -> None:
    new = add_user(app, "Newcomer")
    _waits(app, new)
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(insert(Item).values(kind="account", user_id=new.id, opened_at=datetime.now(UTC)))
    (item,) = rows(app, select(Item.id))
    app.extensions["database"].write(deletion.delete_account, new.actor)
    moderator.token()
    before = everything(app)
    for act in ("admit", "refuse"):
        assert moderator.post(f"/moderation/items/{item}", act=act).status_code == 410
    assert everything(app) == before


def test_of_two_admins_at_the_settings_each_sets_only_what_they_changed(app: Flask, admin: Browser) -> None:
    second = add_user(app, "Second", role="admin")

    def shown(who: Browser) -> dict[str, str]:
        hidden = page(who.get("/moderation/settings")).css("form[action='/moderation/settings'] input[type=hidden]")
        return {str(node.attributes["name"]): node.attributes["value"] or "" for node in hidden}

    seen = shown(second)
    admin.post("/moderation/settings", **shown(admin), registration="closed", names_moderators="1")
    second.post("/moderation/settings", **seen, registration="open", names_moderators="1", holds_new="1")
    there = row(app, Site, 1)
    assert (there.registration, there.names_moderators, there.holds_new) == ("closed", True, True)
    second.post("/moderation/settings", **shown(second), registration="closed", names_moderators="1")
    assert not row(app, Site, 1).holds_new
    assert rows(app, select(Ruling.note).order_by(Ruling.number)) == [
        "registration: environment → closed", "holds_new: off → on", "holds_new: on → off",
    ]  # fmt: skip


@pytest.mark.parametrize("way", ["open", "approval", "closed"])
def test_the_stored_setting_wins_over_the_environment_at_once(
    app: Flask, admin: Browser, client: Browser, way: str
) -> None:
    assert "/register" in client.get("/").text
    admin.post("/moderation/settings", registration=way)
    assert ("/register" in client.get("/").text) == (way != "closed")
    assert ("closed" in words(client.get("/register"))) == (way == "closed")
    person = add_user(app, "Somebody")
    assert person.get("/").status_code == 200
