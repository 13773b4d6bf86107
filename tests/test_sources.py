"""Sources: described with a history, merged and separated, looked through, taken out, asked for."""

import json
import warnings
from collections.abc import Callable

import pytest
from cast import (
    Browser,
    EssayAt,
    article,
    cite,
    everything,
    form_to,
    hide,
    lock,
    page,
    problem,
    publish,
    row,
    rows,
    sound,
    source_of,
    suspend,
    value,
    withdraw,
    words,
)
from flask import Flask
from sqlalchemy import func, select

from debate.models import Ask, Citation, Citing, Notice, Ruling, Source, SourceEdit
from debate.queries import sources

DESCRIPTION = {
    "title": "Bees of the north", "authors": "Lampwright, Ngozi; Halfpast, Wojtek", "year": "2021",
    "publisher": "Journal of Hives", "kind": "study", "archive_url": "https://archive.example/bees",
}  # fmt: skip


def erase(admin: Browser, reply_id: int) -> None:
    assert admin.post(f"/replies/{reply_id}/erase", reason="other", note="A court said so.").status_code == 303


@pytest.fixture
def reply_id(essay: EssayAt, critic: Browser) -> int:
    return essay.reply(critic, "Something to prove.")


# --- recognised


def test_one_thing_is_one_source_however_it_was_pasted(app: Flask, reply_id: int, stranger: Browser) -> None:
    ways = ["doi:10.1000/ABC", "https://doi.org/10.1000/abc", "10.1000/abc.", "http://dx.doi.org/10.1000/ABC"]
    for number, way in enumerate(ways):
        answer = stranger.post(f"/replies/{reply_id}/citations", url=way, quote=f"Words {number}.")
        assert answer.status_code == 303
    stored = rows(app, select(Source))
    assert [(source.scheme, source.canonical) for source in stored] == [("doi", "10.1000/abc")]
    urls = rows(app, select(Citation.url).order_by(Citation.id))
    assert urls == ["https://doi.org/10.1000/abc", *(ways[1:2]), "https://doi.org/10.1000/abc", ways[3]]
    sound(app)


@pytest.mark.parametrize("given", ["0306406153", "doi:10.12/x", "plain words", "javascript:alert(1)", "a" * 10_000])
@pytest.mark.sweep
def test_what_is_no_source_gets_a_sentence_beside_the_field(
    app: Flask, essay: EssayAt, reply_id: int, stranger: Browser, htmx: bool, given: str
) -> None:
    before = everything(app)
    answer = stranger.post(f"/replies/{reply_id}/citations", htmx=htmx, url=given, quote="Kept words.")
    assert (answer.status_code, value(answer, "quote")) == (422, "Kept words.")
    assert problem(answer, "url").endswith(".")
    with_reply = stranger.post(f"{essay.p()}/replies", htmx=htmx, stance="pro", body="Said.", source_url=given)
    assert with_reply.status_code == 422
    assert problem(with_reply, "source_url") == problem(answer, "url")
    assert everything(app) == before


def test_it_is_told_before_posting_that_a_source_is_cited_already(
    app: Flask, essay: EssayAt, reply_id: int, critic: Browser, stranger: Browser, client: Browser, htmx: bool
) -> None:
    other = essay.reply(stranger, "Not so.", to=reply_id, stance="con")
    cited = cite(critic, reply_id, "doi:10.1000/182")
    cite(stranger, other, "https://doi.org/10.1000/182")
    before = everything(app)
    fields = {"url": "10.1000/182", "quote": "Kept.", "intent": "preview"}
    answer = stranger.post(f"/replies/{reply_id}/citations", htmx=htmx, **fields)
    assert answer.status_code == 200
    assert "already cited in 2 replies (1 for, 1 against)" in words(answer)
    assert value(answer, "quote") == "Kept."
    with_reply = stranger.post(
        f"{essay.p()}/replies", htmx=htmx, stance="pro", body="x", source_url="10.1000/182", intent="preview"
    )
    assert "already cited in 2 replies" in words(with_reply)
    assert f"/sources/{source_of(app, cited)}" in client.get("/sources?url=10.1000/182", htmx=htmx).text
    assert "not cited here yet" in words(client.get("/sources?source_url=10.1000/183", htmx=htmx))
    assert "mistyped" in words(client.get("/sources?url=0306406153", htmx=htmx))
    assert everything(app) == before


