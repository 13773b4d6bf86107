"""Revising an essay: no argument is lost, and each stays with the words it answers."""

import re
from io import BytesIO
from pathlib import Path

import live
import pytest
from cast import (
    Browser,
    EssayAt,
    add_user,
    article,
    everything,
    form_to,
    hide,
    page,
    problem,
    publish,
    reply_id_of,
    row,
    rows,
    sound,
    value,
    vote,
    withdraw,
    words,
)
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from debate.models import Confirmation, Descent, Essay, Notice, Paragraph, Placement, Reply, Revision, Vote, Wording
from debate.queries import texts

ROOFS = "Bees kept on roofs find more kinds of flowers than bees kept among fields."
NEIGHBOURS = "Their neighbours gain by it: gardens within a mile set more fruit."
TOWN = "So a town should let anyone keep two hives without asking."
NEW_ROOFS = "Bees kept on roofs find many more kinds of flowers than bees kept among wide fields."
HONEY = "Honey from the town hall sold out in an hour, at twice the price of honey from the hills."


def revise(by: Browser, essay: EssayAt, *paragraphs: str, **fields: str):
    """Send the form that publishes a new text."""
    fields = {"title": "On Keeping Bees in Town", "text": "\n\n".join(paragraphs), "intent": "publish"} | fields
    answer = by.post(f"{essay.path}/edit", **fields)
    assert answer.status_code == 303, words(answer)
    return answer


def keys(client: Browser, essay: EssayAt) -> list[str]:
    """The keys of the paragraphs that the essay's page shows."""
    return [(node.id or "")[2:] for node in page(client.get(essay.path)).css("section.passage")]


def key(essay: EssayAt, number: int) -> str:
    return essay.paragraphs[number - 1][1]


# --- keys and debates


def test_paragraphs_keep_their_keys_through_rewording_moving_and_insertion(
    app: Flask, essay: EssayAt, author: Browser, client: Browser
) -> None:
    before = keys(client, essay)
    revise(author, essay, TOWN, HONEY, NEW_ROOFS, NEIGHBOURS)
    after = keys(client, essay)
    assert [after[0], after[2], after[3]] == [before[2], before[0], before[1]]
    assert after[1] not in before
    assert NEW_ROOFS in words(client.get(essay.path))
    assert row(app, Essay, essay.id).revision == 2


def test_every_reply_stays_where_it_was_written(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, client: Browser
) -> None:
    ids = {number: essay.reply(critic, f"About {number}.", p=number) for number in (1, 2, 3)}
    below = essay.reply(author, "Not so.", to=ids[2], stance="con")
    revise(author, essay, TOWN, NEW_ROOFS)
    for number, reply_id in ids.items():
        assert client.get(f"/replies/{reply_id}").status_code == 200
        assert article(client.get(essay.p(number)), reply_id) is not None
    assert article(client.get(f"/replies/{below}"), below) is not None
    sound(app)


def test_a_removed_paragraphs_debate_stands_under_no_longer_in_the_text(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, client: Browser
) -> None:
    reply_id = essay.reply(critic, "The gardens are watered, that is why.", p=2, stance="con")
    revise(author, essay, ROOFS, TOWN)
    shown = client.get(essay.path)
    gone = page(shown).css_first("#gone")
    assert gone is not None
    assert NEIGHBOURS in " ".join(gone.text().split())
    assert gone.css_first(f'a[href="{essay.p(2)}"]') is not None
    assert key(essay, 2) not in keys(client, essay)
    own = client.get(essay.p(2))
    assert own.status_code == 200
    assert "no longer in the text" in words(own)
    assert NEIGHBOURS in words(own)
    assert article(own, reply_id) is not None
    tree = words(client.get(f"{essay.path}/tree"))
    assert "No longer in the text" in tree
    assert "The gardens are watered" in tree
    assert "no longer in the text" in words(client.get(f"/replies/{reply_id}"))


def test_a_removed_paragraph_without_replies_is_not_spoken_of(essay: EssayAt, author: Browser, client: Browser) -> None:
    revise(author, essay, ROOFS, TOWN)
    assert page(client.get(essay.path)).css_first("#gone") is None


def test_its_debate_goes_on_although_its_author_took_the_paragraph_out(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser
) -> None:
    revise(author, essay, ROOFS, TOWN)
    answer = critic.post(f"{essay.p(2)}/replies", stance="con", body="Taken out, and still wrong.")
    assert answer.status_code == 303
    reply_id = rows(app, select(Reply.id))[0]
    vote(author, reply_id, 1)
    sound(app)


def test_a_paragraph_returns_with_its_debate_when_its_words_return(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, client: Browser
) -> None:
    before = keys(client, essay)
    reply_id = essay.reply(critic, "About the neighbours.", p=2)
    revise(author, essay, ROOFS, TOWN)
    revise(author, essay, ROOFS, NEIGHBOURS, TOWN)
    assert keys(client, essay) == before
    assert article(client.get(essay.p(2)), reply_id) is not None
    assert page(client.get(essay.path)).css_first("#gone") is None
    assert "on an earlier wording" not in words(client.get(essay.p(2)))


