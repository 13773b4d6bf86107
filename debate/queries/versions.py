"""The versions of what visitors read: small statements, asked before anything else is (see Database.peek)."""

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
