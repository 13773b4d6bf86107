"""What stands at an address for who asks: the thing, or why there is nothing to see."""

import hashlib
import hmac

from flask import abort, redirect, request

from debate import rules, web
from debate.models import Essay, Paragraph, Reply
from debate.models.essays import DRAFT
from debate.queries import essays, replies, rulings
from debate.refusals import Archived, Unpublished


def essay(slug: str) -> Essay:
    """The essay at an address. 404 where there is none that this person may know of; raises Unpublished."""
    found = essays.by_slug(web.reading(), slug)
    if found is None and slug.startswith(DRAFT):
        found = _published_since(slug.removeprefix(DRAFT).partition("_")[0])
    if found is None or not _is_there(found):
        abort(404)
    return found


def _published_since(number: str) -> Essay | None:
    """The essay that was a draft at an address, which sends whoever reads it there to where it is now."""
    essay_id = web.row_id(number)
    found = essays.by_id(web.reading(), essay_id) if essay_id is not None else None
    if found is None or not found.is_public:
        return None
    if request.method != "POST":
        abort(redirect(f"/essays/{found.slug}", 303))
    return found


def essay_named(slug: str) -> Essay | None:
    """The essay that somebody means by its address, to look for something in it; None where it is nobody's to know."""
    found = essays.by_slug(web.reading(), slug[:100]) if slug else None
    return found if found is not None and rules.may_see_essay(web.person(), found) else None


def secret_link(of: Essay) -> str:
    """The path at which whoever knows it reads a draft."""
    return f"/drafts/{of.id}/{token_of(of)}"


def token_of(of: Essay) -> str:
    """What the secret link of a draft ends in: nobody makes it without the site's key, or from the database alone."""
    said = f"draft {of.id} {of.share}"
    return hmac.digest(web.settings().secret_key.encode(), said.encode(), hashlib.sha256).hex()[:40]


def paragraph(slug: str, key: str) -> Paragraph:
    """A paragraph, in the text or no longer, with its essay; or the same."""
    return web.found(essays.paragraph_at(web.reading(), essay(slug), key))


def reply(reply_id: int, *, own_too: bool = False) -> Reply:
    """A reply with its place, or the same. With `own_too` its writer has it still where the essay was unpublished."""
    found = replies.by_id(web.reading(), reply_id) if reply_id < 2**31 else None
    if found is None or not rules.may_see(web.person(), found):
        abort(404)
    if not (own_too and rules.is_own(web.person(), found)) and not _is_there(found.essay):
        abort(404)
    return found


def must_be_live(of: Essay) -> None:
    """Raises Archived where nobody writes any more, Unpublished where nobody does for now; 404 for a draft."""
    if of.status == "archived":
        raise Archived(of)
    if of.status == "unpublished":
        raise Unpublished(of, rulings.retirement(web.reading(), of))
    if of.status == "draft":
        abort(404)


def _is_there(found: Essay) -> bool:
    """Whether this person may know of an essay; raises Unpublished where it was once for all to read."""
    if rules.may_see_essay(web.person(), found):
        return True
    if found.status == "unpublished":
        raise Unpublished(found, rulings.retirement(web.reading(), found))
    return False
