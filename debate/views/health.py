"""Is it up, can it work? For those who run it."""

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from debate import schema, web

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
def livez() -> Response:
    """The process answers."""
    return _plain("ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """The database answers and is at the newest schema; 503 otherwise, without details."""
    try:
        ready = schema.is_current(web.database())
    except SQLAlchemyError:
        ready = False
    return _plain("ok" if ready else "not ready", 200 if ready else 503)


def _plain(words: str, status: int = 200) -> Response:
    return Response(words + "\n", status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
