"""What templates can call on, the joined stylesheet, and the pages for what was refused or went wrong."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date, format_datetime, format_timedelta
from flask import Flask, Response, current_app, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from debate import __version__, refusals, rules, web
from debate.db import Busy
from debate.forms import ReplyForm
from debate.models.evidence import SHOWS
from debate.models.moderation import REASONS
from debate.queries import notices, replies
from debate.refusals import Refused
from debate.text import links, markup

# One file a concept, in the order of the cascade.
STYLES = ("tokens", "base", "essays", "debates", "replies", "forms", "tree", "pages")
KEPT_FIELDS = ("body", "text", "source_url", "source_quote", "url", "quote", "locator", "reason", "note", "title")
REASON_WORDS = {
    "spam": "spam",
    "insult": "insult",
    "off-topic": "off topic",
    "no-argument": "no argument",
    "duplicate": "duplicate",
    "source": "source does not say that",
    "other": "other",
}
HEADINGS = {
    400: "This request could not be read",
    401: "You were signed out. Your text is kept",
    403: "This is not yours to do",
    404: "There is nothing here",
    405: "This address does not take that",
    409: "This is there already",
    410: "This was removed",
    413: "This is too much at once",
    415: "This form could not be read",
    422: "This could not be taken",
    423: "This is locked",
    429: "Too fast",
    500: "Something went wrong here",
    503: "The site is busy",
}


def prepare(app: Flask, base: Path) -> None:
    """Give an app its template names, its stylesheet and its error pages."""
    stylesheet = "\n".join((base / "static" / "css" / f"{name}.css").read_text() for name in STYLES)
    styles_version = _digest(stylesheet.encode())

    @app.get("/assets/debate-<version>.css", endpoint="stylesheet")
    def stylesheet_view(version: str) -> Response:
        answer = Response(stylesheet, mimetype="text/css")
        answer.headers["Cache-Control"] = _AGES[version == styles_version]
        return answer

    @app.get("/favicon.ico", endpoint="icon")
    def icon() -> Response:
        return send_from_directory(base / "static", "icon.svg", mimetype="image/svg+xml")

    versions = {
        str(file.relative_to(base / "static")): _digest(file.read_bytes())
        for file in (base / "static").rglob("*")
        if file.is_file() and file.suffix in (".js", ".svg")
    }

    @app.url_defaults
    def version_static(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and values.get("filename") in versions:
            values.setdefault("v", versions[values["filename"]])

    @app.after_request
    def age_static(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code == 200 and request.args.get("v"):
            fits = request.args["v"] == versions.get(request.view_args["filename"] if request.view_args else "")
            response.headers["Cache-Control"] = _AGES[fits]
        return response

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
        product_version=__version__,
        stylesheet=f"/assets/debate-{styles_version}.css",
    )
    app.context_processor(_reader)
    app.register_error_handler(Refused, refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(SecurityError, _wrong_host)
    app.register_error_handler(HTTPException, _failed)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(Exception, _broken)


assert set(REASON_WORDS) == set(REASONS)  # noqa: S101

_AGES = {True: "public, max-age=31536000, immutable", False: "public, max-age=60"}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def _reader() -> dict[str, Any]:
    """What every page knows of its reader."""
    who = web.person()
    return {"reader": who, "unread": notices.unread(web.reading(), who) if who else 0}


def moment(time: datetime) -> Markup:
    """A time in words, exact in its title and attribute."""
    exact = format_datetime(time.astimezone(UTC), "d MMMM y, HH:mm 'UTC'", locale="en")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), exact, exact
    )


def ago(time: datetime) -> Markup:
    """A time as people say it: days back by count, further back by date."""
    back = datetime.now(UTC) - time
    exact = format_datetime(time.astimezone(UTC), "d MMMM y, HH:mm 'UTC'", locale="en")
    if back.days >= 14:
        words = format_date(time.astimezone(UTC).date(), "d MMM y", locale="en")
    elif back.total_seconds() < 60:
        words = "just now"
    else:
        words = format_timedelta(-back, add_direction=True, locale="en", threshold=1.2)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), exact, words
    )


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


def refused(error: Refused) -> ResponseReturnValue:
    """A write that must not happen: why, and everything typed back."""
    reply = None
    place = ""
    reply_id = getattr(error, "reply_id", None) or (request.view_args or {}).get("reply_id")
    if isinstance(error, refusals.Gone | refusals.Twice) and reply_id:
        reply = replies.by_id(web.reading(), reply_id)
        place = web.place_of(reply) if reply else ""
    return _answer(error.status, refusal=error, reply=reply, place=place, kept=_kept())


def _stale_form(error: CSRFError) -> ResponseReturnValue:
    why = "This form was open too long, or you logged in meanwhile. Nothing was stored; your text is below."
    return _answer(400, why=why, kept=_kept(), again=True)


def _wrong_host(_: SecurityError) -> Response:
    # No page: every link on it would be built from the host that is not trusted.
    return Response("This site is not served under that name (DEBATE_TRUSTED_HOSTS).\n", 400, mimetype="text/plain")


def _failed(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()
    why = error.description if status == 403 and error.description != type(error).description else ""
    too_much = isinstance(error, RequestEntityTooLarge)
    return _answer(status, why=why or "", kept={} if too_much else _kept())


def _busy(error: Exception) -> ResponseReturnValue:
    _log(error)
    answer = _answer(503, why="Nothing was stored. Try again in a few seconds.", kept=_kept(), again=True)
    answer.headers["Retry-After"] = "5"
    return answer


def _broken(error: Exception) -> ResponseReturnValue:

    if current_app.testing or current_app.debug:
        raise error
    _log(error)
    return _answer(500, why="Nothing was stored. It is our fault, and it is in the log.", kept=_kept())


def _log(error: Exception) -> None:

    current_app.logger.error("%s %s failed", request.method, request.path, exc_info=error)


def _kept() -> dict[str, str]:
    """The words of the form that was sent, to give them back."""
    if request.method != "POST":
        return {}
    try:
        return {name: web.field(name) for name in KEPT_FIELDS if web.field(name).strip()}
    except HTTPException:
        return {}


def _answer(status: int, **inputs: Any) -> Response:
    """The page for a status, or for htmx the same words where the form stood."""
    inputs = {"refusal": None, "why": "", "reply": None, "place": "", "kept": {}, "again": False, **inputs}
    inputs |= {"status": status, "heading": HEADINGS.get(status, HEADINGS[500 if status >= 500 else 400])}
    inputs["whole"] = not web.wants_fragment()
    if web.wants_fragment():
        answer = Response(render_template("errors/_refused.html", **inputs), status, mimetype="text/html")
        trigger = request.headers.get("HX-Trigger", "")
        plain = trigger.replace("-", "").replace("_", "")
        return web.swap(answer, f"#{trigger}" if plain.isalnum() else "main", "outerHTML" if plain else "innerHTML")
    return Response(render_template("errors/error.html", **inputs), status, mimetype="text/html")
