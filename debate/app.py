"""The factory: settings, database, extensions, blueprints, and what holds for every request and answer."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask import Flask, Response, abort, request
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from jinja2 import StrictUndefined

from debate import assets, commands, config, failures, pages, web
from debate.config import Settings
from debate.db import Database
from debate.passwords import Passwords
from debate.queries import users
from debate.refusals import SignedOut
from debate.views import BLUEPRINTS
from debate.views.essays import NEW_ESSAY_BYTES

HERE = Path(__file__).resolve().parent
BASE = HERE if (HERE / "templates").is_dir() else HERE.parent  # installed : checkout

FORM_BYTES = 512 * 2**10  # a reply of 10,000 characters, a quote and an address, as long as a form can make them
FORM_PARTS = 100
OPEN_POSTS = {"sessions.login", "sessions.register", "sessions.logout"}  # what a visitor may send
NEVER_STORED = {"sessions.login", "sessions.register"}
POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
    "img-src 'self' data:"
)

csrf = CSRFProtect()
login_manager = LoginManager()


def create_app(settings: Settings | None = None) -> Flask:
    """The application. Without settings they are read from the environment: one line on stderr and exit 2 if wrong."""
    app = Flask(
        "debate",
        root_path=str(HERE),
        template_folder=str(BASE / "templates"),
        static_folder=str(BASE / "static"),
        instance_path=os.environ.get("DEBATE_INSTANCE") and os.path.abspath(os.environ["DEBATE_INSTANCE"]),
        instance_relative_config=True,
    )
    if settings is None:
        try:
            settings = config.from_environment(os.environ, Path(app.instance_path))
        except config.BadSetting as error:
            click.echo(str(error), err=True)
            raise SystemExit(2) from error
    _configure(app, settings)
    _extend(app, settings)
    assets.prepare(app, BASE)
    pages.prepare(app)
    failures.prepare(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.before_request(_admit)
    app.teardown_appcontext(web.end_reading)
    app.after_request(_guard)
    app.after_request(_cache)
    commands.register(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    prefix = "__Host-" if settings.https else ""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        MAX_CONTENT_LENGTH=FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        MAX_FORM_PARTS=FORM_PARTS,
        SESSION_COOKIE_NAME=f"{prefix}debate_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        REMEMBER_COOKIE_NAME=f"{prefix}debate_remember",
        REMEMBER_COOKIE_DURATION=timedelta(days=30),
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.https,
        WTF_CSRF_CHECK_DEFAULT=False,  # checked in _admit, after the question who asks
        WTF_CSRF_TIME_LIMIT=None,  # a long rebuttal takes longer than an hour
        TESTING=settings.testing,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _extend(app: Flask, settings: Settings) -> None:
    app.extensions["settings"] = settings
    app.extensions["database"] = Database(settings.database_url, pool_size=settings.threads + 2)
    app.extensions["passwords"] = Passwords(cheap=settings.testing)
    Htmx(app)
    app.request_class = web.Request
    csrf.init_app(app)
    login_manager.init_app(app)
    login_manager.user_loader(lambda kept: users.by_session(web.reading(), kept))


def _admit() -> None:
    """Before a view runs: how much may be sent, from where, by whom."""
    if request.endpoint == "essays.new":
        request.max_content_length = NEW_ESSAY_BYTES
        request.max_form_memory_size = NEW_ESSAY_BYTES
    if request.method in ("GET", "HEAD", "OPTIONS") or request.endpoint is None:
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403, "This form was sent from another site.")
    if request.endpoint not in OPEN_POSTS and not current_user.is_authenticated:
        raise SignedOut
    csrf.protect()


def _guard(response: Response) -> Response:
    """The headers that hold a browser to this site."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if web.settings().https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _cache(response: Response) -> Response:
    """Pages for everybody may be kept and asked about again; pages for one person are never stored."""
    if response.mimetype != "text/html":
        return response
    response.vary.add("HX-Request")
    response.vary.add("Cookie")
    shared = (
        request.method in ("GET", "HEAD")
        and request.endpoint not in NEVER_STORED
        and response.status_code in (200, 404, 410)
        and not current_user.is_authenticated
    )
    if not shared:
        response.headers["Cache-Control"] = "private, no-store"
        return response
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    if response.status_code == 200:
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
        response.make_conditional(request)
    return response
