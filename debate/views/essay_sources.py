"""The sources of an essay: what its debate cites, for which side, how that is spread; and taking them out."""

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from flask_babel import ngettext

from debate import addresses, web
from debate.models.evidence import KINDS
from debate.queries import evidence, texts
from debate.queries.evidence import SIDES, SORTS, STATES, Cited, Wanted
from debate.text import bibliography, identifiers
from debate.text.bibliography import Reference

blueprint = Blueprint("essay_sources", __name__)


@blueprint.get("/essays/<slug>/sources")
def show(slug: str) -> Response:
    """What is cited in the debate of an essay, how often, by which side, and how that is spread over its paragraphs."""
    essay = addresses.essay(slug)
    page = web.page_asked()
    wanted = _wanted()
    text = texts.of(web.reading(), essay)
    cited, is_more = evidence.cited_in(web.reading(), essay, wanted, page)
    return web.page(
        "sources/essay.html",
        essay=essay,
        text=text,
        cited=cited,
        wanted=wanted,
        page=page,
        is_more=is_more,
        totals=evidence.totals(web.reading(), essay),
        spread=text.evidence,
    )


def _wanted() -> Wanted:
    sort, kind, side, state = (request.args.get(name, "") for name in ("sort", "kind", "side", "state"))
    return Wanted(
        sort if sort in SORTS else "cited",
        kind if kind in KINDS else "",
        side if side in SIDES else "",
        state if state in STATES else "",
    )


@blueprint.get("/essays/<slug>/sources.<any(bib, json, txt):form>")
def take_out(slug: str, form: str) -> Response:
    """The same as a file: BibTeX, CSL-JSON, or a list to read."""
    essay = addresses.essay(slug)
    references = [_reference(cited) for cited in evidence.all_cited_in(web.reading(), essay)]
    if form == "json":
        answer = jsonify(bibliography.csl(references))
        answer.mimetype = "application/vnd.citationstyles.csl+json"
    else:
        words = bibliography.bibtex(references) if form == "bib" else bibliography.plain(references)
        kind = "application/x-bibtex" if form == "bib" else "text/plain"
        answer = Response(words, content_type=f"{kind}; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{essay.slug}-sources.{form}")
    return answer


def _reference(cited: Cited) -> Reference:
    source, citing = cited.source, cited.citing
    times = ngettext("Cited %(n)s time", "Cited %(n)s times", citing.count, n=citing.count)
    sides = _("%(pro)s for, %(con)s against", pro=citing.pro, con=citing.con)
    return Reference(
        number=source.id,
        scheme=source.scheme,
        canonical=source.canonical,
        url=identifiers.link(source.scheme, source.canonical),
        title=source.title or identifiers.shown(source.scheme, source.canonical),
        authors=tuple(author.strip() for author in source.authors.split(";") if author.strip()),
        year=source.year,
        publisher=source.publisher,
        kind=source.kind,
        archive_url=source.archive_url,
        note=f"{times}: {sides}. {web.origin()}/sources/{source.id}",
    )
