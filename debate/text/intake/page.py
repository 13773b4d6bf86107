"""A page of HTML: its article in our Markdown, and the title, author and language it gives."""

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from html import escape
from urllib.parse import urljoin

from debate.text import letters
from debate.text.intake import article, blocks, building, inline, limits, notes, tree
from debate.text.intake.given import Found, without_controls
from debate.text.intake.slim import NUMBER, NUMBER_END
from debate.text.intake.tree import Element

TITLE_LIMIT = 300

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(
    rb"<meta[^>]{0,400}?charset\s*+=\s*+[\"']?\s*+([\w.:-]{1,40})|<\?xml[^>]{0,200}encoding\s*+=\s*+[\"']([\w.:-]{1,40})",
    re.I,
)
# What pages may say they are written in; browsers read Latin-1 and ASCII as Windows-1252, too.
_ENCODINGS = re.compile(
    r"utf-?8|windows-125\d|cp125\d|iso-?8859-\d{1,2}|koi8-[ru]|macintosh|x-mac-cyrillic|ibm866|gbk|gb2312|gb18030|big5|"
    r"euc-jp|euc-kr|shift[-_]jis|iso-2022-jp",
    re.I,
)
_ITEM_NUMBER = re.compile(f"{NUMBER}(\\d{{1,9}}){NUMBER_END}")
_WESTERN = re.compile(r"iso-?8859-1|latin-?1|us-ascii|ascii", re.I)


def decode(data: bytes, left_out: Counter[str]) -> str:
    """The text of a page, by its byte order mark, by what it says of itself, as UTF-8, or as Windows-1252."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            left_out["undecoded"] += text.count("\ufffd")
            return text
    for encoding in (*_said(data), "utf-8"):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    text = data.decode("windows-1252", "replace")
    left_out["undecoded"] += text.count("\ufffd")
    return text


def _said(data: bytes) -> Iterable[str]:
    if found := _CHARSET.search(data[:4096]):
        name = (found[1] or found[2]).decode("ascii", "replace")
        if _WESTERN.fullmatch(name):
            yield "windows-1252"
        elif _ENCODINGS.fullmatch(name):
            yield "mac_roman" if name.lower() == "macintosh" else name


def read(page: str, left_out: Counter[str] | None = None) -> Found:
    """The article of a page; raises Unreadable."""
    left_out = Counter() if left_out is None else left_out
    html = tree.read(without_controls(page, left_out))
    limits.go_on()
    _number_items(html)
    found = Found("", left_out=left_out, language=html.get("lang") or html.get("xml:lang"))
    said = {
        (each.get("name") or each.get("property")).lower(): each.get("content")
        for each in html.elements()
        if each.tag == "meta"
    }
    base = _base(html)
    headings = [each for each in html.elements() if each.tag == "h1"]
    root = article.find(html, left_out)
    found_notes = notes.find(root)
    found.title = _title(html, root, headings, said, found_notes)
    found.author = _author(html, root, said)
    content = building.build(root, found_notes, base, left_out)
    if said.get("generator", "").startswith("LibreOffice"):
        content = _with_quotes_joined(content)
    _drop_repeated(content, found.title)
    _drop_repeated(content, found.author)
    found.text = blocks.write(content, left_out)
    return found


def _number_items(html: Element) -> None:
    """Gives list items the numbers that stand before their words, as slim writes them."""
    for each in html.elements():
        for place, child in enumerate(each.children):
            if isinstance(child, str) and (number := _ITEM_NUMBER.match(child)):
                each.children[place] = child[number.end() :]
                item = next((above for above in (each, *each.ancestors()) if above.tag == "li"), None)
                if item is not None:
                    item.attributes["value"] = number[1]


def document(body: str, said: dict[str, str], maker: str) -> str:
    """A page for what a word processor made: `said` is what stands in its metadata."""
    head = (
        f'<title>{escape(said.get("title", ""))}</title><meta name=author content="{escape(said.get("author", ""))}">'
    )
    language = escape(said.get("language", ""))
    return (
        f'<html lang="{language}"><head>{head}<meta name=generator content="{maker}"></head><body>{body}</body></html>'
    )


def _base(html: Element) -> str:
    canonical = next(
        (each.get("href") for each in html.elements() if each.tag == "link" and each.says("rel", "canonical")), ""
    )
    base = next((each.get("href") for each in html.elements() if each.tag == "base"), "")
    address = urljoin(canonical, base) if base else canonical
    return address if inline.is_address(address) else ""


def _title(
    html: Element, root: Element, headings: list[Element], said: dict[str, str], found_notes: notes.Notes
) -> str:
    """The title, taken out of the text if it stands there as a heading of the first level."""
    page_title = next((each.words() for each in html.elements() if each.tag == "title" and _in_head(each)), "")
    inside = [each for each in root.elements() if each.tag == "h1" and letters.visible(each.words())]
    marked = [each for each in inside if each.says("class", "title")]
    named = [each for each in inside if each.words() and each.words() in page_title]
    if chosen := next(iter(marked or (inside if len(inside) == 1 else named)), None):
        for each in [each for each in chosen.elements() if id(each) in found_notes.references]:
            each.remove()
        if len(chosen.words()) <= TITLE_LIMIT and _stands_first(chosen, root):
            title = chosen.words()
            chosen.remove()
            return title
    if not marked and said.get("generator") == "pandoc":
        page_title = ""  # it puts the name of the file there if there is no title
    outside = [each.words() for each in headings if each.words() and each.words() in page_title]
    title = (outside or [said.get("og:title", "") or page_title])[0]
    return " ".join(title.split())[:TITLE_LIMIT] if letters.visible(title) else ""


def _in_head(title: Element) -> bool:
    return not any(above.tag == "svg" for above in title.ancestors())


def _stands_first(heading: Element, root: Element) -> bool:
    """True if no running text comes before the heading; a line above it or a picture may."""
    before = 0
    for each in root.walk():
        if each is heading:
            return before < TITLE_LIMIT
        before += len(each.strip()) if isinstance(each, str) else 0
    return False


def _author(html: Element, root: Element, said: dict[str, str]) -> str:
    names = [said.get(name, "") for name in ("author", "dc.creator", "dcterms.creator", "article:author")]
    names = [name for name in names if letters.visible(name) and not name.startswith("http")]
    # As pandoc writes it, under the title.
    for each in [each for each in root.elements() if each.tag == "p" and each.says("class", "author")]:
        if each.parent and each.parent.get("id") == "title-block-header":
            names.append(each.words())
            each.remove()
    if not names:
        names = [each.words() for each in html.elements() if each.tag == "a" and each.says("rel", "author")]
    return " ".join(names[0].split())[:TITLE_LIMIT] if names else ""


def _with_quotes_joined(content: list[blocks.Block]) -> list[blocks.Block]:
    """LibreOffice makes a quote of every paragraph of one."""
    joined: list[blocks.Block] = []
    for block in content:
        if isinstance(block, blocks.Quote) and joined and isinstance(joined[-1], blocks.Quote):
            joined[-1].blocks += block.blocks
        else:
            joined.append(block)
    return joined


def _drop_repeated(content: list[blocks.Block], title: str) -> None:
    """A title or a name that was found beside the text need not begin it as well."""
    first = content[0] if content else None
    if len(content) < 2 or not isinstance(first, blocks.Heading | blocks.Paragraph):
        return
    if title and inline.words(first.inlines).casefold() == title.casefold():
        del content[0]
