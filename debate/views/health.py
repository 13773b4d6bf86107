"""Is it up, can it work, how does it fare? For those who run it."""

import hmac
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from debate import backup_records, prometheus, rules, schema, web
from debate.backup_records import Records
from debate.figures import BY_HOUR, Figures
from debate.queries import health as queries
from debate.queries.health import Rate, State
from debate.text.message import N_

blueprint = Blueprint("health", __name__)

RATES_FOR = 60  # seconds that rates are kept: they take long to count where votes are many


@blueprint.get("/livez")
def livez() -> Response:
    """The process answers."""
    return _plain("ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """The database answers and has all that this program needs, and no stop has begun; 503 otherwise.

    A newer schema will do: while a rolling upgrade is under way, the nodes that are still to come serve on.
    """
    if current_app.extensions.get("stopping"):
        return _plain("stopping", 503)
    try:
        ready = not schema.is_behind(web.database())
    except SQLAlchemyError:
        ready = False
    return _plain("ok" if ready else "not ready", 200 if ready else 503)


@blueprint.get("/metrics")
def metrics() -> Response:
    """The node's figures for Prometheus, for who has the token of DEBATE_METRICS; for others there is nothing."""
    token = web.settings().metrics
    given = request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        abort(404)
    try:
        state = queries.state(web.reading())
    except SQLAlchemyError:
        state = None
        web.without_reader()
    current = state is not None and _is_current()
    return _plain(prometheus.written(_figures(), state, current, _records()), mimetype=prometheus.MIMETYPE)


@blueprint.get("/moderation/health")
def index() -> ResponseReturnValue:
    """How the site fares (admins)."""
    who = web.person()
    if who is None:
        return web.to_login("/moderation/health")
    web.permit(rules.may_see_health(who), N_("Only admins can open this page."))
    now = datetime.now(UTC)
    state, milliseconds = _timed_state()
    return web.page(
        "moderation/health.html",
        state=state,
        milliseconds=milliseconds,
        current=_is_current(),
        records=_records(),
        late=backup_records.LATE // 3600,
        rates=_rates(now),
        workers=_figures().workers(),
        moment_of=lambda seconds: datetime.fromtimestamp(seconds, UTC),
        now=now,
    )


def _timed_state() -> tuple[State, float]:
    began = time.perf_counter()
    state = queries.state(web.reading())
    return state, (time.perf_counter() - began) * 1000


def _is_current() -> bool:
    try:
        return schema.is_current(web.database())
    except SQLAlchemyError:
        return False


def _figures() -> Figures:
    return current_app.extensions["figures"]


def _records() -> Records | None:
    """What is known of backups; None where only the database knows, and it is silent."""
    database = web.database()
    if database.is_sqlite:
        return backup_records.of(Path(make_url(database.url).database or ""))
    try:
        return backup_records.noted(web.reading())
    except SQLAlchemyError:
        web.without_reader()
        return None


def _rates(now: datetime) -> dict[str, Rate]:
    """Of all that has one, by name: written in the database; refused, as this node has seen since its start."""
    kept: dict[str, Any] = current_app.extensions.setdefault("rates", {})
    if not kept or time.monotonic() > kept["until"]:
        kept |= {"until": time.monotonic() + RATES_FOR, "rates": queries.rates(web.reading(), now), "at": now}
    return kept["rates"] | {name: _refused(name, kept["at"]) for name in BY_HOUR}


def _refused(name: str, now: datetime) -> Rate:
    counted = _figures().by_hour(name)
    return queries.rate({datetime.fromtimestamp(hour * 3600, UTC): count for hour, count in counted.items()}, now)


def _plain(words: str, status: int = 200, mimetype: str = "text/plain") -> Response:
    words = words if words.endswith("\n") else words + "\n"
    return Response(words, status, content_type=mimetype, headers={"Cache-Control": "no-store"})
