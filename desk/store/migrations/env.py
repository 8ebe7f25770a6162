"""Alembic's door: runs a migration on the connection it was handed."""

from alembic import context

from desk.model.record import Record
from desk.store.nouns import know_all_nouns

know_all_nouns()
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Record.metadata,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
