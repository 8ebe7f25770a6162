"""Spans tell of presence; the journal is not asked for it any more."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_journal_presence"
down_revision = "20261126_presence_spans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_journal_presence", "journal")


def downgrade() -> None:
    op.create_index(
        "ix_journal_presence",
        "journal",
        ["occurred_at"],
        postgresql_where=sa.text("kind = 'PresenceChanged'"),
    )
