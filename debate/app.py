"""The factory: settings, database, extensions, blueprints, and what holds for every request and answer."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask_babel import Babel
from flask_login import LoginManager
from htmx_flask import Htmx
from jinja2 import StrictUndefined
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from debate import assets, commands, compression, config, display, failures, gate, pages, watching, web
from debate.config import Settings
from debate.cookies import Sessions
from debate.db import Database
from debate.kept import Kept
from debate.messages import Messages
from debate.passwords import Passwords
from debate.shared_paces import SharedPaces
from debate.templating import Site
from debate.views import BLUEPRINTS
from debate.visitors import Visitors

HERE = Path(__file__).resolve().parent
BASE = HERE if (HERE / "templates").is_dir() else HERE.parent  # installed : checkout

PART_BYTES = 8 * 2**20  # of pages' parts as HTML, kept by each worker

login_manager = LoginManager()


class RowNumber(IntegerConverter):
    """An id in an address: in ASCII digits, and no larger than one can be. Any other is no address."""

    regex = "[0-9]{1,10}"

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


def create_app(settings: Settings | None = None) -> Flask:
    """The application. Without settings they are read from the environment: one line on stderr and exit 2 if wrong."""
    app = Site(
        "debate",
        root_path=str(HERE),
        template_folder=str(BASE / "templates"),
        static_folder=str(BASE / "static"),
        instance_path=os.path.abspath(folder) if (folder := os.environ.get("DEBATE_INSTANCE")) else None,
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
    compression.prepare(app)
    assets.prepare(app, BASE)
    gate.prepare(app)
    pages.prepare(app)
    failures.prepare(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    commands.register(app)
    app.extensions["visitors"] = visitors = Visitors(app)
    app.wsgi_app = visitors  # type: ignore[method-assign]
    if settings.redis_url:
        _exchange_messages(app, settings.redis_url)
    watching.prepare(app, settings)
    if settings.proxies:
        near = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=near, x_proto=0, x_host=0)  # type: ignore[method-assign]
    return app


def _exchange_messages(app: Flask, redis_url: str) -> None:
    """Tell other processes where words were taken away. What they tell is heard once one listens (`debate serve`)."""
    database: Database = app.extensions["database"]
    kept: tuple[Kept[Any], ...] = (app.extensions["parts"], app.extensions["visitors"].pages, database.info["texts"])

    def let_go() -> None:
        for store in kept:
            store.clear()

    app.extensions["messages"] = messages = Messages(redis_url, let_go)
    database.after_removal = messages.tell


def _configure(app: Flask, settings: Settings) -> None:
    prefix = "__Host-" if settings.https else ""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        SESSION_COOKIE_NAME=f"{prefix}debate_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        REMEMBER_COOKIE_NAME=f"{prefix}debate_remember",
        REMEMBER_COOKIE_DURATION=timedelta(days=30),
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.https,
        TESTING=settings.testing,
        DEBUG=False,  # whatever FLASK_DEBUG says: a failure has its page, which tells nothing
        DISPLAY_COOKIE_NAME=f"{prefix}{display.COOKIE}",
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )
    app.url_map.converters["int"] = RowNumber
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _extend(app: Flask, settings: Settings) -> None:
    app.extensions["settings"] = settings
    database = Database(settings.database_url, settings.threads + 2, settings.replica_url)
    app.extensions["database"] = database
    database.info["limits"] = settings.limits
    if settings.redis_url:
        database.info["shared paces"] = SharedPaces(settings.redis_url)
    app.extensions["parts"] = Kept[Markup](PART_BYTES)
    app.extensions["passwords"] = Passwords(cheap=settings.testing)
    Babel(app, default_locale=settings.language, locale_selector=web.language)
    Htmx(app)
    app.request_class = web.Request
    app.session_interface = Sessions()
    login_manager.init_app(app)
    login_manager.user_loader(web.load_person)
