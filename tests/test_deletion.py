"""Deleting one's own account: what goes, what stays and under whose name."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cast import (
    PASSWORD,
    Browser,
    EssayAt,
    add_user,
    article,
    cite,
    everything,
    form_to,
    page,
    problem,
    publish,
    report,
    row,
    rows,
    sound,
    source_of,
    suspend,
    token_in,
    vote,
    words,
)
from flask import Flask
from markupsafe import Markup
from sqlalchemy import String, event, insert, select, update

from debate import templating
from debate.actions import deletion
from debate.db import Base
from debate.models import (
    Citation,
    Essay,
    Find,
    Item,
    Letter,
    Notice,
    Reply,
    ReplyEdit,
    Report,
    RetiredName,
    Revision,
    Ruling,
    SignIn,
    Source,
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


def test_in_another_language_nobodys_name_is_in_that_language(
    essay: EssayAt, critic: Browser, stranger: Browser, client: Browser
) -> None:
    made = essay.reply(critic, "An argument that others answered.")
    essay.reply(stranger, "An answer to it.", to=made, stance="con")
    cite(critic, made, "https://example.org/a", "Words.")
    delete(critic)
    client.post("/display", language="de", csrf_token=token_in(client.get("/display")))
    for path in (f"/replies/{made}", essay.p(), f"{essay.path}/tree?depth=all", f"{essay.path}/sources"):
        shown = client.get(path)
        assert "[deleted user]" not in words(shown), path
        assert "[gelöschtes Konto]" in words(shown), path


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


def test_what_others_wrote_about_erased_words_is_theirs_until_an_admin_erases_it(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser, admin: Browser, client: Browser
) -> None:
    made = essay.reply(critic, "An argument.")
    cite(critic, made, "https://example.org/mine", "My quote.")
    theirs = cite(stranger, made, "https://example.org/theirs", "Their quote.")
    report(stranger, made, note="Said in anger.")
    assert delete(critic, "erase").status_code == 303
    kept = [(one.id, one.quote) for one in rows(app, select(Citation))]
    assert kept == [(theirs, "Their quote.")]
    assert row(app, Reply, made).citation_count == 1
    assert [one.note for one in rows(app, select(Report))] == ["Said in anger."]
    assert "Their quote." in stranger.get("/settings/data").get_data(as_text=True)
    for path in (f"/replies/{made}", essay.p(), f"{essay.path}/sources", "/search?q=quote&in=sources"):
        assert "Their quote." not in words(client.get(path)), path
    sound(app)
    assert admin.post(f"/replies/{made}/erase", reason="other", note="An address.").status_code == 303
    assert rows(app, select(Citation)) == []
    assert [one.note for one in rows(app, select(Report))] == [""]
    sound(app)


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


def test_what_is_written_while_words_are_erased_goes_too(app: Flask, essay: EssayAt, critic: Browser) -> None:
    essay.reply(critic, "Written before.")
    database, done, turns = app.extensions["database"], False, 0
    while not done:
        done = database.write(deletion.delete_account, critic.actor, erases=True)
        turns += 1
        if turns == 1:
            essay.reply(critic, "Written meanwhile, in another tab.")
    assert turns == 3
    assert {reply.body for reply in rows(app, select(Reply))} == {""}


def test_a_page_that_is_being_made_as_an_account_goes_leaves_no_name_behind(
    app: Flask, essay: EssayAt, critic: Browser, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = essay.reply(critic, "An argument that stays.")
    app.extensions["parts"].clear()
    make, database, other = templating.part, app.extensions["database"], Browser(app)

    def meanwhile() -> str:
        """In another thread: somebody's next page, which lets go of what was kept."""
        database.write(deletion.delete_account, critic.actor)
        return other.get("/").text

    def slow(template: str, **inputs: object) -> Markup:
        html = make(template, **inputs)
        if template.endswith("_reply.html") and not row(app, User, critic.id).deleted_at:
            with ThreadPoolExecutor(1) as pool:
                assert "Critic" not in pool.submit(meanwhile).result()
        return html

    monkeypatch.setattr(templating, "part", slow)
    assert "Critic" in client.get(f"/replies/{made}").text, "begun before"
    for path in (f"/replies/{made}", essay.p()):
        shown = client.get(path).text
        assert "An argument that stays." in shown
        assert "Critic" not in shown


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


@pytest.mark.parametrize("kind", ["suspended", "banned"])
def test_an_admin_who_is_kept_out_is_none_to_leave_the_site_to(app: Flask, admin: Browser, kind: str) -> None:
    second = add_user(app, "Second", role="admin")
    suspend(admin, second, kind=kind)
    assert delete(admin).status_code == 403
    assert admin.post("/users/Chief/role", role="participant").status_code == 422
    assert [row(app, User, who.id).role for who in (admin, second)] == ["admin", "admin"]
    third = add_user(app, "Third", role="admin")
    assert third.post("/users/Second/role", role="participant").status_code == 303
    assert delete(admin).status_code == 303


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


