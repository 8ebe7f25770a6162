"""Scheduled replies: answers that leave at a moment their agent chose."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_scheduled_replies"
down_revision = "20261126_reminders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scheduled_replies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_id", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "held_back",
                "sent",
                "cancelled",
                name="scheduledstate",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("why", sa.String(500), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_scheduled_replies_case_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_scheduled_replies_agent_id"),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_scheduled_replies_channel_id"),
        sa.PrimaryKeyConstraint("id", name="pk_scheduled_replies"),
        sa.UniqueConstraint("agent_id", "client_id", name="uq_scheduled_replies_agent_id_client_id"),
    )
    pending = sa.text("state IN ('waiting', 'held_back')")
    waiting = sa.text("state = 'waiting'")
    op.create_index("ix_scheduled_replies_due", "scheduled_replies", ["at"], postgresql_where=waiting)
    op.create_index("ix_scheduled_replies_case", "scheduled_replies", ["case_id"], postgresql_where=pending)
    op.create_index(
        "ix_scheduled_replies_agent", "scheduled_replies", ["agent_id", "at"], postgresql_where=pending
    )


def downgrade() -> None:
    op.drop_table("scheduled_replies")
