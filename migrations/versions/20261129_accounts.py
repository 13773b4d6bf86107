"""Sessions that can be listed and ended, letters, addresses that are confirmed, second steps, deleted accounts"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_accounts"
down_revision = "20261127_revisions"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        # Anybody can type anybody's address: it is one account's alone only once it has been confirmed.
        users.drop_constraint(op.f("uq_users_email_key"), type_="unique")
        users.add_column(sa.Column("confirmed_key", sa.String(254), nullable=True))
        users.add_column(sa.Column("deleted_at", MOMENT, nullable=True))
        users.create_unique_constraint(op.f("uq_users_confirmed_key"), ["confirmed_key"])
    op.create_index(op.f("ix_users_email_key"), "users", ["email_key"])
    _of_users(
        "sign_ins",
        _words("digest", 64),
        _words("device", 80),
        *(_moment(n) for n in ("made_at", "used_at", "until")),
        unique="digest",
    )
    _of_users(
        "mail_tokens",
        _words("purpose", 7),
        _words("digest", 64),
        _words("email", 254),
        _moment("until"),
        _one_of("mail_tokens", "purpose", ("confirm", "reset", "move")),
        unique="digest",
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        _words("address", 254),
        _words("subject", 300),
        sa.Column("body", sa.Text(), nullable=False),
        _moment("made_at"),
        _moment("due_at"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
    )
    op.create_index(op.f("ix_letters_due_at"), "letters", ["due_at"])
    op.create_table(
        "retired_names", _words("digest", 64), sa.PrimaryKeyConstraint("digest", name=op.f("pk_retired_names"))
    )
    _of_users(
        "steps",
        _words("kind", 7),
        _words("name", 60),
        _words("secret", 64),
        sa.Column("latest", sa.BigInteger(), nullable=False),
        sa.Column("credential", sa.String(1400), nullable=True),
        _words("public_key", 2000),
        _moment("made_at"),
        sa.Column("used_at", MOMENT, nullable=True),
        _one_of("steps", "kind", ("app", "passkey")),
        unique="credential",
    )
    _of_users("recovery_codes", _words("digest", 64))


def _of_users(table: str, *columns: sa.Column | sa.CheckConstraint, unique: str = "") -> None:
    """A table of which each row is one account's."""
    only = [sa.UniqueConstraint(unique, name=op.f(f"uq_{table}_{unique}"))] if unique else []
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        *columns,
        *only,
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_user_id"), table, ["user_id"])


def _words(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=False)


def _moment(name: str) -> sa.Column:
    return sa.Column(name, MOMENT, nullable=False)


def _one_of(table: str, name: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{name} IN {values!r}", name=op.f(f"ck_{table}_{name}"))
