"""The links of a text as numbered notes: on paper an address has to be read, not clicked."""

import re
from html import unescape

# Only over our own rendering, where a link is always `<a href="…" …>…</a>` and links never stand in links.
_LINK = re.compile(r'<a href="([^"<>]*+)"[^<>]*+>(?:[^<]|<(?!/?a[ >]))*+</a>')


class Notes:
    """Numbers the links of one text, paragraph by paragraph; `found` lists their addresses, each once."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, html: str) -> str:
        """`html`, as this package renders it, with the number of its note after every link."""
        return _LINK.sub(self._marked, html)

    def _marked(self, link: re.Match[str]) -> str:
        address = unescape(link[1])
        if address not in self.found:
            self.found.append(address)
        return f'{link[0]}<sup class="note">{self.found.index(address) + 1}</sup>'
