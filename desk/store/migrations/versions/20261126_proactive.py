"""Messages to those whom a question awaits, and whom they told or held out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_proactive"
down_revision = "20261126_topic_progress"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proactive_messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("segment", postgresql.JSONB(), nullable=False),
        sa.Column("texts", postgresql.JSONB(), nullable=False),
        sa.Column("held_percent", sa.BigInteger(), nullable=False),
        sa.Column("once_in_days", sa.BigInteger(), nullable=False),
        sa.Column("quiet_from", sa.BigInteger(), nullable=False),
        sa.Column("quiet_until", sa.BigInteger(), nullable=False),
        sa.Column("within_days", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_proactive_messages_proposal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_proactive_messages"),
    )
    op.create_index(
        "uq_proactive_messages_standing",
        "proactive_messages",
        ["proposal_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'stopped'"),
    )
    op.create_table(
        "proactive_recipients",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.String(80), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["proactive_messages.id"], name="fk_proactive_recipients_message_id"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_proactive_recipients_customer_id"
        ),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_proactive_recipients_outbox_id"),
        sa.PrimaryKeyConstraint("id", name="pk_proactive_recipients"),
        sa.UniqueConstraint(
            "message_id", "customer_id", "about", name="uq_proactive_recipients_message_id_customer_id_about"
        ),
        sa.UniqueConstraint("outbox_id", name="uq_proactive_recipients_outbox_id"),
    )
    op.create_index(
        "ix_proactive_recipients_customer", "proactive_recipients", ["customer_id", sa.text("due_at DESC")]
    )


def downgrade() -> None:
    op.drop_table("proactive_recipients")
    op.drop_table("proactive_messages")
