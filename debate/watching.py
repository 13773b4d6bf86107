"""Every request is watched, also one that never reaches a view: it gets a number, is counted, and leaves a line."""

import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy import event

from debate import logs, web
from debate.config import Settings
from debate.db import Database
from debate.figures import Figures, Series

SEEN = "debate.seen"  # where in a request's environment its Seen is
TAKEN = "debate.taken"  # in what a pool notes of a connection: it is counted as in use
LOGINS = ("/login", "/login/second")
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")

Start = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], Start], Iterable[bytes]]


@dataclass(slots=True)
class Seen:
    """What is learnt of a request while it is answered. `network` is a digest, for what was refused as too much."""

    number: str
    method: str
    route: str = ""
    status: int = 500
    size: int = 0  # bytes
    account: int | None = None
    network: str = ""


def prepare(app: Flask, settings: Settings) -> None:
    """Watch an app that is whole: its routes are known, and what stands before it is there."""
    methods = {"GET", "POST"}
    routes = [(method, rule.rule) for rule in app.url_map.iter_rules() for method in methods & (rule.methods or set())]
    # As many again while old workers finish and new ones have begun.
    figures = Figures(routes, 2 * settings.workers + 2)
    figures.take(0)
    app.extensions["figures"] = figures
    _count_in(app.extensions["database"], figures)
    app.after_request(_note)
    app.wsgi_app = Watch(app.wsgi_app, figures, bool(settings.proxies))  # type: ignore[method-assign]


def _count_in(database: Database, figures: Figures) -> None:
    def take(_connection: Any, record: Any, _proxy: Any) -> None:
        record.record_info[TAKEN] = True
        figures.add("connections")

    def give_back(_connection: Any, record: Any) -> None:
        # Where no connection can be made, what was to hold it is given back without having been taken.
        if record.record_info.pop(TAKEN, False):
            figures.add("connections", -1)

    database.count = figures.add
    for engine in database.engines:
        event.listen(engine, "checkout", take)
        event.listen(engine, "checkin", give_back)


def _note(response: Response) -> Response:
    seen: Seen | None = request.environ.get(SEEN)
    if seen is not None:
        seen.route = web.route()
        who = g.get("_login_user")  # where nothing asked who it is, nothing is
        seen.account = getattr(who, "id", None)
        if response.status_code == 429 or is_login_refused(seen.method, seen.route, response.status_code):
            seen.network = web.network()
    return response


def is_login_refused(method: str, route: str, status: int) -> bool:
    """Whether an answer says that a name, a password or a code was wrong, or tried too often."""
    return method == "POST" and route in LOGINS and status in (422, 429)


class Watch:
    """An app, with what it answers counted and told. `believes` a proxy that has numbered the request already."""

    def __init__(self, wsgi: Wsgi, figures: Figures, believes: bool) -> None:
        self._wsgi = wsgi
        self._figures = figures
        self._believes = believes

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        seen = environ[SEEN] = Seen(self._number(environ), environ["REQUEST_METHOD"])
        kept = logs.request_id.set(seen.number)
        self._figures.add("in flight")
        began = time.perf_counter()

        def answer(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            seen.status = int(status[:3])
            seen.size = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
            return start(status, [*headers, ("X-Request-ID", seen.number)], *more)

        try:
            return self._wsgi(environ, answer)
        finally:
            self._tell(seen, time.perf_counter() - began)
            logs.request_id.reset(kept)

    def _number(self, environ: dict[str, Any]) -> str:
        given = environ.get("HTTP_X_REQUEST_ID", "") if self._believes else ""
        return given if _WELL_FORMED.fullmatch(given) else os.urandom(8).hex()

    def _tell(self, seen: Seen, seconds: float) -> None:
        figures = self._figures
        figures.add("in flight", -1)
        figures.served(_series(seen), seen.status, seconds)
        if seen.status == 429:
            figures.add("too fast")
        if is_login_refused(seen.method, seen.route, seen.status):
            figures.add("logins refused")
        line = {
            "id": seen.number,
            "method": seen.method,
            "route": seen.route,
            "status": seen.status,
            "ms": round(seconds * 1000, 1),
            "bytes": seen.size,
        }
        if seen.account is not None:
            line["account"] = seen.account
        if seen.network:
            line["network"] = seen.network
        logs.REQUESTS.info(line)


def _series(seen: Seen) -> Series:
    return ("GET" if seen.method == "HEAD" else seen.method, seen.route)
