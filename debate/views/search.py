"""Searching what was said."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from debate import addresses, web
from debate.queries import search, users
from debate.queries.search import KINDS, Match, Sought
from debate.text.terms import query

blueprint = Blueprint("search", __name__)

PAGE = 20
FEW = 5  # of each other kind, where all kinds are shown
LONGEST = 1000  # characters of a query that are looked at


@dataclass(frozen=True)
class Found:
    """What was found of one kind; `more` is the id to go on from, if there is more."""

    kind: str
    matches: list[Match]
    more: int | None


@blueprint.get("/search")
def index() -> Response:
    """Paragraphs, replies and sources that match `q`; `in` is a kind, `by` a writer, `side` and `essay` narrow it."""
    form = {
        name: web.storable(request.args.get(name, "")).strip()[:LONGEST] for name in ("q", "in", "by", "side", "essay")
    }
    asked = query(form["q"])
    writer = users.named(web.reading(), form["by"]) if form["by"] else None
    essay = addresses.essay_named(form["essay"])
    unknown = [name for name, thing in (("by", writer), ("essay", essay)) if form[name] and thing is None]
    wanted = Sought(asked, writer, form["side"] if form["side"] in ("pro", "con") else "", essay)
    # Words that say nothing, and people or essays that are not there, find nothing, not everything.
    nothing = bool(unknown) or (bool(form["q"]) and not asked)
    return web.page(
        "search/index.html",
        form=form,
        found=[] if nothing else _found(wanted, form["in"]),
        query=asked,
        onward=_onward,
        tried=bool(wanted) or nothing,
        unknown=unknown,
        essay=essay,
    )


def _onward(form: dict[str, str], part: Found) -> str:
    """The address of what follows of one kind: from its beginning where only a few of it were shown."""
    before = {"before": part.more} if part.kind == form["in"] or part.kind == "replies" else {}
    asked = {name: value for name, value in form.items() if value}
    return f"/search?{urlencode(asked | {'in': part.kind} | before)}"


def _found(wanted: Sought, kind: str) -> list[Found]:
    kinds = (kind,) if kind in KINDS else KINDS
    if not wanted:
        return []
    before = web.row_id(request.args.get("before", "")) if kind in KINDS else None
    within = search.languages(web.reading()) if wanted.query else []
    found = []
    for each in kinds:
        size = PAGE if each == kind or (each == "replies" and kind not in KINDS) else FEW
        matches = search.matches(web.reading(), wanted, each, within, before=before, limit=size + 1)
        found.append(Found(each, matches[:size], matches[size - 1].id if len(matches) > size else None))
    return [each for each in found if each.matches]
