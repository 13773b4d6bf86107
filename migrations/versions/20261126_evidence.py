"""Sources that are described, merged, checked and asked for; DOIs and arXiv papers told from pages"""

import hashlib
import re

import sqlalchemy as sa
from alembic import op

revision = "20261126_evidence"
down_revision = "20261125_moderation"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BEFORE = (
    "lock", "unlock", "hide", "restore", "reply", "role", "keep", "reopen", "ask", "duplicate", "approve", "hold",
    "suspend", "ban", "lift", "admit", "refuse", "appoint", "dismiss", "erase", "erase-note", "premoderate", "uphold",
    "setting",
)  # fmt: skip
KIND = "kind IN ('', 'study', 'official', 'news', 'book', 'document', 'opinion', 'other')"
COUNTS = [f"{answer}_{side}" for answer in ("yes", "no", "shut") for side in ("pro", "con", "none")]
# Addresses that stand for an identifier, in the canonical form that they were stored in until now.
DOI = re.compile(r"https?://(?:dx\.|www\.)?doi\.org/(10\.\d{4,9}(?:\.\d+)*/[!-~]+?)[.,;]*")
ARXIV = re.compile(
    r"https?://(?:www\.)?arxiv\.org/(?:abs|pdf)/(\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})(?:v\d{1,3})?(?:\.pdf)?"
)


def upgrade() -> None:
    _added("replies", {"ask_count": (sa.Integer(), "0"), "evidence_version": (sa.Integer(), "0")})
    _added("paragraphs", {"cited_for": (sa.Integer(), "0"), "cited_against": (sa.Integer(), "0")})
    for column, side in (("cited_for", "pro"), ("cited_against", "con")):
        op.execute(
            f"UPDATE paragraphs SET {column} = coalesce((SELECT sum(r.citation_count) FROM replies r "
            f"WHERE r.paragraph_id = paragraphs.id AND r.state = 'visible' AND r.side = '{side}'), 0)"
        )
    _added("site", {"source_changes": (sa.Integer(), "0")})
    with op.batch_alter_table("rulings") as rulings:
        rulings.drop_constraint(op.f("ck_rulings_act"), type_="check")
        rulings.create_check_constraint(
            op.f("ck_rulings_act"), f"act IN {(*BEFORE, 'merge', 'separate', 'hide-edit', 'show-edit')!r}"
        )
    _notices()
    _sources()
    _citations()
    _tables()
    _recognise()


def _column(name: str, kind: sa.types.TypeEngine, *, null: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=null)


def _key(table: str, column: str, of: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [of], name=op.f(f"fk_{table}_{column}"))


def _added(table: str, columns: dict[str, tuple[sa.types.TypeEngine, str]]) -> None:
    """New columns that are not null, each with the value that rows there get."""
    if op.get_bind().dialect.name == "sqlite" and table == "replies":
        # Its indexes go down in part, which a table made anew would forget: the default stays in the schema instead.
        for name, (kind, value) in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=False, server_default=sa.text(value)))
        return
    with op.batch_alter_table(table) as batch:
        for name, (kind, value) in columns.items():
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=sa.text(value)))
    with op.batch_alter_table(table) as batch:
        for name, (kind, _) in columns.items():
            batch.alter_column(name, server_default=None, existing_type=kind, existing_nullable=False)


def _notices() -> None:
    op.drop_index("uq_notices_answer", "notices")
    with op.batch_alter_table("notices") as notices:
        for name in ("kind", "about", "answer"):
            notices.drop_constraint(op.f(f"ck_notices_{name}"), type_="check")
        notices.create_check_constraint(op.f("ck_notices_kind"), "kind IN ('answer', 'ask', 'source', 'ruling')")
        notices.create_check_constraint(op.f("ck_notices_about"), "(kind = 'ruling') = (ruling_id IS NOT NULL)")
        notices.create_check_constraint(op.f("ck_notices_reply"), "kind = 'ruling' OR reply_id IS NOT NULL")
    once = sa.text("kind IN ('answer', 'ask', 'source')")
    op.create_index(
        "uq_notices_once", "notices", ["user_id", "reply_id", "kind"],
        unique=True, sqlite_where=once, postgresql_where=once,
    )  # fmt: skip


