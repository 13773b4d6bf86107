"""The public log: complete, in order, chained; a note can be erased by law, and the chain stays whole."""

import pytest
from cast import Browser, EssayAt, add_user, hide, lock, page, report, rows, suspend, words
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select, text

from debate.models import LogHead, Notice, Ruling
from debate.models.moderation import Unchangeable
from debate.queries import moderation


def verified(app: Flask, *known: str) -> list[str]:
    with app.extensions["database"].reading() as session:
        return moderation.verify(session, known).wrong


@pytest.fixture
def busy(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser, admin: Browser
) -> list[int]:
    """Rulings of many kinds; the ids of the replies they are about."""
    made = [essay.reply(critic, f"Argument {number}.") for number in range(4)]
    hide(moderator, made[0], note="Calls names.")
    lock(moderator, essay.target(1), reason="Too hot.")
    suspend(moderator, stranger)
    item = report(moderator, made[1])
    admin.post(f"/moderation/items/{item}", act="keep")
    admin.post(f"/replies/{made[2]}/erase", reason="other", note="A court said so.")
    admin.post("/moderation/settings", registration="closed", names_moderators="1", holds_new="1")
    admin.post(f"{essay.path}/moderators", name="Critic")
    admin.post("/users/Author/role", role="moderator")
    moderator.post(f"{essay.path}/premoderation", value="1")
    return made


def test_every_act_is_one_entry_and_the_chain_is_whole(app: Flask, busy: list[int], runner: FlaskCliRunner) -> None:
    entries = rows(app, select(Ruling).order_by(Ruling.number))
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.act for entry in entries] == [
        "hide", "lock", "suspend", "keep", "erase", "setting", "setting", "appoint", "role", "premoderate",
    ]  # fmt: skip
    assert verified(app) == []
    [head] = rows(app, select(LogHead))
    assert (head.count, head.digest) == (len(entries), entries[-1].digest)
    said = runner.invoke(args=["log", "verify", "--known", entries[2].digest])
    assert (said.exit_code, said.output) == (
        0,
        f"{len(entries)} entries, the chain is whole. It ends with {head.digest}\n",
    )


TAMPERED = {
    "an act": "UPDATE rulings SET act = 'restore' WHERE number = 1",
    "who": "UPDATE rulings SET by_id = (SELECT max(id) FROM users) WHERE number = 3",
    "when": "UPDATE rulings SET made_at = '2020-01-01 00:00:00' WHERE number = 2",
    "a reason": "UPDATE rulings SET reason = 'spam' WHERE number = 1",
    "a note": "UPDATE rulings SET note = 'Nothing of the kind.' WHERE number = 1",
    "a digest": "UPDATE rulings SET digest = 'x' WHERE number = 4",
    "taken out": "DELETE FROM rulings WHERE number = 6",
    "cut off": "DELETE FROM rulings WHERE number = 10",
    "the end": "UPDATE log_heads SET count = 9",
}


@pytest.mark.parametrize("how", TAMPERED)
def test_whatever_was_changed_afterwards_shows(app: Flask, busy: list[int], runner: FlaskCliRunner, how: str) -> None:
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(text(TAMPERED[how]))
    assert verified(app) != []
    said = runner.invoke(args=["log", "verify"])
    assert said.exit_code == 1


def test_a_log_that_was_written_anew_does_not_hold_a_digest_noted_down_before(app: Flask, busy: list[int]) -> None:
    assert verified(app, "0" * 64) == [f"No entry has the digest {'0' * 64}."]


def test_entries_cannot_be_changed_by_the_program(app: Flask, busy: list[int]) -> None:
    def change(session) -> None:
        session.scalars(select(Ruling)).first().reason = "spam"

    def delete(session) -> None:
        session.delete(session.scalars(select(Ruling)).first())

    for act in (change, delete):
        with pytest.raises(Unchangeable):
            app.extensions["database"].write(act)
    assert verified(app) == []


def test_a_note_is_erased_for_good_and_the_chain_stays_whole(
    app: Flask, busy: list[int], admin: Browser, moderator: Browser, client: Browser
) -> None:
    first = rows(app, select(Ruling).order_by(Ruling.number))[0]
    assert "Calls names." in client.get("/moderation/log").text
    assert moderator.post(f"/moderation/rulings/{first.id}/erase-note").status_code == 403
    assert admin.post(f"/moderation/rulings/{first.id}/erase-note").status_code == 303
    assert "Calls names." not in client.get("/moderation/log").text
    assert "Its note was erased." in words(client.get("/moderation/log"))
    assert verified(app) == []
    assert admin.post(f"/moderation/rulings/{first.id}/erase-note").status_code == 410
    kept = rows(app, select(Ruling).order_by(Ruling.number))[0]
    assert (kept.note, kept.note_salt, kept.digest) == ("", "", first.digest)


