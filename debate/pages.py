"""What templates can call on: filters for times and numbers, the words for reasons, the reader."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from babel.numbers import format_decimal as in_locale
from flask import Flask, g
from flask_babel import format_decimal, get_locale, get_translations, lazy_gettext

from debate import doors, rules, times, web
from debate.forms import BARS, ReplyForm, Sentence
from debate.models import Ruling, Source
from debate.models.evidence import ANSWERS, KINDS, SHOWS
from debate.models.moderation import ACTS, REASONS
from debate.models.reports import HELD_FOR
from debate.queries import levels
from debate.queries.evidence import SORTS, STATES
from debate.queries.items import UNDO_FOR, UNDOABLE
from debate.text import identifiers, links, markup, terms
from debate.text.essay import LANGUAGES
from debate.text.identifiers import Thing

ORDER_WORDS = {
    "best": lazy_gettext("votes"),
    "new": lazy_gettext("newest first"),
    "old": lazy_gettext("oldest first"),
    "disputed": lazy_gettext("most disputed"),
}
FILTER_WORDS = {
    "sources": lazy_gettext("have a source"),
    "disputed": lazy_gettext("are disputed"),
    "unanswered": lazy_gettext("nobody has answered"),
    "no-con": lazy_gettext("nobody has disputed"),
    "unsourced": lazy_gettext("are without any source"),
    "asked": lazy_gettext("a source was asked for"),
    "new": lazy_gettext("are new since your visit"),
}
KIND_WORDS = {
    "essays": lazy_gettext("Essays"),
    "replies": lazy_gettext("Replies"),
    "sources": lazy_gettext("Sources"),
}
SHOWS_WORDS = {
    "supports": lazy_gettext("supports"),
    "undercuts": lazy_gettext("undercuts"),
    "context": lazy_gettext("context"),
}
OWN_SHOWS_WORDS = {
    "supports": lazy_gettext("It supports this reply"),
    "undercuts": lazy_gettext("It undercuts this reply"),
    "context": lazy_gettext("It gives context"),
}
SOURCE_WORDS = {
    "study": lazy_gettext("study"),
    "official": lazy_gettext("official"),
    "news": lazy_gettext("news"),
    "book": lazy_gettext("book"),
    "document": lazy_gettext("primary document"),
    "opinion": lazy_gettext("opinion"),
    "other": lazy_gettext("other"),
}
ANSWER_WORDS = {
    "yes": lazy_gettext("Yes"),
    "no": lazy_gettext("No"),
    "shut": lazy_gettext("Can't open"),
}
SORT_WORDS = {
    "cited": lazy_gettext("most cited"),
    "for": lazy_gettext("most for"),
    "against": lazy_gettext("most against"),
    "title": lazy_gettext("title"),
    "year": lazy_gettext("newest year"),
    "new": lazy_gettext("last added"),
}
SIDE_WORDS = {
    "both": lazy_gettext("cited on both sides"),
    "pro": lazy_gettext("cited for only"),
    "con": lazy_gettext("cited against only"),
}
STATE_WORDS = {
    "dead": lazy_gettext("dead link"),
    "denied": lazy_gettext("most say it does not say that"),
    "confirmed": lazy_gettext("found to say that"),
    "unchecked": lazy_gettext("nobody is sure yet"),
}
ROLE_WORDS = {
    "participant": lazy_gettext("participant"),
    "moderator": lazy_gettext("moderator"),
    "admin": lazy_gettext("admin"),
}
FIELD_WORDS = {
    "body": lazy_gettext("Your reply"),
    "text": lazy_gettext("Text"),
    "source_url": lazy_gettext("Address of the source"),
    "source_quote": lazy_gettext("The words you rely on"),
    "source_locator": lazy_gettext("Where in it"),
    "url": lazy_gettext("Address, DOI, ISBN or arXiv number"),
    "quote": lazy_gettext("The words it is cited for"),
    "locator": lazy_gettext("Where in it"),
    "reason": lazy_gettext("Reason"),
    "note": lazy_gettext("Note"),
    "title": lazy_gettext("Title"),
    "authors": lazy_gettext("Authors"),
    "year": lazy_gettext("Year"),
    "publisher": lazy_gettext("Published by"),
    "archive_url": lazy_gettext("Address of an archived copy"),
    "into": lazy_gettext("Merge into"),
    "words": lazy_gettext("Your words"),
    "contact": lazy_gettext("E-mail"),
}
REASON_WORDS = {
    "spam": lazy_gettext("spam"),
    "insult": lazy_gettext("insult"),
    "off-topic": lazy_gettext("off topic"),
    "no-argument": lazy_gettext("no argument"),
    "duplicate": lazy_gettext("duplicate"),
    "source": lazy_gettext("source does not say that"),
    "other": lazy_gettext("other"),
}
BAR_WORDS = {
    "": lazy_gettext("no"),
    "1": lazy_gettext("for a day"),
    "7": lazy_gettext("for 7 days"),
    "30": lazy_gettext("for 30 days"),
    "always": lazy_gettext("without an end"),
    "ban": lazy_gettext("ban, and take the votes out of all counts"),
}
ACT_WORDS = {
    "lock": lazy_gettext("lock"),
    "unlock": lazy_gettext("unlock"),
    "hide": lazy_gettext("hide"),
    "restore": lazy_gettext("restore"),
    "reply": lazy_gettext("reply under a lock"),
    "role": lazy_gettext("role"),
    "keep": lazy_gettext("left alone"),
    "reopen": lazy_gettext("put back into the queue"),
    "ask": lazy_gettext("asked to edit"),
    "duplicate": lazy_gettext("folded as a duplicate"),
    "approve": lazy_gettext("let in"),
    "hold": lazy_gettext("held again"),
    "suspend": lazy_gettext("suspension"),
    "ban": lazy_gettext("ban"),
    "lift": lazy_gettext("suspension ended"),
    "admit": lazy_gettext("account let in"),
    "refuse": lazy_gettext("account refused"),
    "appoint": lazy_gettext("moderator of an essay"),
    "dismiss": lazy_gettext("no longer moderator of an essay"),
    "erase": lazy_gettext("erased"),
    "erase-note": lazy_gettext("note erased"),
    "premoderate": lazy_gettext("replies looked at first"),
    "uphold": lazy_gettext("appeal turned down"),
    "setting": lazy_gettext("setting"),
    "merge": lazy_gettext("sources merged"),
    "separate": lazy_gettext("sources separated"),
}
ITEM_WORDS = {
    "reported": lazy_gettext("Reported"),
    "held": lazy_gettext("Held"),
    "appeal": lazy_gettext("Appeals"),
    "account": lazy_gettext("Accounts"),
}
HELD_WORDS = {
    "links": lazy_gettext("links among an account's first replies"),
    "alike": lazy_gettext("several accounts said the same"),
    "essay": lazy_gettext("in this essay every reply is looked at first"),
    "new": lazy_gettext("a new account"),
    "many": lazy_gettext("very many replies of new accounts at once"),
}
REGISTRATION_WORDS = {
    "open": lazy_gettext("open to everybody"),
    "approval": lazy_gettext("a moderator lets each account in"),
    "closed": lazy_gettext("closed"),
}


def prepare(app: Flask) -> None:
    """Give an app's templates their names."""
    app.jinja_env.filters.update(
        moment=times.moment,
        ago=times.ago,
        day=times.day,
        excerpt=markup.excerpt,
        host=links.host,
        beyond_host=beyond_host,
        identified=identified,
        link=lambda source: identifiers.link(source.scheme, source.canonical),
        signed=signed,
        number=number,
        figure=figure,
        told=web.told,
        marked=terms.marked,
    )
    app.jinja_env.globals.update(
        may=rules,
        kept=web.kept,
        fresh_reply_form=lambda deep: ReplyForm(deep=deep),
        reasons=REASON_WORDS,
        shows=SHOWS,
        order_words=ORDER_WORDS,
        shows_words=SHOWS_WORDS,
        own_shows_words=OWN_SHOWS_WORDS,
        source_words=SOURCE_WORDS,
        answer_words=ANSWER_WORDS,
        sort_words=SORT_WORDS,
        side_words=SIDE_WORDS,
        state_words=STATE_WORDS,
        kind_words=KIND_WORDS,
        filter_words=FILTER_WORDS,
        role_words=ROLE_WORDS,
        field_words=FIELD_WORDS,
        orders=list(levels.ORDERS),
        essay_languages=essay_languages,
        settings=app.extensions["settings"],
        site=web.site,
        bars=BAR_WORDS,
        bars_here={bar: words for bar, words in BAR_WORDS.items() if bar != "ban"},
        spans={bar: words for bar, words in BAR_WORDS.items() if bar},
        act_words=ACT_WORDS,
        item_words=ITEM_WORDS,
        held_words=HELD_WORDS,
        registration_words=REGISTRATION_WORDS,
        trap=doors.TRAP,
        fresh_sentence=Sentence,
        can_undo=can_undo,
    )
    app.context_processor(_reader)
    # The same as the extension's own, which looks for the reader's language with every word.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda words: _translations().ugettext(words),
        lambda one, many, n: _translations().ungettext(one, many, n),
        newstyle=True,
    )


