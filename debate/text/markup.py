"""People's words to safe HTML, in one place: a small Markdown, sanitised."""

import html as entities
import re
from collections.abc import Iterable
from html.parser import HTMLParser

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from debate.text import letters, links

REPLY_TAGS = frozenset("a blockquote br code em li ol p pre strong ul".split())

# How deep quotes and lists may stand in each other: two levels for a list, one for a quote. Markdown-it drops what is
# deeper, so what reaches the limit is shown as it was typed instead.
NESTING = 20
# What a whole text may cost the parser: in signs that could open or close something, and in addresses, each of which
# may make it search the rest of its paragraph. An essay of 1,000,000 characters with a link every line needs about as
# many; what goes beyond is shown as it was typed.
_SIGNS_MAX = 60_000
_SEARCHED_MAX = 5_000_000
_PARAGRAPH_MAX = 100_000
_SIGNS = "[]*_`<&!\\"
_LEFT_ALONE = "text"

# Characters that turn the text around them, and tags that carry text unseen: nobody needs them to say something here.
_TURNING = "\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f"
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff"
_UNWANTED = re.compile(f"[{_CONTROLS}{_TURNING}\u061c\u200b\u200e\u200f\u2060\ufeff]")
_OVERRIDES = re.compile(f"[{_TURNING}]")
# Joiners spell Persian and Hindi words and hold emoji together; beside ASCII they only disguise.
_JOINED = r"[^\x00-\x7f\s\u200c\u200d]"
_LOOSE_JOINERS = re.compile(rf"(?<!{_JOINED})[\u200c\u200d]++|[\u200c\u200d]++(?!{_JOINED})")
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLOCKS = frozenset("blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table td th tr ul".split())


class Parser(MarkdownIt):
    """Markdown whose links all go to http or https addresses, and which no text can keep busy for long."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False, "linkify": True, "maxNesting": NESTING})
        self.enable("linkify")
        self.core.ruler.at("inline", _parse_inline)
        if self.linkify:
            # Only whole addresses become links: "e.g.it" and a@b.example are not what their writer pointed at.
            self.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
            for scheme in ("ftp:", "//", "mailto:"):
                self.linkify.add(scheme, None)

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return _is_link(url)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 - the library's name
        # As typed: decoding it for show could bring out the very characters that `tidy` takes away.
        return link


def render(source: str) -> str:
    """The safe HTML of a reply: paragraphs, emphasis, links, quotes, lists and code; anything else as it was typed."""
    source = tidy(source)
    tokens = _REPLIES.parse(source)
    if gave_up(tokens):
        return as_typed(source).replace("\n", "<br>\n")
    return clean(_REPLIES.renderer.render(tokens, _REPLIES.options, {})).strip()


def clean(html: str, tags: Iterable[str] = REPLY_TAGS) -> str:
    """`html` with nothing left but `tags`, links to http and https addresses, and the first number of a list."""
    safe = nh3.clean(
        html,
        tags=set(tags),
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        attribute_filter=lambda _tag, name, value: value if name != "href" or _is_link(value) else None,
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel="nofollow ugc noopener",
    )
    return _OVERRIDES.sub("", safe)


def as_typed(source: str) -> str:
    """`source` as one paragraph of HTML, no sign of it taken for markup; line ends stay what they are."""
    return f"<p>{entities.escape(source, quote=False)}</p>"


def gave_up(tokens: Iterable[Token]) -> bool:
    """True if the parser left something of a text unread, so that it must be shown as it was typed."""
    containers = ("blockquote_open", "list_item_open")
    return any(
        token.type == _LEFT_ALONE or (token.level >= NESTING - 1 and token.type in containers) for token in tokens
    )


def tidy(source: str) -> str:
    """What is stored of what was typed: one kind of line end, no controls, no characters that disguise the text."""
    source = _SURROGATES.sub("\ufffd", source.replace("\r\n", "\n").replace("\r", "\n"))
    return _LOOSE_JOINERS.sub("", _UNWANTED.sub("", source)).rstrip()


def is_blank(source: str) -> bool:
    """True if `source` shows nothing: white space, invisible characters, or HTML's names for them."""
    return not letters.visible(entities.unescape(source))


def excerpt(html: str, limit: int = 90) -> str:
    """The beginning of rendered HTML as one line of text of at most `limit` characters, cut at a word with "…".

    This is text, not HTML: what was escaped no longer is. Escape it again wherever it is shown, and never parse it.
    """
    reader = _Words()
    reader.feed(html)
    reader.close()
    words = " ".join("".join(reader.found).split())
    if len(words) <= limit:
        return words
    end = words.rfind(" ", limit // 2, limit)
    # Where no word ends in the latter half, as in Chinese, the cut goes through what is there.
    return words[: end if end > 0 else limit - 1] + "…"


class _Words(HTMLParser):
    """Collects the text of HTML, with a space wherever a block begins or ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(" " if tag in _BLOCKS else "")

    def handle_endtag(self, tag: str) -> None:
        self.handle_starttag(tag, [])


def _is_link(url: str) -> bool:
    try:
        links.check(url)
    except links.BadLink:
        return False
    return True


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


def _show_hosts(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            token.children = _with_hosts(token.children or [])


def _with_hosts(children: list[Token]) -> list[Token]:
    """The tokens of a paragraph, with its host after each link whose own text does not begin with it."""
    shown: list[Token] = []
    start = 0
    for token in children:
        shown.append(token)
        if token.type == "link_open":
            start = len(shown)
        elif token.type == "link_close":
            opening, inside = shown[start - 1], shown[start:-1]
            host = links.host(str(opening.attrs["href"]))
            text = "".join(part.content for part in inside)
            if _begins_with(text, host):
                continue
            if opening.info == "auto" or not letters.visible(text):
                shown[start:] = [Token("text", "", 0, content=str(opening.attrs["href"])), token]
            else:
                shown.append(Token("text", "", 0, content=f" ({host})"))
    return shown


def _begins_with(text: str, host: str) -> bool:
    bare = re.sub(r"^(https?://)?(www\.)?", "", text.strip().casefold())
    return bare.startswith(host) and bare[len(host) : len(host) + 1] in ("", "/", "?", "#")


_REPLIES = Parser().disable(["heading", "lheading", "hr", "image", "reference"])
_REPLIES.options["breaks"] = True
_REPLIES.core.ruler.push("hosts", _show_hosts)
