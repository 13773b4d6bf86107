"""The first schema"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_first"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=8), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("scheme IN ('url')", name=op.f("ck_sources_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("scheme", "digest", name=op.f("uq_sources_scheme_digest")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('participant', 'moderator', 'admin')", name=op.f("ck_users_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email_key", name=op.f("uq_users_email_key")),
        sa.UniqueConstraint("name_key", name=op.f("uq_users_name_key")),
    )
    op.create_table(
        "essays",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("author_name", sa.String(length=100), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reply_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("debated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('published')", name=op.f("ck_essays_status")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_essays_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_essays")),
        sa.UniqueConstraint("slug", name=op.f("uq_essays_slug")),
    )
    with op.batch_alter_table("essays", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_essays_debated_at"), ["debated_at"], unique=False)

    op.create_table(
        "paragraphs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("essay_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=8), nullable=False),
        sa.Column("debatable", sa.Boolean(), nullable=False),
        sa.Column("for_count", sa.Integer(), nullable=False),
        sa.Column("against_count", sa.Integer(), nullable=False),
        sa.Column("reply_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["essay_id"], ["essays.id"], name=op.f("fk_paragraphs_essay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paragraphs")),
        sa.UniqueConstraint("essay_id", "key", name=op.f("uq_paragraphs_essay_id_key")),
        sa.UniqueConstraint("id", "essay_id", name=op.f("uq_paragraphs_id_essay_id")),
    )
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("essay_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_revisions_by_id")),
        sa.ForeignKeyConstraint(["essay_id"], ["essays.id"], name=op.f("fk_revisions_essay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("essay_id", "number", name=op.f("uq_revisions_essay_id_number")),
    )
    op.create_table(
        "wordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paragraph_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('text', 'heading', 'quote', 'list', 'code', 'table', 'divider')", name=op.f("ck_wordings_kind")
        ),
        sa.ForeignKeyConstraint(["paragraph_id"], ["paragraphs.id"], name=op.f("fk_wordings_paragraph_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wordings")),
    )
    with op.batch_alter_table("wordings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wordings_paragraph_id"), ["paragraph_id"], unique=False)

    op.create_table(
        "placements",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("paragraph_id", sa.Integer(), nullable=False),
        sa.Column("wording_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["paragraph_id"], ["paragraphs.id"], name=op.f("fk_placements_paragraph_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_placements_revision_id")),
        sa.ForeignKeyConstraint(["wording_id"], ["wordings.id"], name=op.f("fk_placements_wording_id")),
        sa.PrimaryKeyConstraint("revision_id", "position", name=op.f("pk_placements")),
    )
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placements_paragraph_id"), ["paragraph_id"], unique=False)

    op.create_table(
        "replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("essay_id", sa.Integer(), nullable=False),
        sa.Column("paragraph_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("wording_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("stance", sa.String(length=3), nullable=False),
        sa.Column("side", sa.String(length=3), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("under_lock", sa.Boolean(), nullable=False),
        sa.Column("once", sa.String(length=64), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("ups", sa.Integer(), nullable=False),
        sa.Column("downs", sa.Integer(), nullable=False),
        sa.Column("best", sa.Double(), nullable=False),
        sa.Column("disputed", sa.Double(), nullable=False),
        sa.Column("children_pro", sa.Integer(), nullable=False),
        sa.Column("children_con", sa.Integer(), nullable=False),
        sa.Column("branch_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("side IN ('pro', 'con')", name=op.f("ck_replies_side")),
        sa.CheckConstraint("stance IN ('pro', 'con')", name=op.f("ck_replies_stance")),
        sa.CheckConstraint("state IN ('visible', 'held', 'hidden', 'withdrawn')", name=op.f("ck_replies_state")),
        sa.CheckConstraint("(parent_id IS NULL) = (depth = 1)", name=op.f("ck_replies_depth")),
        sa.CheckConstraint(
            "ups >= 0 AND downs >= 0 AND children_pro >= 0 AND children_con >= 0", name=op.f("ck_replies_counts")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_replies_author_id")),
        sa.ForeignKeyConstraint(["essay_id"], ["essays.id"], name=op.f("fk_replies_essay_id")),
        sa.ForeignKeyConstraint(
            ["paragraph_id", "essay_id"],
            ["paragraphs.id", "paragraphs.essay_id"],
            name=op.f("fk_replies_paragraph_id_essay_id"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id", "paragraph_id"],
            ["replies.id", "replies.paragraph_id"],
            name=op.f("fk_replies_parent_id_paragraph_id"),
        ),
        sa.ForeignKeyConstraint(["wording_id"], ["wordings.id"], name=op.f("fk_replies_wording_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("author_id", "once", name=op.f("uq_replies_author_id_once")),
        sa.UniqueConstraint("id", "paragraph_id", name=op.f("uq_replies_id_paragraph_id")),
    )
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.create_index("ix_replies_author_id_id", ["author_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_replies_essay_id"), ["essay_id"], unique=False)
        batch_op.create_index("ix_replies_paragraph_id_depth", ["paragraph_id", "depth"], unique=False)
        batch_op.create_index(batch_op.f("ix_replies_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "citations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("quote_digest", sa.String(length=64), nullable=False),
        sa.Column("locator", sa.String(length=200), nullable=False),
        sa.Column("shows", sa.String(length=9), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("shows IN ('supports', 'undercuts', 'context')", name=op.f("ck_citations_shows")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_citations_by_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_citations_reply_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_citations_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citations")),
        sa.UniqueConstraint(
            "reply_id", "source_id", "quote_digest", name=op.f("uq_citations_reply_id_source_id_quote_digest")
        ),
    )
    with op.batch_alter_table("citations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_citations_source_id"), ["source_id"], unique=False)

    op.create_table(
        "locks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("essay_id", sa.Integer(), nullable=False),
        sa.Column("paragraph_id", sa.Integer(), nullable=True),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("votes", sa.Boolean(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("reply_id IS NULL OR paragraph_id IS NOT NULL", name=op.f("ck_locks_target")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_locks_by_id")),
        sa.ForeignKeyConstraint(["essay_id"], ["essays.id"], name=op.f("fk_locks_essay_id")),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["users.id"], name=op.f("fk_locks_lifted_by_id")),
        sa.ForeignKeyConstraint(["paragraph_id"], ["paragraphs.id"], name=op.f("fk_locks_paragraph_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_locks_reply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locks")),
    )
    with op.batch_alter_table("locks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_locks_essay_id"), ["essay_id"], unique=False)
        batch_op.create_index(
            "uq_locks_essay",
            ["essay_id"],
            unique=True,
            sqlite_where=sa.text("paragraph_id IS NULL AND lifted_at IS NULL"),
            postgresql_where=sa.text("paragraph_id IS NULL AND lifted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_locks_paragraph",
            ["paragraph_id"],
            unique=True,
            sqlite_where=sa.text("reply_id IS NULL AND paragraph_id IS NOT NULL AND lifted_at IS NULL"),
            postgresql_where=sa.text("reply_id IS NULL AND paragraph_id IS NOT NULL AND lifted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_locks_reply",
            ["reply_id"],
            unique=True,
            sqlite_where=sa.text("reply_id IS NOT NULL AND lifted_at IS NULL"),
            postgresql_where=sa.text("reply_id IS NOT NULL AND lifted_at IS NULL"),
        )

    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('answer')", name=op.f("ck_notices_kind")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_notices_reply_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notices_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("user_id", "kind", "reply_id", name=op.f("uq_notices_user_id_kind_reply_id")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index("ix_notices_user_id_read_at", ["user_id", "read_at"], unique=False)

    op.create_table(
        "reply_edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_reply_edits_reply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_edits")),
        sa.UniqueConstraint("reply_id", "number", name=op.f("uq_reply_edits_reply_id_number")),
    )
    op.create_table(
        "rulings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("essay_id", sa.Integer(), nullable=True),
        sa.Column("paragraph_id", sa.Integer(), nullable=True),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("votes", sa.Boolean(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "act IN ('lock', 'unlock', 'hide', 'restore', 'reply', 'role')", name=op.f("ck_rulings_act")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_rulings_by_id")),
        sa.ForeignKeyConstraint(["essay_id"], ["essays.id"], name=op.f("fk_rulings_essay_id")),
        sa.ForeignKeyConstraint(["paragraph_id"], ["paragraphs.id"], name=op.f("fk_rulings_paragraph_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_rulings_reply_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_rulings_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulings")),
    )
    with op.batch_alter_table("rulings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rulings_essay_id"), ["essay_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rulings_reply_id"), ["reply_id"], unique=False)

    op.create_table(
        "votes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("edit", sa.Integer(), nullable=False),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value IN (-1, 1)", name=op.f("ck_votes_value")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_votes_reply_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_votes_user_id")),
        sa.PrimaryKeyConstraint("user_id", "reply_id", name=op.f("pk_votes")),
    )
    with op.batch_alter_table("votes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_votes_reply_id"), ["reply_id"], unique=False)
