"""The debate of an essay as an outline."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from debate import addresses, articles, web
from debate.models import User
from debate.queries import debates, outline, texts, users, visits
from debate.queries.outline import FILTERS, Outline, Wanted
from debate.queries.texts import Text

blueprint = Blueprint("tree", __name__)

DEPTHS = {"1": 1, "2": 2, "3": 3, "4": 4, "all": None}


@dataclass(frozen=True)
class Asked:
    """How the address asks for the outline."""

    depth: str
    filters: tuple[str, ...]
    by: str
    page: int

    @property
    def filters_any(self) -> bool:
        return bool(self.filters or self.by)

    def query(self, **other: str | int | tuple[str, ...]) -> str:
        """The query of the address that asks the same but for `other`; empty values are left out."""
        kept = {"depth": self.depth, "filter": self.filters, "by": self.by} | other
        found = urlencode({name: value for name, value in kept.items() if value and value != 1}, doseq=True)
        return f"?{found}" if found else ""


@blueprint.get("/essays/<slug>/tree")
def show(slug: str) -> Response:
    """The whole debate as an outline: three a side under each paragraph, `depth` levels of all, or what a `filter` lets
    through; in pages."""
    essay = addresses.essay(slug)
    asked = _asked()
    text = texts.of(web.reading(), essay)
    writer = users.named(web.reading(), asked.by) if asked.by else None
    seen = visits.fresh(web.reading(), web.person(), essay).seen if "new" in asked.filters else 0
    nobody = bool(asked.by) and writer is None
    found = Outline([], 1, 1, 0) if nobody else _outline(text, asked, writer, seen)
    shown = debates.shown(web.reading(), web.person(), essay, [])
    web.lasts(shown.locks)
    is_best = not asked.depth and not asked.filters_any
    return web.page(
        "essays/tree.html",
        essay=essay,
        text=text,
        outline=found,
        best=articles.sections(shown, text, found.sections) if is_best else [],
        lines=articles.lines(shown, [line for section in found.sections for line in section.lines]),
        asked=asked,
        depths=list(DEPTHS),
        locks=shown.locks,
        unknown=asked.by if nobody else "",
    )


def _asked() -> Asked:
    depth = request.args.get("depth", "")
    given = request.args.getlist("filter")
    return Asked(
        depth=depth if depth in DEPTHS else "",
        filters=tuple(name for name in FILTERS if name in given),
        by=web.storable(request.args.get("by", "")).strip()[:100],
        page=web.page_asked(),
    )


def _outline(text: Text, asked: Asked, writer: User | None, seen: int) -> Outline:
    if asked.filters_any:
        wanted = Wanted(asked.filters, writer, seen, web.person())
        if "new" in asked.filters and web.person() is None:
            return Outline([], 1, 1, 0)
        return outline.filtered(web.reading(), text, wanted, asked.page)
    if asked.depth:
        return outline.everything(web.reading(), text, DEPTHS[asked.depth], asked.page)
    return outline.best(text, asked.page)
