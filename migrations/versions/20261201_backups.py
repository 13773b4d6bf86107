"""A note of backups that PostgreSQL's own tools make"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_backups"
down_revision = "20261129_accounts"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "backup_notes",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", MOMENT, nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        *(sa.Column(name, MOMENT, nullable=True) for name in ("checked_at", "checked_of", "restored_at")),
        sa.CheckConstraint("id = 1", name=op.f("ck_backup_notes_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_notes")),
    )
