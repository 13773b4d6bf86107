"""What holds for every request before its view runs, and for every answer after it."""

import hashlib
from contextlib import suppress
from io import BytesIO

from flask import Flask, Response, abort, current_app, request, session
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from sqlalchemy.exc import OperationalError

from debate import web
from debate.actions import sign_ins
from debate.db import Busy, asked_from
from debate.refusals import Barred, SignedOut
from debate.text.message import N_
from debate.views.editing import FORM_BYTES as TEXT_BYTES
from debate.views.editing import FORM_PARTS as TEXT_PARTS

FORM_BYTES = 512 * 2**10  # a reply of 10,000 characters, a quote and an address, as long as a form can make them
FORM_PARTS = 100  # fields
URLENCODED = "application/x-www-form-urlencoded"
# What a visitor may send, and what somebody who is suspended, banned or not let in yet may.
OPEN_POSTS = {
    "sessions.login",
    "sessions.second_step",
    "sessions.logout",
    "accounts.register",
    "accounts.confirm",
    "accounts.forgotten",
    "accounts.reset",
    "display.form",
    "reports.form",
}
# Their own account stays theirs.
POSTS_OF_THE_BARRED = (OPEN_POSTS - {"accounts.register", "reports.form"}) | {
    "reports.appeal",
    "sessions.end",
    "sessions.end_others",
    "accounts.password",
    "accounts.email",
    "accounts.again",
    "steps.add_app",
    "steps.add_passkey",
    "steps.remove",
    "steps.renew_codes",
    "deletion.form",
}
NEVER_STORED = (OPEN_POSTS - {"sessions.logout"}) | {"drafts.show"}
WITHOUT_SETTINGS = (None, "asset", "icon", "static", "health.livez", "health.readyz", "health.metrics")
POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
    "img-src 'self' data:"
)
VARY = ("Cookie", "HX-Request", "HX-Request-Type", "HX-Boosted", "HX-History-Restore-Request")

csrf = CSRFProtect()


def prepare(app: Flask) -> None:
    """Set the gate up for an app."""
    app.config.update(
        MAX_CONTENT_LENGTH=FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        MAX_FORM_PARTS=FORM_PARTS,
        WTF_CSRF_CHECK_DEFAULT=False,  # checked in _admit, after the question who asks
        WTF_CSRF_TIME_LIMIT=None,  # a long rebuttal takes longer than an hour
    )
    csrf.init_app(app)
    app.before_request(_admit)
    app.teardown_appcontext(web.end_reading)
    app.after_request(_note_use)
    app.after_request(_guard)
    app.after_request(_cache)
    app.after_request(_give_token)
    app.context_processor(lambda: {"csrf_token": lambda: web.TOKEN})  # instead of the extension's own
    app.jinja_env.globals["csrf_token"] = lambda: web.TOKEN


def _admit() -> None:
    """How much may be sent, from where, by whom."""
    if "\0" in request.path:  # PostgreSQL has no such character, so nothing is there
        abort(404)
    if request.endpoint in ("editing.new", "editing.edit"):
        request.max_content_length = request.max_form_memory_size = TEXT_BYTES
        request.max_form_parts = TEXT_PARTS
    if request.method in ("GET", "HEAD", "OPTIONS") or request.endpoint is None:
        if request.endpoint not in WITHOUT_SETTINGS:
            web.site()  # before anything that its version is to tell of (see debate/articles.py)
        return
    origin = request.headers.get("Origin")
    if origin is not None and web.split_address(origin).netloc != request.host:
        abort(403, N_("This form was sent from another site."))
    _bound_the_body()
    who = web.person()
    if request.endpoint not in OPEN_POSTS and who is None:
        raise SignedOut
    csrf.protect()
    bar = who.barred() if who is not None and request.endpoint not in POSTS_OF_THE_BARRED else None
    if bar is not None:
        raise Barred(bar)
    asked_from.set(web.network())


def _note_use(response: Response) -> Response:
    """A session that writes is in use: noted to the hour, for the list of one's sessions. Reading leaves no trace."""
    who = web.person() if request.method == "POST" and response.status_code < 400 else None
    if who is not None and who.session_secret and sign_ins.is_due(who.session_used_at):
        with suppress(Busy, OperationalError):  # the write that was asked for is done and is to be answered
            web.write(sign_ins.note_use, who.session_secret)
    return response


def _bound_the_body() -> None:
    """413 for a body over the limit, also for one sent in chunks, whose length nobody said beforehand, and for more
    fields than a form has; 400 for one that was cut off."""
    limit = request.max_content_length or FORM_BYTES
    if request.content_length is None:
        try:
            data = request.environ["wsgi.input"].read(limit + 1)
        except Exception:  # the server's own kinds of them: cut off before its end, or no chunks
            abort(400)
        if len(data) > limit:
            abort(413)
        request.environ.pop("HTTP_TRANSFER_ENCODING", None)
        request.environ["CONTENT_LENGTH"] = str(len(data))
        request.environ["wsgi.input"] = BytesIO(data)
    elif request.content_length > limit:
        abort(413)
    if request.mimetype == URLENCODED:
        data = request.get_data()  # kept: the form is made from it
        if len(data) < (request.content_length or 0):  # cut off, which neither gunicorn nor Werkzeug minds
            abort(400)
        if data.count(b"&") >= (request.max_form_parts or FORM_PARTS):  # Werkzeug counts those of multipart alone
            abort(413)


def _give_token(response: Response) -> Response:
    """Put this reader's token where kept and fresh HTML has left its place."""
    if response.mimetype == "text/html":
        data = response.get_data()
        place = web.TOKEN.encode()
        if place in data:
            response.set_data(data.replace(place, generate_csrf().encode()))
    return response


def _guard(response: Response) -> Response:
    """The headers that hold a browser to this site."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")  # for what does not read frame-ancestors
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if web.settings().https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _cache(response: Response) -> Response:
    """What is for everybody may be kept and asked about again; what is for one person is never stored."""
    is_page = response.mimetype == "text/html"
    if not is_page and "Cache-Control" in response.headers:  # assets, and what says so itself
        return response
    response.vary.update(VARY)
    if is_page:
        response.headers.setdefault("Content-Language", web.language())
    shared = (
        request.method in ("GET", "HEAD")
        and request.endpoint not in NEVER_STORED
        and response.status_code in (200, 404, 410)
        and web.person() is None
    )
    if not shared:
        response.headers["Cache-Control"] = "private, no-store"
        return response
    # flask-login notes in a visitor's session that it is not fresh; a page for everybody sets no cookie.
    session.modified = False
    # One who chose a display has it told apart by a cookie; such a page is kept by that browser alone.
    chosen = current_app.config["DISPLAY_COOKIE_NAME"] in request.cookies
    response.headers["Cache-Control"] = f"{'private' if chosen else 'public'}, max-age=0, must-revalidate"
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
    if response.status_code == 200:
        response.make_conditional(request)
    return response
