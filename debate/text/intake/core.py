"""What a word processor notes about a document: its title, who wrote it, in what language."""

from debate.text.intake import xml

_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "urn:oasis:names:tc:opendocument:xmlns:meta:1.0": "meta",
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": "office",
}
# Who wrote it rather than who saved it last: OpenDocument has a name of its own for that.
_WANTED = ("dc:title", "meta:initial-creator", "dc:creator", "dc:language")


def read(data: bytes) -> dict[str, str]:
    """title, author and language, as far as they are said; raises Unreadable."""
    found: dict[str, list[str]] = {}
    inside: list[str] = []

    def words(text: str) -> None:
        if inside and inside[-1] in _WANTED:
            found.setdefault(inside[-1], []).append(text)

    xml.read(data, _PREFIXES, lambda name, _: inside.append(name), lambda _: inside.pop(), words)
    said = {name: " ".join("".join(texts).split()) for name, texts in found.items()}
    return {
        "title": said.get("dc:title", ""),
        "author": said.get("meta:initial-creator") or said.get("dc:creator", ""),
        "language": said.get("dc:language", ""),
    }
