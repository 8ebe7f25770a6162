"""Reminders: a word and a time, of a case or free-standing, each one person's own."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_reminders"
down_revision = "20261126_case_work"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_reminders_agent_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_reminders_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reminders"),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index("ix_reminders_open", "reminders", ["agent_id", "at"], postgresql_where=is_open)
    is_due = sa.text("told_at IS NULL AND ended_at IS NULL")
    op.create_index("ix_reminders_due", "reminders", ["at"], postgresql_where=is_due)
    of_case = sa.text("case_id IS NOT NULL")
    op.create_index("ix_reminders_case_id", "reminders", ["case_id"], postgresql_where=of_case)


def downgrade() -> None:
    op.drop_table("reminders")
