"""Deleting one's own account: what goes, what stays and under whose name."""

from datetime import UTC, datetime

import pytest
from cast import (
    PASSWORD,
    Browser,
    EssayAt,
    add_user,
    article,
    cite,
    everything,
    page,
    problem,
    publish,
    row,
    rows,
    token_in,
    vote,
    words,
)
from flask import Flask
from sqlalchemy import insert, select, update

from debate.models import (
    Essay,
    Letter,
    Notice,
    Reply,
    ReplyEdit,
    RetiredName,
    Ruling,
    SignIn,
    Standing,
    User,
    Visit,
    Vote,
)
from debate.queries import counts


def delete(who: Browser, words: str = "keep", current: str = PASSWORD):
    return who.post("/settings/delete", words=words, current=current)


def register(app: Flask, name: str, email: str):
    visitor = Browser(app)
    token = token_in(visitor.get("/register"))
    return visitor.post("/register", csrf_token=token, name=name, email=email, password="long enough")


def test_replies_stay_under_nobodys_name_and_all_that_names_the_account_goes(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, client: Browser
) -> None:
    made = essay.reply(critic, "An argument that others answered.")
    answer = essay.reply(stranger, "An answer to it.", to=made, stance="con")
    vote(critic, answer, 1)
    critic.post(f"{essay.path}/visit", arriving="1")
    assert client.get(f"/replies/{made}").text.count("Critic")
    assert delete(critic).headers["Location"] == "/goodbye"
    assert "Your account is deleted" in words(client.get("/goodbye"))
    for path in (f"/replies/{made}", essay.p(), f"{essay.path}/tree?depth=all", "/search?q=argument"):
        shown = client.get(path)
        assert "An argument that others answered." in words(shown), path
        assert "Critic" not in shown.text, path
        assert "[deleted user]" in shown.text, path
    assert client.get("/users/Critic").status_code == 404
    user = row(app, User, critic.id)
    assert (user.email, user.email_key, user.confirmed_key, user.role) == ("", "", None, "participant")
    assert row(app, Reply, answer).ups == 1  # the vote stays
    for model in (Notice, Visit, SignIn):
        assert rows(app, select(model).where(model.user_id == critic.id)) == []


def test_erased_words_are_nowhere_and_answers_keep_their_place(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    made = [essay.reply(critic, f"Xyzzy number {number}.", stance="pro") for number in range(23)]
    answer = essay.reply(stranger, "An answer.", to=made[0], stance="con")
    critic.post(f"/replies/{made[0]}/edit", body="Xyzzy, said otherwise.")
    cite(critic, made[1], "https://example.org/xyzzy")
    assert delete(critic, "erase").status_code == 303
    for who in (client, stranger, moderator):
        for path in (
            f"/replies/{made[0]}",
            essay.p(),
            f"{essay.path}/tree?depth=all",
            f"{essay.path}/sources",
            "/search?q=xyzzy",
        ):
            said = words(who.get(path)).lower()
            assert "xyzzy number" not in said, path
            assert "said otherwise" not in said, path
            assert "example.org/xyzzy" not in said, path
    assert {reply.body for reply in rows(app, select(Reply).where(Reply.author_id == critic.id))} == {""}
    assert {edit.body for edit in rows(app, select(ReplyEdit))} <= {""}
    assert article(client.get(f"/replies/{answer}"), answer) is not None
    with app.extensions["database"].reading() as session:
        assert counts.differences(session) == []


def test_the_name_is_nobodys_afterwards_and_the_address_is_free(app: Flask, critic: Browser) -> None:
    delete(critic)
    for name in ("Critic", "critic", "Cr1tic"):
        assert "is taken" in problem(register(app, name, "new@example.org"), "name")
    assert register(app, "Other", "critic@example.org").status_code == 303
    (retired,) = rows(app, select(RetiredName))
    assert "critic" not in retired.digest


def test_nobody_logs_in_to_it_by_any_name_password_or_cookie(app: Flask, critic: Browser) -> None:
    elsewhere = Browser(app, critic.name, critic.id)
    elsewhere.log_in(remember="1")
    delete(critic)
    assert elsewhere.client.get("/notices").status_code == 303
    for name in ("Critic", "critic@example.org", "[deleted user]", "@", ""):
        for password in (PASSWORD, "!", "", "nobody's password"):
            assert Browser(app, name, 0, password).log_in().status_code == 422, (name, password)


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"current": "not it"}, "current"), ({"words": "burn"}, "words"), ({"words": "erase", "current": ""}, "current")],
)
def test_without_the_password_and_a_choice_nothing_is_deleted(
    app: Flask, critic: Browser, fields: dict[str, str], name: str
) -> None:
    critic.get("/settings/delete")
    before = everything(app)
    answer = delete(critic, **fields)
    assert answer.status_code == 422
    assert page(answer).css_first("[role=alert] li") is not None
    assert everything(app) == before


