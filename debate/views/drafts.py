"""What becomes of an essay as a whole: a draft shared, published, thrown away; unpublished, archived, opened again."""

import hmac

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from debate import addresses, rules, web
from debate.actions import essays as actions
from debate.forms import noted
from debate.models import Essay
from debate.queries import essays, texts
from debate.text.message import N_

blueprint = Blueprint("drafts", __name__)

WHY = N_("Enter a reason: it stands in the log.")


@blueprint.get("/drafts/<int:essay_id>/<token>")
def show(essay_id: int, token: str) -> Response:
    """A draft, for whoever has its secret link."""
    essay = essays.by_id(web.reading(), essay_id) if essay_id < 2**31 else None
    if essay is None or essay.status != "draft" or not essay.share:
        abort(404)
    if not hmac.compare_digest(token.encode(), addresses.token_of(essay).encode()):
        abort(404)
    answer = web.page("essays/draft.html", essay=essay, text=texts.of(web.reading(), essay))
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "strict-origin"
    return answer


@blueprint.post("/essays/<slug>/share")
def share(slug: str) -> ResponseReturnValue:
    """Make a secret link to a draft (`on` 1; another than before), or take it back (0)."""
    essay = addresses.essay(slug)
    web.permit(rules.may_revise(web.person(), essay), actions.NOT_YOURS)
    web.write(actions.share, web.actor(), essay.id, on=web.field("on") == "1")
    return web.done(f"/essays/{essay.slug}#share")


@blueprint.post("/essays/<slug>/discard")
def discard(slug: str) -> ResponseReturnValue:
    """Throw a draft away."""
    essay = addresses.essay(slug)
    web.permit(rules.may_revise(web.person(), essay), actions.NOT_YOURS)
    web.write(actions.discard, web.actor(), essay.id)
    return web.done("/essays/new")


@blueprint.post("/essays/<slug>/publish")
def publish(slug: str) -> ResponseReturnValue:
    """Publish a draft, publish again what was unpublished, open again what was archived; `reason` is optional."""
    essay, reason, problem = _asked(slug, required=False)
    if problem:
        return _retire_page(essay, "published", reason, problem)
    slug = web.write(actions.release, web.actor(), essay.id, web.settings().publishing, reason)
    return web.done(f"/essays/{slug}")


@blueprint.post("/essays/<slug>/unpublish")
def unpublish(slug: str) -> ResponseReturnValue:
    """Take an essay and its debate out of sight, with a `reason` for the log; nothing of it is lost."""
    return _retire(slug, "unpublished")


@blueprint.post("/essays/<slug>/archive")
def archive(slug: str) -> ResponseReturnValue:
    """Close an essay and its debate for good, with a `reason` for the log: it is read, and nobody writes to it."""
    return _retire(slug, "archived")


def _retire(slug: str, status: str) -> ResponseReturnValue:
    essay, reason, problem = _asked(slug, required=True)
    if problem:
        return _retire_page(essay, status, reason, problem)
    web.write(actions.retire, web.actor(), essay.id, status, reason)
    return web.done(f"/essays/{essay.slug}")


def _asked(slug: str, *, required: bool) -> tuple[Essay, str, str | None]:
    essay = addresses.essay(slug)
    web.permit(rules.may_retire(web.person(), essay), actions.NOT_YOURS)
    reason, problem = noted(web.field("reason"), WHY, required=required)
    return essay, reason, problem


def _retire_page(essay: Essay, status: str, reason: str, problem: str) -> Response:
    errors = {"reason": problem}
    return web.page("essays/retire.html", 422, essay=essay, becomes=status, typed={"reason": reason}, errors=errors)
