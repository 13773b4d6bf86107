"""Search: the terms of everything said, and each database's own index of them"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_search"
down_revision = "20261124_scale"
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE VIRTUAL TABLE finds_index
       USING fts5(terms, content='finds', content_rowid='id', tokenize='unicode61 remove_diacritics 0')""",
)
POSTGRESQL = (
    """CREATE TABLE finds_index
       (id integer PRIMARY KEY REFERENCES finds (id) ON DELETE CASCADE, terms tsvector NOT NULL)""",
    "CREATE INDEX finds_index_terms ON finds_index USING gin (terms)",
    """CREATE FUNCTION finds_indexed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         INSERT INTO finds_index VALUES (new.id, to_tsvector('simple', new.terms))
         ON CONFLICT (id) DO UPDATE SET terms = excluded.terms;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER finds_indexed AFTER INSERT OR UPDATE OF terms ON finds
       FOR EACH ROW EXECUTE FUNCTION finds_indexed()""",
)


def upgrade() -> None:
    op.create_table(
        "finds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wording_id", sa.Integer(), nullable=True),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("citation_id", sa.Integer(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(wording_id IS NOT NULL AND reply_id IS NULL AND citation_id IS NULL)"
            " OR (wording_id IS NULL AND reply_id IS NOT NULL AND citation_id IS NULL)"
            " OR (wording_id IS NULL AND reply_id IS NULL AND citation_id IS NOT NULL)",
            name=op.f("ck_finds_one"),
        ),
        sa.ForeignKeyConstraint(["wording_id"], ["wordings.id"], name=op.f("fk_finds_wording_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_finds_reply_id")),
        sa.ForeignKeyConstraint(["citation_id"], ["citations.id"], name=op.f("fk_finds_citation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finds")),
        sa.UniqueConstraint("wording_id", name=op.f("uq_finds_wording_id")),
        sa.UniqueConstraint("reply_id", name=op.f("uq_finds_reply_id")),
        sa.UniqueConstraint("citation_id", name=op.f("uq_finds_citation_id")),
    )
    connection = op.get_bind()
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    _fill(connection)
    if connection.dialect.name == "sqlite":
        op.execute("INSERT INTO finds_index (finds_index) VALUES ('rebuild')")


def _fill(connection: sa.Connection) -> None:
    """The terms of what there is already; the words that go before them are those of debate/actions/finds.py today."""
    from debate.text.terms import terms

    finds = sa.table("finds", *(sa.column(name) for name in ("wording_id", "reply_id", "citation_id", "terms")))

    def add(column: str, number: int, language: str, text: str, *about: str) -> None:
        said = " ".join([*about, f"xlang{language}", *terms(text, language)])
        none = {"wording_id": None, "reply_id": None, "citation_id": None}
        connection.execute(finds.insert().values(none | {column: number, "terms": said}))

    for row in connection.execute(
        sa.text(
            "SELECT w.id, w.source, e.id AS essay_id, e.language FROM wordings w "
            "JOIN paragraphs p ON p.id = w.paragraph_id JOIN essays e ON e.id = p.essay_id ORDER BY w.id"
        )
    ).all():
        add("wording_id", row.id, row.language, row.source, "xwording", f"xin{row.essay_id}")
    for row in connection.execute(
        sa.text(
            "SELECT r.id, r.body, r.side, r.author_id, e.id AS essay_id, e.language FROM replies r "
            "JOIN essays e ON e.id = r.essay_id ORDER BY r.id"
        )
    ).all():
        add(
            "reply_id",
            row.id,
            row.language,
            row.body,
            "xreply",
            f"xin{row.essay_id}",
            f"x{row.side}",
            f"xby{row.author_id}",
        )
    for row in connection.execute(
        sa.text(
            "SELECT c.id, c.url, c.quote, c.locator, c.by_id, r.side, e.id AS essay_id, e.language FROM citations c "
            "JOIN replies r ON r.id = c.reply_id JOIN essays e ON e.id = r.essay_id ORDER BY c.id"
        )
    ).all():
        text = f"{row.url}\n{row.quote}\n{row.locator}"
        add(
            "citation_id",
            row.id,
            row.language,
            text,
            "xcitation",
            f"xin{row.essay_id}",
            f"x{row.side}",
            f"xby{row.by_id}",
        )
