"""A saved page."""

from collections import Counter

from debate.text.intake import page
from debate.text.intake.given import Found


def prepare() -> None:
    """Imports whatever is imported late, while that can still be done."""
    page.read("<p>x*y</p>")


def read(data: bytes) -> Found:
    """The article of a page; raises Unreadable."""
    left_out: Counter[str] = Counter()
    return page.read(page.decode(data, left_out), left_out)
