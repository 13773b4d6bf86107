"""Essays that are revised, drafted, unpublished and archived; votes and replies that know which words they answer"""

from html import escape

import sqlalchemy as sa
from alembic import op

revision = "20261127_revisions"
down_revision = "20261126_evidence"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ACTS = (
    "lock", "unlock", "hide", "restore", "reply", "role", "keep", "reopen", "ask", "duplicate", "approve", "hold",
    "suspend", "ban", "lift", "admit", "refuse", "appoint", "dismiss", "erase", "erase-note", "premoderate", "uphold",
    "setting", "merge", "separate", "hide-edit", "show-edit", "publish", "unpublish", "archive", "unarchive",
)  # fmt: skip
KINDS = ("text", "heading", "quote", "list", "code", "table", "divider", "note")
NOTICES = ("answer", "ask", "source", "edited", "reworded", "ruling")


def upgrade() -> None:
    _essays()
    _votes()
    _notices()
    with op.batch_alter_table("wordings") as wordings:
        wordings.drop_constraint(op.f("ck_wordings_kind"), type_="check")
        wordings.create_check_constraint(op.f("ck_wordings_kind"), f"kind IN {KINDS!r}")
    with op.batch_alter_table("rulings") as rulings:
        rulings.drop_constraint(op.f("ck_rulings_act"), type_="check")
        rulings.create_check_constraint(op.f("ck_rulings_act"), f"act IN {ACTS!r}")
    _tables()


def _essays() -> None:
    with op.batch_alter_table("essays") as essays:
        essays.drop_constraint(op.f("ck_essays_status"), type_="check")
        essays.create_check_constraint(
            op.f("ck_essays_status"), "status IN ('draft', 'published', 'unpublished', 'archived')"
        )
        essays.add_column(sa.Column("share", sa.String(32), nullable=False, server_default=sa.text("''")))
    with op.batch_alter_table("essays") as essays:
        essays.alter_column("share", server_default=None, existing_type=sa.String(32), existing_nullable=False)
    with op.batch_alter_table("revisions") as revisions:
        revisions.add_column(sa.Column("format", sa.String(3), nullable=False, server_default=sa.text("'txt'")))
        revisions.add_column(sa.Column("summary", sa.String(300), nullable=False, server_default=sa.text("''")))
    _tell_formats()
    with op.batch_alter_table("revisions") as revisions:
        for name, kind in (("format", sa.String(3)), ("summary", sa.String(300))):
            revisions.alter_column(name, server_default=None, existing_type=kind, existing_nullable=False)


def _tell_formats() -> None:
    """Plain text is shown as it was typed; what is shown otherwise was Markdown."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT p.revision_id, w.kind, w.source, w.html FROM placements p JOIN wordings w ON w.id = p.wording_id"
        )
    )
    marked = {
        row.revision_id for row in rows if row.kind != "text" or row.html != f"<p>{escape(row.source, quote=False)}</p>"
    }
    for number in sorted(marked):
        connection.execute(sa.text("UPDATE revisions SET format = 'md' WHERE id = :id"), {"id": number})


def _votes() -> None:
    """Until now no paragraph had more than one wording, so that is what was voted on."""
    for table in ("votes", "votes_aside"):
        with op.batch_alter_table(table) as votes:
            votes.add_column(sa.Column("wording_id", sa.Integer(), nullable=True))
        op.execute(
            f"UPDATE {table} SET wording_id = (SELECT r.wording_id FROM replies r WHERE r.id = {table}.reply_id)"
        )
        with op.batch_alter_table(table) as votes:
            votes.alter_column("wording_id", nullable=False, existing_type=sa.Integer())
            votes.create_foreign_key(op.f(f"fk_{table}_wording_id"), "wordings", ["wording_id"], ["id"])


def _notices() -> None:
    op.drop_index("uq_notices_once", "notices")
    with op.batch_alter_table("notices") as notices:
        for name in ("kind", "reply"):
            notices.drop_constraint(op.f(f"ck_notices_{name}"), type_="check")
        notices.add_column(sa.Column("revision_id", sa.Integer(), nullable=True))
        notices.create_foreign_key(op.f("fk_notices_revision_id"), "revisions", ["revision_id"], ["id"])
        notices.create_unique_constraint(op.f("uq_notices_user_id_revision_id"), ["user_id", "revision_id"])
        notices.create_check_constraint(op.f("ck_notices_kind"), f"kind IN {NOTICES!r}")
        notices.create_check_constraint(op.f("ck_notices_revision"), "(kind = 'reworded') = (revision_id IS NOT NULL)")
        notices.create_check_constraint(
            op.f("ck_notices_reply"), "kind IN ('ruling', 'reworded') OR reply_id IS NOT NULL"
        )
    once = sa.text("kind IN ('answer', 'ask', 'source', 'edited')")
    op.create_index(
        "uq_notices_once", "notices", ["user_id", "reply_id", "kind"],
        unique=True, sqlite_where=once, postgresql_where=once,
    )  # fmt: skip


def _tables() -> None:
    op.create_table(
        "descents",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("revision_id", "paragraph_id", "other_id")),
        sa.Column("kind", sa.String(5), nullable=False),
        sa.CheckConstraint("kind IN ('split', 'merge')", name=op.f("ck_descents_kind")),
        _key("descents", "revision_id", "revisions.id"),
        _key("descents", "paragraph_id", "paragraphs.id"),
        _key("descents", "other_id", "paragraphs.id"),
        sa.PrimaryKeyConstraint("revision_id", "paragraph_id", name=op.f("pk_descents")),
    )
    op.create_index("ix_descents_paragraph_id", "descents", ["paragraph_id"])
    op.create_index("ix_descents_other_id", "descents", ["other_id"])
    op.create_table(
        "confirmations",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("id", "reply_id", "wording_id")),
        sa.Column("made_at", MOMENT, nullable=False),
        _key("confirmations", "reply_id", "replies.id"),
        _key("confirmations", "wording_id", "wordings.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
    )
    op.create_index("ix_confirmations_reply_id", "confirmations", ["reply_id"])


def _key(table: str, column: str, of: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [of], name=op.f(f"fk_{table}_{column}"))