def test_a_merged_paragraph_says_where_it_went_and_a_split_one_where_it_came_from(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, client: Browser
) -> None:
    reply_id = essay.reply(critic, "About the neighbours.", p=2)
    revise(author, essay, f"{ROOFS} {NEIGHBOURS}", TOWN)
    merged = words(client.get(essay.p(2)))
    assert "In revision 2 it was merged into ¶1" in merged
    assert article(client.get(essay.p(2)), reply_id) is not None
    assert "it took in a paragraph no longer in the text" in words(client.get(essay.p(1)))
    revise(author, essay, ROOFS, NEIGHBOURS, TOWN)
    assert keys(client, essay)[1] == key(essay, 2)
    assert len(rows(app, select(Descent.kind))) == 1


def test_nothing_is_deleted_by_revising(app: Flask, essay: EssayAt, author: Browser, critic: Browser) -> None:
    essay.chain(critic, 3, p=2)
    before = everything(app)
    revise(author, essay, HONEY)
    after = everything(app)
    for table in ("replies", "wordings", "placements", "votes"):
        assert set(before[table]) <= set(after[table]), table
    assert len(after["paragraphs"]) == 4
    sound(app)


# --- who may, and what is refused


def test_only_the_author_revises(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser, client: Browser, author: Browser
) -> None:
    for who in (critic, moderator):
        assert who.get(f"{essay.path}/edit").status_code == 403
        assert who.post(f"{essay.path}/edit", text=HONEY, intent="publish").status_code == 403
    assert client.get(f"{essay.path}/edit").headers["Location"] == f"/login?next={essay.path}/edit"
    assert author.get(f"{essay.path}/edit").status_code == 200
    assert form_to(author.get(essay.path), f"{essay.path}/unpublish") is None  # one form, with a button of its own
    assert rows(app, select(Revision.number)) == [1]


def test_an_essay_without_an_account_as_author_is_revised_by_moderators(
    app: Flask, moderator: Browser, critic: Browser
) -> None:
    essay = publish(app)
    assert critic.get(f"{essay.path}/edit").status_code == 403
    revise(moderator, essay, ROOFS)
    assert row(app, Essay, essay.id).revision == 2


def test_the_form_holds_the_text_that_there_is(essay: EssayAt, author: Browser) -> None:
    form = author.get(f"{essay.path}/edit")
    assert value(form, "text").strip() == "\n\n".join((ROOFS, NEIGHBOURS, TOWN))
    assert (value(form, "title"), value(form, "base")) == ("On Keeping Bees in Town", "1")


@pytest.mark.parametrize(("text", "sentence"), [("", "empty"), ("x\x07y", "control character")])
def test_a_bad_text_gets_a_sentence_and_changes_nothing(
    app: Flask, essay: EssayAt, author: Browser, text: str, sentence: str
) -> None:
    answer = author.post(f"{essay.path}/edit", title="Bees", text=text, note="My note", intent="publish")
    assert answer.status_code == 422
    assert sentence in problem(answer, "text")
    assert value(answer, "note") == "My note"
    assert rows(app, select(Revision.number)) == [1]


def test_a_double_click_makes_one_revision(app: Flask, essay: EssayAt, author: Browser) -> None:
    for _ in range(2):
        revise(author, essay, NEW_ROOFS, TOWN, base="1")
    assert rows(app, select(Revision.number).order_by(Revision.number)) == [1, 2]


def test_nothing_changed_makes_no_revision(app: Flask, essay: EssayAt, author: Browser) -> None:
    revise(author, essay, ROOFS, NEIGHBOURS, TOWN)
    assert rows(app, select(Revision.number)) == [1]
    revise(author, essay, ROOFS, NEIGHBOURS, TOWN, title="Bees, again")
    assert row(app, Essay, essay.id).title == "Bees, again"


def test_who_comes_second_gets_the_text_back_compared_with_what_there_is_now(
    app: Flask, essay: EssayAt, author: Browser
) -> None:
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN, base="1")
    late = author.post(
        f"{essay.path}/edit", title="Bees", text=f"{ROOFS}\n\n{HONEY}", note="Late", base="1", intent="publish"
    )
    assert late.status_code == 409
    assert "changed meanwhile" in problem(late, "text")
    assert value(late, "text").strip() == f"{ROOFS}\n\n{HONEY}"
    assert (value(late, "base"), value(late, "note")) == ("2", "Late")
    assert row(app, Essay, essay.id).revision == 2


# --- the preview


def fate(answer, number: int) -> str:
    node = page(answer).css_first(f"#b-{number} .fate")
    return " ".join(node.text().split()) if node else ""


def test_the_preview_tells_what_becomes_of_each_paragraph_and_stores_nothing(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, stranger: Browser
) -> None:
    reply_id = essay.reply(critic, "About the roofs.")
    vote(stranger, reply_id, 1)
    essay.reply(critic, "About the town.", p=3)
    before = everything(app)
    shown = author.post(f"{essay.path}/edit", title="Bees", text="\n\n".join((HONEY, NEW_ROOFS, NEIGHBOURS)), base="1")
    assert shown.status_code == 200
    assert fate(shown, 0) == "new"
    assert re.fullmatch(r"reworded 8\d % alike · 1 reply, 1 vote", fate(shown, 1)), fate(shown, 1)
    assert fate(shown, 2) == "unchanged"
    assert "removed ¶3 · 1 reply, 0 votes" in words(shown)
    marked = page(shown).css_first("#b-1 .diff")
    assert marked is not None
    assert [node.text() for node in marked.css("ins")] == ["many ", "wide "] or "many" in marked.html
    assert everything(app) == before


