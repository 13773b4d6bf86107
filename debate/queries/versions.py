"""The versions of what visitors read: small statements, asked before anything else is (see Database.peek)."""

import re
from typing import NamedTuple

# Last in each: what is kept is let go of when it rises. Before it, what was said of sources, which any page may cite.
_ERASURES = "coalesce((SELECT source_changes FROM site), 0), coalesce((SELECT erasures FROM site), 0)"
# The essay at an address, or that a reply is in: its version rises with every change to it or to its debate.
OF_ESSAY = f"SELECT id, version, {_ERASURES} FROM essays WHERE slug = ?"  # noqa: S608
OF_REPLY = f"SELECT e.id, e.version, {_ERASURES} FROM replies r JOIN essays e ON e.id = r.essay_id WHERE r.id = ?"  # noqa: S608
# Everything that anybody may read, drafts not among it; a role that changes leaves a ruling.
OF_SITE = f"""
    SELECT (SELECT max(id) FROM users), (SELECT max(id) FROM rulings),
    (SELECT count(*) FROM essays WHERE status <> 'draft'), (SELECT sum(version) FROM essays WHERE status <> 'draft'),
    {_ERASURES}
"""  # noqa: S608

_OF_ESSAYS = re.compile(r"/essays/(?!new$)([^/]+)(?:/tree|/sources|/p/[^/]+(?:/wordings)?|/revisions(?:/\d{1,9})?)?")
_OF_REPLIES = re.compile(r"/replies/(\d{1,9})")
_OF_THE_SITE = re.compile(r"/|/search|/users/[^/]+|/moderation/(?:log|locks)|/sources/\d{1,9}")


class Asked(NamedTuple):
    """The statement for the version of a page, and what fills its holes."""

    statement: str
    values: tuple[str | int, ...] = ()


def of(path: str) -> Asked | None:
    """How to ask for the version of the page at a path; None where pages have none."""
    if match := _OF_ESSAYS.fullmatch(path):
        return Asked(OF_ESSAY, (match[1],))
    if match := _OF_REPLIES.fullmatch(path):
        return Asked(OF_REPLY, (int(match[1]),))
    return Asked(OF_SITE) if _OF_THE_SITE.fullmatch(path) else None
