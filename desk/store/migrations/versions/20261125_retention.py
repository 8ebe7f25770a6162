"""Tasks to keep customers who are leaving."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_retention"
down_revision = "20261125_routing_policies"
branch_labels = None
depends_on = None

ACTION = sa.Enum("call", "coupon", "letter", "none", name="retentionaction", native_enum=False, length=24)
OUTCOME = sa.Enum(
    "kept", "lost", "unreached", "declined", "unprompted",
    name="retentionoutcome", native_enum=False, length=24,
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "retention_tasks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("action", ACTION, nullable=False),
        sa.Column("worth", sa.Numeric(14, 2), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", OUTCOME, nullable=True),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("cost", sa.Numeric(14, 2), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_retention_tasks_customer_id"),
        sa.ForeignKeyConstraint(["run_id"], ["value_runs.id"], name="fk_retention_tasks_run_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_retention_tasks_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_retention_tasks"),
    )
    op.create_index("ix_retention_tasks_customer_id", "retention_tasks", ["customer_id"])
    op.create_index(
        "uq_retention_tasks_open", "retention_tasks", ["customer_id"], unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("retention_tasks")
