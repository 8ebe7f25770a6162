"""Chats with answers that the visitor has not read, found at once."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_chat_answered"
down_revision = "20261125_chat"
branch_labels = None
depends_on = None


def upgrade() -> None:
    answered = sa.Column("answered_sequence", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    op.add_column("chats", answered)
    op.create_index(
        "ix_chats_unread",
        "chats",
        ["visitor_seen_at"],
        postgresql_where=sa.text(
            "email IS NOT NULL AND answered_sequence > visitor_read AND answered_sequence > mailed_sequence"
        ),
    )
