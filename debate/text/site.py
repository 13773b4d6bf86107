"""The pages in which a site's owner speaks, from Markdown: links may stay on the site and may be mail addresses."""

import re
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt

from debate.text import markup

_TAGS = set(markup.REPLY_TAGS) | set("h2 h3 h4 hr table tbody td th thead tr".split())
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Page:
    """A page: its title in plain text, and the rest as safe HTML."""

    title: str
    html: str


def rendered(source: str) -> Page:
    """The page in `source`; its first heading is the title, else its first words are."""
    html = _PARSER.render(markup.tidy(source))
    found = re.search(r"<h1>((?:[^<]|<(?!/?h1))*+)</h1>\s*", html)
    title = markup.excerpt(found[1] if found else html, 200)
    if found:
        html = html[: found.start()] + html[found.end() :]
    return Page(title, _clean(html.replace("<h1>", "<h2>").replace("</h1>", "</h2>")))


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="pass_through",
        link_rel="noopener",
    )