@dataclass
class Gone:
    """An account that voted, answered, asked, wrote one reply, and was deleted with its words kept."""

    reply: int  # its own
    voted: int
    citation: int  # that it answered about

    @property
    def writer(self) -> str:
        return f"/replies/{self.reply}/writer"


@pytest.fixture
def gone(app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, author: Browser) -> Gone:
    voted, asked = essay.reply(stranger, "An argument."), essay.reply(stranger, "An argument without a source.", p=2)
    citation = cite(stranger, voted, "https://example.org/study", "Bees fly.")
    made = essay.reply(critic, "What the critic leaves.", to=voted, stance="con")
    for who in (critic, author):
        vote(who, voted, 1)
        assert who.post(f"/citations/{citation}/check", answer="shut").status_code == 303
        assert who.post(f"/replies/{asked}/asks", wanted="1").status_code == 303
    assert delete(critic).status_code == 303
    return Gone(made, voted, citation)


def _counted(app: Flask, gone: Gone) -> tuple[int, int, int, bool]:
    """Votes, asks, readers who could not open the source, and whether its link is dead."""
    asks = sum(rows(app, select(Reply.ask_count)))
    source = row(app, Source, source_of(app, gone.citation))
    return row(app, Reply, gone.voted).ups, asks, source.unopened, source.dead_since is not None


def test_a_deleted_accounts_votes_are_set_aside_and_put_back_from_what_it_wrote(
    app: Flask, gone: Gone, critic: Browser, moderator: Browser, client: Browser
) -> None:
    before = everything(app)
    assert _counted(app, gone) == (2, 2, 2, True)
    assert page(moderator.get(f"/replies/{gone.reply}")).css_first(f"a[href='{gone.writer}']") is not None
    form = form_to(moderator.get(gone.writer), f"{gone.writer}/suspend")
    assert form is not None
    assert form.css_first("[name=bar][value=ban]") is not None
    assert (
        moderator.post(f"{gone.writer}/suspend", bar="ban", reason="spam", note="A farm of votes.").status_code == 303
    )
    assert _counted(app, gone) == (1, 1, 1, False)
    sound(app)
    assert app.test_cli_runner().invoke(args=["recount"]).output == "0 differences.\n"
    assert moderator.post(f"{gone.writer}/suspend", bar="ban", reason="spam").status_code == 409
    said = [
        words(who.get(path)) for who in (client, moderator) for path in ("/moderation/log", f"/replies/{gone.reply}")
    ]
    said += [words(moderator.get(path)) for path in (gone.writer, "/moderation")]
    assert "Warden banned [deleted user] , whose votes count no more: spam" in said[0]
    assert not any("critic" in one.lower().replace("the critic leaves", "") for one in said)
    assert form_to(moderator.get(gone.writer), f"{gone.writer}/lift") is not None
    assert moderator.post(f"{gone.writer}/lift", note="It was none.").status_code == 303
    assert "(about entry 1)" in words(client.get("/moderation/log")).replace("( ", "(").replace(" )", ")")
    after = everything(app)
    for table in ("votes", "votes_aside", "checks", "asks"):
        assert after[table] == before[table], table
    assert _counted(app, gone)[:3] == (2, 2, 2)
    assert _counted(app, gone)[3]
    sound(app)
    assert rows(app, select(Notice).where(Notice.user_id == critic.id)) == []


