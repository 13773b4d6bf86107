"""Sources as other programs take them: CSL-JSON, BibTeX, and a list to read.

After the CSL 1.0.2 specification and its JSON schema, and BibTeX's own documentation (btxdoc).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from debate.text import identifiers

CSL_TYPES = {
    "study": "article-journal", "official": "report", "news": "article-newspaper", "book": "book",
    "document": "document", "opinion": "article-magazine", "other": "document",
}  # fmt: skip
CONTAINED = ("article-journal", "article-newspaper", "article-magazine")  # published in something
BIBTEX_TYPES = {"article-journal": "article", "article-newspaper": "article", "article-magazine": "article",
                "book": "book", "report": "techreport"}  # fmt: skip
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


@dataclass(frozen=True)
class Reference:
    """A source to be listed: `number` is its own on this site, `note` a sentence on how it is cited."""

    number: int
    scheme: str
    canonical: str
    url: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    publisher: str = ""
    kind: str = ""
    archive_url: str = ""
    note: str = ""

    @property
    def key(self) -> str:
        """What it is called in a bibliography: its first author, its year, its number."""
        first = self.authors[0] if self.authors else self.title
        family = first.partition(",")[0] if "," in first else first.split(" ")[-1] if self.authors else first
        plain = unicodedata.normalize("NFKD", family).encode("ascii", "ignore").decode()
        return f"{re.sub('[^a-z0-9]', '', plain.lower())[:20]}{self.year or ''}-{self.number}".lstrip("-")

    @property
    def archived(self) -> str:
        """Where there is a copy, as a sentence; or empty."""
        return self.archive_url and f"Archived: {self.archive_url}"

    @property
    def notes(self) -> str:
        """All that is noted, in one line."""
        return " ".join(filter(None, (self.note, self.archived)))

    @property
    def csl_type(self) -> str:
        if self.kind:
            return CSL_TYPES[self.kind]
        return {"url": "webpage", "isbn": "book", "arxiv": "article"}.get(self.scheme, "article-journal")


def csl(references: Sequence[Reference]) -> list[dict[str, Any]]:
    """CSL-JSON: a list of items."""
    return [_item(reference) for reference in references]


def bibtex(references: Sequence[Reference]) -> str:
    """A BibTeX file in UTF-8."""
    return "\n".join(_entry(reference) for reference in references)


def plain(references: Sequence[Reference]) -> str:
    """One paragraph a source, in the order of authors, then titles."""
    listed = sorted(references, key=lambda one: ("; ".join(one.authors) or one.title).casefold())
    return "\n".join(_line(reference) + "\n" for reference in listed)


def _item(reference: Reference) -> dict[str, Any]:
    item: dict[str, Any] = {"id": reference.key, "type": reference.csl_type, "title": reference.title}
    if reference.authors:
        item["author"] = [_name(author) for author in reference.authors]
    if reference.year:
        item["issued"] = {"date-parts": [[reference.year]]}
    if reference.publisher:
        item["container-title" if reference.csl_type in CONTAINED else "publisher"] = reference.publisher
    if reference.scheme == "doi":
        item["DOI"] = reference.canonical
    elif reference.scheme == "isbn":
        item["ISBN"] = reference.canonical
    elif reference.scheme == "arxiv":
        item["archive"], item["archive_location"] = "arXiv", reference.canonical
    item["URL"] = reference.url
    if reference.notes:
        item["note"] = reference.notes
    return item


def _name(author: str) -> dict[str, str]:
    """`Family, Given` is told apart; any other name is taken as it stands."""
    family, comma, given = author.partition(",")
    return {"family": family.strip(), "given": given.strip()} if comma and given.strip() else {"literal": author}


def _entry(reference: Reference) -> str:
    kind = reference.csl_type
    fields = {"title": f"{{{_escaped(reference.title)}}}"}
    if reference.authors:
        fields["author"] = " and ".join(
            _escaped(one) if "," in one else f"{{{_escaped(one)}}}" for one in reference.authors
        )
    if reference.year:
        fields["year"] = str(reference.year)
    if reference.publisher:
        place = {"report": "institution", "webpage": "organization"}.get(kind, "publisher")
        fields["journal" if kind in CONTAINED else place] = _escaped(reference.publisher)
    if reference.scheme == "arxiv":
        fields |= {"eprint": reference.canonical, "archiveprefix": "arXiv"}
    elif reference.scheme in ("doi", "isbn"):
        fields[reference.scheme] = _escaped(reference.canonical)
    fields["url"] = "".join({"{": "%7B", "}": "%7D", "\\": "%5C"}.get(sign, sign) for sign in reference.url)
    if reference.notes:
        fields["note"] = _escaped(reference.notes)
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@{BIBTEX_TYPES.get(kind, 'misc')}{{{reference.key},\n{lines}\n}}\n"


def _escaped(words: str) -> str:
    return "".join(_SPECIAL.get(sign, sign) for sign in _paired(words))


def _paired(words: str) -> str:
    """`words` with round brackets for braces without a partner: BibTeX counts braces, escaped or not, and one too many
    would end the entry in the middle and begin another."""
    signs, open_ones = list(words), list[int]()
    for place, sign in enumerate(words):
        if sign == "{":
            open_ones.append(place)
        elif sign == "}" and open_ones:
            open_ones.pop()
        elif sign == "}":
            signs[place] = ")"
    for place in open_ones:
        signs[place] = "("
    return "".join(signs)


def _line(reference: Reference) -> str:
    authors = "; ".join(reference.authors)
    year = f"({reference.year})" if reference.year else ""
    identifier = identifiers.shown(reference.scheme, reference.canonical) if reference.scheme != "url" else ""
    first = [" ".join(filter(None, (authors, year))), reference.title]
    parts = [
        *(first if authors else [" ".join(filter(None, (reference.title, year)))]),
        reference.publisher,
        identifier if identifier != reference.title else "",
    ]
    said = " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)
    return "\n  ".join(filter(None, (said, reference.url, reference.archived, reference.note)))
