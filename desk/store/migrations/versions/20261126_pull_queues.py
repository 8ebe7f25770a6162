"""Queues that are pulled from: nothing of them is offered, and how much of one an agent may have at hand."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_pull_queues"
down_revision = "20261126_help_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queues", sa.Column("pull", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("queues", "pull", server_default=None)
    op.add_column("queues", sa.Column("pull_limit", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("queues", "pull_limit", server_default=None)


def downgrade() -> None:
    op.drop_column("queues", "pull_limit")
    op.drop_column("queues", "pull")
