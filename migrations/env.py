"""Runs the migrations on the connection that debate.schema holds; the transaction is the caller's."""

from alembic import context

from debate import models  # noqa: F401 (fills the metadata)
from debate.db import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
