"""What templates can call on: filters for times and numbers, the words for reasons, the reader."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from babel.numbers import format_decimal as in_locale
from flask import Flask, g
from flask_babel import format_decimal, get_locale, get_translations, gettext

from debate import doors, rules, times, web, words
from debate.actions import deletion
from debate.forms import ReplyForm, Sentence
from debate.models import Ruling, Source
from debate.models.evidence import SHOWS
from debate.queries import levels, texts
from debate.queries.items import UNDO_FOR, UNDOABLE
from debate.text import difference, identifiers, links, markup, terms
from debate.text.essay import LANGUAGES
from debate.text.identifiers import Thing


def prepare(app: Flask) -> None:
    """Give an app's templates their names."""
    app.jinja_env.filters.update(
        moment=times.moment,
        ago=times.ago,
        day=times.day,
        excerpt=markup.excerpt,
        called=called,
        host=host_of,
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
        onward_from_here=web.onward_from_here,
        origin=web.origin,
        fresh_reply_form=lambda deep: ReplyForm(deep=deep),
        wording_now=lambda essay, paragraph: texts.now(web.reading(), essay).wording_ids.get(paragraph.id, 0),
        reasons=words.REASON_WORDS,
        shows=SHOWS,
        order_words=words.ORDER_WORDS,
        shows_words=words.SHOWS_WORDS,
        own_shows_words=words.OWN_SHOWS_WORDS,
        source_words=words.SOURCE_WORDS,
        answer_words=words.ANSWER_WORDS,
        sort_words=words.SORT_WORDS,
        side_words=words.SIDE_WORDS,
        state_words=words.STATE_WORDS,
        kind_words=words.KIND_WORDS,
        filter_words=words.FILTER_WORDS,
        role_words=words.ROLE_WORDS,
        field_words=words.FIELD_WORDS,
        orders=list(levels.ORDERS),
        essay_languages=essay_languages,
        settings=app.extensions["settings"],
        site=web.site,
        bars=words.BAR_WORDS,
        bars_of_the_deleted={bar: said for bar, said in words.BAR_WORDS.items() if bar in ("", "ban")},
        bars_here={bar: said for bar, said in words.BAR_WORDS.items() if bar != "ban"},
        spans={bar: said for bar, said in words.BAR_WORDS.items() if bar},
        act_words=words.ACT_WORDS,
        item_words=words.ITEM_WORDS,
        held_words=words.HELD_WORDS,
        registration_words=words.REGISTRATION_WORDS,
        trap=doors.TRAP,
        fresh_sentence=Sentence,
        can_undo=can_undo,
        change_words=words.CHANGE_WORDS,
        differing=difference.between,
    )
    app.context_processor(_reader)
    # The same as the extension's own, which looks for the reader's language with every word.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda words: _translations().ugettext(words),
        lambda one, many, n: _translations().ungettext(one, many, n),
        newstyle=True,
    )


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
    of_request = g._get_current_object()  # type: ignore[attr-defined]  # asked with every word, so looked up once
    found = of_request.get("translations")
    if found is None:
        found = of_request.translations = get_translations()
    return found


def _reader() -> dict[str, Any]:
    """What every page knows of its reader."""
    who = web.person()
    return {
        "display": web.display(),
        "locale": get_locale(),
        "reader": who,
        "knows_reader": not g.get("nobody_asked"),  # where not, the reader may well be logged in
        "unread": web.unread(),
    }


def signed(value: int) -> str:
    """A number with a real minus sign, as the page's language writes it."""
    return f"−{number(-value)}" if value < 0 else number(value)


def called(name: str) -> str:
    """An account's name as it is stored; of one that was deleted, in the page's language."""
    return gettext("[deleted user]") if name == deletion.NAME else name


def host_of(url: str) -> str:
    """The host of a stored address, as people read it; as it stands where it is none that would be taken today."""
    try:
        return links.host(url)
    except links.BadLink:
        return urlsplit(url).netloc


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