@pytest.mark.parametrize(
    ("query", "acts"),
    [
        ({"act": "hide"}, ["hide"]), ({"reason": "insult"}, ["suspend", "hide"]), ({"about": "Stranger"}, ["suspend"]),
        ({"by": "Warden"}, ["premoderate", "suspend", "lock", "hide"]), ({"since": "2999-01-01"}, []),
        ({"act": "setting", "by": "Chief"}, ["setting", "setting"]), ({"by": "Nobody"}, []),
        ({"before": "3"}, ["lock", "hide"]),
        ({"act": "nonsense"}, None), ({"since": "yesterday"}, []),
    ],
    ids=str,
)  # fmt: skip
def test_the_log_is_filtered(
    app: Flask, busy: list[int], client: Browser, query: dict[str, str], acts: list[str] | None
) -> None:
    by_id = {ruling.id: ruling.act for ruling in rows(app, select(Ruling))}
    shown = page(client.get("/moderation/log", **query)).css("ol.log > li")
    found = [by_id[int(node.id.removeprefix("ruling-"))] for node in shown]
    assert found == (acts if acts is not None else [by_id[number] for number in sorted(by_id, reverse=True)])


def test_the_essays_own_entries(app: Flask, busy: list[int], essay: EssayAt, client: Browser) -> None:
    assert len(page(client.get("/moderation/log", essay=essay.slug)).css("ol.log > li")) == 6


def test_who_acted_is_shown_by_name_or_not_as_admins_choose(
    app: Flask, busy: list[int], essay: EssayAt, admin: Browser, client: Browser, critic: Browser
) -> None:
    for path in ("/moderation/log", essay.p()):
        assert "Warden" in client.get(path).text
    admin.post("/moderation/settings", registration="open", names_moderators="")
    for path in ("/moderation/log", essay.p(), "/moderation/locks", "/moderation/log?by=Warden"):
        assert "Warden" not in words(client.get(path)), path
        assert "Warden" not in words(critic.get(path)), path
    assert "A moderator" in words(client.get(essay.p()))
    assert page(client.get("/moderation/log")).css_first("[name=by]") is None


def test_the_writer_is_told_what_why_and_how_to_appeal_once(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser, admin: Browser
) -> None:
    made = essay.reply(critic, "An argument.")
    hide(moderator, made, "insult", note="Calls names.")
    told = critic.get("/notices")
    assert all(
        said in words(told) for said in ("hid a reply", "insult", "Calls names.", "Appeal: ask for another look")
    )
    [ruling] = rows(app, select(Ruling))
    path = f"/moderation/rulings/{ruling.id}/appeal"
    assert critic.post(path, words=" ").status_code == 422
    assert critic.post(path, words="It was a quotation.").status_code == 303
    assert critic.post(path, words="And again.").status_code == 409
    assert "You appealed this" in words(critic.get("/notices"))
    queue = moderator.get("/moderation?kind=appeal")
    assert "It was a quotation." in words(queue)
    item = int(page(queue).css_first("article.item").id.removeprefix("item-"))
    own = moderator.post(f"/moderation/items/{item}", act="uphold")
    assert own.status_code == 403
    assert "another moderator has to decide" in words(own)
    assert admin.post(f"/moderation/items/{item}", act="overturn", note="It was one.").status_code == 303
    assert page(critic.get(f"/replies/{made}")).css_first(f"#reply-{made} .body") is not None
    assert "It was one." in words(critic.get("/notices"))
    assert [entry.act for entry in rows(app, select(Ruling).order_by(Ruling.id))] == ["hide", "restore"]
    assert verified(app) == []


def test_where_there_is_no_other_moderator_the_same_one_decides(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser
) -> None:
    hide(moderator, essay.reply(critic, "An argument."))
    [ruling] = rows(app, select(Ruling))
    critic.post(f"/moderation/rulings/{ruling.id}/appeal", words="Look again.")
    item = page(moderator.get("/moderation?kind=appeal")).css_first("article.item").id.removeprefix("item-")
    assert moderator.post(f"/moderation/items/{item}", act="uphold", note="No.").status_code == 303
    assert "turned down an appeal" in words(critic.get("/notices"))
    assert len(rows(app, select(Notice).where(Notice.kind == "ruling"))) == 2


def test_who_is_banned_can_appeal_that_and_nobody_for_them(
    app: Flask, critic: Browser, stranger: Browser, moderator: Browser, admin: Browser
) -> None:
    ruling = suspend(moderator, critic, kind="banned")
    path = f"/moderation/rulings/{ruling}/appeal"
    assert stranger.post(path, words="For a friend.").status_code == 403
    assert stranger.get(path).status_code == 403
    assert critic.post(path, words="It was somebody else.").status_code == 303
    item = page(admin.get("/moderation?kind=appeal")).css_first("article.item").id.removeprefix("item-")
    assert admin.post(f"/moderation/items/{item}", act="overturn").status_code == 303
    assert "You are banned" not in words(critic.get("/"))


def test_nobody_decides_their_own_appeal(app: Flask, essay: EssayAt, moderator: Browser, admin: Browser) -> None:
    other = add_user(app, "Other.Warden", role="moderator")
    hide(other, essay.reply(moderator, "A moderator's words."))
    [ruling] = rows(app, select(Ruling))
    assert moderator.post(f"/moderation/rulings/{ruling.id}/appeal", words="I was right.").status_code == 303
    item = page(admin.get("/moderation?kind=appeal")).css_first("article.item").id.removeprefix("item-")
    assert moderator.post(f"/moderation/items/{item}", act="overturn").status_code == 403
    assert admin.post(f"/moderation/items/{item}", act="overturn").status_code == 303
