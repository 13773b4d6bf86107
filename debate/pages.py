"""What templates can call on: filters for times and numbers, the words for reasons, the reader."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date, format_datetime, format_timedelta
from flask import Flask
from flask_babel import get_locale
from markupsafe import Markup

from debate import rules, web
from debate.forms import ReplyForm
from debate.models.evidence import SHOWS
from debate.models.moderation import REASONS
from debate.queries import notices, replies
from debate.text import links, markup

REASON_WORDS = {
    "spam": "spam",
    "insult": "insult",
    "off-topic": "off topic",
    "no-argument": "no argument",
    "duplicate": "duplicate",
    "source": "source does not say that",
    "other": "other",
}


def prepare(app: Flask) -> None:
    """Give an app's templates their names."""
    app.jinja_env.filters.update(
        moment=moment, ago=ago, day=day, excerpt=markup.excerpt, host=links.host, beyond_host=beyond_host, signed=signed
    )
    app.jinja_env.globals.update(
        may=rules,
        fresh_reply_form=lambda deep: ReplyForm(deep=deep),
        reasons=REASON_WORDS,
        shows=SHOWS,
        orders=replies.ORDERS,
        shown_depth=replies.SHOWN_DEPTH,
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
        return _marked(time, format_date(time.astimezone(UTC).date(), "d MMM y", locale="en"))
    if back.total_seconds() < 60:
        return _marked(time, "just now")
    return _marked(time, format_timedelta(-back, add_direction=True, locale="en", threshold=1.2))


def _exact(time: datetime) -> str:
    return format_datetime(time.astimezone(UTC), "d MMMM y, HH:mm 'UTC'", locale="en")


def _marked(time: datetime, words: str) -> Markup:
    machine = time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(machine, _exact(time), words)


def signed(number: int) -> str:
    """A number with a real minus sign."""
    return f"−{-number:,}" if number < 0 else f"{number:,}"


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
        time.astimezone(UTC).strftime("%Y-%m-%d"), format_date(time.astimezone(UTC).date(), "d MMMM y", locale="en")
    )
