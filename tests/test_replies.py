"""Replies: posted, answered, previewed, edited, withdrawn, found again."""

import pytest
from cast import (
    Browser,
    EssayAt,
    article,
    everything,
    form_to,
    page,
    problem,
    reply_id_of,
    row,
    rows,
    shown_ids,
    value,
    vote,
    withdraw,
    words,
)  # fmt: skip
from sqlalchemy import select

from debate.models import Citation, Paragraph, Reply, ReplyEdit

TYPED = "An argument that somebody typed."


@pytest.mark.parametrize("stance", ["pro", "con"])
def test_a_reply_to_a_paragraph_is_stored_and_shown(
    essay: EssayAt, critic: Browser, client: Browser, stance: str, htmx: bool
) -> None:
    answer = critic.post(f"{essay.p()}/replies", htmx=htmx, stance=stance, body="It is *so*.")
    made = reply_id_of(answer)
    reply = row(essay.app, Reply, made)
    assert (reply.stance, reply.side, reply.depth, reply.parent_id) == (stance, stance, 1, None)
    assert (reply.body, reply.html, reply.author_id) == ("It is *so*.", "<p>It is <em>so</em>.</p>", critic.id)
    shown = article(client.get(essay.p()), made)
    assert shown is not None
    assert shown.attributes["data-stance"] == stance
    assert "It is so." in shown.text()
    assert ("For" if stance == "pro" else "Against") in shown.text()


def test_without_htmx_the_answer_leads_to_the_reply_on_the_debates_page(essay: EssayAt, critic: Browser) -> None:
    answer = critic.post(f"{essay.p()}/replies", stance="pro", body=TYPED)
    made = rows(essay.app, select(Reply.id))[0]
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{essay.p()}#reply-{made}")


def test_with_htmx_the_answer_is_the_reply_where_it_belongs(essay: EssayAt, critic: Browser) -> None:
    answer = critic.post(f"{essay.p()}/replies", htmx=True, stance="con", body=TYPED)
    key = essay.paragraphs[0][1]
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == (f"#con-{key}", "beforeend")
    assert page(answer).css_first(f"#c-con-{key}").text() == "1"
    assert page(answer).css_first(f"form#form-p-{key} textarea").text() == ""
    deeper = critic.post(f"/replies/{reply_id_of(answer)}/replies", htmx=True, stance="con", body="No.")
    assert deeper.headers["HX-Retarget"] == f"#beneath-{reply_id_of(answer)}"


def test_replies_go_down_without_end_and_the_side_is_the_product_of_the_stances(
    essay: EssayAt, critic: Browser, stranger: Browser, client: Browser, htmx: bool
) -> None:
    path, side, ids = f"{essay.p()}/replies", "pro", []
    for depth, stance in enumerate("pro con con pro con con con pro con pro con con".split(), start=1):
        writer = critic if depth % 2 else stranger
        ids.append(reply_id_of(writer.post(path, htmx=htmx, stance=stance, body=f"Answer at depth {depth}.")))
        side = side if stance == "pro" else {"pro": "con", "con": "pro"}[side]
        reply = row(essay.app, Reply, ids[-1])
        assert (reply.depth, reply.side, reply.ancestor_ids) == (depth, side, ids[:-1])
        path = f"/replies/{ids[-1]}/replies"
    permalink = client.get(f"/replies/{ids[-1]}")
    assert shown_ids(permalink) == ids
    assert "12 levels deep" in words(permalink)
    assert shown_ids(client.get(essay.p())) == ids[:4]
    assert f"/replies/{ids[3]}" in client.get(essay.p()).text
    assert shown_ids(client.get(f"/replies/{ids[3]}")) == ids[:8]


