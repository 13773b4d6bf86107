"""Revisions under strain: writes that fail, forms that lie, very long texts, authors who would be rid of a debate."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from cast import Browser, EssayAt, article, hide, page, publish, retire, row, rows, sound, value, vote, withdraw, words
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from test_reading import statements
from test_revisions import HONEY, NEIGHBOURS, NEW_ROOFS, ROOFS, TOWN, fate, key, keys, revise, told, was

from debate import editor
from debate.models import Essay, Notice, Paragraph, Placement, Revision
from debate.queries import texts
from debate.text import adjust
from debate.text.essay import BadText, parse


def test_a_write_that_fails_does_not_spoil_the_text_that_it_read(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, client: Browser
) -> None:
    essay.reply(critic, "About the roofs.")
    revise(author, essay, NEW_ROOFS, TOWN)
    app.extensions["database"].info["texts"].clear()

    def fail(session: Session) -> None:
        there = session.get_one(Essay, essay.id)
        texts.now(session, there)
        session.add(Notice(user_id=author.id, kind="answer", reply_id=2**30, made_at=there.made_at))
        session.flush()

    with pytest.raises(IntegrityError):
        app.extensions["database"].write(fail)
    assert client.get(essay.path).status_code == 200
    assert client.get(essay.p(1)).status_code == 200
    assert author.get(f"{essay.path}/edit").status_code == 200


def test_a_vote_and_a_reply_do_not_read_the_whole_text(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, stranger: Browser
) -> None:
    reply_id = essay.reply(critic, "About the roofs.")
    revise(author, essay, NEW_ROOFS, TOWN)
    texts_kept = app.extensions["database"].info["texts"]
    texts_kept.clear()
    with statements(app) as said:
        vote(stranger, reply_id, 1)
        texts_kept.clear()
        essay.reply(stranger, "Not so.", to=reply_id, stance="con")
    assert not [words for words in said if "wordings.source" in words]


def test_words_that_return_are_said_to_be_new_since_they_returned(app: Flask, essay: EssayAt, author: Browser) -> None:
    for first in (NEW_ROOFS, ROOFS):
        revise(author, essay, first, NEIGHBOURS, TOWN)
    with app.extensions["database"].reading() as session:
        now = texts.now(session, session.get_one(Essay, essay.id))
    assert now.since == {essay.paragraphs[0][0]: 3}


def test_what_waits_to_be_looked_at_again_takes_as_many_statements_however_much_it_is(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser
) -> None:
    counts = []
    for number in range(4):
        essay.reply(critic, f"About the roofs, {number}.")
        essay.reply(critic, f"About the town, {number}.", p=3)
        revise(author, essay, ROOFS.replace("kinds", f"kinds {number}"), NEIGHBOURS, TOWN.replace("two", f"{number}"))
        critic.get(f"{essay.path}/reworded")
        with statements(app) as said:
            critic.get(f"{essay.path}/reworded")
        counts.append(len(said))
    assert counts[0] == counts[-1] <= 9


# --- an author who would be rid of a debate


def corrected(by: Browser, essay: EssayAt, paragraphs: list[str], was: list[str], base: str = "1", **fields: str):
    """Send a form in which the author says which paragraph each block is."""
    typed = {"title": "Bees", "text": "\n\n".join(paragraphs), "base": base}
    of = value(by.post(f"{essay.path}/edit", **typed), "of")
    return by.post(f"{essay.path}/edit", **typed, of=of, was=was, **fields)


@pytest.mark.parametrize("mine", [["", "2", "3"], ["2", "1", "3"], ["3", "2", ""]])
def test_no_debate_is_moved_off_the_very_words_that_it_is_about(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, mine: list[str]
) -> None:
    essay.reply(critic, "About the roofs.")
    answer = corrected(author, essay, [ROOFS, NEIGHBOURS, TOWN], mine, intent="publish")
    assert answer.status_code == 422
    assert "These are the very words of ¶1" in words(answer)
    assert rows(app, select(Revision.number)) == [1]


def test_a_paragraph_that_was_taken_out_does_not_come_back_without_its_debate(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser
) -> None:
    reply_id = essay.reply(critic, "About the neighbours.", p=2)
    revise(author, essay, ROOFS, TOWN)
    again = f"{NEIGHBOURS[:-1].upper()}!"  # as loud as can be, the words are the same
    assert corrected(author, essay, [ROOFS, again, TOWN], ["1", "", "2"], base="2", intent="publish").status_code == 422
    revise(author, essay, ROOFS, NEIGHBOURS.replace("gardens", "orchards"), TOWN, base="2")
    assert keys(author, essay) == [key(essay, number) for number in (1, 2, 3)]
    assert article(author.get(essay.p(2)), reply_id) is not None
    assert "on an earlier wording" in words(author.get(essay.p(2)))


def test_who_says_that_other_words_are_the_same_paragraph_is_shown_to_have_reworded_it(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, stranger: Browser, client: Browser
) -> None:
    vote(stranger, essay.reply(critic, "About the roofs."), 1)
    answer = corrected(author, essay, [HONEY, NEIGHBOURS, TOWN], ["1", "2", "3"], intent="publish")
    assert answer.status_code == 303
    assert keys(client, essay)[0] == key(essay, 1)
    assert "on an earlier wording" in words(client.get(essay.p(1)))
    assert [len(told(app, who)) for who in (critic, stranger)] == [1, 1]
    assert "1 reworded" in words(client.get(f"{essay.path}/revisions"))
    assert len(page(client.get(f"{essay.path}/revisions/2", **{"from": "1"})).css("li.reworded")) == 1


def test_what_is_called_new_leads_to_the_debate_of_the_words_that_it_replaces(
    essay: EssayAt, author: Browser, critic: Browser, client: Browser
) -> None:
    reply_id = essay.reply(critic, "About the roofs.")
    assert corrected(author, essay, [NEW_ROOFS, NEIGHBOURS, TOWN], ["", "2", "3"], intent="publish").status_code == 303
    after = keys(client, essay)[0]
    assert after != key(essay, 1)
    assert "split off from a paragraph no longer in the text . (1 reply)" in words(
        client.get(f"{essay.path}/p/{after}")
    )
    assert "¶1 was split off from it" in words(client.get(essay.p(1)))
    assert article(client.get(essay.p(1)), reply_id) is not None
    assert page(client.get(essay.path)).css_first(f'#gone a[href="{essay.p(1)}"]') is not None


def test_what_is_published_is_what_was_looked_at(app: Flask, author: Browser) -> None:
    texts_ = [
        f"{word.capitalize()} hives stand on the {word} roof of house {word}." for word in "red blue green".split()
    ]
    essay = publish(app, author, paragraphs=texts_)
    said = [texts_[0].replace("stand", "sit"), texts_[2].replace("stand", "sit"), HONEY]
    shown = corrected(author, essay, said, ["3", "", ""])
    looked = was(shown)
    fields = {"title": "Bees", "text": "\n\n".join(said), "base": "1", "of": value(shown, "of"), "was": looked}
    assert author.post(f"{essay.path}/edit", **fields, intent="publish").status_code == 303
    named = {key(essay, number): str(number) for number in (1, 2, 3)}
    assert [named.get(each, "") for each in keys(author, essay)] == looked


def test_two_blocks_cannot_both_be_one_paragraph(app: Flask, essay: EssayAt, author: Browser) -> None:
    answer = corrected(author, essay, [HONEY, f"{HONEY} Twice."], ["2", "2"], intent="publish")
    assert answer.status_code == 422
    assert "Two blocks cannot both be paragraph 2." in words(answer)
    assert rows(app, select(Revision.number)) == [1]


def test_closing_a_paragraph_with_a_double_click_closes_it(app: Flask, essay: EssayAt, author: Browser) -> None:
    fields = {"title": "On Keeping Bees in Town", "text": "\n\n".join((ROOFS, NEIGHBOURS, TOWN)), "base": "1"}
    switch = page(author.post(f"{essay.path}/edit", **fields)).css("input[name=switch]")[2].attributes["value"]
    for _ in range(2):
        assert author.post(f"{essay.path}/edit", **fields, switch=switch, intent="publish").status_code == 303
    assert row(app, Paragraph, essay.paragraphs[2][0]).debatable is False
    assert rows(app, select(Revision.number).order_by(Revision.number)) == [1, 2]


# --- forms that lie


@pytest.mark.parametrize(
    "lie",
    [
        {"was": ["x" * 9999] * 3}, {"was": ["１", "-1", "99999999999999999999"]}, {"was": ["1"] * 5000},
        {"of": "no digest"}, {"switch": ["no digest"] * 5000}, {"base": "-1"}, {"base": "９"}, {"base": "9" * 500},
        {"base": "999999999"}, {"adjust": "join-0"}, {"adjust": "join-9999"}, {"adjust": "split-0-9999999"},
        {"adjust": "split-0-0"}, {"adjust": "part-9999"}, {"adjust": "join--1"}, {"adjust": "join-１"},
        {"format": "odt"}, {"format": "nonsense"}, {"language": "xx"}, {"note": "n" * 5000},
    ],
)  # fmt: skip
def test_a_form_that_lies_gets_an_answer_and_stores_nothing_odd(
    app: Flask, essay: EssayAt, author: Browser, lie: dict[str, object]
) -> None:
    fields = {"title": "Bees", "text": "\n\n".join((NEW_ROOFS, NEIGHBOURS, TOWN)), "base": "1"}
    of = value(author.post(f"{essay.path}/edit", **fields), "of")
    for intent in ("preview", "publish"):
        answer = author.post(f"{essay.path}/edit", **({**fields, "of": of, "intent": intent} | lie))
        assert answer.status_code in (200, 303, 409, 422), words(answer)[:200]
    assert len(rows(app, select(Placement.position))) in (3, 6)
    assert [kept.debatable for kept in rows(app, select(Paragraph))] == [True] * 3
    sound(app)


def test_a_plain_text_made_markdown_keeps_every_debate_and_tells_of_what_reads_otherwise(
    app: Flask, author: Browser, critic: Browser, client: Browser
) -> None:
    essay = publish(app, author, paragraphs=[ROOFS, "Bees *love* roofs, and [this] as well.", TOWN])
    ids = [essay.reply(critic, f"About {number}.", p=number) for number in (1, 2, 3)]
    text = value(author.get(f"{essay.path}/edit"), "text")
    shown = author.post(f"{essay.path}/edit", title="Bees", text=text, format="md", base="1")
    assert [fate(shown, at).split(" · ")[0] for at in range(3)] == ["unchanged", "reworded 100 % alike", "unchanged"]
    author.post(f"{essay.path}/edit", title="Bees", text=text, format="md", base="1", intent="publish")
    assert keys(client, essay) == [key(essay, number) for number in (1, 2, 3)]
    for number, reply_id in enumerate(ids, start=1):
        assert article(client.get(essay.p(number)), reply_id) is not None
    assert len(told(app, critic)) == 1


# --- the text in the form is the text that there is

PARTS = (
    "Plain words. A second sentence!", "# Head", "Low\n---", "> quoted\n> more", "- one\n- two", "1. one\n2. two",
    "- item\n\n  its second\n\n- other", "```\ncode\n\nmore code\n```", "    by indent\n\n    more", "\tby tab", "&",
    "quote\n&\nby Someone", '[ref]: https://example.org/a "T"', "See [ref] and [two][ref].", "A note[^1] and[^x].",
    "[^1]: The note.\n\n    More of it.", "[^x]: Another *note*.", "a | b\n--- | ---\n1 | 2", "* * *", "one  \ntwo",
    "<div>no tag</div>", "<!-- no comment -->", "  two spaces", "`code` and **bold\nacross** lines",
    "```py\nnever closed\n\nblank inside\n   ", "\u200b", "\u00a0",
)  # fmt: skip
MADE_OF_PARTS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=7).flatmap(
    lambda parts: st.sampled_from(["\n\n", "\n", "\n\n\n"]).map(lambda between: between.join(parts) + between)
)


@given(MADE_OF_PARTS, st.sampled_from(["md", "txt"]))
def test_a_text_put_together_from_its_blocks_has_the_same_blocks(text: str, format: str) -> None:
    with suppress(BadText):
        draft = parse(text, format, "Given")
        assert parse(adjust.whole(draft.blocks), format, "Given").blocks == draft.blocks


@given(MADE_OF_PARTS, st.sampled_from(["md", "txt"]))
def test_joining_and_splitting_lose_no_sign(text: str, format: str) -> None:
    def signs(said: str) -> str:
        return "".join(said.replace("&", "").split())

    with suppress(BadText):
        blocks = parse(text, format, "Given").blocks
        whole = signs(adjust.whole(blocks))
        for at, block in enumerate(blocks):
            if at:
                assert signs(adjust.joined(blocks, at, format)) == whole
            for seam in adjust.seams(block, format):
                assert signs(adjust.split(blocks, at, seam.at)) == whole


@pytest.mark.parametrize(
    "text",
    [
        '[ref]: https://example.org/a "T"\n\n# Title\n\nSee [ref], and more.',
        "# Title\n\nA note[^1].\n\n[^1]: It says.\n\n[ref]: https://example.org/\n",
        "# Title\n\nWords.\n&\nMore.\n\n> quote\n\n```\na\n\n\nb\n```\n\n    code at the end\n\n",
        "# Title\n\nWords\n\u200b\n\n```\nnever closed\n\n\n",
        "# Title\n\n    code comes first\n\nand words",
    ],
)
def test_publishing_the_form_as_it_was_opened_makes_no_revision(app: Flask, moderator: Browser, text: str) -> None:
    path = moderator.post("/essays/new", text=text, format="md", intent="publish").headers["Location"]
    form = moderator.get(f"{path}/edit")
    typed = {name: value(form, name) for name in ("title", "text", "base")}
    typed["text"] = typed["text"].removeprefix("\n").replace("\n", "\r\n")  # as browsers read and send it
    assert moderator.post(f"{path}/edit", **typed, format="md", intent="publish").status_code == 303
    assert rows(app, select(Revision.number)) == [1]


def test_all_that_was_said_is_found_although_the_essay_is_said_to_be_in_another_language(
    essay: EssayAt, author: Browser, critic: Browser, client: Browser
) -> None:
    essay.reply(critic, "Nur auf Flachdächern, nirgends sonst.")
    revise(author, essay, ROOFS, NEIGHBOURS, TOWN, "Bienen auf Dächern finden Blüten in Gärten.", language="de")
    for sought, kind, found in (
        ("Garten", "essays", "Gärten"), ("roofs", "essays", "Bees kept on"), ("Flachdächer", "replies", "Nur auf"),
    ):  # fmt: skip
        assert found in words(client.get("/search", **{"q": sought, "in": kind})), sought


def test_no_connection_is_held_while_a_text_is_read_and_its_paragraphs_are_followed(
    essay: EssayAt, author: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []

    def noting(does: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*given: Any, **named: Any) -> Any:
            held.append("reading" in g)
            return does(*given, **named)

        return noted

    for name in ("parse", "plan"):
        monkeypatch.setattr(editor, name, noting(getattr(editor, name)))
    fields = {"title": "Bees", "text": f"{HONEY}\n\n{NEIGHBOURS}", "format": "md"}
    assert author.post(f"{essay.path}/edit", **fields, base="1").status_code == 200
    assert author.post(f"{essay.path}/edit", **fields, base="1", intent="publish").status_code == 303
    assert held == [False] * len(held)
    assert len(held) >= 4


# --- who may read what


@pytest.mark.parametrize("how", ["hidden", "withdrawn"])
def test_what_was_taken_out_of_sight_is_on_no_page_of_the_history(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, moderator: Browser, client: Browser, how: str
) -> None:
    reply_id = essay.reply(critic, "Unspeakable words.")
    vote(author, reply_id, 1)
    essay.reply(author, "An answer that stays.", to=reply_id)
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    if how == "hidden":
        hide(moderator, reply_id)
    else:
        withdraw(critic, reply_id)
    for who in (client, author):
        assert who.get(f"/replies/{reply_id}/wording").status_code == 403
        for place in (essay.path, essay.p(1), f"{essay.path}/reworded", f"{essay.path}/revisions/2", "/notices"):
            assert "Unspeakable" not in who.get(place).text, place
    assert ("Unspeakable" in critic.get(f"{essay.path}/reworded").text) == (how == "hidden")


def test_a_draft_and_what_was_unpublished_have_no_history_for_others(
    app: Flask, author: Browser, critic: Browser, client: Browser, essay: EssayAt
) -> None:
    draft = publish(app, author, title="Not yet", as_draft=True)
    reply_id = essay.reply(critic, "About the roofs.")
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    retire(author, essay, "unpublished")
    for place in ("/revisions", "/revisions/1", "/reworded", "/edit", f"/p/{draft.paragraphs[0][1]}/wordings"):
        assert critic.get(f"{draft.path}{place}").status_code == 404, place
    for place in ("/revisions", "/revisions/1", "/revisions/2?from=1", f"/p/{key(essay, 1)}/wordings"):
        for who in (client, critic):
            answer = who.get(f"{essay.path}{place}")
            assert answer.status_code == 410, place
            assert "roofs" not in answer.text
    assert "On Keeping Bees" not in critic.get("/notices").text
    assert client.get(f"/replies/{reply_id}/wording").status_code == 410


NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&lt;"


@pytest.mark.parametrize("format", ["txt", "md"])
def test_nothing_that_is_typed_becomes_markup(
    app: Flask, author: Browser, critic: Browser, client: Browser, format: str
) -> None:
    essay = publish(app, author, title=NASTY, paragraphs=[f"{NASTY} is one. {NASTY} is two.", f"So {NASTY}"])
    essay.reply(critic, "About it.")
    text = f"{NASTY} is one, {NASTY}. {NASTY} is two.\n\nNot {NASTY}"
    fields = {"title": f"{NASTY}!", "text": text, "format": format, "note": NASTY, "base": "1"}
    pages = [author.post(f"{essay.path}/edit", **fields, adjust=f"part-{at}") for at in (0, 1)]
    pages.append(author.post(f"{essay.path}/edit", **fields, of=value(pages[0], "of"), was=[NASTY, NASTY]))
    author.post(f"{essay.path}/edit", **fields, intent="publish")
    pages += [critic.get("/notices"), critic.get(f"{essay.path}/reworded"), author.get(f"{essay.path}/edit")]
    for place in ("", "/revisions", "/revisions/1", "/revisions/2", "/revisions/2?from=1", "/tree"):
        pages.append(client.get(f"{essay.path}{place}"))
    pages += [client.get(f"{essay.p(1)}/wordings"), client.get("/replies/1/wording"), client.get(essay.p(1))]
    for answer in pages:
        assert answer.status_code in (200, 404, 422), answer.request.path
        tree = page(answer)
        assert not tree.css("script:not([src]), img, [onerror]"), answer.request.path