def was(answer) -> list[str]:
    return [node.attributes["value"] or "" for node in page(answer).css("input[name=was]")]


def test_numbers_of_a_text_that_was_changed_meanwhile_correct_nothing(essay: EssayAt, author: Browser) -> None:
    words_of = [f"{text} Somewhat otherwise." for text in (ROOFS, NEIGHBOURS, TOWN)]
    fields = {"title": "On Keeping Bees in Town", "text": "\n\n".join(words_of), "base": "1"}
    shown = author.post(f"{essay.path}/edit", **fields)
    seen = {"was": was(shown), "of": value(shown, "of")}
    assert seen["was"] == ["1", "2", "3"]
    revise(author, essay, HONEY, ROOFS, NEIGHBOURS, TOWN, base="1")
    for late in (
        author.post(f"{essay.path}/edit", **fields, **seen, intent="publish"),
        author.post(f"{essay.path}/edit", **fields, **seen),
    ):
        assert was(late) == ["2", "3", "4"], "each is what it was, by the numbers of now"


def test_the_author_can_correct_a_match(app: Flask, essay: EssayAt, author: Browser, critic: Browser) -> None:
    reply_id = essay.reply(critic, "About the roofs.")
    rewritten = "City hives are better fed, and that is the whole of it."
    text = "\n\n".join((rewritten, NEIGHBOURS, TOWN))
    shown = author.post(f"{essay.path}/edit", title="Bees", text=text, base="1")
    assert (was(shown), fate(shown, 0)) == (["", "2", "3"], "new")
    fields = {"title": "Bees", "text": text, "base": "1", "of": value(shown, "of")}
    corrected = author.post(f"{essay.path}/edit", **fields, was=["1", "2", "3"])
    assert fate(corrected, 0).startswith("reworded")
    assert author.post(f"{essay.path}/edit", **fields, was=["1", "2", "3"], intent="publish").status_code == 303
    wording = row(
        app,
        Wording,
        rows(app, select(Placement.wording_id).order_by(Placement.revision_id.desc(), Placement.position))[0],
    )
    assert (wording.paragraph_id, wording.source) == (essay.paragraphs[0][0], rewritten)
    assert row(app, Reply, reply_id).paragraph_id == essay.paragraphs[0][0]


def test_a_match_can_be_taken_apart(essay: EssayAt, author: Browser, client: Browser) -> None:
    text = "\n\n".join((NEW_ROOFS, NEIGHBOURS, TOWN))
    shown = author.post(f"{essay.path}/edit", title="Bees", text=text, base="1")
    fields = {"title": "Bees", "text": text, "base": "1", "of": value(shown, "of")}
    author.post(f"{essay.path}/edit", **fields, was=["", "2", "3"], intent="publish")
    assert keys(client, essay)[0] != key(essay, 1)
    assert keys(client, essay)[1:] == [key(essay, 2), key(essay, 3)]


def test_a_correction_that_names_nothing_gets_a_sentence(app: Flask, essay: EssayAt, author: Browser) -> None:
    text = "\n\n".join((NEW_ROOFS, NEIGHBOURS, TOWN))
    shown = author.post(f"{essay.path}/edit", title="Bees", text=text, base="1")
    fields = {"title": "Bees", "text": text, "base": "1", "of": value(shown, "of")}
    wrong = author.post(f"{essay.path}/edit", **fields, was=["77", "2", "3"], intent="publish")
    assert wrong.status_code == 422
    assert "There is no paragraph 77 in the present text." in words(wrong)
    assert rows(app, select(Revision.number)) == [1]


def test_corrections_for_another_text_are_left_alone(essay: EssayAt, author: Browser, client: Browser) -> None:
    shown = author.post(f"{essay.path}/edit", title="Bees", text=f"{HONEY}\n\n{ROOFS}", base="1")
    fields = {"title": "Bees", "base": "1", "of": value(shown, "of"), "was": ["2", "1"], "intent": "publish"}
    author.post(f"{essay.path}/edit", text=f"{TOWN}\n\n{NEIGHBOURS}", **fields)
    assert keys(client, essay) == [key(essay, 3), key(essay, 2)]


def test_a_paragraph_is_joined_split_and_closed_from_the_preview(
    app: Flask, essay: EssayAt, author: Browser, client: Browser
) -> None:
    text = "\n\n".join((ROOFS, NEIGHBOURS, TOWN))
    joined = author.post(f"{essay.path}/edit", title="Bees", text=text, base="1", adjust="join-2")
    assert value(joined, "text").strip() == f"{ROOFS}\n\n{NEIGHBOURS}\n{TOWN}"
    asked = author.post(f"{essay.path}/edit", title="Bees", text=value(joined, "text"), base="1", adjust="part-1")
    button = page(asked).css_first(".seams button")
    assert button is not None
    split = author.post(
        f"{essay.path}/edit", title="Bees", text=value(joined, "text"), base="1", adjust=button.attributes["value"]
    )
    assert value(split, "text").strip() == text
    switch = page(split).css("input[name=switch]")[2].attributes["value"]
    author.post(f"{essay.path}/edit", title="Bees", text=text, base="1", switch=switch, intent="publish")
    assert row(app, Paragraph, essay.paragraphs[2][0]).debatable is False
    assert page(client.get(essay.path)).css_first(f"#m-{key(essay, 3)}") is None