def test_an_answer_leads_to_the_debate_it_is_shown_in_else_to_its_own_page(
    essay: EssayAt, critic: Browser, stranger: Browser
) -> None:
    last = essay.chain(critic, 4)[-1]
    answer = critic.post(f"/replies/{last}/replies", stance="con", body=TYPED)
    made = reply_id_of(answer)
    assert answer.headers["Location"] == f"/replies/{last}#reply-{made}"
    assert made in shown_ids(critic.get(f"/replies/{last}"))
    for number in range(3):
        vote(stranger, essay.reply(critic, f"Liked, {number}.", to=last, stance="con"), 1)
    later = reply_id_of(critic.post(f"/replies/{last}/replies", stance="con", body="Said after those."))
    assert (
        critic.post(f"/replies/{last}/replies", stance="con", body="And this.")
        .headers["Location"]
        .startswith(f"/replies/{later + 1}#reply-")
    )


@pytest.mark.parametrize(
    ("fields", "name", "sentence"),
    [
        ({"stance": "", "body": TYPED}, "stance", "Choose whether you argue for or argue against"),
        ({"stance": "both", "body": TYPED}, "stance", "Choose whether"),
        ({"stance": "pro", "body": ""}, "body", "Enter your reply."),
        ({"stance": "pro", "body": " \n\t "}, "body", "Enter your reply."),
        ({"stance": "pro", "body": "\u200b\u2060\u202e"}, "body", "Enter your reply."),
        ({"stance": "pro", "body": "x" * 10_001}, "body", "10,000 characters or fewer. Yours has 10,001."),
        ({"stance": "con", "body": TYPED, "source_url": "javascript:alert(1)"}, "source_url", "http"),
        ({"stance": "con", "body": TYPED, "source_quote": "Quoted."}, "source_url", "missing"),
        (
            {"stance": "con", "body": TYPED, "source_url": "https://a.org", "source_quote": "q" * 1_001},
            "source_quote", "1,000",
        ),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence_beside_the_field_and_keeps_the_words(
    essay: EssayAt, critic: Browser, htmx: bool, fields: dict[str, str], name: str, sentence: str
) -> None:
    before = everything(essay.app)
    answer = critic.post(f"{essay.p()}/replies", htmx=htmx, **fields)
    assert answer.status_code == 422
    assert sentence in problem(answer, name)
    for kept in ("source_url", "source_quote"):
        assert value(answer, kept) == fields.get(kept, "")
    assert TYPED not in fields["body"] or value(answer, "body") == TYPED
    assert len(value(answer, "body")) == len(fields["body"])
    assert page(answer).css_matches("[role=alert]")
    assert everything(essay.app) == before


def test_a_reply_of_exactly_the_limit_is_taken(essay: EssayAt, critic: Browser) -> None:
    body = "\r\n".join(["é" * 99] * 100)  # 9,900 letters and 99 line ends, which a form sends as two characters
    assert critic.post(f"{essay.p()}/replies", stance="pro", body=body).status_code == 303
    assert rows(essay.app, select(Reply.body)) == [body.replace("\r\n", "\n")]


def test_a_preview_shows_the_reply_and_stores_nothing(essay: EssayAt, critic: Browser, htmx: bool) -> None:
    before = everything(essay.app)
    answer = critic.post(f"{essay.p()}/replies", htmx=htmx, stance="con", body="So *there*.", intent="preview")
    assert answer.status_code == 200
    assert page(answer).css_first(".preview em").text() == "there"
    assert value(answer, "body") == "So *there*."
    assert page(answer).css_first("input[name=stance][checked]").attributes["value"] == "con"
    assert everything(essay.app) == before


def test_the_same_form_sent_again_is_the_same_reply(essay: EssayAt, critic: Browser, htmx: bool) -> None:
    fields = {"stance": "pro", "body": TYPED, "key": "k3y", "source_url": "https://example.org/"}
    first, second = (critic.post(f"{essay.p()}/replies", htmx=htmx, **fields) for _ in range(2))
    assert reply_id_of(first) == reply_id_of(second)
    assert len(rows(essay.app, select(Reply))) == len(rows(essay.app, select(Citation))) == 1
    assert row(essay.app, Paragraph, essay.paragraphs[0][0]).for_count == 1
    other = critic.post(f"{essay.p()}/replies", htmx=htmx, **fields | {"body": "Other words."})
    assert reply_id_of(other) != reply_id_of(first)


def test_a_forms_key_is_one_persons_own(essay: EssayAt, critic: Browser, stranger: Browser) -> None:
    fields = {"stance": "pro", "body": TYPED, "key": "k3y"}
    made = {reply_id_of(who.post(f"{essay.p()}/replies", **fields)) for who in (critic, stranger)}
    assert len(made) == 2


def test_every_form_that_is_shown_has_a_key_of_its_own(essay: EssayAt, critic: Browser) -> None:
    assert len({value(critic.get(f"{essay.p()}/replies"), "key") for _ in range(3)}) == 3


def test_the_same_words_twice_are_refused_with_a_link_to_the_first(
    essay: EssayAt, critic: Browser, stranger: Browser, htmx: bool
) -> None:
    first = reply_id_of(critic.post(f"{essay.p()}/replies", htmx=htmx, stance="pro", body=TYPED))
    again = critic.post(f"{essay.p()}/replies", htmx=htmx, stance="con", body=TYPED)
    assert again.status_code == 409
    assert f"#reply-{first}" in again.text
    assert TYPED in again.text
    assert len(rows(essay.app, select(Reply))) == 1
    elsewhere = critic.post(f"{essay.p(2)}/replies", stance="pro", body=TYPED)
    anothers = stranger.post(f"{essay.p()}/replies", stance="pro", body=TYPED)
    assert (elsewhere.status_code, anothers.status_code) == (303, 303)


def test_what_was_withdrawn_may_be_said_again(essay: EssayAt, critic: Browser) -> None:
    withdraw(critic, essay.reply(critic, TYPED))
    assert critic.post(f"{essay.p()}/replies", stance="pro", body=TYPED).status_code == 303


def test_an_edit_keeps_what_was_said_before(essay: EssayAt, critic: Browser, client: Browser, htmx: bool) -> None:
    made = essay.reply(critic, "The first words.")
    for body in ("The second words.", "The second words.", "The *third* words."):
        assert critic.post(f"/replies/{made}/edit", htmx=htmx, body=body).status_code == (200 if htmx else 303)
    reply = row(essay.app, Reply, made)
    assert (reply.body, reply.html, reply.edits) == ("The *third* words.", "<p>The <em>third</em> words.</p>", 2)
    history = rows(essay.app, select(ReplyEdit.body).order_by(ReplyEdit.number))
    assert history == ["The first words.", "The second words."]
    permalink = client.get(f"/replies/{made}")
    assert "edited" in article(permalink, made).text()
    assert all(old in page(permalink).css_first(f"#edits-{made}").text() for old in history)


@pytest.mark.parametrize("body", ["", "x" * 10_001])
def test_a_bad_edit_keeps_the_words_and_changes_nothing(essay: EssayAt, critic: Browser, htmx: bool, body: str) -> None:
    made = essay.reply(critic, TYPED)
    before = everything(essay.app)
    answer = critic.post(f"/replies/{made}/edit", htmx=htmx, body=body)
    assert answer.status_code == 422
    assert problem(answer, "body")
    assert value(answer, "body") == body
    assert everything(essay.app) == before


def test_an_edit_can_be_previewed(essay: EssayAt, critic: Browser, htmx: bool) -> None:
    made = essay.reply(critic, TYPED)
    assert value(critic.get(f"/replies/{made}/edit", htmx=htmx), "body") == TYPED
    before = everything(essay.app)
    answer = critic.post(f"/replies/{made}/edit", htmx=htmx, body="**New**", intent="preview")
    assert page(answer).css_first(".preview strong").text() == "New"
    assert everything(essay.app) == before


def test_a_permalink_to_nothing_is_not_found(client: Browser) -> None:
    assert client.get("/replies/424242").status_code == 404


def test_the_reply_form_is_for_people_with_an_account(essay: EssayAt, client: Browser, critic: Browser) -> None:
    for path in (f"{essay.p()}/replies", f"/replies/{essay.reply(critic, TYPED)}/replies"):
        assert client.get(path).headers["Location"] == f"/login?next={path}"
        assert form_to(critic.get(path), path) is not None
