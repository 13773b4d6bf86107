"""Markdown as people may use it here: every link goes to the web and says so, and no text keeps the server busy."""

import re
from collections.abc import Iterable
from functools import partial

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from debate.text import letters, links

# How deep quotes and lists may stand in each other: two levels for a list, one for a quote. Markdown-it drops what is
# deeper, so what reaches the limit is shown as it was typed instead.
_NESTING = 20
# What a whole text may cost the parser: in signs that could open or close something, and in addresses, each of which
# may make it search the rest of its paragraph. An essay of 1,000,000 characters with a link every line needs about as
# many; what goes beyond is shown as it was typed.
_SIGNS_MAX = 60_000
_SEARCHED_MAX = 5_000_000
_PARAGRAPH_MAX = 100_000
_SIGNS = "[]*_`<&!\\"
_LEFT_ALONE = "text"


class Parser(MarkdownIt):
    """Markdown whose links all go to http or https addresses, and which no text can keep busy for long."""

    def __init__(self, name_hosts: bool) -> None:
        """With `name_hosts` the host of a link stands after it, unless its own text begins with it."""
        super().__init__("commonmark", {"html": False, "linkify": True, "maxNesting": _NESTING})
        self.enable("linkify")
        self.core.ruler.push("settle_links", partial(_settle_links, name_hosts=name_hosts))
        self.core.ruler.at("inline", _parse_inline)
        if self.linkify:
            # Only whole addresses become links: "e.g.it" and a@b.example are not what their writer pointed at.
            self.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
            for scheme in ("ftp:", "//", "mailto:"):
                self.linkify.add(scheme, None)

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return links.fits(url)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 - the library's name
        # As typed: decoding it for show could bring out the very characters that `tidy` takes away.
        return link


def gave_up(tokens: Iterable[Token]) -> bool:
    """True if the parser left something of a text unread, so that it must be shown as it was typed."""
    containers = ("blockquote_open", "list_item_open")
    return any(
        token.type == _LEFT_ALONE or (token.level >= _NESTING - 1 and token.type in containers) for token in tokens
    )


def _parse_inline(state: StateCore) -> None:
    """In place of markdown-it's own rule: reads paragraphs as long as the text stays within what it may cost."""
    signs_left, search_left = _SIGNS_MAX, _SEARCHED_MAX
    for token in state.tokens:
        if token.type != "inline":
            continue
        signs = sum(token.content.count(sign) for sign in _SIGNS)
        search = token.content.count("://") * len(token.content)
        if signs > signs_left or search > search_left or len(token.content) > _PARAGRAPH_MAX:
            token.type = _LEFT_ALONE
            continue
        signs_left, search_left = signs_left - signs, search_left - search
        token.children = state.md.inline.parse(token.content, state.md, state.env, [])


def _settle_links(state: StateCore, name_hosts: bool) -> None:
    for token in state.tokens:
        if token.type != "inline" or not token.children:
            continue
        settled: list[Token] = []
        start = 0
        for child in token.children:
            settled.append(child)
            if child.type == "link_open":
                start = len(settled) - 1
            elif child.type == "link_close":
                settled[start:] = _settled(settled[start:], name_hosts)
        token.children = settled


def _settled(link: list[Token], name_hosts: bool) -> list[Token]:
    """The tokens of one link, so that its reader sees where it goes."""
    opening, *inside, closing = link
    href = str(opening.attrs["href"])
    try:
        host = links.host(href)
    except links.BadLink:
        before, after = ("<", ">") if opening.info == "auto" else ("[", f"]({href})")
        return [_text(before), *inside, _text(after)]
    text = "".join(part.content for part in inside)
    if _begins_with(text, host):
        return link
    if opening.info == "auto" or not letters.visible(text):
        return [opening, _text(href), closing]
    return [*link, _text(f" ({host})")] if name_hosts else link


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _begins_with(text: str, host: str) -> bool:
    bare = re.sub(r"^(https?://)?(www\.)?", "", text.strip().casefold())
    return bare.startswith(host) and bare[len(host) : len(host) + 1] in ("", "/", "?", "#")