assert set(REASON_WORDS) == set(REASONS)  # noqa: S101
assert set(ACT_WORDS) == set(ACTS)  # noqa: S101
assert set(HELD_WORDS) == set(HELD_FOR)  # noqa: S101
assert tuple(SOURCE_WORDS) == KINDS  # noqa: S101
assert tuple(ANSWER_WORDS) == ANSWERS  # noqa: S101
assert tuple(SORT_WORDS) == tuple(SORTS)  # noqa: S101
assert tuple(STATE_WORDS) == tuple(STATES)  # noqa: S101
assert tuple(BAR_WORDS) == BARS  # noqa: S101


def can_undo(ruling: Ruling) -> bool:
    """Whether the reader can take this ruling back still, as far as its line tells."""
    who = web.person()
    if who is None or ruling.by_id != who.id or ruling.act not in UNDOABLE:
        return False
    return datetime.now(UTC) < ruling.made_at + UNDO_FOR


@lru_cache(maxsize=1)
def essay_languages() -> dict[str, str]:
    """What each language that an essay may have calls itself. All their data are read for it, which is a lot: only
    when they are asked for."""
    return {code: Locale.parse(code).get_display_name() or code for code in LANGUAGES}


def _translations() -> Any:
    if "translations" not in g:
        g.translations = get_translations()
    return g.translations


