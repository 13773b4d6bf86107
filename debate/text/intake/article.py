"""The article on a page: what is its text and what only stands around it. When in doubt, it is text."""

import re
from collections import Counter
from collections.abc import Iterable

from debate.text.intake.tree import Element

# Never text, on any page. What they hold is counted by its kind in given.LEFT_OUT; None is not worth a word.
_NEVER = {
    "script": None, "style": None, "template": None, "link": None, "meta": None, "base": None, "head": None,
    "iframe": "frame", "frame": "frame", "frameset": "frame", "object": "frame", "embed": "frame", "portal": "frame",
    "video": "media", "audio": "media", "canvas": "drawing", "map": None,
    "button": "field", "input": "field", "select": "field", "textarea": "field", "datalist": None,
    "progress": None, "meter": None, "dialog": "hidden", "noscript": "hidden",
}  # fmt: skip
_AROUND = frozenset("nav aside footer menu".split())
_AROUND_ROLES = ("navigation", "complementary", "contentinfo", "banner", "search", "menu", "menubar", "dialog", "alert")
# Whole words of a class or an id that say: this is not the article.
_AROUND_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|breadcrumbs?|sidebar|comments?|commentlist|disqus|respond|cookies?|consent|"
    r"gdpr|newsletter|skip-link|screen-reader-text|mw-editsection|toc|site-header|site-footer|masthead|toolbar|taboola|"
    r"outbrain)(?:$|[\s_-])",
    re.I,
)
# Words that an author may use as well: they count where there are links, and hardly any running text.
_DOUBTFUL_NAMES = re.compile(
    r"(?:^|[\s_-])(?:menu|share|sharing|sharedaddy|social|addtoany|subscribe|related|recommended|promo|advert|"
    r"advertisement|ads|sponsored|pagination|pager|print-footer|popup|modal|paywall)(?:$|[\s_-])",
    re.I,
)
_COMMENT = re.compile(r"(?:^|[\s_-])comment(?:$|[\s_-])", re.I)
_DOUBTFUL_PROSE_MAX = 200
_PROSE = frozenset("p blockquote pre li dd td h1 h2 h3 h4 h5 h6 figcaption".split())
# A wrapper whose name speaks of comments may still be the page: what holds so much of the text is never dropped.
_SHARE_MAX = 0.3
_ROOT_SHARE = 0.6


def find(page: Element, left_out: Counter[str]) -> Element:
    """The element of `page` that is the article, with all that is no text taken out of it and counted."""
    body = next((each for each in page.elements() if each.tag == "body"), page)
    _drop_unreadable(body, left_out)
    whole = _size(body.words())
    if _is_document(page, body):
        for each in [
            each for each in body.elements() if each.tag == "div" and each.get("title") in ("header", "footer")
        ]:
            left_out["margin"] += bool(each.words())
            each.remove()
        return body
    root = _root(body)
    _drop_around(root, whole, root is not body)
    left_out["around"] += whole - _size(root.words())
    return root


def _is_document(page: Element, body: Element) -> bool:
    """True if a word processor or converter made the page: then all of it is text."""
    makers = (each.get("content") for each in page.elements() if each.tag == "meta" and each.get("name") == "generator")
    if any(re.match(r"LibreOffice|OpenOffice|pandoc|Microsoft Word|Google Docs|AbiWord", maker) for maker in makers):
        return True
    return not any(each.tag in _AROUND | {"header", "main", "article"} or _named(each) for each in body.elements())


def _size(words: str) -> int:
    return words.count(" ") + 1 if words else 0


def _drop_unreadable(body: Element, left_out: Counter[str]) -> None:
    stack = list(body.children)
    while stack:
        each = stack.pop()
        if isinstance(each, str):
            continue
        if each.tag == "form" and not _holds_prose(each):
            left_out["form"] += 1
        elif each.tag in _NEVER:
            _count(each, _NEVER[each.tag], left_out)
        elif each.hidden() and not _is_pseudo_hidden(each):
            _count(each, "hidden", left_out)
        else:
            stack.extend(each.children)
            continue
        each.remove()


def _count(element: Element, kind: str | None, left_out: Counter[str]) -> None:
    if kind == "hidden":
        left_out[kind] += _size(element.words())
    elif kind and element.get("type") != "hidden":
        left_out[kind] += 1


