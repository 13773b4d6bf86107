"""Essays: reading one."""

from flask import Blueprint, Response, request

from debate import addresses, articles, rules, web
from debate.queries import locks, rulings, standings, texts, visits
from debate.queries.threads import Place

blueprint = Blueprint("essays", __name__)


@blueprint.get("/essays/<slug>")
def show(slug: str) -> Response:
    """The essay with a marker beside each paragraph; `open` unfolds the debate of one."""
    essay = addresses.essay(slug)
    text = texts.of(web.reading(), essay)
    opened = text.passage(request.args.get("open", ""))
    debate = None
    if opened is not None and opened.number:
        debate = articles.debate(essay, Place(opened.paragraph), **web.debate_asked())
    on = debate.shown.locks if debate else locks.on_now(web.reading(), essay.id)
    web.lasts(on)
    activity = request.args.get("heat", "") != "0" and web.display().activity == "on"
    return web.page(
        "essays/show.html",
        essay=essay,
        text=text,
        locks=on,
        opened=opened if debate else None,
        debate=debate,
        heat=text.heat if activity else {},
        fresh=visits.fresh(web.reading(), web.person(), essay),
        retirement=rulings.retirement(web.reading(), essay),
        link=addresses.secret_link(essay) if essay.share and rules.may_revise(web.person(), essay) else "",
        onward=text.debated_beside(opened.key)[1] if opened else None,
        moderators=standings.moderators_of(web.reading(), essay) if rules.may_moderate(web.person(), essay) else [],
    )
