"""The first page."""

from flask import Blueprint, Response, request

from debate import web
from debate.queries import essays

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> Response:
    """The essays, newest debate first; `q` filters them by title or author."""
    words = web.storable(request.args.get("q", "")).strip()[:200]
    listed = essays.listed(web.reading(), words)
    return web.page("home/index.html", essays=listed, lively=essays.liveliest(web.reading(), listed), words=words)
