"""The site's own pages: about, rules, privacy, contact. Ours stand in until the owner puts a file in their place."""

import logging
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, current_app, request

from debate import web
from debate.text import site
from debate.text.essay import BadText, decode

blueprint = Blueprint("site", __name__)

OURS = Path(__file__).resolve().parent.parent / "site"
MOST_BYTES = 200_000

log = logging.getLogger(__name__)


@blueprint.get("/about", endpoint="about")
@blueprint.get("/rules", endpoint="rules")
@blueprint.get("/privacy", endpoint="privacy")
@blueprint.get("/contact", endpoint="contact")
def show() -> Response:
    """A page of words; `<instance>/pages/about.de.md` or `about.md` takes the place of ours at once."""
    name = request.path.removeprefix("/")
    language = web.language()
    theirs = Path(current_app.instance_path) / "pages"
    candidates = [
        (theirs / f"{name}.{language}.md", language),
        (theirs / f"{name}.md", web.settings().language),
        (OURS / language / f"{name}.md", language),
        (OURS / "en" / f"{name}.md", "en"),
    ]
    for file, its_language in candidates:
        page = _read(file)
        if page is not None:
            return web.page("site/page.html", page=page, page_language=its_language)
    raise FileNotFoundError(name)


def _read(file: Path) -> site.Page | None:
    """The page in a file; None where there is none, or none that can be shown."""
    try:
        kept = file.stat()
        return _parsed(file, kept.st_mtime_ns, kept.st_size)
    except FileNotFoundError:
        return None
    except (OSError, BadText) as error:
        log.warning("%s is not shown: %s", file, error)
        return None


@lru_cache(maxsize=32)
def _parsed(file: Path, _changed: int, size: int) -> site.Page:
    """Read and rendered once for every change of the file."""
    if size > MOST_BYTES:
        raise BadText(f"it is larger than {MOST_BYTES:,} bytes")
    return site.rendered(decode(file.read_bytes()))
