"""The first page."""

from flask import Blueprint, Response, request

from debate import web
from debate.queries import essays

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> Response:
    """The essays, newest debate first, in pages; `q` filters them by title or author."""
    words = web.storable(request.args.get("q", "")).strip()[:200]
    page = web.page_asked()
    listed, is_more = essays.found(web.reading(), words, page)
    lively = essays.liveliest(web.reading(), listed)
    return web.page("home/index.html", essays=listed, lively=lively, words=words, page=page, is_more=is_more)
