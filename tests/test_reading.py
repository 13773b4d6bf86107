"""Reading: what stands on the pages and in which order, what may be kept of them, and what they cost."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import seeded
import sweep
from cast import Browser, EssayAt, everything, hide, page, publish, rows, shown_ids, vote, words
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from debate import gate
from debate.actions import counts
from debate.db import now
from debate.models import Citation, Notice, Paragraph, Reply, Source, Vote, Wording
from debate.models.replies import step
from debate.padded import padded


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL that the app sends meanwhile, without what frames its transactions."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    database = app.extensions["database"]
    engines = {database.engine, database.reader} if database.is_sqlite else {database.engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def test_the_essays_page_has_every_paragraph_with_its_marker(essay: EssayAt, critic: Browser, client: Browser) -> None:
    essay.reply(critic, "For it.", p=2, stance="pro")
    essay.reply(critic, "Against it.", p=2, stance="con")
    essay.reply(critic, "Also against it.", p=2, stance="con")
    answer = client.get(essay.path)
    tree = page(answer)
    assert [node.id for node in tree.css("section[id^=p-]")] == [f"p-{key}" for _, key in essay.paragraphs]
    markers = [" ".join(node.text().split()) for node in tree.css("a.marker")]
    assert "1 for" in markers[1]
    assert "2 against" in markers[1]
    assert [node.attributes["href"] for node in tree.css("a.marker")] == [essay.p(number) for number in (1, 2, 3)]
    assert "3 replies" in words(answer)
    assert tree.css_first("h1").text() == "On Keeping Bees in Town"
    assert shown_ids(answer) == []


def test_a_debate_opens_in_place(essay: EssayAt, critic: Browser, client: Browser) -> None:
    made = essay.reply(critic, "For it.", p=2)
    key = essay.paragraphs[1][1]
    whole = client.get(essay.path, open=key)
    assert shown_ids(whole) == [made]
    assert page(whole).css_first(f"#p-{key} #reply-{made}") is not None
    part = client.get(essay.p(2), htmx=True)
    assert page(part).css_first("title") is None
    assert shown_ids(part) == [made]
    assert shown_ids(client.get(essay.path, open="nosuch")) == []


def test_a_heading_is_not_open_to_debate(app: Flask, moderator: Browser, client: Browser, critic: Browser) -> None:
    text = "## A heading\n\nA paragraph.\n\n---\n\nAnother."
    where = moderator.post("/essays/new", title="T", text=text, format="md", intent="publish").headers["Location"]
    tree = page(client.get(where))
    assert len(tree.css("section[id^=p-]")) == 4
    assert len(tree.css("a.marker")) == 2
    heading = (tree.css_first("section.heading").id or "").removeprefix("p-")
    assert critic.post(f"{where}/p/{heading}/replies", stance="pro", body="No.").status_code == 403


@pytest.fixture
def voted(essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser) -> dict[str, int]:
    """Replies for a paragraph, in the order they were made, voted up and down differently."""
    made = {name: essay.reply(critic, f"Reply {name}.") for name in ("liked", "split", "unseen", "disliked")}
    for voter, reply, value in (
        (author, "liked", 1), (stranger, "liked", 1), (author, "split", 1), (stranger, "split", -1),
        (moderator, "disliked", -1),
    ):  # fmt: skip
        vote(voter, made[reply], value)
    return made


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("best", "liked split unseen disliked"),
        ("new", "disliked unseen split liked"),
        ("old", "liked split unseen disliked"),
        ("disputed", "split liked disliked unseen"),
        ("nonsense", "liked split unseen disliked"),
    ],
)
def test_replies_come_in_the_order_asked_for(
    essay: EssayAt, voted: dict[str, int], client: Browser, sort: str, order: str
) -> None:
    expected = [voted[name] for name in order.split()]
    assert shown_ids(client.get(essay.path, open=essay.paragraphs[0][1], sort=sort)) == expected[:3]
    first = client.get(essay.p(), sort=sort)
    assert shown_ids(first) == expected[:3]
    more = page(first).css_first(f"#more-pro-{essay.paragraphs[0][1]} a")
    assert shown_ids(client.get(more.attributes["href"] or "")) == expected[3:]


@pytest.fixture
def crowded(essay: EssayAt, critic: Browser, author: Browser, stranger: Browser) -> tuple[int, dict[str, list[int]]]:
    """A reply with 25 answers for it and 4 against, some of them with votes, and beneath some of these more."""
    top = essay.reply(critic, "The one that all answer.")
    made: dict[str, list[int]] = {"pro": [], "con": []}
    for number in range(29):
        stance = "con" if number % 8 == 7 else "pro"
        made[stance].append(essay.reply(critic, f"Answer {number}.", to=top, stance=stance))
        if number % 3 == 0:
            vote(author, made[stance][-1], 1)
        if number % 5 == 0:
            vote(stranger, made[stance][-1], -1)
    for number in range(9):
        essay.reply(author, f"Beneath, {number}.", to=made["pro"][0], stance="con" if number < 5 else "pro")
    return top, made


@pytest.mark.parametrize("sort", ["best", "new", "old", "disputed"])
@pytest.mark.sweep
def test_going_on_shows_each_reply_once_and_no_other_side(
    crowded: tuple[int, dict[str, list[int]]], client: Browser, sort: str, htmx: bool
) -> None:
    top, made = crowded
    for stance, ids in made.items():
        answer = client.get(f"/replies/{top}", sort=sort)
        listed = [node.id for node in page(answer).css(f"#{stance}-r{top} > li > article")]
        assert len(listed) == 3
        while onward := page(answer).css_first(f"#more-{stance}-r{top} a"):
            assert answer.status_code == 200
            href = onward.attributes["href"] or ""
            answer = client.get(href, htmx=htmx)
            found = page(answer).css("body > li > article" if htmx else f"#{stance}-r{top} > li > article")
            listed += [node.id for node in found]
            assert {node.attributes["data-stance"] for node in found} == {stance}
        assert sorted(listed) == sorted(f"reply-{number}" for number in ids)
        whole = client.get(f"/replies/{top}", sort=sort)
        assert listed[:3] == [node.id for node in page(whole).css(f"#{stance}-r{top} > li > article")]


def test_what_is_beneath_shows_fewer_a_side_with_every_level_and_says_how_many_are_left(
    crowded: tuple[int, dict[str, list[int]]], essay: EssayAt, client: Browser
) -> None:
    top, made = crowded
    tree = page(client.get(essay.p(), sort="old"))
    under = tree.css(f"#beneath-{top} > li > article")
    assert [node.attributes["data-stance"] for node in under] == ["pro"] * 3 + ["con"] * 3
    assert "19 more replies to this" not in tree.text()
    assert f"{25 + 4 - 6} more replies to this" in tree.text()
    deeper = tree.css(f"#beneath-{made['pro'][0]} > li > article")
    assert [node.attributes["data-stance"] for node in deeper] == ["pro"] * 2 + ["con"] * 2
    assert "5 more replies to this" in tree.text()


def test_a_place_to_go_on_from_that_is_elsewhere_is_as_if_not_given(
    crowded: tuple[int, dict[str, list[int]]], essay: EssayAt, client: Browser
) -> None:
    top, made = crowded
    whole = shown_ids(client.get(essay.p()))
    for after in (made["pro"][0], 999_999, "x", "-1", "99999999999999999999"):
        assert shown_ids(client.get(essay.p(), after=after)) == whole
    assert shown_ids(client.get(f"/replies/{top}", after=top)) == shown_ids(client.get(f"/replies/{top}"))


def test_news_are_told_to_others_and_never_to_who_wrote_them(
    essay: EssayAt, critic: Browser, author: Browser, client: Browser
) -> None:
    old = essay.reply(critic, "Old.")
    box = page(client.get(essay.p())).css_first("[data-news]")
    where = box.attributes["data-news"] or ""
    assert where.endswith(f"/new?since={old}")
    assert client.get(where, htmx=True).status_code == 204
    new = [essay.reply(critic, "New.", stance="con"), essay.reply(author, "New beneath.", to=old)]
    assert "Show 2 new replies" in client.get(where, htmx=True).text
    assert "Show 1 new reply" in critic.get(where, htmx=True).text
    shown = client.get(f"{where}&show=1", htmx=True)
    assert shown_ids(shown) == new
    assert f"since={new[-1]}" in shown.text
    assert client.get(where).headers["Location"] == f"{essay.p()}?sort=new"


def test_who_may_read_what_was_hidden_sees_it_in_its_place(
    essay: EssayAt, critic: Browser, author: Browser, moderator: Browser, client: Browser
) -> None:
    made = essay.reply(critic, "Nothing is beneath this.")
    hide(moderator, made)
    for who, sees in ((client, False), (author, False), (critic, True), (moderator, True)):
        answer = who.get(essay.p())
        assert ("Nothing is beneath this." in answer.text) is sees
        assert shown_ids(answer) == ([made] if sees else [])


def test_for_comes_before_against_whatever_the_votes(
    essay: EssayAt, voted: dict[str, int], client: Browser, author: Browser, critic: Browser
) -> None:
    con = essay.reply(critic, "Against.", stance="con")
    vote(author, con, 1)
    for path in (essay.p(), f"{essay.path}/tree", f"{essay.path}/tree?depth=all"):
        assert shown_ids(client.get(path))[-1] == con


def test_the_tree_shows_as_deep_as_asked(essay: EssayAt, critic: Browser, client: Browser) -> None:
    ids = essay.chain(critic, 6)
    for depth, shown in (("1", 1), ("2", 2), ("3", 3), ("4", 4), ("all", 6), ("", 1), ("7", 1), ("-1", 1)):
        answer = client.get(f"{essay.path}/tree", depth=depth)
        assert shown_ids(answer) == ids[:shown]
    assert "5 replies" in words(client.get(f"{essay.path}/tree"))


def test_the_tree_shows_three_a_side_and_where_the_rest_is(
    essay: EssayAt, critic: Browser, author: Browser, client: Browser
) -> None:
    made = [essay.reply(critic, f"Number {number}.", stance="pro") for number in range(5)]
    lone = essay.reply(critic, "Against.", stance="con")
    vote(author, made[0], 1)
    answer = client.get(f"{essay.path}/tree")
    assert shown_ids(answer) == [made[0], made[4], made[3], lone]
    assert "All 6 replies" in words(answer)


def test_pages_for_visitors_set_no_cookie_and_hold_no_form_to_send(
    essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    places = sweep.hidden_among(essay, critic, author, stranger, moderator)
    for endpoint, path in sweep.PAGES.items():
        answer = client.get(path.format(**places))
        if endpoint in gate.NEVER_STORED - {"drafts.show", "reports.form", "sessions.second_step"}:
            assert answer.headers["Cache-Control"] == "private, no-store"
            continue
        assert "Set-Cookie" not in answer.headers, endpoint
        assert page(answer).css_first("form[method=post], input[name=csrf_token]") is None, endpoint
        assert "Cookie" in answer.vary or answer.mimetype != "text/html"


def test_a_page_for_visitors_is_asked_about_again_and_not_sent_twice(
    essay: EssayAt, critic: Browser, client: Browser
) -> None:
    for path in ("/", essay.path, essay.p(), f"{essay.path}/tree", "/moderation/log"):
        first = client.get(path)
        assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    old = client.get(essay.p()).headers["ETag"]
    assert client.get(essay.p(), htmx=True).headers["ETag"] != old
    essay.reply(critic, "Something new.")
    assert client.get(essay.p(), headers={"If-None-Match": old}).status_code == 200
    assert "HX-Request" in client.get(essay.p()).vary


def test_a_page_for_somebody_is_never_stored(essay: EssayAt, critic: Browser) -> None:
    for path in ("/", essay.path, essay.p(), "/notices", "/nowhere"):
        answer = critic.get(path)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer.headers


def test_no_page_writes(
    app: Flask, essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser,
    admin: Browser, client: Browser,
) -> None:  # fmt: skip
    places = sweep.hidden_among(essay, critic, author, stranger, moderator)
    people = (client, stranger, admin)
    for who in people:
        who.token()
    before = everything(app)
    with statements(app) as seen:
        for who in people:
            for path in (*sweep.PAGES.values(), *sweep.MORE_PAGES):
                who.get(path.format(**places))
    assert {statement.split()[0] for statement in seen} <= {"SELECT", "WITH"}
    assert everything(app) == before


def busy_essay(app: Flask, people: list[Browser], count: int) -> EssayAt:
    """An essay with so many replies, four levels deep, each with a vote, a source and a notice; one of them hidden."""
    essay = publish(app, people[0], title=f"An essay with {count} replies")

    def argue(session: Session) -> list[int]:
        wording_id = session.scalars(select(Wording.id).limit(1)).one()
        made: list[Reply] = []
        for level, size in enumerate((count - count // 5 * 3, *[count // 5] * 3)):
            above = made[-size:]
            fresh = [
                Reply(
                    essay_id=essay.id, paragraph_id=essay.paragraphs[0][0], parent_id=above[at].id if level else None,
                    wording_id=wording_id, author_id=people[at % 2].id, stance="pro" if at % 2 else "con", side="pro",
                    depth=level + 1, path="", body="Words.", html="<p>Words.</p>", made_at=now(session),
                )
                for at in range(size)
            ]  # fmt: skip
            session.add_all(fresh)
            session.flush()
            for at, reply in enumerate(fresh):
                reply.path = (above[at].path if level else "") + step(reply.id, reply.stance)
            made += fresh
        for reply in made:
            url = f"https://example.org/{reply.id}"
            source = Source(canonical=url, digest=url, made_at=reply.made_at)
            session.add_all(
                [
                    source,
                    Vote(
                        user_id=people[2].id,
                        reply_id=reply.id,
                        value=1,
                        edit=0,
                        wording_id=reply.wording_id,
                        cast_at=reply.made_at,
                    ),
                    Notice(user_id=people[1].id, kind="answer", reply_id=reply.id, made_at=reply.made_at),
                ]
            )
            session.flush()
            session.add(
                Citation(
                    reply_id=reply.id, source_id=source.id, given_id=source.id, by_id=people[2].id, url=url,
                    quote_digest="", made_at=reply.made_at,
                )
            )  # fmt: skip
        session.flush()
        counts.mend(session)
        return [reply.id for reply in made]

    hide(people[2], app.extensions["database"].write(argue)[0])
    return essay


def test_a_page_takes_as_many_statements_for_200_replies_as_for_60(
    app: Flask, author: Browser, critic: Browser, moderator: Browser, client: Browser
) -> None:
    essays = [busy_essay(app, [author, critic, moderator], count) for count in (60, 200)]
    for who in (client, critic, moderator):
        who.token()
        for path in ("", "?open={key}", "/p/{key}", "/p/{key}?sort=disputed", "/tree", "/tree?depth=all", "/sources"):
            taken = []
            for essay in essays:
                with statements(app) as seen:
                    assert who.get(essay.path + path.format(key=essay.paragraphs[0][1])).status_code == 200
                taken.append(len(seen))
            assert taken[0] == taken[1], (who.name, path, taken)
            assert taken[1] <= 14, (who.name, path, taken)
    for path, most in (("/", 4), ("/users/Critic", 5), ("/notices", 4), ("/moderation/log", 3)):
        with statements(app) as seen:
            assert critic.get(path).status_code == 200
        assert len(seen) <= most, (path, seen)


def test_every_part_of_an_essay_has_a_page_whatever_is_debated_around_it(app: Flask, client: Browser) -> None:
    slug = app.extensions["database"].write(seeded.seed, 14, 40)
    kinds = rows(app, select(Wording.kind).distinct())
    assert {"heading", "text"} <= set(kinds)
    for key in rows(app, select(Paragraph.key).order_by(Paragraph.id)):
        for htmx in (False, True):
            answer = client.get(f"/essays/{slug}/p/{key}", headers={"HX-Request": "true"} if htmx else {})
            assert answer.status_code == 200, (key, htmx)
            assert "None" not in words(answer)
        assert client.get(f"/essays/{slug}/p/{key}/wordings").status_code == 200


@pytest.mark.parametrize(
    ("given", "length"), [(0, 0), (1, 1), (2, 2), (3, 4), (5, 8), (64, 64), (65, 128), (20_000, 20_000)]
)
def test_lists_of_ids_come_in_few_lengths(given: int, length: int) -> None:
    ids = padded(range(given))
    assert (set(ids), len(ids)) == (set(range(given)), length)


def test_an_essay_that_a_command_left_without_an_open_paragraph_is_read(
    app: Flask, essay: EssayAt, client: Browser, critic: Browser
) -> None:
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(Paragraph).values(debatable=False))
    for who in (client, critic):
        for path in (essay.path, f"{essay.path}/tree", f"{essay.path}/sources", "/", essay.p()):
            assert who.get(path).status_code == 200, path


@pytest.mark.parametrize("sort", ["best", "disputed", "new", "old"])
@pytest.mark.parametrize("value", [1, -1])
def test_a_vote_on_the_last_that_is_shown_neither_skips_nor_repeats_what_follows(
    essay: EssayAt, critic: Browser, stranger: Browser, author: Browser, sort: str, value: int
) -> None:
    made = [essay.reply(critic, f"Argument {number}.") for number in range(9)]
    for reply_id in made[:2]:
        vote(author, reply_id, 1)
    answer = stranger.get(essay.p(), sort=sort)
    first = shown_ids(answer)[:3]  # the fourth was drawn by lot
    onward = page(answer).css_first(".side.pro p.more a")
    assert onward is not None
    vote(stranger, first[-1], value)
    after = shown_ids(stranger.get(onward.attributes["href"] or "", headers={"HX-Request": "true"}))
    assert sorted(first + after) == made


@pytest.mark.parametrize("stood", ["", "x", "1", "1~2~3", "nan~1", "inf~1", "0.1~99999999999999999999", "0.1~1e5", "~"])
def test_a_place_in_the_order_that_is_none_is_as_if_not_given(
    essay: EssayAt, critic: Browser, client: Browser, stood: str
) -> None:
    made = [essay.reply(critic, f"Argument {number}.") for number in range(5)]
    assert len(shown_ids(client.get(essay.p(), after=made[2], stood=stood))) == 2


def test_more_is_not_put_below_a_reply_that_has_gone(essay: EssayAt, critic: Browser, client: Browser) -> None:
    top = essay.reply(critic, "Over them all.")
    for below, path in ((None, essay.p()), (top, f"/replies/{top}")):
        made = [essay.reply(critic, f"{below}, {number}.", to=below) for number in range(5)]
        critic.post(f"/replies/{made[2]}/withdraw")
        answer = client.get(path, headers={"HX-Request": "true"}, after=made[2], sort="new")
        assert answer.headers["HX-Redirect"] == f"{path}?sort=new"
        assert shown_ids(answer) == []