def test_the_only_admin_stays(app: Flask, admin: Browser) -> None:
    answer = delete(admin)
    assert answer.status_code == 403
    assert "only admin" in words(answer)
    assert row(app, User, admin.id).deleted_at is None
    add_user(app, "Second", role="admin")
    assert delete(admin).status_code == 303
    assert [ruling.act for ruling in rows(app, select(Ruling))] == ["role"]


def test_essays_stay_and_drafts_go(app: Flask, author: Browser, essay: EssayAt, client: Browser) -> None:
    draft = publish(app, author, title="A draft", as_draft=True)
    said = words(author.get("/settings/delete"))
    assert "That is 1 essay." in said
    delete(author)
    shown = client.get(essay.path)
    assert "By [deleted user]" in words(shown)
    assert page(shown).css_first(".byline a") is None
    assert rows(app, select(Essay.id)) == [essay.id]
    assert row(app, Essay, essay.id).owner_id is None  # so moderators may revise it
    assert draft.id != essay.id


def test_it_says_first_what_stays(essay: EssayAt, critic: Browser) -> None:
    for number in range(3):
        essay.reply(critic, f"Argument {number}.")
    said = words(critic.get("/settings/delete"))
    assert "And your 3 replies?" in said
    assert "Nobody can take your name afterwards." in said


def test_a_deleted_account_is_on_no_list_and_cannot_be_given_a_role(
    app: Flask, critic: Browser, admin: Browser
) -> None:
    delete(critic)
    assert "deleted user" not in words(admin.get("/users"))
    done = app.test_cli_runner().invoke(args=["user", "role", "[deleted user]", "admin"])
    assert done.exit_code == 2


def test_votes_of_a_deleted_account_still_count(app: Flask, essay: EssayAt, critic: Browser, stranger: Browser) -> None:
    made = essay.reply(stranger, "An argument.")
    vote(critic, made, -1)
    delete(critic, "erase")
    assert row(app, Reply, made).downs == 1
    assert len(rows(app, select(Vote))) == 1


def test_the_only_admin_loses_no_words_by_trying(app: Flask, essay: EssayAt, admin: Browser) -> None:
    made = essay.reply(admin, "Words that stay.")
    assert delete(admin, "erase").status_code == 403
    assert row(app, Reply, made).body == "Words that stay."


def test_who_leaves_gives_up_the_essays_in_their_charge(
    app: Flask, essay: EssayAt, critic: Browser, admin: Browser
) -> None:
    admin.post(f"{essay.path}/moderators", name="Critic")
    assert "Critic" in words(admin.get(essay.path))
    delete(critic)
    assert [one.kind for one in rows(app, select(Standing).where(Standing.lifted_at.is_(None)))] == []
    assert [ruling.act for ruling in rows(app, select(Ruling).order_by(Ruling.number))] == ["appoint", "dismiss"]
    assert "deleted user" not in words(admin.get(essay.path))
    assert admin.get("/moderation/log").status_code == 200


def test_a_by_line_in_other_letters_of_the_same_name_goes_too(app: Flask, essay: EssayAt, author: Browser) -> None:
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(Essay).values(author_name=author.name.upper()))
    delete(author)
    assert row(app, Essay, essay.id).author_name == "[deleted user]"


def test_letters_that_wait_go_with_the_account_but_nobody_elses(app: Flask, critic: Browser) -> None:
    critic.post("/settings/email", email="newer@example.org", current=PASSWORD)
    assert [letter.address for letter in rows(app, select(Letter))] == ["newer@example.org"]
    register(app, "Passer.by", "critic@example.org")  # gave the same address, as anybody can
    passer = Browser(app, "Passer.by", rows(app, select(User.id).where(User.name == "Passer.by"))[0], "long enough")
    delete(passer, current="long enough")
    assert {letter.address for letter in rows(app, select(Letter))} == {"newer@example.org", "critic@example.org"}
    delete(critic)
    assert rows(app, select(Letter)) == []


def test_where_words_cannot_all_be_erased_none_are(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser, author: Browser
) -> None:
    essay.reply(critic, "The first, where the writer may not write any more.")
    other = publish(app, author, title="Another essay")
    for number in range(21):
        other.reply(critic, f"Argument {number}.")
    with app.extensions["database"].engine.begin() as connection:
        at = {"placed_at": datetime.now(UTC), "by_id": moderator.id}
        barred = {"user_id": critic.id, "kind": "suspended", "essay_id": essay.id, "reason": "insult", "note": ""}
        connection.execute(insert(Standing), barred | at)
    assert delete(critic, "erase").status_code == 403
    assert "" not in rows(app, select(Reply.body))
    assert delete(critic, "keep").status_code == 303