def test_a_source_with_a_reply_says_what_it_shows_and_where(app: Flask, essay: EssayAt, critic: Browser) -> None:
    fields = {"source_url": "ISBN 0-306-40615-2", "source_locator": "p. 12", "source_shows": "context"}
    assert critic.post(f"{essay.p()}/replies", stance="pro", body="With proof.", **fields).status_code == 303
    citation = rows(app, select(Citation))[0]
    assert (citation.locator, citation.shows) == ("p. 12", "context")
    assert row(app, Source, citation.source_id).kind == "book"
    wrong = critic.post(f"{essay.p()}/replies", stance="pro", body="More.", **fields | {"source_shows": "proves"})
    assert problem(wrong, "source_shows")


# --- described


def test_anybody_may_describe_a_source_and_what_was_said_before_is_kept(
    app: Flask, reply_id: int, critic: Browser, stranger: Browser, client: Browser
) -> None:
    source = source_of(app, cite(critic, reply_id, "https://example.org/bees"))
    page_before = client.get(f"/replies/{reply_id}")
    assert "Bees of the north" not in page_before.text
    assert stranger.post(f"/sources/{source}/edit", edit="0", **DESCRIPTION).status_code == 303
    corrected = DESCRIPTION | {"title": "Bees of the far north", "year": ""}
    assert critic.post(f"/sources/{source}/edit", edit="1", **corrected).status_code == 303
    stored = row(app, Source, source)
    assert (stored.title, stored.year, stored.kind, stored.edits) == ("Bees of the far north", None, "study", 2)
    shown = client.get(f"/sources/{source}")
    for said in ("Bees of the far north", "Lampwright, Ngozi", "Journal of Hives", "Bees of the north", "Stranger"):
        assert said in words(shown)
    chip = words(client.get(f"/replies/{reply_id}"))  # kept pages know of it at once
    assert "Bees of the far north (example.org) Lampwright, Ngozi and others · study · supports" in chip
    assert "Archived copy" in chip
    assert len(rows(app, select(SourceEdit))) == 2
    found = client.get("/search?in=sources&q=Lampwright")
    assert f"/replies/{reply_id}#" in found.text
    sound(app)


def test_the_same_description_changes_nothing(app: Flask, reply_id: int, critic: Browser) -> None:
    source = source_of(app, cite(critic, reply_id, "https://example.org/bees"))
    critic.post(f"/sources/{source}/edit", edit="0", **DESCRIPTION)
    before = everything(app)
    assert critic.post(f"/sources/{source}/edit", edit="0", **DESCRIPTION).status_code == 303
    assert everything(app) == before