def test_who_was_banned_before_leaving_is_let_back_from_a_reply(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    voted, made = essay.reply(stranger, "An argument."), essay.reply(critic, "Another.")
    vote(critic, voted, -1)
    suspend(moderator, critic, kind="banned")
    delete(critic)
    assert row(app, Reply, voted).downs == 0
    assert moderator.post(f"/replies/{made}/writer/lift").status_code == 303
    assert row(app, Reply, voted).downs == 1
    sound(app)


def test_a_deleted_account_is_banned_from_words_that_were_erased_and_undone_in_the_queue(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    voted, made = essay.reply(stranger, "An argument."), essay.reply(critic, "Another.")
    vote(critic, voted, 1)
    delete(critic, "erase")
    assert moderator.post(f"/replies/{made}/writer/suspend", bar="ban", reason="spam").status_code == 303
    assert row(app, Reply, voted).ups == 0
    (ruling,) = rows(app, select(Ruling.id))
    assert moderator.post(f"/moderation/rulings/{ruling}/undo").status_code == 303
    assert row(app, Reply, voted).ups == 1
    sound(app)


def test_a_deleted_account_is_not_suspended_and_one_that_was_is_banned_still(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    voted, made = essay.reply(stranger, "An argument."), essay.reply(critic, "Another.")
    vote(critic, voted, 1)
    item = report(stranger, made)
    suspend(moderator, critic)
    delete(critic)
    answer = moderator.post(f"/replies/{made}/writer/suspend", bar="7", reason="spam")
    assert answer.status_code == 422
    assert "can only be banned" in words(answer)
    chosen = form_to(moderator.get("/moderation"), f"/moderation/items/{item}")
    assert chosen is not None
    assert [one.attributes["value"] for one in chosen.css("[name=bar] option")] == ["", "ban"]
    assert moderator.post(f"/moderation/items/{item}", act="hide", reason="spam", bar="ban").status_code == 303
    assert rows(app, select(Ruling.act).order_by(Ruling.number)) == ["suspend", "hide", "ban"]
    assert row(app, Reply, voted).ups == 0
    sound(app)


def test_an_admins_erasure_tells_no_moderator_who_wrote_it(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser, admin: Browser
) -> None:
    made = essay.reply(critic, "Somebody's address.")
    assert moderator.get(f"/replies/{made}/writer").status_code == 200
    admin.post(f"/replies/{made}/erase", reason="other", note="An address.")
    assert moderator.get(f"/replies/{made}/writer").status_code == 403
    assert moderator.post(f"/replies/{made}/writer/suspend", bar="7", reason="spam").status_code == 403
    assert page(moderator.get(f"/replies/{made}")).css_first(f"a[href='/replies/{made}/writer']") is None


# Every column that holds text, and what becomes of it where somebody leaves and has their words erased. One that is on
# none of these lists fails the test.
TAKEN = {
    "replies": "body html alike once",
    "reply_edits": "body html",
    "finds": "terms",
    "reports": "note contact",
    "appeals": "words",
    "citations": "quote quote_digest locator url",  # url: at own replies
    "sources": "title authors publisher kind archive_url canonical digest",  # the last two: where nothing else cites it
    "source_edits": "title authors publisher kind archive_url",
    "revisions": "note",
}
WITH_THE_ACCOUNT = {  # gone or emptied whatever is chosen
    "users": "name name_key email email_key confirmed_key password_hash role",
    "sign_ins": "digest device",
    "mail_tokens": "purpose digest email",
    "letters": "address subject body",
    "steps": "kind name secret credential public_key",
    "recovery_codes": "digest",
    "notices": "kind",
}
LEFT = {
    # Others argue beneath it. Its by-line goes where it is the account's name.
    "essays": "slug title author_name language status share",
    "revisions": "title format summary",
    "wordings": "kind source html",
    "paragraphs": "key",
    "descents": "kind",
    # The log of what those in power did, and what their acts say of themselves.
    "rulings": "act before reason note salt note_salt note_digest digest",
    "log_heads": "digest",
    "locks": "reason",
    "standings": "kind reason note",
    # Chosen from a list, or made by the program.
    "replies": "stance side path path_head state",
    "citations": "shows",
    "checks": "answer side",
    "sources": "scheme",
    "source_edits": "act",
    "items": "kind why",
    "reports": "visitor reason",
    "site": "registration",
    "paces": "key",
    "retired_names": "digest",
}


def test_of_every_column_that_holds_text_it_is_decided_what_becomes_of_it() -> None:
    decided = [
        f"{table}.{name}" for part in (TAKEN, WITH_THE_ACCOUNT, LEFT) for table in part for name in part[table].split()
    ]
    held = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String)
    }
    assert sorted(decided) == sorted(held)


def _everywhere(app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser) -> dict[str, int]:
    """The critic says xyzzy wherever words can be typed; the ids of what it was said at."""
    theirs = essay.reply(stranger, "The stranger's argument.")
    made = essay.reply(critic, "Xyzzy first.", to=theirs, stance="con")
    critic.post(f"/replies/{made}/edit", body="Xyzzy said otherwise.")
    cite(critic, made, "https://example.org/xyzzy", "Xyzzy quoted.")
    citation = cite(critic, theirs, "https://example.org/study", "Xyzzy quoted at another's.")
    source = source_of(app, citation)
    cited = critic.post(
        f"/replies/{theirs}/citations", url="https://example.org/other", quote="", locator="xyzzy page 7"
    )
    assert cited.status_code == 303
    other = rows(app, select(Source.id).where(Source.canonical.contains("example.org/other")))[0]
    for number, (who, title) in enumerate(((stranger, "By the stranger"), (critic, "By xyzzy"))):
        said = {"title": title, "authors": title, "publisher": title, "edit": str(number)}
        assert who.post(f"/sources/{source}/edit", **said).status_code == 303
    assert moderator.post(f"/sources/{source}/merge", into=str(other), note="The same.").status_code == 303
    assert moderator.post(f"/sources/{source}/separate", note="Or not.").status_code == 303
    assert critic.post(f"/replies/{theirs}/reports", reason="insult", note="Xyzzy report.").status_code in (200, 303)
    ruling = suspend(moderator, critic)
    assert critic.post(f"/moderation/rulings/{ruling}/appeal", words="Xyzzy appeal.").status_code in (200, 303)
    moderator.post("/users/Critic/lift")
    own = publish(app, critic, title="An essay of the critic's")
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(Revision).where(Revision.essay_id == own.id).values(note="Xyzzy noted."))
    return {"theirs": theirs, "made": made, "citation": citation, "source": source}


