"""Reports and their queue, standings, the chained log, held and folded replies, limits"""

import hashlib
import json
import secrets
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "20261125_moderation"
down_revision = "20261124_search"
branch_labels = None
depends_on = None

ACTS = (
    "lock", "unlock", "hide", "restore", "reply", "role", "keep", "reopen", "ask", "duplicate", "approve", "hold",
    "suspend", "ban", "lift", "admit", "refuse", "appoint", "dismiss", "erase", "erase-note", "premoderate", "uphold",
    "setting",
)  # fmt: skip
STATES = ("visible", "held", "hidden", "duplicate", "withdrawn", "erased")
MOMENT = sa.DateTime(timezone=True)
# Those that go down: a table that is made anew on SQLite would have them go up.
DOWNWARD = {
    "best": (sa.text("best DESC"), "downs", sa.text("made_at DESC"), sa.text("id DESC")),
    "disputed": (sa.text("disputed DESC"), sa.text("best DESC"), sa.text("made_at DESC"), sa.text("id DESC")),
}


def upgrade() -> None:
    _users()
    _replies()
    _rulings()
    _chain()
    _settle_rulings()
    _around()
    _queue()
    _site()


def _column(name: str, kind: sa.types.TypeEngine, *, null: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=null)


def _key(table: str, column: str, of: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [of], name=op.f(f"fk_{table}_{column}"))


def _added(table: str, columns: dict[str, tuple[sa.types.TypeEngine, str]]) -> None:
    """New columns that are not null, each with the value that rows there get."""
    with op.batch_alter_table(table) as batch:
        for name, (kind, value) in columns.items():
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=sa.text(value)))
    with op.batch_alter_table(table) as batch:
        for name, (kind, _) in columns.items():
            batch.alter_column(name, server_default=None, existing_type=kind, existing_nullable=False)


def _users() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(_column("new_until", MOMENT, null=True))
    op.create_table(
        "standings",
        _column("id", sa.Integer()),
        _column("user_id", sa.Integer()),
        _column("kind", sa.String(9)),
        _column("essay_id", sa.Integer(), null=True),
        _column("reason", sa.String(12)),
        _column("note", sa.String(1000)),
        _column("by_id", sa.Integer(), null=True),
        _column("placed_at", MOMENT),
        _column("until", MOMENT, null=True),
        _column("lifted_at", MOMENT, null=True),
        _column("lifted_by_id", sa.Integer(), null=True),
        sa.CheckConstraint("kind IN ('suspended', 'banned', 'waiting', 'moderator')", name=op.f("ck_standings_kind")),
        sa.CheckConstraint("kind <> 'moderator' OR essay_id IS NOT NULL", name=op.f("ck_standings_essay")),
        _key("standings", "user_id", "users.id"),
        _key("standings", "essay_id", "essays.id"),
        _key("standings", "by_id", "users.id"),
        _key("standings", "lifted_by_id", "users.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standings")),
    )
    op.create_index("ix_standings_essay_id", "standings", ["essay_id"])
    everywhere, one = (sa.text(f"lifted_at IS NULL AND essay_id IS {null}") for null in ("NULL", "NOT NULL"))
    op.create_index(
        "uq_standings_everywhere", "standings", ["user_id", "kind"],
        unique=True, sqlite_where=everywhere, postgresql_where=everywhere,
    )  # fmt: skip
    op.create_index(
        "uq_standings_essay", "standings", ["user_id", "kind", "essay_id"],
        unique=True, sqlite_where=one, postgresql_where=one,
    )  # fmt: skip
    op.create_table(
        "mutes",
        _column("user_id", sa.Integer()),
        _column("muted_id", sa.Integer()),
        _column("made_at", MOMENT),
        sa.CheckConstraint("user_id <> muted_id", name=op.f("ck_mutes_other")),
        _key("mutes", "user_id", "users.id"),
        _key("mutes", "muted_id", "users.id"),
        sa.PrimaryKeyConstraint("user_id", "muted_id", name=op.f("pk_mutes")),
    )
    op.create_table(
        "votes_aside",
        _column("user_id", sa.Integer()),
        _column("reply_id", sa.Integer()),
        _column("value", sa.Integer()),
        _column("edit", sa.Integer()),
        _column("cast_at", MOMENT),
        _key("votes_aside", "user_id", "users.id"),
        _key("votes_aside", "reply_id", "replies.id"),
        sa.PrimaryKeyConstraint("user_id", "reply_id", name=op.f("pk_votes_aside")),
    )
    op.create_index("ix_votes_aside_reply_id", "votes_aside", ["reply_id"])
    op.create_index("ix_votes_user_id_cast_at", "votes", ["user_id", "cast_at"])