def _is_pseudo_hidden(element: Element) -> bool:
    # Browsers show the first part of <details>, and open it on demand: what is folded away is text.
    return element.get("hidden") == "until-found"


def _holds_prose(form: Element) -> bool:
    """True for the form that some programs put around the whole page."""
    words = " ".join(each.words() for each in form.elements() if each.tag in ("p", "article", "main", "blockquote"))
    return len(words) > 200


def _root(body: Element) -> Element:
    whole = _prose(body)
    for candidates in (_tagged(body, "article"), _item_bodies(body), _mains(body)):
        # An article may hold others, such as comments: the outermost ones are looked at.
        fit = [each for each in candidates if not any(_around(above) for above in (each, *each.ancestors()))]
        sizes = [(_prose(each), each) for each in _outermost(fit)]
        if sizes:
            size, largest = max(sizes, key=lambda pair: pair[0])
            if size >= _ROOT_SHARE * whole:
                return largest
    return body


def _tagged(body: Element, tag: str) -> list[Element]:
    return [each for each in body.elements() if each.tag == tag]


def _item_bodies(body: Element) -> list[Element]:
    return [each for each in body.elements() if each.says("itemprop", "articlebody")]


def _mains(body: Element) -> list[Element]:
    return [each for each in body.elements() if each.tag == "main" or each.says("role", "main")]


def _outermost(elements: Iterable[Element]) -> list[Element]:
    elements = list(elements)
    known = set(map(id, elements))
    return [each for each in elements if not any(id(above) in known for above in each.ancestors())]


def _prose(element: Element) -> int:
    """How many characters of running text stand in it, outside of what is dropped in any case and outside of links."""
    total = 0
    stack: list[tuple[Element | str, bool]] = [(element, False)]
    while stack:
        node, inside = stack.pop()
        if isinstance(node, str):
            total += len(node.strip()) if inside else 0
        elif node is element or not (_around(node) or node.tag == "a"):
            stack.extend((child, inside or node.tag in _PROSE) for child in node.children)
    return total


def _around(element: Element) -> bool:
    return (
        element.tag in _AROUND
        or element.says("role", *_AROUND_ROLES)
        or (element.tag == "header" and not _belongs(element))
        or _named(element)
    )


def _belongs(element: Element) -> bool:
    """True for the header or footer of an article or a section, rather than of the page."""
    return any(above.tag in ("article", "main", "section") for above in element.ancestors())


def _named(element: Element) -> bool:
    names = f"{element.get('class')} {element.get('id')}"
    if element.tag == "article":
        return bool(_COMMENT.search(names))
    if element.tag in ("html", "body", "main", "h1", "span") or element.tag in _PROSE - {"li"}:
        return False
    if _AROUND_NAMES.search(names):
        return True
    if not _DOUBTFUL_NAMES.search(names):
        return False
    return any(each.tag in ("a", "button", "input") for each in element.elements()) and (
        _prose(element) < _DOUBTFUL_PROSE_MAX
    )


def _drop_around(root: Element, whole: int, chosen: bool) -> None:
    for each in list(root.elements()):
        if each is root or each.parent is None or not _around(each) or _is_note(each):
            continue
        if each.tag == "footer" and _belongs(each) and chosen and not _is_links(each):
            continue
        if each.tag == "header" and any(inner.tag == "h1" for inner in each.elements()):
            continue
        if _size(each.words()) <= _SHARE_MAX * whole:
            each.remove()


def _is_note(element: Element) -> bool:
    """Notes often stand in an <aside> or a footer."""
    return any(
        each.says("role", "doc-footnote", "doc-endnote", "doc-endnotes")
        or each.says("epub:type", "footnote", "endnote", "footnotes", "rearnote", "endnotes")
        or re.search(r"(?:^|\s)(?:foot|end)notes?(?:$|\s)", each.get("class"), re.I)
        for each in element.elements()
    )


def _is_links(element: Element) -> bool:
    """True if most of its words are links."""
    linked = sum(_size(each.words()) for each in element.elements() if each.tag == "a")
    return 2 * linked > _size(element.words())