def test_all_words_of_an_account_are_erased_everywhere_and_nothing_of_others(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    said = _everywhere(app, essay, critic, stranger, moderator)
    answer = essay.reply(stranger, "An answer.", to=said["made"], stance="con")
    stranger.post(f"/citations/{said['citation']}/check", answer="yes")
    assert "xyzzy" in words(client.get(f"/sources/{said['source']}")).lower()
    marked = {name for name, table in everything(app).items() if "xyzz" in repr(table).lower()}
    assert marked == TAKEN.keys()
    before = {reply.id: reply.body for reply in rows(app, select(Reply).where(Reply.author_id == stranger.id))}
    asked = words(critic.get("/settings/delete"))
    assert "the notes of your reports, and the words of your appeals" in asked
    assert "essays that you published" in asked
    assert delete(critic, "erase").status_code == 303
    database = app.extensions["database"]
    for name, table in everything(app).items():
        assert "xyzz" not in repr(table).lower(), name
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"xyzz" not in Path(database.engine.url.database or "").read_bytes().lower()
    sound(app)
    source, citation = row(app, Source, said["source"]), row(app, Citation, said["citation"])
    assert (source.title, source.authors, source.publisher) == ("By the stranger",) * 3
    assert (citation.reply_id, citation.yes_none + citation.yes_pro + citation.yes_con) == (said["theirs"], 1)
    assert "By the stranger" in words(client.get(f"/sources/{said['source']}"))
    (terms,) = rows(app, select(Find.terms).where(Find.citation_id == said["citation"]))
    assert "stranger" in terms
    assert "1 match" in words(client.get("/search?q=stranger&in=sources"))
    assert {reply.id: reply.body for reply in rows(app, select(Reply).where(Reply.author_id == stranger.id))} == before
    for path in (f"/replies/{answer}", f"/replies/{said['made']}", f"{essay.path}/tree?depth=all"):
        assert article(client.get(path), answer) is not None, path
    assert [report.reason for report in rows(app, select(Report))] == ["insult"]


def test_what_others_said_of_a_source_since_stands_and_what_a_moderator_hid_does_not_return(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    theirs = essay.reply(stranger, "The stranger's argument.")
    first, second = (source_of(app, cite(stranger, theirs, f"https://example.org/{name}")) for name in "ab")
    for number, (who, title) in enumerate(((critic, "Xyzzy"), (stranger, "Better"))):
        who.post(f"/sources/{first}/edit", title=title, edit=str(number))
    for number, (who, title) in enumerate(((stranger, "An insult"), (critic, "Xyzzy"))):
        who.post(f"/sources/{second}/edit", title=title, edit=str(number))
    moderator.post(f"/sources/{second}/edits/1", hidden="1", note="An insult.")
    delete(critic, "erase")
    assert (row(app, Source, first).title, row(app, Source, second).title) == ("Better", "")


def test_who_wrote_no_reply_is_asked_about_other_words_and_an_open_appeal_ends(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser, stranger: Browser
) -> None:
    assert "Erasing takes" not in words(critic.get("/settings/delete"))
    report(critic, essay.reply(stranger, "An argument."), note="Xyzzy.")
    assert "And what you wrote?" in words(critic.get("/settings/delete"))
    ruling = suspend(moderator, critic)
    critic.post(f"/moderation/rulings/{ruling}/appeal", words="Xyzzy.")
    assert delete(critic, "erase").status_code == 403  # not while it lasts
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(Standing).values(until=datetime.now(UTC)))
    assert delete(critic, "erase").status_code == 303
    assert "Critic" not in words(moderator.get("/moderation?kind=appeal"))
    assert rows(app, select(Item.id).where(Item.kind == "appeal", Item.closed_at.is_(None))) == []
    assert "Xyzzy" not in repr(everything(app))


def test_the_index_of_search_is_merged_once_however_many_replies_are_erased(
    app: Flask, essay: EssayAt, critic: Browser
) -> None:
    for number in range(deletion.AT_ONCE + 2):
        essay.reply(critic, f"Argument number {number}.")
    said: list[str] = []
    engine = app.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    assert delete(critic, "erase").status_code == 303
    assert sum("'optimize'" in statement for statement in said) == app.extensions["database"].is_sqlite