def _replies() -> None:
    for name in DOWNWARD:
        op.drop_index(f"ix_replies_{name}", "replies")
    with op.batch_alter_table("replies") as replies:
        replies.add_column(sa.Column("duplicate_of_id", sa.Integer(), nullable=True))
        replies.add_column(sa.Column("duplicate_count", sa.Integer(), nullable=False, server_default=sa.text("0")))
        replies.add_column(sa.Column("alike", sa.String(32), nullable=False, server_default=sa.text("''")))
        replies.drop_constraint(op.f("ck_replies_state"), type_="check")
        replies.create_check_constraint(op.f("ck_replies_state"), f"state IN {STATES!r}")
        replies.create_check_constraint(
            op.f("ck_replies_duplicate"),
            "(state = 'duplicate') = (duplicate_of_id IS NOT NULL)",
        )
        replies.create_foreign_key(op.f("fk_replies_duplicate_of_id"), "replies", ["duplicate_of_id"], ["id"])
    with op.batch_alter_table("replies") as replies:
        replies.alter_column(
            "duplicate_count", server_default=None, existing_type=sa.Integer(), existing_nullable=False
        )
        replies.alter_column("alike", server_default=None, existing_type=sa.String(32), existing_nullable=False)
    for name, columns in DOWNWARD.items():
        op.create_index(f"ix_replies_{name}", "replies", ["paragraph_id", "parent_id", "stance", "stands", *columns])
    op.create_index("ix_replies_alike", "replies", ["alike", "id"])
    folded = sa.text("duplicate_of_id IS NOT NULL")
    op.create_index(
        "ix_replies_duplicate_of_id", "replies", ["duplicate_of_id"], sqlite_where=folded, postgresql_where=folded
    )


def _rulings() -> None:
    with op.batch_alter_table("rulings") as rulings:
        rulings.add_column(_column("number", sa.Integer(), null=True))
        rulings.add_column(_column("about_id", sa.Integer(), null=True))
        rulings.add_column(sa.Column("before", sa.String(9), nullable=False, server_default=sa.text("''")))
        rulings.add_column(sa.Column("salt", sa.String(32), nullable=False, server_default=sa.text("''")))
        rulings.add_column(sa.Column("note_salt", sa.String(32), nullable=False, server_default=sa.text("''")))
        rulings.add_column(sa.Column("note_digest", sa.String(64), nullable=False, server_default=sa.text("''")))
        rulings.add_column(_column("digest", sa.String(64), null=True))
        rulings.drop_constraint(op.f("ck_rulings_act"), type_="check")
        rulings.create_check_constraint(op.f("ck_rulings_act"), f"act IN {ACTS!r}")
        rulings.create_foreign_key(op.f("fk_rulings_about_id"), "rulings", ["about_id"], ["id"])
    op.create_table(
        "log_heads",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        _column("count", sa.Integer()),
        _column("digest", sa.String(64)),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_heads_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_heads")),
    )


def _chain() -> None:
    """Chain what is in the log already, in its order; as debate/chain.py did on the day of this migration."""
    connection = op.get_bind()
    names = ("id", "act", "by_id", "essay_id", "paragraph_id", "reply_id", "user_id", "reason", "note", "votes")
    moments = (sa.column("made_at", MOMENT), sa.column("until", MOMENT))
    kept = ("number", "salt", "note_salt", "note_digest", "digest")
    rulings = sa.table("rulings", *(sa.column(name) for name in (*names, *kept)), *moments)
    before, number = "", 0
    rows = connection.execute(sa.select(*(rulings.c[name] for name in (*names, "made_at", "until"))).order_by("id"))
    for row in rows.all():
        number += 1
        salt = secrets.token_hex(16) if row.note else ""
        note = hashlib.sha256(f"{salt}\n{row.note}".encode()).hexdigest() if row.note else ""
        secret = secrets.token_hex(16)
        parts = [
            before, secret, number, row.act, row.by_id, _moment(row.made_at), row.essay_id, row.paragraph_id,
            row.reply_id, row.user_id, None, row.reason, "", bool(row.votes), _moment(row.until), note,
        ]  # fmt: skip
        before = hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()
        found = {"number": number, "salt": secret, "note_salt": salt, "note_digest": note, "digest": before}
        connection.execute(sa.update(rulings).where(rulings.c.id == row.id).values(found))
    if number:
        heads = sa.table("log_heads", *(sa.column(name) for name in ("id", "count", "digest")))
        connection.execute(heads.insert().values(id=1, count=number, digest=before))


def _moment(time: object) -> str | None:
    if time is None:
        return None
    return (time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)).isoformat()  # type: ignore[attr-defined]


def _settle_rulings() -> None:
    with op.batch_alter_table("rulings") as rulings:
        rulings.alter_column("number", nullable=False, existing_type=sa.Integer())
        rulings.alter_column("digest", nullable=False, existing_type=sa.String(64))
        for name, size in (("before", 9), ("salt", 32), ("note_salt", 32), ("note_digest", 64)):
            rulings.alter_column(name, server_default=None, existing_type=sa.String(size), existing_nullable=False)
        rulings.create_unique_constraint(op.f("uq_rulings_number"), ["number"])
    op.create_index("ix_rulings_about_id", "rulings", ["about_id"])
    op.create_index("ix_rulings_user_id", "rulings", ["user_id"])


