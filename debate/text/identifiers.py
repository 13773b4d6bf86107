"""What is meant by an address, DOI, ISBN or arXiv number, however it was pasted: one form for each thing.

Forms: the DOI Handbook (2.2 and 3.8), ISO 2108 for the ISBN's check digits, arXiv's "Understanding the arXiv
identifier". Nothing is looked up anywhere.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

from debate.text import letters, links
from debate.text.links import BadLink
from debate.text.message import N_

SCHEMES = ("url", "doi", "isbn", "arxiv")
HELP = N_("A source must start with http:// or https://, or be a DOI, an ISBN or an arXiv number.")

_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
_NEW_ARXIV = re.compile(r"([0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5})(?:v[0-9]{1,3})?")
_OLD_ARXIV = re.compile(
    r"([a-z]+(?:-[a-z]+)?)(?:\.[a-z]{2})?(/[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{3})(?:v[0-9]{1,3})?", re.I
)
_OF_ARXIV = "10.48550/arxiv."  # the DOIs that arXiv gives its papers
_NAMED = re.compile(r"(?:urn:|info:)?(doi|isbn(?:-1[03])?|arxiv)(?=[\s:/0-9])\s*[:/]?\s*(.*)", re.I | re.S)
_DASHES = re.compile(r"[\s\u00ad\u2010-\u2015\u2212\ufe63\uff0d-]+")
_LIKE_ISBN = re.compile(r"[0-9][0-9\s\u00ad\u2010-\u2015\u2212\ufe63\uff0d-]{8,20}[0-9Xx]")
_WITHOUT_SCHEME = re.compile(r"(?:(?:www\.|dx\.)?doi\.org|(?:www\.)?arxiv\.org)/", re.I)

# Where the path of a page holds the identifier of what is on it: host (and those beneath it), then a pattern.
_DOI_PAGES = (
    (("doi.org",), re.compile(r"/(10\..+)")),
    (
        """
        acm.org acs.org ahajournals.org annualreviews.org asm.org atsjournals.org informs.org jamanetwork.com nejm.org
        physiology.org pnas.org royalsocietypublishing.org sagepub.com science.org tandfonline.com uchicago.edu
        wiley.com worldscientific.com
        """.split(),
        re.compile(r"/doi/(?:[a-z]+/){0,2}(10\..+)", re.I),
    ),
    (("link.springer.com",), re.compile(r"/(?:article|chapter|book|content/pdf)/(10\..+?)(?:\.pdf)?")),
    (("frontiersin.org",), re.compile(r"(?:/journals/[^/]+)?/articles/(10\.3389/[^/]+)(?:/.*)?")),
    (("biorxiv.org", "medrxiv.org"), re.compile(r"/content/(10\.1101/[0-9.]*[0-9])(?:v[0-9]+)?(?:\.[a-z].*)?")),
)
_DOI_QUERY = ("journals.plos.org",)  # where a parameter does
_ARXIV_PAGE = re.compile(r"/(?:abs|pdf|html|format|ps|src)/(.+?)(?:\.pdf)?/?")
_ISBN_PAGES = (
    (("openlibrary.org", "worldcat.org", "isbnsearch.org"), re.compile(r"/isbn/([^/]+)/?")),
    (("wikipedia.org",), re.compile(r"/wiki/Special:BookSources/([^/]+)/?")),
)


@dataclass(frozen=True)
class Thing:
    """Something that can be cited: its scheme, the one form it has there, and the address that leads to it.

    `link` is an http or https address: as it was given, or made from the identifier.
    """

    scheme: str
    canonical: str
    link: str


def recognise(given: str) -> Thing:
    """The thing that somebody means; raises BadLink, with one sentence, where there is none to be told."""
    given = given.strip()
    if given.startswith("<") and given.endswith(">"):
        given = given[1:-1].strip()
    if not given:
        raise BadLink(N_("An address is missing."))
    if len(given) > links.URL_LIMIT:
        raise BadLink(N_("An address has at most %(most)s characters.", most=links.URL_LIMIT))
    if not all(letters.visible(char) or char == "\u00ad" or char.isspace() for char in given):
        raise BadLink(N_("An address has no spaces, quotation marks, angle brackets or invisible characters in it."))
    if _WITHOUT_SCHEME.match(given):
        given = f"https://{given}"
    if re.match(r"https?:", given, re.I):
        return _of_address(given)
    named = _NAMED.fullmatch(given)
    if named:
        return _of_name(named[1].lower(), named[2].strip())
    return _of_number(given)


def link(scheme: str, canonical: str) -> str:
    """An address that leads to a thing in its canonical form."""
    if scheme == "doi":
        return f"https://doi.org/{quote(canonical, safe='/:;()._-')}"
    if scheme == "isbn":
        return f"https://openlibrary.org/isbn/{canonical}"
    return f"https://arxiv.org/abs/{canonical}" if scheme == "arxiv" else canonical


def digest(canonical: str) -> str:
    """What a source is found by: 64 hexadecimal digits (SHA-256)."""
    return hashlib.sha256(canonical.encode()).hexdigest()


def shown(scheme: str, canonical: str) -> str:
    """A thing that is no address, as people write it."""
    return {"doi": "doi:", "isbn": "ISBN ", "arxiv": "arXiv:"}.get(scheme, "") + canonical


def _thing(scheme: str, canonical: str, given: str = "") -> Thing:
    if scheme == "doi" and canonical.startswith(_OF_ARXIV):
        paper = _arxiv(canonical.removeprefix(_OF_ARXIV))
        scheme, canonical = ("arxiv", paper) if paper else (scheme, canonical)
    made = links.check(link(scheme, canonical))  # as long as browsers send it, which may be longer than what was given
    return Thing(scheme, canonical, given or made)


def _of_address(given: str) -> Thing:
    address = links.check(given)
    parts = urlsplit(address)
    host = (parts.hostname or "").lower().removesuffix(".")
    if doi := _doi(_doi_at(host, parts.path, parts.query)):
        return _thing("doi", doi, address)
    if _is_at(host, ("arxiv.org",)) and (found := _ARXIV_PAGE.fullmatch(parts.path)) and (paper := _arxiv(found[1])):
        return _thing("arxiv", paper, address)
    for hosts, pattern in _ISBN_PAGES:
        found = _is_at(host, hosts) and pattern.fullmatch(parts.path)
        book = _isbn(_DASHES.sub("", _decoded(found[1]))) if found else ""
        if book:
            return _thing("isbn", book, address)
    return Thing("url", links.canonical(address), address)


def _is_at(host: str, hosts: Sequence[str]) -> bool:
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def _doi_at(host: str, path: str, query: str) -> str:
    if _is_at(host, _DOI_QUERY):
        return parse_qs(query).get("id", [""])[0]
    for hosts, pattern in _DOI_PAGES:
        if _is_at(host, hosts) and (found := pattern.fullmatch(path)):
            return _decoded(found[1])
    return ""


def _decoded(path: str) -> str:
    try:
        return unquote(path, errors="strict")
    except UnicodeDecodeError:
        return ""


def _of_name(name: str, rest: str) -> Thing:
    """What is said to be a DOI, an ISBN or an arXiv number has to be one."""
    if re.match(r"https?:", rest, re.I) or _WITHOUT_SCHEME.match(rest):
        return recognise(rest)
    if name == "doi":
        doi = _doi(rest)
        if not doi:
            raise BadLink(N_("This is no DOI: one begins with 10., a number and a slash, as in 10.1000/182."))
        return _thing("doi", doi)
    if name == "arxiv":
        paper = _arxiv(rest.rstrip(".,;"))
        if not paper:
            raise BadLink(N_("This is no arXiv number: one looks like 2101.00001 or hep-th/9901001."))
        return _thing("arxiv", paper)
    return _of_book(_DASHES.sub("", rest.lstrip(":").rstrip(".,; ")))


def _of_number(given: str) -> Thing:
    """A DOI, an ISBN or an arXiv number that stands alone."""
    bare = given.rstrip(".,;")
    if given.startswith("10.") and "/" in given:
        return _of_name("doi", given)
    if paper := _arxiv(bare):
        return _thing("arxiv", paper)
    digits = _DASHES.sub("", bare)
    if _LIKE_ISBN.fullmatch(bare) and (len(digits) == 10 or digits.startswith(("978", "979"))):
        return _of_book(digits)
    raise BadLink(HELP)


def _of_book(digits: str) -> Thing:
    if not re.fullmatch(r"[0-9]{9}[0-9Xx]|[0-9]{13}", digits):
        raise BadLink(N_("An ISBN has 10 or 13 digits, as in 978-0-306-40615-7."))
    book = _isbn(digits)
    if not book:
        raise BadLink(N_("This ISBN is mistyped: its digits do not fit together. Copy it from the book again."))
    return _thing("isbn", book)


def _doi(given: str) -> str:
    """A DOI in its one form, in lower case; empty for anything else.

    Left off are marks of the sentence that it was copied from, and a bracket that was not opened in it.
    """
    doi = given.rstrip(".,;'\"”’»")
    for opening, closing in ("()", "[]", "<>", "{}"):
        while doi.endswith(closing) and doi.count(closing) > doi.count(opening):
            doi = doi[:-1].rstrip(".,;'\"”’»")
    whole = _DOI.fullmatch(doi) and all(letters.visible(char) for char in doi)
    return "".join(char.lower() if char.isascii() else char for char in doi) if whole else ""


def _arxiv(given: str) -> str:
    """An arXiv number without its version, and the old ones without the subject class; empty for anything else."""
    if found := _NEW_ARXIV.fullmatch(given):
        return found[1]
    found = _OLD_ARXIV.fullmatch(given)
    return (found[1] + found[2]).lower() if found else ""


def _isbn(digits: str) -> str:
    """An ISBN of 10 or 13 digits as 13; empty where its check digit is wrong.

    ISO 2108: the sum of 10 digits weighted 10 to 1 (X is 10) is a multiple of 11; that of 13, weighted 1 and 3 in
    turn, of 10.
    """
    if re.fullmatch(r"[0-9]{9}[0-9Xx]", digits):
        values = [10 if sign in "Xx" else int(sign) for sign in digits]
        if sum(weight * value for weight, value in zip(range(10, 0, -1), values, strict=True)) % 11:
            return ""
        first = f"978{digits[:9]}"
        return first + str(-_weighed(first) % 10)
    is_one = re.fullmatch(r"97[89][0-9]{10}", digits) and _weighed(digits) % 10 == 0
    return digits if is_one else ""


def _weighed(digits: str) -> int:
    return sum(int(sign) * (3 if at % 2 else 1) for at, sign in enumerate(digits))
