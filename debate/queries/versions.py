"""The versions of what visitors read: small statements, asked before anything else is (see Database.peek)."""

# The essay at an address, or that a reply is in: its version rises with every change to it or to its debate.
OF_ESSAY = "SELECT id, version FROM essays WHERE slug = ?"
OF_REPLY = "SELECT e.id, e.version FROM replies r JOIN essays e ON e.id = r.essay_id WHERE r.id = ?"
# Everything that anybody may read; a role that changes leaves a ruling.
OF_SITE = (
    "SELECT (SELECT max(id) FROM users), (SELECT max(id) FROM rulings), (SELECT count(*) FROM essays), "
    "(SELECT sum(version) FROM essays)"
)
