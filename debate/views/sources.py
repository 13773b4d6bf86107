"""One source: every citation of it, what it is called, what it is counted as."""

from typing import Any

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from debate import rules, web
from debate.actions import sources as actions
from debate.forms import described, noted
from debate.models import Source
from debate.models.evidence import DESCRIPTION
from debate.queries import sources
from debate.queries.sources import Used
from debate.refusals import Invalid, Outdated
from debate.text import identifiers
from debate.text.links import BadLink
from debate.text.message import N_

blueprint = Blueprint("sources", __name__)


@blueprint.get("/sources")
def look_up() -> Response:
    """Whether a thing is cited here: by its address, DOI, ISBN or arXiv number."""
    given = web.storable(request.args.get("url", "") or request.args.get("source_url", ""))
    looked, problem = None, ""
    if given.strip():
        try:
            looked = sources.looked_up(web.reading(), identifiers.recognise(given))
        except BadLink as error:
            problem = error.args[0]
    if web.wants_fragment():
        return web.fragment("sources/_looked.html", looked=looked, problem=problem)
    return web.page("sources/look_up.html", given=given, looked=looked, problem=problem)


@blueprint.get("/sources/<int:source_id>")
def show(source_id: int) -> ResponseReturnValue:
    """A source with every citation of it; one that was merged leads to what it counts as."""
    source, used = _head(source_id)
    return _show(source, used) if source.id == source_id else web.see(f"/sources/{source.id}")


def _show(source: Source, used: Used, status: int = 200, **inputs: Any) -> Response:
    page = web.page_asked()
    citations, is_more = sources.citations(web.reading(), source, used, page)
    shown = {
        "source": source,
        "used": used,
        "citations": citations,
        "page": page,
        "is_more": is_more,
        "merged": sources.merged(web.reading(), source, every=rules.may_merge(web.person())),
        "edits": sources.edits(web.reading(), source),
        "fields": DESCRIPTION,
        "merge": {"typed": {"into": "", "note": ""}, "errors": {}},
    }
    return web.page("sources/show.html", status, **shown | inputs)


@blueprint.route("/sources/<int:source_id>/edit", methods=["GET", "POST"])
def edit(source_id: int) -> ResponseReturnValue:
    """Describe a source: what it is called, by whom, when, where; where there is a copy of it."""
    source, _used = _head(source_id)
    who = web.person()
    if who is None:
        return web.to_login(request.path)
    web.permit(rules.may_write(who), N_("You cannot describe sources now."))
    if request.method == "GET":
        typed = {name: _said(source, name) for name in DESCRIPTION}
        return _edit_form(source, typed, source.edits)
    typed = {name: web.field(name) for name in DESCRIPTION}
    seen = web.row_id(web.field("edit")) or 0
    said, errors = described(typed)
    if said is None:
        return _edit_form(source, typed, seen, 422, errors=errors)
    try:
        web.write(actions.describe, web.actor(), source.id, said, seen)
    except Outdated:
        source, _used = _head(source_id)
        others = {name: _said(source, name) for name in DESCRIPTION if _said(source, name) != typed[name]}
        return _edit_form(source, typed, source.edits, 409, others=others)
    return web.see(f"/sources/{source.id}")


def _edit_form(source: Source, typed: dict[str, str], edit: int, status: int = 200, **wrong: Any) -> Response:
    inputs = {"source": source, "typed": typed, "edit": edit, "errors": {}, "others": {}} | wrong
    return web.page("sources/edit.html", status, **inputs)


def _said(source: Source, name: str) -> str:
    value = getattr(source, name)
    return "" if value is None else str(value)


@blueprint.post("/sources/<int:source_id>/merge")
def merge(source_id: int) -> ResponseReturnValue:
    """Count a source as another one, by its number or by what it is."""
    source, used = _head(source_id)
    web.permit(rules.may_merge(web.person()), actions.ONLY_MODERATORS)
    typed = {"into": web.field("into").strip(), "note": web.field("note")}
    note, problem = noted(typed["note"], N_("Enter a note that says why."), required=True)
    errors: dict[str, str] = {"note": problem} if problem else {}
    into = _named(typed["into"])
    if into is None:
        errors["into"] = N_("Enter the number of another source, its address, DOI, ISBN or arXiv number.")
    if errors or into is None:
        return _show(source, used, 422, merge={"typed": typed, "errors": errors})
    try:
        web.write(actions.merge, web.actor(), source.id, into.id, note)
    except Invalid as refused:
        return _show(*_head(source_id), 422, merge={"typed": typed, "errors": refused.errors})
    return web.done(f"/sources/{into.id}")


def _named(given: str) -> Source | None:
    """The source that a moderator means by its number or by what it is: what that counts as."""
    number = web.row_id(given.removeprefix("#"))
    if number is not None:
        source = sources.by_id(web.reading(), number)
        return sources.head(web.reading(), source) if source is not None else None
    try:
        return sources.known(web.reading(), identifiers.recognise(given))
    except BadLink:
        return None


@blueprint.post("/sources/<int:source_id>/separate")
def separate(source_id: int) -> ResponseReturnValue:
    """Take back a merge."""
    source, _used = _source(source_id)
    web.permit(rules.may_merge(web.person()), actions.ONLY_MODERATORS)
    note, problem = noted(web.field("note"), "", required=False)
    if problem:
        raise Invalid({"note": problem})
    web.write(actions.separate, web.actor(), source.id, note)
    return web.done(f"/sources/{source.id}")


@blueprint.post("/sources/<int:source_id>/edits/<int:number>")
def hide_edit(source_id: int, number: int) -> ResponseReturnValue:
    """Hide an earlier description from all but moderators (`hidden` 1), or show it again (0)."""
    source, _used = _source(source_id)
    web.permit(rules.may_merge(web.person()), actions.ONLY_MODERATORS)
    hidden = web.field("hidden")
    note, problem = noted(web.field("note"), N_("Enter a note that says why."), required=hidden == "1")
    if problem or hidden not in ("0", "1") or number >= 2**31:
        raise Invalid({"note": problem or N_("Choose whether it is hidden.")})
    web.write(actions.hide_edit, web.actor(), source.id, number, note, hidden=hidden == "1")
    return web.done(f"/sources/{source.id}#history")


def _head(source_id: int) -> tuple[Source, Used]:
    """What a source counts as, and how that is used; or 404."""
    source, used = _source(source_id)
    return sources.head(web.reading(), source), used


def _source(source_id: int) -> tuple[Source, Used]:
    """The source, and how what it counts as is used; or 404 where no visible reply cites that: what only a held or
    hidden one does is nobody's to know."""
    source = sources.by_id(web.reading(), source_id) if source_id < 2**31 else None
    used = sources.used(web.reading(), sources.head(web.reading(), source)) if source is not None else Used()
    if source is None or not used.count:
        abort(404)
    return source, used
