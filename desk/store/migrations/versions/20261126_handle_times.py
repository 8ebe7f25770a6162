"""Handle times, learnt by agent and queue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_handle_times"
down_revision = "20261126_penalties"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handle_times",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=True),
        sa.Column("cases", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.Double(), nullable=False),
        sa.Column("precision", sa.Double(), nullable=False),
        sa.Column("minutes", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_handle_times_agent_id"),
        sa.ForeignKeyConstraint(["queue_id"], ["queues.id"], name="fk_handle_times_queue_id"),
        sa.PrimaryKeyConstraint("id", name="pk_handle_times"),
    )
    op.create_index(
        "uq_handle_times_agent_id_queue_id",
        "handle_times",
        ["agent_id", "queue_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    op.drop_table("handle_times")