def test_what_somebody_has_replied_to_is_not_closed_by_its_author(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser
) -> None:
    shown = author.post(f"{essay.path}/edit", title="Bees", text="\n\n".join((ROOFS, NEIGHBOURS, TOWN)), base="1")
    switch = page(shown).css("input[name=switch]")[0].attributes["value"]
    hide(add_user(app, "Boss", role="moderator"), essay.reply(critic, "Meanwhile."))
    text = "\n\n".join((ROOFS, NEIGHBOURS, TOWN))
    answer = author.post(f"{essay.path}/edit", title="Bees", text=text, base="1", switch=switch, intent="publish")
    assert answer.status_code == 403
    assert "only a moderator's lock closes it now" in problem(answer, "text")
    assert row(app, Paragraph, essay.paragraphs[0][0]).debatable is True


# --- against which words


def test_a_reply_says_that_it_answers_an_earlier_wording_and_shows_the_difference(
    essay: EssayAt, author: Browser, critic: Browser, client: Browser
) -> None:
    early = essay.reply(critic, "More kinds, but fewer flowers.")
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    late = essay.reply(critic, "Many more? Count them.")
    debate = client.get(essay.p(1))
    assert "Reworded in revision 2" in words(debate)
    mark = article(debate, early).css_first(f'a[href="/replies/{early}/wording"]')
    assert mark is not None
    assert mark.text() == "on an earlier wording"
    assert article(debate, late).css_first(f'a[href="/replies/{late}/wording"]') is None
    told = client.get(f"/replies/{early}/wording")
    assert [node.text() for node in page(told).css(".diff ins")] == ["many ", "wide "]
    assert ROOFS in words(told)
    assert "It reads the same now." in words(client.get(f"/replies/{late}/wording"))


def test_a_visitors_kept_page_tells_at_once(essay: EssayAt, author: Browser, critic: Browser, client: Browser) -> None:
    essay.reply(critic, "More kinds, but fewer flowers.")
    assert "on an earlier wording" not in client.get(essay.p(1)).text
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    assert "on an earlier wording" in client.get(essay.p(1)).text
    assert NEW_ROOFS in client.get(essay.path).text


def told(app: Flask, who: Browser, kind: str = "reworded") -> list[int]:
    return rows(app, select(Notice.id).where(Notice.user_id == who.id, Notice.kind == kind))