def _reader() -> dict[str, Any]:
    """What every page knows of its reader."""
    who = web.person()
    return {
        "display": web.display(),
        "locale": get_locale(),
        "reader": who,
        "unread": web.unread(),
    }


def signed(value: int) -> str:
    """A number with a real minus sign, as the page's language writes it."""
    return f"−{number(-value)}" if value < 0 else number(value)


def beyond_host(url: str, limit: int) -> str:
    """What follows the host in an address, cut to `limit` characters."""
    parts = urlsplit(url)
    rest = parts.path + (f"?{parts.query}" if parts.query else "")
    if rest == "/":
        return ""
    return rest if len(rest) <= limit else rest[: limit - 1] + "…"


def identified(source: Source | Thing) -> str:
    """What a source is by its identifier, a long address cut: `nature.com/articles/…`, `doi:10.1000/182`."""
    if source.scheme != "url":
        return identifiers.shown(source.scheme, source.canonical)
    return links.host(source.canonical) + beyond_host(source.canonical, 90)


def number(value: int) -> str:
    """A count as the page's language writes it."""
    return str(value) if -1000 < value < 1000 else _number(value, get_locale())


@lru_cache(maxsize=4096)
def _number(value: int, locale: Locale | None) -> str:
    return in_locale(value, locale=locale or "en")


def figure(value: float, digits: int) -> str:
    """A number with so many decimals, as the page's language writes it."""
    return format_decimal(value, format="#,##0." + "0" * digits)
