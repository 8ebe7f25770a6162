"""Queues whose cases others may take too: which queue helps out, and after how many minutes of waiting."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_queue_overflow"
down_revision = "20261126_proactive"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queues", sa.Column("overflow_queue_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_queues_overflow_queue_id", "queues", "queues", ["overflow_queue_id"], ["id"])
    op.add_column(
        "queues", sa.Column("overflow_minutes", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.alter_column("queues", "overflow_minutes", server_default=None)


def downgrade() -> None:
    op.drop_column("queues", "overflow_minutes")
    op.drop_constraint("fk_queues_overflow_queue_id", "queues", type_="foreignkey")
    op.drop_column("queues", "overflow_queue_id")
