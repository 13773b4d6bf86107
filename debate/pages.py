"""What templates can call on: filters for times and numbers, the words for reasons, the reader."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from flask import Flask
from flask_babel import format_decimal, get_locale, gettext, lazy_gettext
from markupsafe import Markup

from debate import rules, web
from debate.forms import ReplyForm
from debate.models.evidence import SHOWS
from debate.models.moderation import REASONS
from debate.queries import notices, replies
from debate.text import links, markup
from debate.text.essay import LANGUAGES
from debate.text.notes import Notes

ORDER_WORDS = {
    "best": lazy_gettext("votes"),
    "new": lazy_gettext("newest first"),
    "old": lazy_gettext("oldest first"),
    "disputed": lazy_gettext("most disputed"),
}
SHOWS_WORDS = {
    "supports": lazy_gettext("supports"),
    "undercuts": lazy_gettext("undercuts"),
    "context": lazy_gettext("context"),
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
    "url": lazy_gettext("Address"),
    "quote": lazy_gettext("The words it is cited for"),
    "locator": lazy_gettext("Where in it"),
    "reason": lazy_gettext("Reason"),
    "note": lazy_gettext("Note"),
    "title": lazy_gettext("Title"),
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


def prepare(app: Flask) -> None:
    """Give an app's templates their names."""
    app.jinja_env.filters.update(
        moment=moment,
        ago=ago,
        day=day,
        excerpt=markup.excerpt,
        host=links.host,
        beyond_host=beyond_host,
        signed=signed,
        number=number,
        figure=figure,
        told=web.told,
    )
    app.jinja_env.globals.update(
        may=rules,
        fresh_reply_form=lambda deep: ReplyForm(deep=deep),
        reasons=REASON_WORDS,
        shows=SHOWS,
        order_words=ORDER_WORDS,
        shows_words=SHOWS_WORDS,
        role_words=ROLE_WORDS,
        field_words=FIELD_WORDS,
        orders=replies.ORDERS,
        noted_links=Notes,
        essay_languages={code: Locale.parse(code).get_display_name() for code in LANGUAGES},
        settings=app.extensions["settings"],
    )
    app.context_processor(_reader)


assert set(REASON_WORDS) == set(REASONS)  # noqa: S101


def _reader() -> dict[str, Any]:
    """What every page knows of its reader."""
    who = web.person()
    return {
        "display": web.display(),
        "locale": get_locale(),
        "reader": who,
        "unread": lambda: notices.unread(web.reading(), who) if who else 0,
    }


def moment(time: datetime) -> Markup:
    """A time in words, exact in its title and attribute."""
    return _marked(time, _exact(time))


def ago(time: datetime) -> Markup:
    """A time as people say it: days back by count, further back by date."""
    back = datetime.now(UTC) - time
    if back.days >= 14:
        return _marked(time, _date(time, "d MMM y", "medium"))
    if back.total_seconds() < 60:
        return _marked(time, gettext("just now"))
    return _marked(time, format_timedelta(-back, add_direction=True, locale=get_locale(), threshold=1.2))


def _exact(time: datetime) -> str:
    clock = format_time(time.astimezone(UTC), "HH:mm", tzinfo=UTC, locale=get_locale())
    return f"{_date(time, 'd MMMM y', 'long')}, {clock} UTC"


def _date(time: datetime, english: str, others: str) -> str:
    """A date as the page's language writes it; English without the comma of the American form."""
    locale = get_locale()
    pattern = english if locale is None or locale.language == "en" else others
    return format_date(time.astimezone(UTC).date(), pattern, locale=locale)


def _marked(time: datetime, words: str) -> Markup:
    machine = time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(machine, _exact(time), words)


def signed(number: int) -> str:
    """A number with a real minus sign, as the page's language writes it."""
    return f"−{format_decimal(-number)}" if number < 0 else format_decimal(number)


def beyond_host(url: str, limit: int) -> str:
    """What follows the host in an address, cut to `limit` characters."""
    parts = urlsplit(url)
    rest = parts.path + (f"?{parts.query}" if parts.query else "")
    if rest == "/":
        return ""
    return rest if len(rest) <= limit else rest[: limit - 1] + "…"


def day(time: datetime) -> Markup:
    """A date in words."""
    return Markup('<time datetime="{}">{}</time>').format(
        time.astimezone(UTC).strftime("%Y-%m-%d"), _date(time, "d MMMM y", "long")
    )


def number(value: int) -> str:
    """A count as the page's language writes it."""
    return format_decimal(value)


def figure(value: float, digits: int) -> str:
    """A number with so many decimals, as the page's language writes it."""
    return format_decimal(value, format="#,##0." + "0" * digits)
