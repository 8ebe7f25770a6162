"""What customers are worth: runs, figures, changes of tiers, and tiers set by hand."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_worth"
down_revision = "20261125_clocks"
branch_labels = None
depends_on = None

TIER = sa.Enum("bronze", "silver", "gold", "platinum", name="tier", native_enum=False, length=24)


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(), nullable=False)


def upgrade() -> None:
    # The default lets the former release go on writing while this one starts.
    op.add_column(
        "customers", sa.Column("tier_by_hand", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.create_table(
        "value_runs",
        _key(),
        _moment("asked_at"),
        sa.Column("asked_by", sa.String(120), nullable=False),
        _moment("started_at", nullable=True),
        _moment("finished_at", nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        _number("customers"),
        _number("purchases"),
        _json("policy"),
        _json("parameters"),
        _json("cuts"),
        _json("remarks"),
        sa.PrimaryKeyConstraint("id", name="pk_value_runs"),
    )
    op.create_index(
        "ix_value_runs_unfinished", "value_runs", ["asked_at"],
        postgresql_where=sa.text("finished_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "customer_values",
        _number("customer_id"),
        _number("run_id"),
        _number("recency"),
        _number("frequency"),
        sa.Column("monetary", sa.Numeric(14, 2), nullable=False),
        _number("r"),
        _number("f"),
        _number("m"),
        sa.Column("alive", sa.Float(), nullable=False),
        sa.Column("purchases", sa.Float(), nullable=False),
        sa.Column("value", sa.Numeric(14, 2), nullable=False),
        sa.Column("low", sa.Numeric(14, 2), nullable=False),
        sa.Column("high", sa.Numeric(14, 2), nullable=False),
        sa.Column("above", sa.Float(), nullable=False),
        sa.Column("prior", sa.Boolean(), nullable=False),
        sa.Column("spends_less", sa.Boolean(), nullable=False),
        sa.Column("fell_silent", sa.Boolean(), nullable=False),
        sa.Column("habit", sa.Numeric(14, 2), nullable=True),
        sa.Column("lately", sa.Numeric(14, 2), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_customer_values_customer_id"),
        sa.ForeignKeyConstraint(["run_id"], ["value_runs.id"], name="fk_customer_values_run_id"),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_values"),
    )
    op.create_index("ix_customer_values_value", "customer_values", ["value"])
    op.create_index(
        "ix_customer_values_deserting", "customer_values", ["value"],
        postgresql_where=sa.text("spends_less OR fell_silent"),
    )  # fmt: skip
    op.create_table(
        "tier_changes",
        _key(),
        _number("customer_id"),
        _moment("at"),
        sa.Column("before", TIER, nullable=False),
        sa.Column("after", TIER, nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_tier_changes_customer_id"),
        sa.ForeignKeyConstraint(["run_id"], ["value_runs.id"], name="fk_tier_changes_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tier_changes"),
    )
    op.create_index("ix_tier_changes_customer_id", "tier_changes", ["customer_id"])


def downgrade() -> None:
    for table in ("tier_changes", "customer_values", "value_runs"):
        op.drop_table(table)
    op.drop_column("customers", "tier_by_hand")
