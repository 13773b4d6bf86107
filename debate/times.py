"""Times as pages tell them: exact, or as people say how long ago it was."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from flask_babel import get_locale, gettext
from markupsafe import Markup


def moment(time: datetime) -> Markup:
    """A time in words, exact in its title and attribute."""
    return _marked(time, _exact(time))


def ago(time: datetime) -> Markup:
    """A time as people say it: days back by count, further back by date."""
    return _marked(time, ago_words(time))


def ago_words(time: datetime) -> str:
    """The same, without its markup."""
    back = datetime.now(UTC) - time
    if back.days >= 14:
        return _date(time, "d MMM y", "medium")
    minutes = int(back.total_seconds() // 60)
    return _minutes_ago(minutes, get_locale()) if minutes > 0 else gettext("just now")


@lru_cache(maxsize=4096)
def _minutes_ago(minutes: int, locale: Locale | None) -> str:
    return format_timedelta(timedelta(minutes=-minutes), add_direction=True, locale=locale, threshold=1.2)


def _exact(time: datetime) -> str:
    clock = format_time(time.astimezone(UTC), "HH:mm", tzinfo=UTC, locale=get_locale())
    return f"{_date(time, 'd MMMM y', 'long')}, {clock} UTC"


def _date(time: datetime, english: str, others: str) -> str:
    """A date as the page's language writes it; English without the comma of the American form."""
    locale = get_locale()
    pattern = english if locale is None or locale.language == "en" else others
    return _dated(time.astimezone(UTC).date(), pattern, locale)


@lru_cache(maxsize=4096)
def _dated(day: date, pattern: str, locale: Locale | None) -> str:
    return format_date(day, pattern, locale=locale)


def _marked(time: datetime, words: str) -> Markup:
    machine = time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(machine, _exact(time), words)


def day(time: datetime) -> Markup:
    """A date in words."""
    return Markup('<time datetime="{}">{}</time>').format(
        time.astimezone(UTC).strftime("%Y-%m-%d"), _date(time, "d MMMM y", "long")
    )