def _described() -> list[sa.Column]:
    return [
        _column("title", sa.String(300)),
        _column("authors", sa.String(1000)),
        _column("year", sa.Integer(), null=True),
        _column("publisher", sa.String(300)),
        _column("kind", sa.String(8)),
        _column("archive_url", sa.Text()),
    ]


def _sources() -> None:
    with op.batch_alter_table("sources") as sources:
        sources.drop_constraint(op.f("ck_sources_scheme"), type_="check")
        for column in _described():
            if not column.nullable:
                column.server_default = sa.DefaultClause(sa.text("''"))
            sources.add_column(column)
        for name in ("edits", "unopened"):
            sources.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0")))
        sources.add_column(_column("merged_into_id", sa.Integer(), null=True))
        sources.add_column(_column("dead_since", MOMENT, null=True))
        sources.create_check_constraint(op.f("ck_sources_scheme"), "scheme IN ('url', 'doi', 'isbn', 'arxiv')")
        sources.create_check_constraint(op.f("ck_sources_kind"), KIND)
        sources.create_check_constraint(op.f("ck_sources_merged"), "merged_into_id <> id")
        sources.create_foreign_key(op.f("fk_sources_merged_into_id"), "sources", ["merged_into_id"], ["id"])
    with op.batch_alter_table("sources") as sources:
        for column in _described():
            if not column.nullable:
                sources.alter_column(
                    column.name, server_default=None, existing_type=column.type, existing_nullable=False
                )
        for name in ("edits", "unopened"):
            sources.alter_column(name, server_default=None, existing_type=sa.Integer(), existing_nullable=False)
    op.create_index("ix_sources_merged_into_id", "sources", ["merged_into_id"])


def _citations() -> None:
    with op.batch_alter_table("citations") as citations:
        citations.add_column(_column("given_id", sa.Integer(), null=True))
        for name in COUNTS:
            citations.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.execute("UPDATE citations SET given_id = source_id")
    with op.batch_alter_table("citations") as citations:
        citations.alter_column("given_id", nullable=False, existing_type=sa.Integer())
        for name in COUNTS:
            citations.alter_column(name, server_default=None, existing_type=sa.Integer(), existing_nullable=False)
        citations.drop_constraint(op.f("uq_citations_reply_id_source_id_quote_digest"), type_="unique")
        citations.create_unique_constraint(
            op.f("uq_citations_reply_id_given_id_quote_digest"), ["reply_id", "given_id", "quote_digest"]
        )
        citations.create_foreign_key(op.f("fk_citations_given_id"), "sources", ["given_id"], ["id"])
    op.create_index("ix_citations_given_id", "citations", ["given_id"])
    _added("citings", {"confirmed": (sa.Integer(), "0"), "denied": (sa.Integer(), "0")})
    with op.batch_alter_table("citings") as citings:
        citings.drop_constraint(op.f("ck_citings_counts"), type_="check")
        citings.create_check_constraint(
            op.f("ck_citings_counts"),
            "count = pro + con AND pro >= 0 AND con >= 0 AND confirmed >= 0 AND denied >= 0"
            " AND confirmed + denied <= count",
        )


