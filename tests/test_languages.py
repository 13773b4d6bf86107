"""Languages: every sentence of the site can be said in each, whole, with its numbers and times."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sweep
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from cast import Browser, EssayAt, hide, lock, page
from flask import Flask
from werkzeug.test import TestResponse

from debate import pages, times, web
from debate.display import LANGUAGES
from debate.text.message import Message

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = {
    code: ROOT / f"debate/translations/{code}/LC_MESSAGES/messages.po" for code in LANGUAGES if code != "en"
}
PLACE = re.compile(r"%\((\w+)\)s")
# Words that are the same in both languages, or are other people's.
ALIKE = {"Format", "Name", "Spam", "spam", "Text", "Code", "code", "Debate", "Permalink,"}


def catalogue(code: str) -> Catalog:
    with TRANSLATIONS[code].open("rb") as file:
        return read_po(file, locale=code)


def extracted() -> set[str]:
    """Every message of the program, as `make messages` finds them."""
    keywords = {**DEFAULT_KEYWORDS, "N_": None, "lazy_gettext": None}
    found: set[str] = set()
    for folder, method in (("debate", [("**.py", "python")]), ("templates", [("**.html", "jinja2")])):
        options = {"**.html": {"silent": "false", "extensions": "jinja2.ext.i18n"}}
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, method, options, keywords):
            found.add(message[0] if isinstance(message, tuple) else message)
    return found


@pytest.mark.parametrize("code", TRANSLATIONS)
def test_a_translation_is_whole(code: str) -> None:
    there = {(m.id[0] if isinstance(m.id, tuple) else m.id): m for m in catalogue(code) if m.id}
    assert extracted() == there.keys()
    for message in there.values():
        assert not message.fuzzy, message.id
        given = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        for words in said:
            assert words.strip(), message.id
            # A plural may leave its number out, as "one reply" does; anything else needs all that English has.
            places = [set(PLACE.findall(form)) for form in given]
            assert set(PLACE.findall(words)) in places, (message.id, words)


def test_messages_are_found_at_all() -> None:
    found = extracted()
    assert {"Enter your reply.", "Too fast", "%(n)s reply", "Log in", "An address is missing."} <= found


@pytest.fixture
def german(client: Browser, critic: Browser, moderator: Browser) -> dict[str, Browser]:
    """People who chose German."""
    people = {"visitor": client, "participant": critic, "moderator": moderator}
    for who in people.values():
        who.client.set_cookie("debate_display", "language=de")
    return people


def spoken(answer: TestResponse) -> Iterator[str]:
    """What a page says by itself: its text, labels and title, without what people wrote."""
    tree = page(answer)
    for node in tree.css("script, style, .words, .body, [dir=auto]:not(input), bdi, code, option, time, textarea, kbd"):
        node.decompose()
    for node in tree.css("[aria-label], [data-label]"):
        yield node.attributes.get("aria-label") or node.attributes.get("data-label") or ""
    for node in tree.css("*"):
        yield from (child.text(deep=False).strip() for child in node.iter(include_text=True) if child.tag == "-text")


def english_with_german() -> list[re.Pattern[str]]:
    """What is said in English and has other words in German, each as a pattern of the whole sentence."""
    english = {m.id if isinstance(m.id, str) else m.id[0]: m.string for m in catalogue("de") if m.id}
    return [
        re.compile(re.sub(r"%\\\((\w+)\\\)s", ".*", re.escape(words)).replace("%%", "%"))
        for words, said in english.items()
        if words not in ALIKE and words != said and len(PLACE.sub("", words).strip()) > 3
    ]


def test_the_search_for_english_finds_it(client: Browser, essay: EssayAt) -> None:
    patterns = english_with_german()
    for path in ("/", "/login", essay.path, "/display"):
        found = [words for words in spoken(client.get(path)) if any(pattern.fullmatch(words) for pattern in patterns)]
        assert len(found) > 5, path


@pytest.mark.parametrize("role", ["visitor", "participant", "moderator"])
@pytest.mark.sweep
def test_no_page_says_in_english_what_there_is_german_for(
    german: dict[str, Browser], essay: EssayAt, critic: Browser, author: Browser, stranger: Browser,
    moderator: Browser, role: str,
) -> None:  # fmt: skip
    places = sweep.hidden_among(essay, critic, author, stranger, moderator)
    patterns = english_with_german()
    who = german[role]
    seen = 0
    for path in (*sweep.PAGES.values(), *sweep.MORE_PAGES):
        answer = who.get(path.format(**places))
        if answer.mimetype != "text/html" or answer.status_code == 303:
            continue
        assert page(answer).css_first("html").attributes["lang"] == "de", path
        assert answer.headers["Content-Language"] == "de"
        for words in spoken(answer):
            seen += 1
            assert not any(pattern.fullmatch(words) for pattern in patterns), (path, words)
    assert seen > 300


def test_what_is_refused_is_refused_in_the_readers_language(
    german: dict[str, Browser], essay: EssayAt, critic: Browser, author: Browser, moderator: Browser, client: Browser
) -> None:
    made = essay.reply(critic, "Mine.")
    theirs = essay.reply(author, "Theirs.")
    gone = essay.reply(author, "Gone.")
    hide(moderator, gone)
    token = critic.token()
    critic.token()

    def said(answer: TestResponse) -> str:
        return " ".join(page(answer).css_first("[role=alert]:not(#alarm)").text().split())

    assert "Schreiben Sie Ihre Antwort." in said(critic.post(f"{essay.p()}/replies", stance="pro"))
    long = critic.post(f"{essay.p()}/replies", stance="pro", body="x" * 10_001)
    assert "Eine Antwort darf höchstens 10.000 Zeichen haben. Ihre hat 10.001." in said(long)
    bad = critic.post(f"{essay.p()}/replies", stance="pro", body="x", source_url="ftp://example.org")
    assert "Eine Quelle muss mit http:// oder https:// beginnen" in said(bad)
    assert "Über die eigene Antwort" in said(critic.post(f"/replies/{made}/vote", value="1"))
    assert "Sie können nur eigene Antworten bearbeiten." in said(critic.post(f"/replies/{theirs}/edit", body="x"))
    assert "Diese Antwort wurde von der Moderation verborgen." in said(critic.post(f"/replies/{gone}/vote", value="1"))
    assert "Eine Stimme ist 1, -1 oder 0." in said(critic.post(f"/replies/{theirs}/vote", value="9"))
    assert "Hier ist nichts" in said(critic.get("/nowhere"))
    lock(moderator, essay.target(1))
    assert "Das ist gesperrt" in said(critic.post(f"{essay.p()}/replies", stance="pro", body="Late.", csrf_token=token))
    vote = critic.post(f"/replies/{essay.reply(author, 'More.', p=2)}/vote", value="1", htmx=True)
    assert "Ihre Stimme: Zustimmung. Punktestand 1." in vote.text
    empty = moderator.post("/essays/new", text="Only a title", title="")
    assert "Unter dem Titel steht kein Absatz" in said(empty)
    assert "Name oder Passwort stimmen nicht." in said(client.log_in(name="Nobody", password="wrong"))


def test_a_choice_comes_before_the_sites_language_and_nonsense_is_none(app: Flask, client: Browser) -> None:
    def language() -> str:
        return page(client.client.get("/")).css_first("html").attributes["lang"] or ""

    assert language() == "en"
    for cookie, shown in (("language=de", "de"), ("language=xx", "en"), ("language=en", "en")):
        client.client.set_cookie("debate_display", cookie)
        assert language() == shown


@pytest.mark.parametrize(
    ("language", "day", "ago", "number", "minus"),
    [
        ("en", "24 November 2026", "3 hours ago", "1,234", "−1,234"),
        ("de", "24. November 2026", "vor 3 Stunden", "1.234", "−1.234"),
    ],
)
def test_times_and_numbers_follow_the_language(
    app: Flask, language: str, day: str, ago: str, number: str, minus: str
) -> None:
    with app.test_request_context("/", headers={"Cookie": f"debate_display=language={language}"}):
        at = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
        assert f">{day}</time>" in times.day(at)
        assert f"{day}, 09:05 UTC" in times.moment(at)
        assert ago in times.ago(datetime.now(UTC) - timedelta(hours=3))
        assert pages.number(1234) == number
        assert pages.signed(-1234) == minus
        assert pages.figure(0.5, 2) == ("0,50" if language == "de" else "0.50")


def test_a_message_is_said_in_english_until_it_is_shown(app: Flask) -> None:
    words = Message("A quote must be %(most)s characters or fewer. Yours has %(length)s.", most=1000, length=1234)
    assert words == "A quote must be 1,000 characters or fewer. Yours has 1,234."
    with app.test_request_context("/", headers={"Cookie": "debate_display=language=de"}):
        assert web.told(words) == "Ein Zitat darf höchstens 1.000 Zeichen haben. Ihres hat 1.234."
        assert web.told("Not a message: 100 %") == "Not a message: 100 %"


def test_an_essay_keeps_its_own_direction_and_language(moderator: Browser, client: Browser) -> None:
    text = "عن المصابيح\n\nالشارع المظلم لا يمشي فيه أحد.\n\nوالضوء له ثمن أيضا."
    sent = moderator.post("/essays/new", text=text, language="ar", intent="publish")
    assert sent.status_code == 303
    path = sent.headers["Location"]
    tree = page(client.get(path))
    assert tree.css_first("h1").attributes["dir"] == "auto"
    assert tree.css_first("h1").attributes["lang"] == "ar"
    assert {node.attributes["dir"] for node in tree.css(".passage > .words")} == {"auto"}
    assert tree.css_first("article.essay").attributes["lang"] == "ar"
    assert tree.css_first(".beside").attributes["lang"] == "en"
    assert page(client.get(f"{path}/tree")).css_first("h1").attributes["lang"] == "ar"


def test_an_essay_in_a_language_that_is_none_is_refused_with_its_words(moderator: Browser) -> None:
    answer = moderator.post("/essays/new", text="A title\n\nWords.", language="klingon", intent="publish")
    assert answer.status_code == 422
    assert page(answer).css_first("#new-language-problem").text() == "Choose the language from the list."
    assert "Words." in answer.text


def test_pages_turn_round_for_languages_written_from_right_to_left(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("debate.pages.get_locale", lambda: Locale("ar"))
    html = page(client.get("/")).css_first("html")
    assert (html.attributes["lang"], html.attributes["dir"]) == ("ar", "rtl")
    styles = (ROOT / "static" / "css").glob("*.css")
    one_sided = re.compile(r"(margin|padding|border)-(left|right)|text-align: (left|right)|[; {](left|right): ")
    assert [file.name for file in styles if one_sided.search(file.read_text())] == []
