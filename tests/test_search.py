"""Search: what was said is found by its words, where it stands, and nothing that may not be read ever is."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from cast import Browser, EssayAt, add_user, cite, hide, page, publish, withdraw, words
from flask import Flask
from flask.testing import FlaskCliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session
from test_reading import statements
from werkzeug.test import TestResponse

from debate import schema
from debate.actions import finds
from debate.db import Database
from debate.models import Essay, Find
from debate.text.terms import Query, marked, query, terms

ODD = (
    '"', 'open "phrase', "AND", "a OR", "NEAR(", "*", "-", "--", "-bees", '-"', "%%%", "_", "\\", "bees*", "^bees",
    "terms:bees", "(", "){}[]", "'; DROP TABLE finds; --", "word " * 1000, "x" * 5000, "\0", "\ud800", "🐝", "ﷺ",
    "蜜蜂", "xreply", "xin1 OR xby1", ":asked", "?", '"" ""', "- -", "é" * 600,
)  # fmt: skip


def found(answer: TestResponse) -> list[str]:
    """Where the matches lead, in order."""
    assert answer.status_code == 200
    return [
        node.attributes["href"] or ""
        for node in page(answer).css(".finds li a[href^='/replies/'], .finds li a[href^='/essays/']")
    ]


def marks(answer: TestResponse) -> list[str]:
    return [node.text() for node in page(answer).css("mark")]


def at(reply_id: int) -> str:
    return f"/replies/{reply_id}#reply-{reply_id}"


def test_words_are_found_in_any_form_and_marked_where_they_stand(
    essay: EssayAt, critic: Browser, client: Browser
) -> None:
    said = essay.reply(critic, "The keeper **kept** three hives, and neighbours complained.")
    essay.reply(critic, "Nothing of that kind.")
    answer = client.get("/search", q="Hive neighbour", **{"in": "replies"})
    assert found(answer) == [at(said)]
    assert marks(answer) == ["hives", "neighbours"]
    assert "1 match" in words(answer)
    assert found(client.get("/search", q="hive spaceship")) == []
    assert "Nothing matches" in words(client.get("/search", q="hive spaceship"))


def test_paragraphs_replies_and_sources_are_found_each_under_its_heading(
    essay: EssayAt, critic: Browser, stranger: Browser, client: Browser
) -> None:
    said = essay.reply(critic, "Gardens near roofs are fuller.")
    cite(stranger, said, "https://example.org/gardens-study", "More fruit in gardens with hives.")
    answer = client.get("/search", q="garden")
    key = essay.paragraphs[1][1]
    assert found(answer) == [f"{essay.path}#p-{key}", at(said), at(said)]
    assert [node.text() for node in page(answer).css(".finds h2")] == ["Essays", "Replies", "Sources"]
    source = page(answer).css_first(".finds a.source")
    assert source.attributes["href"] == "https://example.org/gardens-study"
    assert "nofollow" in (source.attributes["rel"] or "")
    for kind, expected in (("essays", 0), ("replies", 1), ("sources", 2)):
        assert found(client.get("/search", q="garden", **{"in": kind})) == [found(answer)[expected]]


def test_phrases_words_left_out_and_folded_letters(essay: EssayAt, critic: Browser, client: Browser) -> None:
    one = essay.reply(critic, "A café on the old harbour wall.")
    two = essay.reply(critic, "The wall of the harbour, old as it is, has no cafe.")
    assert found(client.get("/search", q="harbour wall")) == [at(two), at(one)]
    assert found(client.get("/search", q='"harbour wall"')) == [at(one)]
    assert found(client.get("/search", q='wall -"harbour wall"')) == [at(two)]
    assert found(client.get("/search", q="wall -old")) == []
    assert found(client.get("/search", q="CAFE")) == [at(two), at(one)]
    assert marks(client.get("/search", q='"harbour wall')) == ["harbour", "wall"]


def test_an_essays_own_language_decides_which_words_are_one(
    app: Flask, moderator: Browser, critic: Browser, client: Browser
) -> None:
    text = "Die Bienen überzeugen in den Städten.\n\nEin zweiter Absatz."
    where = moderator.post("/essays/new", title="Von Bienen", text=text, language="de", intent="publish")
    german = where.headers["Location"]
    english = publish(app, moderator, "On Towns", ["Some towns keep bees."])
    for typed in ("Biene", "bienen", "uberzeugen", "Stadt"):
        links = found(client.get("/search", q=typed))
        assert len(links) == 1, typed
        assert links[0].startswith(f"{german}#p-"), typed
    assert found(client.get("/search", q="bee")) == [f"{english.path}#p-{english.paragraphs[0][1]}"]


@pytest.mark.parametrize(
    ("said", "typed", "mark"),
    [
        ("Two Cafe\u0301s open.", "caf\u00e9", "Cafe\u0301s"),
        (
            "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd \u05e8\u05d1",
            "\u05e9\u05dc\u05d5\u05dd",
            "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd",
        ),
        (
            "\u092f\u0939 \u0939\u093f\u0928\u094d\u0926\u0940 \u0939\u0948",
            "\u0939\u093f\u0928\u094d\u0926\u0940",
            "\u0939\u093f\u0928\u094d\u0926\u0940",
        ),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("A bee\u00adkeeper's hat", "beekeeper", "bee\u00adkeeper"),
        ("Die STRASSE", "straße", "STRASSE"),
    ],
    ids=["accent", "points", "vowel signs", "joiner", "soft hyphen", "sharp s"],
)
def test_marks_do_not_part_a_word(
    essay: EssayAt, critic: Browser, client: Browser, said: str, typed: str, mark: str
) -> None:
    made = essay.reply(critic, said)
    answer = client.get("/search", q=typed)
    assert (found(answer), marks(answer)) == ([at(made)], [mark])


def test_other_vowel_signs_are_another_word(essay: EssayAt, critic: Browser, client: Browser) -> None:
    essay.reply(critic, "\u0939\u0941\u0928\u094d\u0926\u093e")
    assert found(client.get("/search", q="\u0939\u093f\u0928\u094d\u0926\u0940")) == []


def test_thai_is_found_within_a_line_without_spaces(essay: EssayAt, critic: Browser, client: Browser) -> None:
    made = essay.reply(critic, "ผึ้งในเมืองเก็บน้ำหวาน")
    assert found(client.get("/search", q="เมือง")) == [at(made)]
    assert found(client.get("/search", q="งเมือ")) == []


@pytest.mark.slow
def test_a_paragraph_of_longest_words_is_published_and_found(
    app: Flask, moderator: Browser, client: Browser, runner: FlaskCliRunner
) -> None:
    letters = "абвгдежзиклмнопрст"
    chance = Random(1)
    said = " ".join("".join(chance.choices(letters, k=48)) for _ in range(19_000))
    sent = moderator.post("/essays/new", title="Long", text=said, language="ru", intent="publish")
    assert sent.status_code == 303
    assert len(found(client.get("/search", q=said[:48]))) == 1
    assert runner.invoke(args=["search", "rebuild"]).output == "1 things can be found.\n"


def test_a_search_costs_few_statements(app: Flask, essay: EssayAt, critic: Browser) -> None:
    for number in range(25):
        cite(critic, essay.reply(critic, f"Nectar {number}."), f"https://example.org/nectar/{number}")
    with statements(app) as seen:
        answer = Browser(app).get("/search", q="nectar", by="Critic", essay=essay.slug)
    assert len(found(answer)) == 25
    assert len(seen) <= 7, seen


def test_what_was_said_before_there_was_search_is_found(make_app: Callable[..., Flask], bare_url: str) -> None:
    app = make_app(database_url=bare_url)
    database = app.extensions["database"]
    schema.upgrade(database)
    critic = add_user(app, "Critic")
    essay = publish(app, critic)
    cite(critic, essay.reply(critic, "Honey, at last.", stance="con"), "https://example.org/wax", "Its wax.")
    question = select(Find.wording_id, Find.reply_id, Find.citation_id, Find.terms)

    def kept() -> list[tuple[Any, ...]]:
        with database.reading() as session:
            return sorted(((*ids, sorted(terms.split())) for *ids, terms in session.execute(question)), key=repr)

    before = kept()
    migration = ScriptDirectory.from_config(schema._config()).get_revision("20261124_search").module
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM finds")
        migration._fill(connection)
        if database.is_sqlite:
            connection.exec_driver_sql("INSERT INTO finds_index (finds_index) VALUES ('rebuild')")
    assert (len(before), kept()) == (5, before)
    assert schema.differences(database) == []
    client = Browser(app)
    for typed, number in (("honey", 1), ("wax", 1), ("garden", 1)):
        assert len(found(client.get("/search", q=typed))) == number, typed


def test_a_search_is_narrowed_by_side_writer_and_essay(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, client: Browser
) -> None:
    pro = essay.reply(critic, "Honey for it.", stance="pro")
    con = essay.reply(stranger, "Honey against it.", to=pro, stance="con")
    back = essay.reply(critic, "Honey, against the one against.", to=con, stance="con")
    other = publish(app, critic, "Another Essay", ["Something."])
    there = other.reply(critic, "Honey elsewhere.", stance="con")
    assert found(client.get("/search", q="honey")) == [at(there), at(back), at(con), at(pro)]
    assert found(client.get("/search", q="honey", side="pro")) == [at(back), at(pro)]
    assert found(client.get("/search", q="honey", side="con")) == [at(there), at(con)]
    assert found(client.get("/search", q="honey", by="Stranger")) == [at(con)]
    assert found(client.get("/search", q="honey", essay=other.slug)) == [at(there)]
    assert found(client.get("/search", by="critic", essay=essay.slug)) == [at(back), at(pro)]
    for wrong in ({"by": "Nobody"}, {"essay": "nowhere"}):
        assert found(client.get("/search", q="honey", **wrong)) == []
    assert "Nobody here is called" in words(client.get("/search", q="honey", by="Nobody"))
    assert found(client.get("/search", q="honey", side="sideways", **{"in": "nowhere"}, before="x")) != []


def test_what_is_removed_or_was_edited_away_never_matches(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser, client: Browser
) -> None:
    hidden, gone, edited = (essay.reply(critic, f"Quagmire {number}.") for number in range(3))
    cite(critic, hidden, "https://example.org/quagmire", "quagmire")
    critic.post(f"/replies/{edited}/edit", body="Something else by now.")
    hide(moderator, hidden)
    withdraw(critic, gone)
    for who in (client, critic, moderator):
        assert found(who.get("/search", q="quagmire")) == []
    assert found(client.get("/search", q="else")) == [at(edited)]
    moderator.post(f"/replies/{hidden}/restore")
    assert found(client.get("/search", q="quagmire")) == [at(hidden), at(hidden)]


@pytest.mark.parametrize("typed", ODD, ids=[ascii(typed)[:20] for typed in ODD])
def test_whatever_is_typed_gives_results_or_none(essay: EssayAt, critic: Browser, client: Browser, typed: str) -> None:
    essay.reply(critic, "Bees, and more bees.")
    for kind in ("", "essays", "replies", "sources"):
        answer = client.get("/search", q=typed.encode("utf-8", "surrogatepass"), **{"in": kind})
        assert answer.status_code == 200
        assert page(answer).css_first("form[action='/search']") is not None


def test_pages_of_matches_do_not_overlap(app: Flask, essay: EssayAt, critic: Browser, client: Browser) -> None:
    made = [essay.reply(critic, f"Nectar, number {number}.") for number in range(47)]
    listed: list[str] = []
    path = "/search?q=nectar"
    while path:
        answer = client.get(path)
        listed += found(answer)
        onward = page(answer).css_first("a[rel=next]")
        path = (onward.attributes["href"] or "") if onward else ""
    assert listed == [at(number) for number in reversed(made)]


def test_what_matches_is_shown_as_text(essay: EssayAt, critic: Browser, client: Browser) -> None:
    essay.reply(critic, "Wax & `<script>alert(1)</script>` and **honey**.")
    answer = client.get("/search", q='honey "<script>')
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in client.get("/search", q="wax").text


def test_everything_can_be_made_findable_anew(
    app: Flask, essay: EssayAt, critic: Browser, client: Browser, runner: FlaskCliRunner
) -> None:
    said = essay.reply(critic, "Pollen.")
    cite(critic, said, "https://example.org/pollen")
    answer = runner.invoke(args=["search", "rebuild"])
    assert (answer.exit_code, answer.output) == (0, "5 things can be found.\n")
    assert found(client.get("/search", q="pollen")) == [at(said), at(said)]


def to_german(session: Session, essay_id: int) -> None:
    essay = session.get_one(Essay, essay_id)
    essay.language = "de"
    finds.again(session, essay)


@pytest.mark.parametrize("action", [to_german, lambda session, _: finds.rebuild(session)], ids=["again", "rebuild"])
def test_what_is_made_findable_is_stored_little_by_little(
    database: Database, essay: EssayAt, critic: Browser, monkeypatch: pytest.MonkeyPatch, action: Callable[..., object]
) -> None:
    """PostgreSQL ends a transaction that says nothing for twenty seconds."""
    for number in range(7):
        cite(critic, essay.reply(critic, f"Pollen {number}."), f"https://example.org/{number}")
    unsaid, most = [0], [0]

    def counted(said: str, language: str) -> list[str]:
        unsaid[0] += 1
        most[0] = max(most[0], unsaid[0])
        return terms(said, language)

    def said(*_: object) -> None:
        unsaid[0] = 0

    monkeypatch.setattr(finds, "BATCH", 3)
    monkeypatch.setattr(finds, "terms", counted)
    event.listen(database.engine, "before_cursor_execute", said)
    database.write(action, essay.id)
    event.remove(database.engine, "before_cursor_execute", said)
    assert most == [3]
    language = "xlangde" if action is to_german else "xlangen"
    with database.reading() as session:
        stored = session.scalars(select(Find.terms)).all()
    assert len(stored) == 3 + 7 + 7
    assert all(language in one.split() for one in stored)


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_while_everything_is_made_findable_anew_people_write_on(
    database: Database, essay: EssayAt, critic: Browser, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [essay.reply(critic, "Pollen.")]
    before = finds.wording

    def meanwhile(*given: Any) -> None:
        if len(made) == 1:
            made.append(essay.reply(critic, "More pollen."))
        before(*given)

    def patience(session: Session) -> list[str | None]:
        names = ("statement_timeout", "idle_in_transaction_session_timeout")
        return [session.scalar(text(f"SHOW {name}")) for name in names]

    monkeypatch.setattr(finds, "wording", meanwhile)
    assert database.write(lambda session: finds.rebuild(session) and patience(session)) == ["0", "10min"]
    assert database.write(patience) == ["10s", "20s"]
    assert sorted(found(client.get("/search", q="pollen"))) == [at(number) for number in made]


WORDS = st.lists(
    st.sampled_from(["Bienen", "bees", "Ünïcode", "—", "a", "12", "蜜蜂", "don't", '"', "-x"]), max_size=40
)


@given(st.text(max_size=200) | WORDS.map(" ".join))
def test_a_query_is_always_understood(typed: str) -> None:
    asked = query(typed)
    every = [word for phrase in asked.wanted + asked.unwanted for word in phrase]
    assert len(every) <= 16
    assert all(phrase for phrase in asked.wanted + asked.unwanted)
    for language in ("en", "de", "zh", "xx"):
        assert all(term.isascii() and term.isalnum() for word in every for term in terms(word, language))


@given(WORDS.map(" ".join), WORDS.map(" ".join), st.integers(0, 80))
def test_marked_pieces_are_the_text(text: str, typed: str, around: int) -> None:
    pieces = marked(text, query(typed), "en", around)
    joined = "".join(piece for piece, _ in pieces).removeprefix("…").removesuffix("…")
    assert joined in text
    wanted = {term for phrase in query(typed).wanted for word in phrase for term in terms(word, "en")}
    assert {term for piece, is_match in pieces if is_match for term in terms(piece, "en")} <= wanted


def test_a_query_is_words_phrases_and_what_is_left_out() -> None:
    assert query('bees "town hall" -hives well-kept') == Query(
        (("bees",), ("town", "hall"), ("well", "kept")), (("hives",),)
    )
    assert query('"open at the end') == Query((("open", "at", "the", "end"),))
    assert query("word " * 40).is_cut
    assert not query("- * ( )")