def test_writers_and_voters_are_told_once(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    reply_id = essay.reply(critic, "About the roofs.")
    essay.reply(critic, "About the neighbours.", p=2)
    vote(stranger, reply_id, 1)
    essay.reply(moderator, "About the town.", p=3)
    revise(author, essay, NEW_ROOFS, NEIGHBOURS.replace("mile", "kilometre"), TOWN)
    assert [len(told(app, who)) for who in (critic, stranger, moderator, author)] == [1, 1, 0, 0]
    assert "Paragraphs under which you wrote or voted were reworded" in words(stranger.get("/notices"))
    stranger.post("/notices/read", up_to="99999")
    revise(author, essay, NEW_ROOFS.replace("wide", "open"), NEIGHBOURS, TOWN)
    assert len(told(app, stranger)) == 1, "who has not looked again is not told again"


def test_the_author_who_wrote_a_reply_is_not_told_of_their_own_revision(
    app: Flask, essay: EssayAt, author: Browser
) -> None:
    essay.reply(author, "A footnote of mine.")
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    assert told(app, author) == []


def test_a_writer_confirms_and_is_told_of_the_next_change(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, htmx: bool
) -> None:
    reply_id = essay.reply(critic, "About the roofs.")
    first = row(app, Reply, reply_id).wording_id
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    waiting = critic.get(f"{essay.path}/reworded")
    assert form_to(waiting, f"/replies/{reply_id}/confirm") is not None
    answer = critic.post(f"/replies/{reply_id}/confirm", htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    if htmx:
        assert "on an earlier wording" not in answer.text
    critic.post(f"/replies/{reply_id}/confirm")
    assert rows(app, select(Confirmation.wording_id)) == [first]
    assert row(app, Reply, reply_id).wording_id != first
    assert "Nothing waits for you here" in words(critic.get(f"{essay.path}/reworded"))
    revise(author, essay, NEW_ROOFS.replace("wide", "open"), NEIGHBOURS, TOWN)
    assert len(told(app, critic)) == 1  # in place of the one that was not read
    sound(app)


def test_a_voter_confirms_changes_or_withdraws(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, stranger: Browser
) -> None:
    ids = [essay.reply(critic, f"About the roofs, {number}.") for number in range(3)]
    for reply_id in ids:
        vote(stranger, reply_id, 1)
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    waiting = stranger.get(f"{essay.path}/reworded")
    assert all(form_to(waiting, f"/replies/{reply_id}/confirm") is not None for reply_id in ids)
    stranger.post(f"/replies/{ids[0]}/confirm")
    stranger.post(f"/replies/{ids[1]}/vote", value="-1")
    stranger.post(f"/replies/{ids[2]}/vote", value="0")
    assert "Nothing waits for you here" in words(stranger.get(f"{essay.path}/reworded"))
    now = rows(app, select(Wording.id).where(Wording.source == NEW_ROOFS))
    votes = rows(app, select(Vote).order_by(Vote.reply_id))
    assert [(each.value, each.wording_id) for each in votes] == [(1, now[0]), (-1, now[0])]
    sound(app)


def test_the_same_vote_again_confirms_it(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, stranger: Browser
) -> None:
    reply_id = essay.reply(critic, "About the roofs.")
    vote(stranger, reply_id, 1)
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    vote(stranger, reply_id, 1)
    assert "Nothing waits for you here" in words(stranger.get(f"{essay.path}/reworded"))


def test_voters_on_a_reply_edited_after_their_vote_are_told_once(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    reply_id = essay.reply(critic, "Bees like roofs.")
    vote(stranger, reply_id, 1)
    critic.post(f"/replies/{reply_id}/edit", body="Bees hate roofs.")
    vote(moderator, reply_id, -1)
    assert [len(told(app, who, "edited")) for who in (stranger, moderator, critic)] == [1, 0, 0]
    assert "edited a reply that you voted on" in words(stranger.get("/notices"))
    assert form_to(stranger.get(f"/replies/{reply_id}"), f"/replies/{reply_id}/confirm") is not None
    critic.post(f"/replies/{reply_id}/edit", body="Bees hate flat roofs.")
    assert [len(told(app, who, "edited")) for who in (stranger, moderator)] == [1, 1]
    stranger.post(f"/replies/{reply_id}/confirm")
    assert form_to(stranger.get(f"/replies/{reply_id}"), f"/replies/{reply_id}/confirm") is None
    assert row(app, Vote, (stranger.id, reply_id)).edit == 2


def test_an_edited_reply_answers_the_words_of_today(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser
) -> None:
    reply_id = essay.reply(critic, "About the roofs.")
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    critic.post(f"/replies/{reply_id}/edit", body="About the wide fields.")
    assert "on an earlier wording" not in words(critic.get(essay.p(1)))
    assert len(rows(app, select(Confirmation.id))) == 1


def test_who_has_nothing_there_confirms_nothing(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, stranger: Browser, client: Browser
) -> None:
    reply_id = essay.reply(critic, "About the roofs.")
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    before = everything(app)
    assert stranger.post(f"/replies/{reply_id}/confirm").status_code == 403
    assert client.post(f"/replies/{reply_id}/confirm").status_code == 401
    assert stranger.post("/replies/999/confirm").status_code == 404
    assert everything(app)["replies"] == before["replies"]
    withdraw(critic, reply_id)
    assert critic.post(f"/replies/{reply_id}/confirm").status_code == 410


def test_words_that_return_answer_again_what_answered_them(
    essay: EssayAt, author: Browser, critic: Browser, client: Browser
) -> None:
    essay.reply(critic, "About the roofs.")
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    assert "on an earlier wording" in words(client.get(essay.p(1)))
    revise(author, essay, ROOFS, NEIGHBOURS, TOWN)
    assert "on an earlier wording" not in words(client.get(essay.p(1)))


NOTED = (
    "Lamps burn[^lamps] all night.", "Streets are safe[^streets] at night.", "[^lamps]: Of oil.",
    "[^streets]: They say.",
)  # fmt: skip
NOTED_MORE = ("Lamps[^old] burn[^lamps] all night.", *NOTED[1:], "[^old]: Older than the streets.")


def noted(by: Browser) -> EssayAt:
    """An essay in Markdown with footnotes."""
    answer = by.post("/essays/new", title="Lamps", text="\n\n".join(NOTED), format="md", intent="publish")
    slug = answer.headers["Location"].removeprefix("/essays/")
    there = live.essay_at(by.app.extensions["database"], slug)
    return EssayAt(by.app, there.id, slug, list(zip(there.paragraph_ids, there.keys, strict=True)))


def raised(client: Browser, path: str) -> list[str]:
    """The numbers of footnotes on a page; those of links are none."""
    return [node.text() for node in page(client.get(path)).css("sup:not(.note)")]


def test_footnotes_that_are_numbered_anew_reword_nothing(
    app: Flask, moderator: Browser, critic: Browser, stranger: Browser, client: Browser
) -> None:
    essay = noted(moderator)
    reply_id = essay.reply(critic, "About the streets.", p=2)
    vote(stranger, reply_id, 1)
    form = {"title": "Lamps", "text": "\n\n".join(NOTED_MORE), "format": "md", "base": "1"}
    assert "1 reworded" in words(moderator.post(f"{essay.path}/edit", **form))
    before = rows(app, select(Wording.id))
    revise(moderator, essay, *NOTED_MORE, title="Lamps", format="md")
    assert len(rows(app, select(Wording.id))) == len(before) + 2
    assert told(app, critic) == told(app, stranger) == []
    assert "on an earlier wording" not in words(client.get(essay.p(2)))
    assert "Nothing waits for you here" in words(stranger.get(f"{essay.path}/reworded"))
    compared = client.get(f"{essay.path}/revisions/2", **{"from": "1"})
    assert sorted(node.attributes["class"] or "" for node in page(compared).css(".changes > li")) == ["new", "reworded"]
    # The numbers in the text are those of the notes below, in each revision.
    assert raised(client, essay.path) == ["1", "2", "3", "2", "3", "1"]
    assert raised(client, essay.p(2)) == ["3"]
    assert raised(client, f"{essay.path}/revisions/1") == ["1", "2", "1", "2"]
    assert raised(client, f"{essay.path}/revisions/2") == ["1", "2", "3", "2", "3", "1"]
    sound(app)


def test_of_words_that_were_stored_for_each_number_those_said_now_go_on(
    app: Flask, moderator: Browser, critic: Browser, client: Browser
) -> None:
    essay = noted(moderator)
    said = essay.reply(critic, "About the streets.", p=2)
    for text in (NOTED_MORE, NOTED):
        revise(moderator, essay, *text, title="Lamps", format="md")
    paragraph_id, first = essay.paragraphs[1][0], row(app, Reply, said).wording_id

    def as_before(session: Session) -> None:
        """Until numbers counted as words the second revision had a wording of its own here."""
        html = session.get_one(Wording, first).html.replace("<sup>2</sup>", "<sup>3</sup>")
        own = Wording(paragraph_id=paragraph_id, kind="text", source=NOTED[1], html=html)
        session.add(own)
        session.flush()
        second = select(Revision.id).where(Revision.essay_id == essay.id, Revision.number == 2).scalar_subquery()
        of_it = Placement.revision_id == second, Placement.paragraph_id == paragraph_id
        session.execute(update(Placement).where(*of_it).values(wording_id=own.id))

    app.extensions["database"].write(as_before)
    revise(moderator, essay, *NOTED_MORE, title="Lamps", format="md")
    placed = select(Placement.wording_id).where(Placement.paragraph_id == paragraph_id)
    assert rows(app, placed.order_by(Placement.revision_id.desc()))[0] == first
    assert "on an earlier wording" not in words(client.get(essay.p(2)))
    assert raised(client, essay.path) == ["1", "2", "3", "2", "3", "1"]


# --- the history


def test_the_history_tells_every_revision_and_what_changed(essay: EssayAt, author: Browser, client: Browser) -> None:
    revise(author, essay, NEW_ROOFS, TOWN, note="Shorter, and more of them")
    listed = words(client.get(f"{essay.path}/revisions"))
    assert "Revision 2 the present text" in listed
    assert "Shorter, and more of them" in listed
    assert "1 unchanged · 1 reworded · 1 removed" in listed
    assert "Revised once: see what changed" in words(client.get(essay.path))


def test_the_essay_can_be_read_as_of_any_revision(essay: EssayAt, author: Browser, client: Browser) -> None:
    revise(author, essay, NEW_ROOFS, TOWN)
    first, second = (client.get(f"{essay.path}/revisions/{number}") for number in (1, 2))
    assert NEIGHBOURS in words(first)
    assert ROOFS in words(first)
    assert NEIGHBOURS not in words(second)
    assert [node.id for node in page(first).css("section.passage")] == [f"p-{key}" for _, key in essay.paragraphs]
    for wrong in ("0", "3", "99999999999999999999", "x"):
        assert client.get(f"{essay.path}/revisions/{wrong}").status_code == 404


def test_the_difference_between_any_two_revisions(essay: EssayAt, author: Browser, client: Browser) -> None:
    revise(author, essay, NEW_ROOFS, TOWN)
    revise(author, essay, TOWN, NEW_ROOFS, HONEY)
    shown = client.get(f"{essay.path}/revisions/3", **{"from": "1"})
    kinds = [node.attributes["class"] for node in page(shown).css(".changes > li")]
    assert sorted(kinds) == ["gone", "moved", "new", "reworded"] or sorted(kinds) == ["gone", "new", "reworded"]
    assert [node.text() for node in page(shown).css("li.reworded ins")] == ["many ", "wide "]
    back = client.get(f"{essay.path}/revisions/1", **{"from": "3"})
    assert [node.text() for node in page(back).css("li.reworded del")] == ["many ", "wide "]
    same = client.get(f"{essay.path}/revisions/2", **{"from": "2"})
    assert "No paragraph is different." in words(same)
    assert client.get(f"{essay.path}/revisions/2", **{"from": "9"}).status_code == 404


def test_what_a_paragraph_said_is_told_from_first_to_last(essay: EssayAt, author: Browser, client: Browser) -> None:
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    revise(author, essay, NEIGHBOURS, TOWN)
    told = client.get(f"{essay.p(1)}/wordings")
    assert "the last words since revision 2" in words(told)
    assert "since revision 1" in words(told)
    assert client.get(f"{essay.path}/p/zzzzz/wordings").status_code == 404


# --- search, and texts of every kind


def test_search_finds_what_the_text_says_now(essay: EssayAt, author: Browser, client: Browser) -> None:
    revise(author, essay, NEW_ROOFS.replace("flowers", "dandelions"), TOWN)
    assert "dandelions" in words(client.get("/search", q="dandelions"))
    assert "1 match" not in words(client.get("/search", q="neighbours"))
    assert key(essay, 2) not in client.get("/search", q="neighbours").text


def test_markdown_is_revised_as_markdown(app: Flask, author: Browser, client: Browser, moderator: Browser) -> None:
    text = "# Bees\n\nThey *like* roofs very much, and gardens too.\n\n## Part\n\n- one\n- two"
    path = moderator.post("/essays/new", text=text, format="md", intent="publish").headers["Location"]
    form = moderator.get(f"{path}/edit")
    assert value(form, "text").strip() == text.partition("\n\n")[2]
    changed = value(form, "text").replace("roofs", "flat roofs")
    assert moderator.post(f"{path}/edit", title="Bees", text=changed, intent="publish").status_code == 303
    assert "<em>like</em> flat roofs" in client.get(path).text
    assert rows(app, select(Revision.format).order_by(Revision.number)) == ["md", "md"]
    summary = rows(app, select(Revision.summary).where(Revision.number == 2))[0]
    assert '"kept": 2' in summary
    assert '"reworded": 1' in summary


def test_a_file_can_take_the_place_of_the_text(app: Flask, essay: EssayAt, author: Browser, client: Browser) -> None:
    data = f"<html><body><nav>Menu</nav><article><p>{NEW_ROOFS}</p><p>{TOWN}</p></article></body></html>".encode()
    shown = author.post(f"{essay.path}/edit", title="Bees", base="1", format="txt", file=(BytesIO(data), "bees.html"))
    assert shown.status_code == 200, words(shown)
    assert value(shown, "text").strip() == f"{NEW_ROOFS}\n\n{TOWN}"
    author.post(f"{essay.path}/edit", title="Bees", text=value(shown, "text"), format="md", base="1", intent="publish")
    assert keys(client, essay) == [key(essay, 1), key(essay, 3)]


# --- the command


def test_the_command_revises_and_counts(
    app: Flask, runner: FlaskCliRunner, essay: EssayAt, tmp_path: Path, client: Browser, critic: Browser
) -> None:
    essay.reply(critic, "About the roofs.")
    path = tmp_path / "bees.txt"
    path.write_text(f"On Keeping Bees in Town\n\n{HONEY}\n\n{NEW_ROOFS}\n\n{TOWN}\n")
    done = runner.invoke(args=["essay", "revise", essay.slug, str(path), "--note", "More"])
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        f"{essay.path} revision 2\nkept 1, reworded 1, moved 0, split 0, merged 0, returned 0, removed 1, new 1\n"
    )
    assert keys(client, essay)[1:] == [key(essay, 1), key(essay, 3)]
    assert rows(app, select(Revision.note).order_by(Revision.number)) == ["", "More"]
    assert len(told(app, critic)) == 1


@pytest.mark.parametrize(
    ("slug", "text", "sentence"),
    [("nowhere", "T\n\nWords.", "There is no essay at nowhere."), ("", "T\n\nx\x07", "control character")],
)
def test_the_command_refuses_in_one_line(
    app: Flask, runner: FlaskCliRunner, essay: EssayAt, tmp_path: Path, slug: str, text: str, sentence: str
) -> None:
    path = tmp_path / "bees.txt"
    path.write_text(text)
    done = runner.invoke(args=["essay", "revise", slug or essay.slug, str(path)])
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert sentence in done.stderr
    assert rows(app, select(Revision.number)) == [1]


def test_a_long_history_does_not_slow_the_pages_queries(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser
) -> None:
    essay.reply(critic, "About the roofs.")
    for number in range(4):
        revise(author, essay, f"{ROOFS[:-1]}, number {number}.", NEIGHBOURS, TOWN)
    with app.extensions["database"].reading() as session:
        text = texts.of(session, session.get_one(Essay, essay.id))
        assert [passage.number for passage in text.passages] == [1, 2, 3]
        assert texts.now(session, text.essay).since == {essay.paragraphs[0][0]: 5}


def test_a_file_without_a_title_keeps_the_title_and_every_paragraph(
    app: Flask, runner: FlaskCliRunner, essay: EssayAt, tmp_path: Path, client: Browser
) -> None:
    path = tmp_path / "bees.txt"
    path.write_text("\n\n".join((NEW_ROOFS, NEIGHBOURS, TOWN)))
    done = runner.invoke(args=["essay", "revise", essay.slug, str(path)])
    assert "kept 2, reworded 1" in done.stdout
    assert row(app, Essay, essay.id).title == "On Keeping Bees in Town"
    assert keys(client, essay) == [key for _, key in essay.paragraphs]


def test_a_text_sent_with_its_title_in_it_does_not_make_a_paragraph_of_the_title(
    app: Flask, essay: EssayAt, author: Browser, client: Browser
) -> None:
    text = "\n\n".join(("On Keeping Bees in Town", NEW_ROOFS, NEIGHBOURS, TOWN))
    assert author.post(f"{essay.path}/edit", text=text, intent="publish").status_code == 303
    assert keys(client, essay) == [key for _, key in essay.paragraphs]
    shown = author.post(f"{essay.path}/edit", title="On Keeping Bees in Town", file=(BytesIO(text.encode()), "b.txt"))
    assert value(shown, "text").strip() == "\n\n".join((NEW_ROOFS, NEIGHBOURS, TOWN))


# --- the words that somebody had before them


def wording_on(answer, action: str) -> str:
    return page(answer).css_first(f"form[action='{action}'] input[name=wording]").attributes["value"] or ""


def test_a_reply_is_against_the_words_that_its_writer_had_before_them(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, stranger: Browser, client: Browser
) -> None:
    under, first = f"{essay.p()}/replies", essay.reply(author, "Answer this.")
    answering, editing = f"/replies/{first}/replies", f"/replies/{first}/edit"
    seen = wording_on(critic.get(essay.p()), under)
    assert seen == wording_on(critic.get(answering), answering) == wording_on(author.get(editing), editing)
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    present = wording_on(critic.get(essay.p()), under)
    assert present != seen
    wrong = critic.post(under, stance="con", body="", wording=seen)
    assert wording_on(wrong, under) == seen, "a form that comes back is about the same words"
    for path, who in ((under, critic), (answering, stranger)):
        made = reply_id_of(who.post(path, stance="con", body="Against what it said.", wording=seen))
        assert str(row(app, Reply, made).wording_id) == seen
        assert "on an earlier wording" in words(client.get(f"/replies/{made}"))
    author.post(editing, body="Answer this, I said.", wording=seen)
    assert str(row(app, Reply, first).wording_id) == seen
    elsewhere = wording_on(critic.get(essay.p(2)), f"{essay.p(2)}/replies")
    for number, odd in enumerate(("", "0", "x", "9" * 30, elsewhere, present)):
        made = reply_id_of(critic.post(under, stance="pro", body=f"Number {number}.", wording=odd))
        assert str(row(app, Reply, made).wording_id) == present, odd
    sound(app)


def test_what_is_confirmed_is_what_was_looked_at(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, stranger: Browser
) -> None:
    made = essay.reply(critic, "About the roofs.")
    vote(stranger, made, 1)
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    confirming = f"/replies/{made}/confirm"
    seen = wording_on(critic.get(f"/replies/{made}"), confirming)
    assert wording_on(stranger.get(f"/replies/{made}"), confirming) == seen
    revise(author, essay, f"{NEW_ROOFS} Nowhere else.", NEIGHBOURS, TOWN)
    assert wording_on(critic.get(f"/replies/{made}"), confirming) != seen, "what is kept of pages is of today too"
    critic.post(confirming, wording=seen)
    stranger.post(confirming, wording=seen, edit="0")
    assert str(row(app, Reply, made).wording_id) == seen
    assert [str(one) for one in rows(app, select(Vote.wording_id))] == [seen]
    for who in (critic, stranger):
        assert page(who.get(f"/replies/{made}")).css_first("form.confirm") is not None
        assert who.post(confirming).status_code == 303
        assert page(who.get(f"/replies/{made}")).css_first("form.confirm") is None
    sound(app)


def test_confirming_goes_forward_only(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, stranger: Browser
) -> None:
    made = essay.reply(critic, "About the roofs.")
    vote(stranger, made, 1)
    first = row(app, Reply, made).wording_id
    for paragraph in (NEW_ROOFS, ROOFS):  # the second time the first words return
        revise(author, essay, paragraph, NEIGHBOURS, TOWN)
        for who in (critic, stranger):
            assert who.post(f"/replies/{made}/confirm").status_code == 303
        present = row(app, Reply, made).wording_id
        assert rows(app, select(Vote.wording_id)) == [present]
        assert (present == first) == (paragraph == ROOFS)
        before = everything(app)
        for wording in rows(app, select(Wording.id)):
            for who in (critic, stranger):
                assert who.post(f"/replies/{made}/confirm", wording=str(wording), edit="0").status_code == 303
        assert everything(app) == before
    assert len(rows(app, select(Confirmation.id))) == 2


def test_a_vote_is_on_the_words_that_its_voter_had_before_them(
    app: Flask, essay: EssayAt, author: Browser, critic: Browser, stranger: Browser, htmx: bool
) -> None:
    made = essay.reply(critic, "As it was at first.")
    voting = f"/replies/{made}/vote"
    form = page(stranger.get(essay.p())).css_first(f"form[action='{voting}']")
    seen = {node.attributes["name"]: node.attributes["value"] or "" for node in form.css("input[type=hidden]")}
    assert seen.pop("csrf_token")
    critic.post(f"/replies/{made}/edit", body="The very opposite of it.")
    revise(author, essay, NEW_ROOFS, NEIGHBOURS, TOWN)
    answer = stranger.post(voting, htmx=htmx, value="1", **seen)
    assert [(str(one.edit), str(one.wording_id)) for one in rows(app, select(Vote))] == [
        (seen["edit"], seen["wording"])
    ]
    if htmx:
        again = {node.attributes["name"]: node.attributes["value"] for node in page(answer).css("input[type=hidden]")}
        assert (again["edit"], again["wording"]) == (seen["edit"], seen["wording"]), "the page was not read anew"
    assert "You voted on earlier words." in words(stranger.get(f"/replies/{made}"))
    stranger.post(voting, value="1")
    assert "You voted on earlier words." not in words(stranger.get(f"/replies/{made}"))
    for odd in ("", "x", "999"):
        stranger.post(voting, value="-1", edit=odd, wording=odd)
        assert rows(app, select(Vote.edit)) == [1]
    sound(app)