def test_of_two_who_describe_it_at_once_neither_loses_words(
    app: Flask, reply_id: int, critic: Browser, stranger: Browser
) -> None:
    source = source_of(app, cite(critic, reply_id, "https://example.org/bees"))
    critic.post(f"/sources/{source}/edit", edit="0", **DESCRIPTION)
    others = dict.fromkeys(DESCRIPTION, "") | {"title": "Another title"}
    late = stranger.post(f"/sources/{source}/edit", edit="0", **others)
    assert late.status_code == 409
    assert value(late, "title") == "Another title"
    assert "Bees of the north" in words(late)
    assert row(app, Source, source).title == "Bees of the north"
    again = stranger.post(
        f"/sources/{source}/edit", edit=value(late, "edit"), **DESCRIPTION | {"title": "Another title"}
    )
    assert again.status_code == 303
    assert row(app, Source, source).title == "Another title"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", "t" * 301), ("authors", "a" * 1001), ("publisher", "p" * 301), ("year", "soon"), ("year", "20210"),
        ("kind", "rumour"), ("archive_url", "javascript:alert(1)"), ("archive_url", "archive"),
    ],
)  # fmt: skip
@pytest.mark.sweep
def test_a_wrong_description_gets_a_sentence_and_keeps_the_words(
    app: Flask, reply_id: int, critic: Browser, field: str, typed: str
) -> None:
    source = source_of(app, cite(critic, reply_id, "https://example.org/bees"))
    before = everything(app)
    answer = critic.post(f"/sources/{source}/edit", edit="0", **DESCRIPTION | {field: typed})
    assert answer.status_code == 422
    assert problem(answer, field).endswith(".")
    assert value(answer, "publisher" if field != "publisher" else "title") in DESCRIPTION.values()
    assert everything(app) == before


def test_new_accounts_describe_nothing_until_they_have_written(
    make_app: Callable[..., Flask], essay: EssayAt, reply_id: int, critic: Browser
) -> None:
    source = source_of(essay.app, cite(critic, reply_id, "https://example.org/bees"))
    app = make_app(limits=True)
    with app.extensions["database"].engine.begin() as connection:
        connection.exec_driver_sql("UPDATE users SET new_until = '2999-01-01 00:00:00+00:00' WHERE name = 'Critic'")
    tried = Browser(app, "Critic", critic.id, critic.password).post(f"/sources/{source}/edit", edit="0", **DESCRIPTION)
    assert tried.status_code == 403
    assert "three replies of their own" in words(tried)


