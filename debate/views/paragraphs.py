"""One paragraph's debate."""

from flask import Blueprint, Response, request

from debate import web
from debate.queries import essays
from debate.views.essays import debate_inputs

blueprint = Blueprint("paragraphs", __name__)


@blueprint.get("/essays/<slug>/p/<key>")
def show(slug: str, key: str) -> Response:
    """The debate of a paragraph: a page of its own, or the part that opens under the paragraph."""
    essay = web.found(essays.by_slug(web.reading(), slug))
    text = essays.text_of(web.reading(), essay)
    passage = web.found(text.passage(key))
    inputs = debate_inputs(essay, passage, request.args.get("sort", "best"))
    if web.wants_fragment():
        return web.fragment("paragraphs/_debate.html", essay=essay, in_place=True, **inputs)
    before, after = text.neighbours(key)
    return web.page("paragraphs/show.html", essay=essay, text=text, before=before, after=after, **inputs)
