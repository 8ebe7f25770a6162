"""Goals of metrics, and what the metrics are found by."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_goals"
down_revision = "20261125_topic_alerts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "goals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("metric", sa.String(40), nullable=False),
        sa.Column("target", sa.Float(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "rhythm",
            sa.Enum("weekly", "monthly", "quarterly", name="rhythm", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["agents.id"], name="fk_goals_owner_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_goals_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_goals"),
    )
    op.create_index(
        "uq_goals_current", "goals", ["metric"], unique=True, postgresql_where=sa.text("is_current")
    )
    op.create_index("ix_goals_metric", "goals", ["metric", sa.text("id DESC")])
    op.create_index("ix_cases_opened", "cases", ["opened_at"])
    op.create_index(
        "ix_cases_ever_resolved",
        "cases",
        ["resolved_at"],
        postgresql_where=sa.text("resolved_at IS NOT NULL"),
    )
    op.create_index(
        "ix_case_changes_status", "case_changes", ["at"], postgresql_where=sa.text("what = 'status'")
    )
    op.create_index(
        "ix_journal_presence",
        "journal",
        ["occurred_at"],
        postgresql_where=sa.text("kind = 'PresenceChanged'"),
    )


def downgrade() -> None:
    op.drop_index("ix_journal_presence", "journal")
    op.drop_index("ix_case_changes_status", "case_changes")
    op.drop_index("ix_cases_ever_resolved", "cases")
    op.drop_index("ix_cases_opened", "cases")
    op.drop_table("goals")
