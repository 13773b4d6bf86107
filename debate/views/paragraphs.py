"""One paragraph's debate."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from debate import addresses, articles, web
from debate.queries import replies, revisions, texts, visits
from debate.queries.threads import Place

blueprint = Blueprint("paragraphs", __name__)


@blueprint.get("/essays/<slug>/p/<key>")
def show(slug: str, key: str) -> ResponseReturnValue:
    """The debate of a paragraph: a page of its own, or the part that opens under the paragraph.

    `sort` orders it, `after` goes on from a reply shown last (for htmx: only what is to be added).
    """
    essay = addresses.essay(slug)
    text = texts.of(web.reading(), essay)
    passage = web.found(text.passage(key))
    debate = articles.debate(essay, Place(passage.paragraph), **web.debate_asked())
    if web.wants_fragment():
        if request.args.get("after"):
            return articles.more_of(debate)
        onward = text.debated_beside(key)[1]
        return web.fragment("paragraphs/_debate.html", passage=passage, debate=debate, in_place=True, onward=onward)
    return web.page(
        "paragraphs/show.html",
        passage=passage,
        neighbours=text.neighbours(key),
        debated=text.debated_beside(key),
        kin=revisions.kin(web.reading(), passage.paragraph) if essay.revision > 1 else [],
        names=text.numbers,
        debate=debate,
        fresh=visits.fresh(web.reading(), web.person(), essay),
    )


@blueprint.get("/essays/<slug>/p/<key>/new")
def new(slug: str, key: str) -> ResponseReturnValue:
    """What others replied after the reply `since`: 204 for nothing, how many there are, or with `show` a line each."""
    paragraph = addresses.paragraph(slug, key)
    here = f"/essays/{slug}/p/{key}"
    if not web.wants_fragment():
        return web.see(f"{here}?sort=new")
    since = web.row_id(request.args.get("since", "")) or 0
    found = replies.newer(web.reading(), web.person(), paragraph, since)
    if not found:
        return Response(status=204)
    if not request.args.get("show"):
        say = ngettext("%(n)s new reply available", "%(n)s new replies available", len(found), n=len(found))
        return web.fragment(
            "paragraphs/_news.html", say=say, paragraph=paragraph, here=here, since=since, found=found, show=False
        )
    return web.fragment(
        "paragraphs/_news.html",
        focus=f"#news-{key} .line",
        paragraph=paragraph,
        here=here,
        since=found[-1].id,
        found=found,
        show=True,
    )
