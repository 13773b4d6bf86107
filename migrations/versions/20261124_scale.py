"""Orders as indexes, paths that sort for before against, more kept counts, visits"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "20261124_scale"
down_revision = "20261123_first"
branch_labels = None
depends_on = None

HEAD = 450
VISIBLE = "state = 'visible'"
DISPUTED = "(ups >= 2 AND downs >= 2 OR children_pro >= 2 AND children_con >= 2)"


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("essay_id", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["essay_id"], ["essays.id"], name=op.f("fk_visits_essay_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_visits_user_id")),
        sa.PrimaryKeyConstraint("user_id", "essay_id", name=op.f("pk_visits")),
    )
    op.create_table(
        "writers",
        sa.Column("essay_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("reply_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["essay_id"], ["essays.id"], name=op.f("fk_writers_essay_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_writers_user_id")),
        sa.PrimaryKeyConstraint("essay_id", "user_id", name=op.f("pk_writers")),
    )
    op.create_index("ix_writers_user_id", "writers", ["user_id"])
    op.create_table(
        "citings",
        sa.Column("essay_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("pro", sa.Integer(), nullable=False),
        sa.Column("con", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count = pro + con AND pro >= 0 AND con >= 0", name=op.f("ck_citings_counts")),
        sa.ForeignKeyConstraint(["essay_id"], ["essays.id"], name=op.f("fk_citings_essay_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_citings_source_id")),
        sa.PrimaryKeyConstraint("essay_id", "source_id", name=op.f("pk_citings")),
    )
    op.create_index("ix_citings_source_id", "citings", ["source_id"])
    op.create_index("ix_citings_essay_id_count", "citings", ["essay_id", sa.text("count DESC"), "source_id"])
    _counts()
    _new_columns()
    _fill_paths()
    _settle()
    _indexes()


def _counts() -> None:
    zero = sa.text("0")
    with op.batch_alter_table("essays") as essays:
        for name in ("writer_count", "newest_id"):
            essays.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default=zero))
    with op.batch_alter_table("paragraphs") as paragraphs:
        for name in ("second_count", "third_count", "fourth_count"):
            paragraphs.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default=zero))
    op.execute(
        f"INSERT INTO writers (essay_id, user_id, reply_count) "
        f"SELECT essay_id, author_id, count(*) FROM replies WHERE {VISIBLE} GROUP BY essay_id, author_id"
    )
    op.execute(
        "INSERT INTO citings (essay_id, source_id, pro, con, count) "
        "SELECT replies.essay_id, citations.source_id, sum(CASE WHEN side = 'pro' THEN 1 ELSE 0 END), "
        "sum(CASE WHEN side = 'con' THEN 1 ELSE 0 END), count(*) "
        "FROM citations JOIN replies ON replies.id = citations.reply_id WHERE state = 'visible' "
        "GROUP BY replies.essay_id, citations.source_id"
    )
    op.execute("UPDATE essays SET writer_count = (SELECT count(*) FROM writers WHERE writers.essay_id = essays.id)")
    op.execute(
        "UPDATE essays SET newest_id = "
        "coalesce((SELECT max(replies.id) FROM replies WHERE replies.essay_id = essays.id), 0)"
    )
    for depth, name in ((2, "second_count"), (3, "third_count"), (4, "fourth_count")):
        op.execute(
            f"UPDATE paragraphs SET {name} = (SELECT count(*) FROM replies "
            f"WHERE replies.paragraph_id = paragraphs.id AND replies.depth = {depth} AND {VISIBLE})"
        )
    with op.batch_alter_table("essays") as essays:
        for name in ("writer_count", "newest_id"):
            essays.alter_column(name, server_default=None, existing_type=sa.Integer(), existing_nullable=False)
    with op.batch_alter_table("paragraphs") as paragraphs:
        for name in ("second_count", "third_count", "fourth_count"):
            paragraphs.alter_column(name, server_default=None, existing_type=sa.Integer(), existing_nullable=False)


def _new_columns() -> None:
    with op.batch_alter_table("replies") as replies:
        replies.drop_index("ix_replies_essay_id")
        replies.drop_index("ix_replies_paragraph_id_depth")
        replies.drop_index("ix_replies_parent_id")
        replies.add_column(sa.Column("path_head", sa.String(length=HEAD), nullable=True))
        replies.add_column(sa.Column("lot", sa.Integer(), nullable=True))
        replies.add_column(sa.Column("citation_count", sa.Integer(), nullable=True))
        replies.add_column(sa.Column("stands", sa.Boolean(), nullable=True))


def _fill_paths() -> None:
    """Give each reply its path anew: a parent has a lower id than its answers, so its own is there before theirs."""
    connection = op.get_bind()
    replies = sa.table(
        "replies", *(sa.column(name) for name in ("id", "parent_id", "stance", "path", "path_head", "lot"))
    )
    paths: dict[int, str] = {}
    rows = []
    for row in connection.execute(
        sa.select(replies.c.id, replies.c.parent_id, replies.c.stance).order_by(replies.c.id)
    ):
        above = paths[row.parent_id] if row.parent_id else ""
        path = paths[row.id] = f"{above}{0 if row.stance == 'pro' else 1}{row.id:08x}"
        rows.append({"of": row.id, "path": path, "path_head": path[:HEAD], "lot": secrets.randbelow(2**31)})
    if rows:
        fill = sa.update(replies).where(replies.c.id == sa.bindparam("of"))
        names = {name: sa.bindparam(name) for name in ("path", "path_head", "lot")}
        connection.execute(fill.values(**names), rows)
    op.execute(
        "UPDATE replies SET citation_count = (SELECT count(*) FROM citations WHERE citations.reply_id = replies.id)"
    )
    op.execute(f"UPDATE replies SET stands = ({VISIBLE} OR branch_count > 0)")


def _settle() -> None:
    with op.batch_alter_table("replies") as replies:
        replies.alter_column("path_head", existing_type=sa.String(length=HEAD), nullable=False)
        replies.alter_column("lot", existing_type=sa.Integer(), nullable=False)
        replies.alter_column("citation_count", existing_type=sa.Integer(), nullable=False)
        replies.alter_column("stands", existing_type=sa.Boolean(), nullable=False)
        replies.create_check_constraint("stands", "stands = (state = 'visible' OR branch_count > 0)")


def _indexes() -> None:
    def order(name: str, *columns: str | sa.TextClause) -> None:
        first = ["paragraph_id", "parent_id", "stance", "stands"]
        op.create_index(f"ix_replies_{name}", "replies", [*first, *columns])

    def outline(name: str, condition: str, *columns: str) -> None:
        where = sa.text(condition)
        first = ["essay_id", "paragraph_id", "path_head"]
        op.create_index(f"ix_replies_{name}", "replies", [*first, *columns], sqlite_where=where, postgresql_where=where)

    newest = (sa.text("made_at DESC"), sa.text("id DESC"))
    op.create_index("ix_replies_essay_id_id", "replies", ["essay_id", "id"])
    order("best", sa.text("best DESC"), "downs", *newest)
    order("time", "made_at", "id")
    order("disputed", sa.text("disputed DESC"), sa.text("best DESC"), *newest)
    order("lot", "lot")
    outline("outline", VISIBLE, "depth", "id")
    outline("sourced", f"{VISIBLE} AND citation_count > 0", "id")
    outline("split", f"{VISIBLE} AND {DISPUTED}", "id")
