"""Coaching: notes, goals and answers about an agent's work."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_coaching"
down_revision = "20261126_queue_overflow"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coaching_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("note", "goal", "answer", name="entrykind", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("answers_id", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum("reached", "dropped", name="goaloutcome", native_enum=False, length=24),
            nullable=True,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_coaching_entries_agent_id"),
        sa.ForeignKeyConstraint(["author_id"], ["agents.id"], name="fk_coaching_entries_author_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_coaching_entries_case_id"),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name="fk_coaching_entries_topic_id"),
        sa.ForeignKeyConstraint(
            ["answers_id"], ["coaching_entries.id"], name="fk_coaching_entries_answers_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_coaching_entries"),
    )
    op.create_index("ix_coaching_entries_agent", "coaching_entries", ["agent_id", sa.text("id DESC")])


def downgrade() -> None:
    op.drop_table("coaching_entries")
