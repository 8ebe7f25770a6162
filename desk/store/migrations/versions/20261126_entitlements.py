"""Warranties and contracts, and whether the work on a case is covered by one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_entitlements"
down_revision = "20261126_pull_queues"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "entitlements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("product", sa.String(200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("category_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("allowance", sa.BigInteger(), nullable=True),
        sa.Column("whole_organisation", sa.Boolean(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_entitlements_customer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_entitlements"),
        sa.UniqueConstraint("external_id", name="uq_entitlements_external_id"),
    )
    op.create_index("ix_entitlements_customer_id", "entitlements", ["customer_id"])
    op.create_table(
        "entitlement_corrections",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entitlement_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(120), nullable=False),
        sa.Column("was", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entitlement_id"], ["entitlements.id"], name="fk_entitlement_corrections_entitlement_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_entitlement_corrections"),
    )
    op.create_index(
        "ix_entitlement_corrections_entitlement_id", "entitlement_corrections", ["entitlement_id"]
    )
    op.create_table(
        "case_covers",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("standing", sa.String(24), nullable=False),
        sa.Column("sentence", sa.String(500), nullable=False),
        sa.Column("product", sa.String(200), nullable=False),
        sa.Column("product_by_hand", sa.Boolean(), nullable=False),
        sa.Column("entitlement_id", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("billed_by_hand", sa.Boolean(), nullable=True),
        sa.Column("overruled", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(300), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_note", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_covers_case_id"),
        sa.ForeignKeyConstraint(
            ["entitlement_id"], ["entitlements.id"], name="fk_case_covers_entitlement_id"
        ),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_covers"),
    )
    op.create_index("ix_case_covers_entitlement_id", "case_covers", ["entitlement_id"])
    # What holds of every case so far needs no rewrite of the table, nor its scan for the index.
    op.add_column("cases", sa.Column("billable", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_cases_billable",
        "cases",
        [sa.text("last_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("billable"),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_billable", "cases")
    op.drop_column("cases", "billable")
    op.drop_table("case_covers")
    op.drop_table("entitlement_corrections")
    op.drop_table("entitlements")
