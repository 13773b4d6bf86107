"""People's words to safe HTML, in one place: a small Markdown, sanitised."""

import html as entities
import re
from collections.abc import Iterable
from html.parser import HTMLParser

import nh3

from debate.text import letters, links, parser

REPLY_TAGS = frozenset("a blockquote br code em li ol p pre strong ul".split())

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


def render(source: str) -> str:
    """The safe HTML of a reply: paragraphs, emphasis, links, quotes, lists and code; anything else as it was typed."""
    source = tidy(source)
    tokens = _REPLIES.parse(source)
    if parser.gave_up(tokens):
        return as_typed(source).replace("\n", "<br>\n")
    return clean(_REPLIES.renderer.render(tokens, _REPLIES.options, {})).strip()


def clean(html: str, tags: Iterable[str] = REPLY_TAGS) -> str:
    """`html` with nothing left but `tags`, links to http and https addresses, and the first number of a list."""
    safe = nh3.clean(
        html,
        tags=set(tags),
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        attribute_filter=lambda _tag, name, value: value if name != "href" or links.fits(value) else None,
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel="nofollow ugc noopener",
    )
    return _OVERRIDES.sub("", safe)


def as_typed(source: str) -> str:
    """`source` as one paragraph of HTML, no sign of it taken for markup; line ends stay what they are."""
    return f"<p>{_OVERRIDES.sub('', entities.escape(source, quote=False))}</p>"


def tidy(source: str) -> str:
    """What is stored of what was typed: one kind of line end, no controls, no characters that disguise the text."""
    return undisguised(_SURROGATES.sub("\ufffd", source.replace("\r\n", "\n").replace("\r", "\n"))).rstrip()


def undisguised(source: str) -> str:
    """`source` without controls but for line ends and tabs, and without what turns text around or hides in it."""
    return _LOOSE_JOINERS.sub("", _UNWANTED.sub("", source))


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


_REPLIES = parser.Parser(name_hosts=True).disable(["heading", "lheading", "hr", "image", "reference"])
_REPLIES.options["breaks"] = True