def test_moderators_hide_what_was_said_of_a_source_before_it_was_corrected(
    app: Flask, reply_id: int, critic: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    source = source_of(app, cite(critic, reply_id, "https://example.org/bees"))
    stranger.post(f"/sources/{source}/edit", edit="0", **DESCRIPTION | {"title": "An insult xyzzy"})
    fields = {"hidden": "1", "note": "An insult."}
    assert moderator.post(f"/sources/{source}/edits/1", **fields).status_code == 403  # it is called that now
    critic.post(f"/sources/{source}/edit", edit="1", **DESCRIPTION)
    assert "xyzzy" in client.get(f"/sources/{source}").text
    assert moderator.post(f"/sources/{source}/edits/1", hidden="1").status_code == 422
    for _ in range(2):
        assert moderator.post(f"/sources/{source}/edits/1", **fields).status_code == 303
    assert "xyzzy" not in client.get(f"/sources/{source}").text
    assert "xyzzy" not in stranger.get(f"/sources/{source}").text
    assert "xyzzy" in moderator.get(f"/sources/{source}").text
    assert rows(app, select(Ruling.act)) == ["hide-edit"]
    assert "hid an earlier description" in words(client.get("/moderation/log"))
    assert moderator.post(f"/sources/{source}/edits/9", **fields).status_code == 404
    moderator.post(f"/sources/{source}/edits/1", hidden="0")
    assert "xyzzy" in client.get(f"/sources/{source}").text
    sound(app)


# --- merged


def test_merged_sources_count_as_one_and_are_told_apart_again(
    app: Flask, essay: EssayAt, reply_id: int, critic: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    other_essay = publish(app, critic, title="Another essay")
    con = essay.reply(stranger, "Not so.", to=reply_id, stance="con")
    far = other_essay.reply(stranger, "Elsewhere.", stance="con")
    one = source_of(app, cite(critic, reply_id, "https://example.org/print", "Words."))
    two = source_of(app, cite(stranger, con, "https://example.org/mobile"))
    cite(stranger, reply_id, "https://example.org/mobile", "Words.")  # the same words of both, in one reply
    cite(stranger, far, "https://example.org/mobile")
    before = {name: everything(app)[name] for name in ("citations", "citings")}
    assert (
        moderator.post(f"/sources/{two}/merge", into="https://example.org/print", note="One page.").status_code == 303
    )
    assert set(rows(app, select(Citation.source_id))) == {one}
    assert len(rows(app, select(Citation))) == 4
    listed = client.get(f"{essay.path}/sources")
    assert len(page(listed).css("table.sources tbody tr")) == 1
    assert "3 times" in words(listed)
    assert client.get(f"/sources/{two}").headers["Location"] == f"/sources/{one}"
    shown = words(client.get(f"/sources/{one}"))
    assert "Cited in 4 replies: 2 for, 2 against" in shown
    assert "example.org/mobile" in shown
    assert "merged" in words(client.get("/moderation/log"))
    sound(app)
    late = cite(stranger, essay.reply(stranger, "Later."), "https://example.org/mobile")
    assert source_of(app, late) == one
    twice = stranger.post(f"/replies/{reply_id}/citations", url="https://example.org/mobile", quote="Words.")
    assert twice.status_code == 409
    assert moderator.post(f"/sources/{two}/separate").status_code == 303
    assert source_of(app, late) == two
    after = everything(app)
    assert set(before["citations"]) <= set(after["citations"])
    assert [row for row in before["citings"] if row not in after["citings"]] == [
        next(row for row in before["citings"] if row[:2] == (essay.id, two))  # one more since
    ]
    assert moderator.post(f"/sources/{two}/separate").status_code == 409
    acts = rows(app, select(Ruling.act).order_by(Ruling.id))
    assert acts == ["merge", "separate"]
    sound(app)


def test_a_chain_of_merges_comes_apart_link_by_link(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser
) -> None:
    made = [cite(critic, essay.reply(critic, f"Argument {n}."), f"https://example.org/{n}") for n in range(3)]
    first, second, third = (source_of(app, one) for one in made)
    moderator.post(f"/sources/{first}/merge", into=str(second), note="One.")
    moderator.post(f"/sources/{second}/merge", into=str(third), note="One.")
    assert {source_of(app, one) for one in made} == {third}
    moderator.post(f"/sources/{second}/separate")
    assert [source_of(app, one) for one in made] == [second, second, third]
    moderator.post(f"/sources/{first}/separate")
    assert [source_of(app, one) for one in made] == [first, second, third]
    sound(app)


@pytest.mark.parametrize("into", ["", "0", "99999", "nothing", "https://example.org/nobody", "itself"])
def test_a_merge_into_nothing_gets_a_sentence(
    app: Flask, reply_id: int, critic: Browser, moderator: Browser, into: str
) -> None:
    source = source_of(app, cite(critic, reply_id, "https://example.org/a"))
    before = everything(app)
    typed = str(source) if into == "itself" else into
    answer = moderator.post(f"/sources/{source}/merge", into=typed, note="Kept note.")
    assert answer.status_code == 422
    assert problem(answer, "into").endswith(".")
    assert value(answer, "note") == "Kept note."
    assert everything(app) == before


@pytest.mark.parametrize("how", ["hidden", "withdrawn", "erased"])
def test_what_was_merged_is_told_of_as_long_as_all_may_read_who_names_it(
    app: Flask, essay: EssayAt, reply_id: int, critic: Browser, stranger: Browser, moderator: Browser, admin: Browser,
    client: Browser, how: str,
) -> None:  # fmt: skip
    named = essay.reply(stranger, "Something to be removed.")
    one = source_of(app, cite(critic, reply_id, "https://example.org/a"))
    two = source_of(app, cite(stranger, named, "https://example.org/xyzzy"))
    critic.post(f"/sources/{two}/edit", edit="0", **DESCRIPTION | {"title": "An xyzzy"})
    moderator.post(f"/sources/{two}/merge", into=str(one), note="One page.")
    assert client.get(f"/sources/{one}").text.count("xyzzy") >= 2
    if how == "hidden":
        hide(moderator, named)
    elif how == "withdrawn":
        withdraw(stranger, named)
    else:
        erase(admin, named)
    for who in (client, critic, stranger):
        assert "xyzzy" not in who.get(f"/sources/{one}").text
    assert ("xyzzy" in moderator.get(f"/sources/{one}").text) == (how != "erased")
    assert rows(app, select(Source.id).order_by(Source.id)) == ([one] if how == "erased" else [one, two])
    assert bool(rows(app, select(SourceEdit.title))) == (how != "erased")
    sound(app)


def test_what_is_erased_out_of_a_chain_of_merges_leaves_it_whole(
    app: Flask, essay: EssayAt, critic: Browser, moderator: Browser, admin: Browser
) -> None:
    replies = [essay.reply(critic, f"Argument {n}.") for n in range(3)]
    made = [cite(critic, reply, f"https://example.org/{n}") for n, reply in enumerate(replies)]
    first, second, third = (source_of(app, one) for one in made)
    moderator.post(f"/sources/{first}/merge", into=str(second), note="One.")
    moderator.post(f"/sources/{second}/merge", into=str(third), note="One.")
    erase(admin, replies[1])
    assert rows(app, select(Source.id).order_by(Source.id)) == [first, third]
    assert row(app, Source, first).merged_into_id == third
    sound(app)
    assert moderator.post(f"/sources/{first}/separate").status_code == 303
    assert source_of(app, made[0]) == first
    moderator.post(f"/sources/{first}/merge", into=str(third), note="One.")
    erase(admin, replies[2])
    assert rows(app, select(Source.id).order_by(Source.id)) == [first, third]  # the first counts as the third
    sound(app)
    erase(admin, replies[0])
    assert rows(app, select(Source.id)) == rows(app, select(SourceEdit.id)) == []
    sound(app)


def test_no_page_of_a_source_is_one_sides_as_long_as_there_are_both(
    app: Flask, essay: EssayAt, critic: Browser, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "PAGE", 4)
    sides = ["pro"] * 7 + ["con"] * 3
    made = [
        cite(critic, essay.reply(critic, f"Argument {n}.", stance=side), "https://example.org/bees", f"{n}")
        for n, side in enumerate(sides)
    ]
    path, found = f"/sources/{source_of(app, made[0])}", []
    while path:
        shown = page(client.get(path))
        assert "7 for, 3 against" in shown.text()
        found.append([int((node.id or "").removeprefix("use-")) for node in shown.css(".uses > li")])
        assert len(found) <= 3
        onward = shown.css_first("nav.pages a[rel=next]")
        path = (onward.attributes["href"] or "") if onward else ""
    assert found == [[*made[:2], *made[7:9]], [*made[2:5], made[9]], made[5:7]]
    assert page(client.get(f"/sources/{source_of(app, made[0])}?page=9")).css(".uses > li[id]") == []


# --- looked through


def test_sources_are_sorted_and_filtered(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, client: Browser
) -> None:
    pro, con = essay.reply(critic, "For."), essay.reply(stranger, "Against.", stance="con")
    both, one, other = (f"https://example.org/{name}" for name in ("both", "one", "other"))
    for reply_id, url in ((pro, both), (con, both), (pro, one), (con, other)):
        cite(critic, reply_id, url)
    numbers = {url: rows(app, select(Source.id).where(Source.canonical == url))[0] for url in (both, one, other)}
    critic.post(f"/sources/{numbers[one]}/edit", edit="0", **DESCRIPTION)
    critic.post(
        f"/sources/{numbers[other]}/edit", edit="0", **DESCRIPTION | {"title": "Aaa", "year": "1999", "kind": "news"}
    )

    def listed(query: str) -> list[str]:
        answer = client.get(f"{essay.path}/sources?{query}")
        return [node.id or "" for node in page(answer).css("table.sources tbody tr")]

    ids = {url: f"source-{number}" for url, number in numbers.items()}
    assert listed("")[0] == ids[both]
    assert listed("side=both") == [ids[both]]
    assert listed("side=pro") == [ids[one]]
    assert listed("side=con") == [ids[other]]
    assert listed("kind=study") == [ids[one]]
    assert listed("kind=study&side=con") == []
    assert listed("sort=title") == [ids[other], ids[one], ids[both]]
    assert listed("sort=year") == [ids[one], ids[other], ids[both]]
    assert listed("sort=new") == [ids[other], ids[one], ids[both]]
    assert listed("state=dead") == []
    assert len(listed("state=unchecked")) == 3
    assert listed("sort=nonsense&kind=nonsense&side=x&state=y&page=x") == listed("")
    shown = words(client.get(f"{essay.path}/sources"))
    assert "3 sources are cited in this debate : 2 times for, 2 times against; 1 on both sides" in shown.replace(
        "debate:", "debate :"
    )
    picture = page(client.get(f"{essay.path}/sources")).css_first("figure.strip svg[role=img]")
    assert picture is not None
    assert len(picture.css("rect")) == 2


def test_the_tree_lists_what_is_without_any_source(
    essay: EssayAt, critic: Browser, stranger: Browser, client: Browser
) -> None:
    proved, bare = essay.reply(critic, "Proved."), essay.reply(critic, "Bare.")
    cite(critic, proved, "https://example.org/a")
    stranger.post(f"/replies/{bare}/asks", wanted="1")
    for name, here, away in (("unsourced", bare, proved), ("sources", proved, bare), ("asked", bare, proved)):
        answer = client.get(f"{essay.path}/tree?filter={name}")
        assert article(answer, here) is not None, name
        assert article(answer, away) is None, name


# --- taken out


@pytest.fixture
def listed(app: Flask, essay: EssayAt, critic: Browser, stranger: Browser) -> EssayAt:
    """An essay that cites one of each scheme, described with signs that other formats mind."""
    pro, con = essay.reply(critic, "For."), essay.reply(stranger, "Against.", stance="con")
    for url in ("https://example.org/a?b=1&c={2}", "10.1000/182", "ISBN 0-306-40615-2", "arXiv:2101.00001"):
        cite(critic, pro, url)
    cite(stranger, con, "10.1000/182")
    study, book = rows(app, select(Source.id).order_by(Source.id))[1:3]
    odd = {"title": '50% of {bees} & "hives": A_B #1 ^~ \\ $5', "authors": "Lampwright, Ngozi; Bureau of Bees"}
    critic.post(f"/sources/{study}/edit", edit="0", **DESCRIPTION | odd)
    critic.post(f"/sources/{book}/edit", edit="0", **DESCRIPTION | {"kind": "book", "title": "Ein Buch über Bienen"})
    return essay


def test_csl_json_is_read_by_a_library(listed: EssayAt, client: Browser) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from citeproc import Citation as Cited
        from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
        from citeproc.source.json import CiteProcJSON

        answer = client.get(f"{listed.path}/sources.json")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        items = json.loads(answer.text)
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
        for item in items:
            bibliography.register(Cited([CitationItem(item["id"])]))
        printed = [str(entry) for entry in bibliography.bibliography()]
    assert len(items) == len(printed) == 4
    whole = "\n".join(printed)
    assert "Lampwright" in whole
    assert "2021" in whole
    assert "Ein Buch über Bienen" in whole
    by_type = {item["type"]: item for item in items}
    assert by_type["article-journal"]["DOI"] == "10.1000/182"
    assert by_type["article-journal"]["author"] == [
        {"family": "Lampwright", "given": "Ngozi"}, {"literal": "Bureau of Bees"}
    ]  # fmt: skip
    assert "Cited 2 times: 1 for, 1 against" in by_type["article-journal"]["note"]
    assert by_type["book"]["ISBN"] == "9780306406157"
    assert by_type["webpage"]["URL"].startswith("https://example.org/a?b=1&c=")


def test_bibtex_is_read_by_a_library(listed: EssayAt, client: Browser) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import bibtexparser

        library = bibtexparser.parse_string(client.get(f"{listed.path}/sources.bib").text)
    assert library.failed_blocks == []
    entries = {entry.entry_type: entry for entry in library.entries}
    assert len(library.entries) == 4
    assert entries["article"]["doi"] == "10.1000/182"
    assert entries["article"]["journal"] == "Journal of Hives"
    assert entries["article"]["author"] == "Lampwright, Ngozi and {Bureau of Bees}"
    assert r"50\% of \{bees\} \& " in entries["article"]["title"]
    assert entries["book"]["isbn"] == "9780306406157"


def test_the_list_is_for_reading(listed: EssayAt, client: Browser) -> None:
    said = client.get(f"{listed.path}/sources.txt").text
    assert "Lampwright, Ngozi; Bureau of Bees (2021). 50% of {bees}" in said
    assert "doi:10.1000/182." in said
    assert said.count("Cited ") == 4
    assert said.count("arXiv:2101.00001") == 1  # what nobody described is not named twice


# --- asked for


def test_a_source_is_asked_for_once_told_to_the_writer_and_answered(
    app: Flask, reply_id: int, critic: Browser, stranger: Browser, author: Browser, client: Browser, htmx: bool
) -> None:
    for _ in range(2):
        assert stranger.post(f"/replies/{reply_id}/asks", htmx=htmx, wanted="1").status_code == (200 if htmx else 303)
    author.post(f"/replies/{reply_id}/asks", htmx=htmx, wanted="1")
    assert len(rows(app, select(Ask))) == 2
    assert "2 readers ask for a source" in words(client.get(f"/replies/{reply_id}"))
    told = critic.get("/notices")
    assert words(told).count("2 readers ask for a source of your reply") == 1
    assert "You asked" in words(stranger.get(f"/replies/{reply_id}"))
    author.post(f"/replies/{reply_id}/asks", wanted="0")
    assert "1 reader asks for a source" in words(client.get(f"/replies/{reply_id}"))
    sound(app)
    critic.post(f"/replies/{reply_id}/citations", url="https://example.org/answer")
    assert "asks for a source" not in words(client.get(f"/replies/{reply_id}"))
    assert "A source was linked to a reply for which you asked for one" in words(stranger.get("/notices"))
    assert "A source was linked" not in words(author.get("/notices"))
    assert "You asked for a source, and one was linked" in words(stranger.get(f"/replies/{reply_id}"))
    stranger.post(f"/replies/{reply_id}/asks", wanted="1")  # once is once
    assert row(app, Ask, (stranger.id, reply_id)).answered_at is not None
    sound(app)


def test_nobody_asks_themselves_nor_under_a_lock(
    app: Flask, essay: EssayAt, reply_id: int, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    assert critic.post(f"/replies/{reply_id}/asks", wanted="1").status_code == 403
    assert form_to(critic.get(f"/replies/{reply_id}"), f"/replies/{reply_id}/asks") is None
    assert stranger.post(f"/replies/{reply_id}/asks", wanted="5").status_code == 422
    lock(moderator, essay.target())
    assert stranger.post(f"/replies/{reply_id}/asks", wanted="1").status_code == 423
    assert form_to(stranger.get(f"/replies/{reply_id}"), f"/replies/{reply_id}/asks") is None
    assert rows(app, select(Ask)) == []


def test_who_linked_a_source_to_a_reply_of_mine_is_told_to_me(
    app: Flask, reply_id: int, critic: Browser, stranger: Browser
) -> None:
    cite(stranger, reply_id, "https://example.org/a")
    cite(stranger, reply_id, "https://example.org/b")
    assert rows(app, select(Notice.kind).where(Notice.user_id == critic.id)) == ["source"]
    assert "A source was linked to your reply" in words(critic.get("/notices"))


def test_what_a_banned_account_asked_for_counts_no_more_until_it_is_back(
    app: Flask, reply_id: int, stranger: Browser, moderator: Browser, admin: Browser, client: Browser
) -> None:
    stranger.post(f"/replies/{reply_id}/asks", wanted="1")
    suspend(admin, stranger, kind="banned")
    assert "asks for a source" not in words(client.get(f"/replies/{reply_id}"))
    sound(app)
    admin.post("/users/Stranger/lift", note="Back.")
    assert "1 reader asks for a source" in words(client.get(f"/replies/{reply_id}"))
    sound(app)


def test_a_source_of_removed_replies_only_is_not_found(
    app: Flask, essay: EssayAt, reply_id: int, critic: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    citation = cite(critic, reply_id, "https://example.org/secret")
    source = source_of(app, citation)
    assert client.get(f"/sources/{source}").status_code == 200
    hide(moderator, reply_id)
    for path in (f"/sources/{source}", f"/citations/{citation}"):
        assert client.get(path).status_code == 404, path
    assert stranger.get(f"/sources/{source}/edit").status_code == 404
    assert "not cited here yet" in words(client.get("/sources?url=https://example.org/secret"))
    assert rows(app, select(func.sum(Citing.count))) == [0]
    sound(app)


def test_there_are_no_sources_beyond_those(client: Browser) -> None:
    for number in ("0", "999", "99999999999999999999"):
        for path in ("/sources/{}", "/sources/{}/edit", "/citations/{}"):
            assert client.get(path.format(number)).status_code == 404


ODD = [
    "", "0", "-1", "9" * 30, "\x00", "\ufffd", "é" * 3000, "٣", "²", "1e9", "%00", "'\"<>", "\u202e", "{{1}}",
    "10.1000/" + "a" * 1990, "https://example.org/" + "é" * 600, "https://[::1]/", "https://例え.jp/",
    "ISBN " + "٣" * 13, "arXiv:٢١٠١.٠٠٠٠١",
]  # fmt: skip


@pytest.mark.sweep
def test_odd_input_is_answered_and_counts_stay_right(
    app: Flask, essay: EssayAt, reply_id: int, critic: Browser, stranger: Browser, moderator: Browser, client: Browser
) -> None:
    citation = cite(critic, reply_id, "https://example.org/a")
    source = source_of(app, citation)
    for odd in ODD:
        for path in ("/sources", f"{essay.path}/sources", f"/sources/{source}"):
            for name in ("url", "sort", "kind", "side", "state", "page"):
                asked = client.client.get(path, query_string={name: odd})
                assert asked.status_code in (200, 303), (path, name, odd)
        described = dict.fromkeys(DESCRIPTION, odd) | {"edit": odd}
        for path, fields in (
            (f"/replies/{reply_id}/citations", {"url": odd, "quote": odd, "locator": odd}),
            (f"/replies/{reply_id}/citations", {"url": odd, "intent": "preview"}),
            (f"/sources/{source}/edit", described),
            (f"/sources/{source}/edit", described | {"title": odd[:200], "year": "", "kind": "", "archive_url": ""}),
            (f"/sources/{source}/merge", {"into": odd, "note": "x"}),
            (f"/sources/{source}/edits/1", {"hidden": odd, "note": odd}),
            (f"/citations/{citation}/check", {"answer": odd}),
            (f"/replies/{reply_id}/asks", {"wanted": odd}),
        ):
            assert moderator.post(path, **fields).status_code < 500, (path, odd)
    for number in ("2147483648", "9" * 30):
        assert stranger.post(f"/citations/{number}/check", answer="yes").status_code == 404
        assert moderator.post(f"/sources/{number}/merge", into="1", note="x").status_code == 404
        assert moderator.post(f"/sources/{source}/merge", into=number, note="x").status_code == 422
    for form in ("bib", "json", "txt"):
        assert client.get(f"{essay.path}/sources.{form}").status_code == 200
    sound(app)