def _tables() -> None:
    op.create_table(
        "source_edits",
        _column("id", sa.Integer()),
        _column("source_id", sa.Integer()),
        _column("number", sa.Integer()),
        _column("act", sa.String(8)),
        _column("other_id", sa.Integer(), null=True),
        _column("by_id", sa.Integer()),
        _column("made_at", MOMENT),
        _column("hidden", sa.Boolean()),
        *_described(),
        sa.CheckConstraint("act IN ('describe', 'merge', 'separate')", name=op.f("ck_source_edits_act")),
        sa.CheckConstraint(KIND, name=op.f("ck_source_edits_kind")),
        _key("source_edits", "source_id", "sources.id"),
        _key("source_edits", "other_id", "sources.id"),
        _key("source_edits", "by_id", "users.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_edits")),
        sa.UniqueConstraint("source_id", "number", name=op.f("uq_source_edits_source_id_number")),
    )
    op.create_table(
        "checks",
        _column("user_id", sa.Integer()),
        _column("citation_id", sa.Integer()),
        _column("answer", sa.String(4)),
        _column("side", sa.String(4)),
        _column("aside", sa.Boolean()),
        _column("made_at", MOMENT),
        sa.CheckConstraint("answer IN ('yes', 'no', 'shut')", name=op.f("ck_checks_answer")),
        sa.CheckConstraint("side IN ('pro', 'con', 'none')", name=op.f("ck_checks_side")),
        _key("checks", "user_id", "users.id"),
        _key("checks", "citation_id", "citations.id"),
        sa.PrimaryKeyConstraint("user_id", "citation_id", name=op.f("pk_checks")),
    )
    op.create_index("ix_checks_citation_id", "checks", ["citation_id"])
    op.create_table(
        "asks",
        _column("user_id", sa.Integer()),
        _column("reply_id", sa.Integer()),
        _column("made_at", MOMENT),
        _column("answered_at", MOMENT, null=True),
        _column("aside", sa.Boolean()),
        _key("asks", "user_id", "users.id"),
        _key("asks", "reply_id", "replies.id"),
        sa.PrimaryKeyConstraint("user_id", "reply_id", name=op.f("pk_asks")),
    )
    op.create_index("ix_asks_reply_id", "asks", ["reply_id"])


def _recognise() -> None:
    """What was stored as the page of a DOI or an arXiv paper becomes that; a second one of the same is merged into the
    first, as a moderator would, and its citations count as the first."""
    connection = op.get_bind()
    sources = sa.table("sources", *map(sa.column, ("id", "scheme", "canonical", "digest", "merged_into_id")))
    citations = sa.table("citations", *map(sa.column, ("source_id", "given_id")))
    first: dict[tuple[str, str], int] = {}
    merged = False
    for row in connection.execute(sa.select(sources).where(sources.c.scheme == "url").order_by(sources.c.id)).all():
        doi, paper = DOI.fullmatch(row.canonical), ARXIV.fullmatch(row.canonical)
        if (doi is None and paper is None) or "%" in row.canonical or "?" in row.canonical:
            continue
        found = ("arxiv", paper[1]) if paper else ("doi", doi[1].lower() if doi else "")
        if found[1].startswith("10.48550/arxiv."):
            found = ("arxiv", found[1].removeprefix("10.48550/arxiv."))
        there = first.setdefault(found, row.id)
        if there == row.id:
            digest = hashlib.sha256(found[1].encode()).hexdigest()
            values = {"scheme": found[0], "canonical": found[1], "digest": digest}
            connection.execute(sa.update(sources).where(sources.c.id == row.id).values(values))
        else:
            merged = True
            connection.execute(sa.update(sources).where(sources.c.id == row.id).values(merged_into_id=there))
            of_it = citations.c.given_id == row.id
            connection.execute(sa.update(citations).where(of_it).values(source_id=there))
    if merged:
        connection.execute(sa.text("DELETE FROM citings"))
        connection.execute(
            sa.text(
                "INSERT INTO citings (essay_id, source_id, pro, con, count, confirmed, denied) "
                "SELECT r.essay_id, c.source_id, sum(CASE WHEN r.side = 'pro' THEN 1 ELSE 0 END), "
                "sum(CASE WHEN r.side = 'con' THEN 1 ELSE 0 END), count(*), 0, 0 "
                "FROM citations c JOIN replies r ON r.id = c.reply_id WHERE r.state = 'visible' "
                "GROUP BY r.essay_id, c.source_id"
            )
        )
