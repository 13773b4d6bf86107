"""The pages for what was refused or went wrong: why, what to do, and everything typed back."""

from contextlib import suppress
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InternalError, NotSupportedError, OperationalError
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge, SecurityError

from debate import logs, refusals, web
from debate.db import Busy
from debate.queries import replies
from debate.refusals import Refused
from debate.text.essay import BadText, decode, format_of

KEPT_FIELDS = (
    "body",
    "text",
    "source_url",
    "source_quote",
    "source_locator",
    "url",
    "quote",
    "locator",
    "reason",
    "note",
    "title",
    "authors",
    "year",
    "publisher",
    "archive_url",
    "into",
    "words",
    "contact",
)
# What is typed anew, or made anew, whenever a form is sent.
NEVER_BACK = {"csrf_token", "password", "current", "passkey", "passkey-current", "code"}
HEADINGS = {
    400: lazy_gettext("This request could not be read"),
    401: lazy_gettext("You were signed out. Your text is kept"),
    403: lazy_gettext("This is not yours to do"),
    404: lazy_gettext("There is nothing here"),
    405: lazy_gettext("This address does not take that"),
    409: lazy_gettext("This is there already"),
    410: lazy_gettext("This was removed"),
    413: lazy_gettext("This is too much at once"),
    415: lazy_gettext("This form could not be read"),
    422: lazy_gettext("This could not be taken"),
    423: lazy_gettext("This is locked"),
    429: lazy_gettext("Too fast"),
    500: lazy_gettext("Something went wrong here"),
    503: lazy_gettext("The site is busy"),
}
# Where the essay itself is why, not something in it.
ENDED = {
    refusals.Archived: lazy_gettext("This essay is archived"),
    refusals.Unpublished: lazy_gettext("This essay was unpublished"),
}


def prepare(app: Flask) -> None:
    """Give an app its error pages."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(SecurityError, _wrong_host)
    app.register_error_handler(HTTPException, _failed)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(OperationalError, _silent)
    app.register_error_handler(InternalError, _cut_off)
    app.register_error_handler(NotSupportedError, _cut_off)
    app.register_error_handler(Exception, _broken)
    app.log_exception = lambda exc_info: _log(exc_info[1])  # type: ignore[method-assign]


def refused(error: Refused) -> ResponseReturnValue:
    """A write that must not happen: why, and everything typed back."""
    reply = None
    place = ""
    reply_id = getattr(error, "reply_id", None) or (request.view_args or {}).get("reply_id")
    if isinstance(error, refusals.Gone | refusals.Twice) and reply_id:
        reply = replies.by_id(web.reading(), reply_id)
        place = web.place_of(reply) if reply else ""
    answer = _answer(error.status, refusal=error, reply=reply, place=place, kept=_kept())
    return web.too_fast(answer, error.until) if isinstance(error, refusals.TooFast) else answer


def _stale_form(error: CSRFError) -> ResponseReturnValue:
    why = _("This form was open too long, or you logged in meanwhile. Nothing was stored; your text is below.")
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
    answer = _answer(status, why=why or "", kept={} if too_much else _kept())
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _silent(error: DBAPIError) -> ResponseReturnValue:
    """Once more from the primary where it was the replica that failed."""
    if not web.leave_replica(error):
        return _busy(error)
    try:
        return current_app.dispatch_request()
    except Exception as other:
        return current_app.handle_user_exception(other)


def _cut_off(error: InternalError | NotSupportedError) -> ResponseReturnValue:
    """PostgreSQL says it so where it ended a transaction that had waited too long, as after a jump of its clock, and
    where it may only be read."""
    return _silent(error) if error.connection_invalidated else _broken(error)


def _busy(error: Exception) -> ResponseReturnValue:
    _log(error)
    web.without_reader()
    answer = _answer(503, why=_("Nothing was stored. Try again in a few seconds."), kept=_kept(), again=True)
    answer.headers["Retry-After"] = "5"
    return answer


def _broken(error: Exception) -> ResponseReturnValue:
    if current_app.testing or current_app.debug:
        raise error
    _log(error)
    web.without_reader()
    return _answer(500, why=_("Nothing was stored. It is our fault, and it is in the log."), kept=_kept())


def _log(error: BaseException | None) -> None:
    current_app.logger.error("%s %s failed", request.method, web.route(), exc_info=error)


def _kept() -> dict[str, str]:
    """The words of the form that was sent, to give them back."""
    if request.method != "POST":
        return {}
    try:
        kept = {name: web.field(name) for name in KEPT_FIELDS if web.field(name).strip()}
        said = _said_by_file()
        if said is not None:
            kept["text"] = said[0]
    except HTTPException:
        return {}
    return kept


def _uploaded() -> FileStorage | None:
    """The file that came with the form that was sent."""
    upload = request.files.get("file")
    return upload if upload is not None and upload.filename else None


def _said_by_file() -> tuple[str, str] | None:
    """The text of such a file, if it can stand in a field, and its format: by its name, which does not come along.
    Read once a request, which asks twice."""
    if "said_by_file" not in g:
        upload = _uploaded()
        g.said_by_file = _said_by(upload) if upload is not None else None
    return g.said_by_file


def _said_by(upload: FileStorage) -> tuple[str, str] | None:
    upload.stream.seek(0)  # it may have been read already
    data = upload.stream.read()
    # The form of a revision says what the text there was in, not what the file is.
    chosen = web.field("format") if request.endpoint == "editing.new" else ""
    format = chosen or format_of(upload.filename or "", data)
    with suppress(BadText):
        return (decode(data), format) if format in ("txt", "md", "html") else None
    return None


def _sent_along(said: tuple[str, str] | None) -> list[tuple[str, str]]:
    """What else was in the form, to send all of it again unseen: without a part of it another thing would be done."""
    formats = [("format", said[1])] if said is not None else []
    never = NEVER_BACK | {name for name, _ in formats}
    return [(name, value) for name, value in request.form.items(multi=True) if name not in never] + formats


def _answer(status: int, **inputs: Any) -> Response:
    """The page for a status, or for htmx the same words where the form stood."""
    inputs = {
        "refusal": None,
        "why": "",
        "reply": None,
        "place": "",
        "kept": {},
        "along": [],
        "again": False,
        "file": False,
        **inputs,
    }
    heading = ENDED.get(type(inputs["refusal"])) or HEADINGS.get(status, HEADINGS[500 if status >= 500 else 400])
    inputs |= {"status": status, "heading": heading, "number": logs.request_id.get() if status >= 500 else ""}
    if inputs["again"] or status in (401, 429):
        try:
            said = _said_by_file()
            inputs["along"] = _sent_along(said)
            inputs["file"] = _uploaded() is not None and said is None
        except HTTPException:
            return _answer(413)
    inputs["whole"] = not web.wants_fragment()
    if web.wants_fragment():
        answer = Response(render_template("errors/_refused.html", **inputs), status, mimetype="text/html")
        trigger = request.headers.get("HX-Trigger", "")
        plain = trigger.replace("-", "").replace("_", "")
        return web.swap(answer, f"#{trigger}" if plain.isalnum() else "main", "outerHTML" if plain else "innerHTML")
    return Response(render_template("errors/error.html", **inputs), status, mimetype="text/html")