def _around() -> None:
    _added("essays", {"premoderated": (sa.Boolean(), "false")})
    _added("locks", {"newcomers": (sa.Boolean(), "false")})
    with op.batch_alter_table("notices") as notices:
        notices.add_column(_column("ruling_id", sa.Integer(), null=True))
        notices.alter_column("reply_id", nullable=True, existing_type=sa.Integer())
        notices.drop_constraint(op.f("ck_notices_kind"), type_="check")
        notices.create_check_constraint(op.f("ck_notices_kind"), "kind IN ('answer', 'ruling')")
        notices.create_check_constraint(op.f("ck_notices_about"), "(kind = 'answer') = (ruling_id IS NULL)")
        notices.create_check_constraint(op.f("ck_notices_answer"), "kind <> 'answer' OR reply_id IS NOT NULL")
        notices.drop_constraint(op.f("uq_notices_user_id_kind_reply_id"), type_="unique")
        notices.create_unique_constraint(op.f("uq_notices_user_id_ruling_id"), ["user_id", "ruling_id"])
        notices.create_foreign_key(op.f("fk_notices_ruling_id"), "rulings", ["ruling_id"], ["id"])
    answer = sa.text("kind = 'answer'")
    op.create_index(
        "uq_notices_answer", "notices", ["user_id", "reply_id"],
        unique=True, sqlite_where=answer, postgresql_where=answer,
    )  # fmt: skip


def _queue() -> None:
    op.create_table(
        "appeals",
        _column("id", sa.Integer()),
        _column("ruling_id", sa.Integer()),
        _column("by_id", sa.Integer()),
        _column("words", sa.String(1000)),
        _column("made_at", MOMENT),
        _key("appeals", "ruling_id", "rulings.id"),
        _key("appeals", "by_id", "users.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("ruling_id", name=op.f("uq_appeals_ruling_id")),
    )
    op.create_table(
        "items",
        _column("id", sa.Integer()),
        _column("kind", sa.String(8)),
        _column("essay_id", sa.Integer(), null=True),
        _column("reply_id", sa.Integer(), null=True),
        _column("user_id", sa.Integer(), null=True),
        _column("appeal_id", sa.Integer(), null=True),
        _column("why", sa.String(8)),
        _column("edit", sa.Integer()),
        _column("report_count", sa.Integer()),
        _column("opened_at", MOMENT),
        _column("closed_at", MOMENT, null=True),
        _column("outcome_id", sa.Integer(), null=True),
        sa.CheckConstraint("kind IN ('reported', 'held', 'appeal', 'account')", name=op.f("ck_items_kind")),
        _key("items", "essay_id", "essays.id"),
        _key("items", "reply_id", "replies.id"),
        _key("items", "user_id", "users.id"),
        _key("items", "appeal_id", "appeals.id"),
        _key("items", "outcome_id", "rulings.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("appeal_id", name=op.f("uq_items_appeal_id")),
    )
    waits, one = sa.text("closed_at IS NULL"), sa.text("closed_at IS NULL AND kind <> 'appeal'")
    op.create_index(
        "uq_items_reply", "items", ["reply_id", "kind"], unique=True, sqlite_where=one, postgresql_where=one
    )
    op.create_index("ix_items_open", "items", ["kind", "id"], sqlite_where=waits, postgresql_where=waits)
    op.create_index("ix_items_outcome_id", "items", ["outcome_id"])
    op.create_table(
        "reports",
        _column("id", sa.Integer()),
        _column("item_id", sa.Integer()),
        _column("reply_id", sa.Integer()),
        _column("by_id", sa.Integer(), null=True),
        _column("visitor", sa.String(64), null=True),
        _column("contact", sa.String(254)),
        _column("reason", sa.String(12)),
        _column("note", sa.String(1000)),
        _column("edit", sa.Integer()),
        _column("made_at", MOMENT),
        sa.CheckConstraint("(by_id IS NULL) <> (visitor IS NULL)", name=op.f("ck_reports_one")),
        _key("reports", "item_id", "items.id"),
        _key("reports", "reply_id", "replies.id"),
        _key("reports", "by_id", "users.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("by_id", "reply_id", "edit", name=op.f("uq_reports_by_id_reply_id_edit")),
    )
    op.create_index("ix_reports_item_id", "reports", ["item_id"])
    op.create_index("ix_reports_reply_id", "reports", ["reply_id"])


def _site() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        _column("registration", sa.String(8)),
        _column("names_moderators", sa.Boolean()),
        _column("holds_new", sa.Boolean()),
        _column("erasures", sa.Integer()),
        sa.CheckConstraint("id = 1", name=op.f("ck_site_one")),
        sa.CheckConstraint("registration IN ('', 'open', 'approval', 'closed')", name=op.f("ck_site_registration")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_table(
        "paces",
        _column("id", sa.Integer()),
        _column("key", sa.String(80)),
        _column("at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paces")),
    )
    op.create_index("ix_paces_key_at", "paces", ["key", "at"])
