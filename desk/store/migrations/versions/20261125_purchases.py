"""Purchases by the number of the system that states them, what was said before, and who may call."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_purchases"
down_revision = "20261125_knowledge"
branch_labels = None
depends_on = None


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.add_column("purchases", sa.Column("external_id", sa.String(120), nullable=True))
    op.add_column("purchases", sa.Column("as_of", sa.DateTime(timezone=True), nullable=True))
    # The default lets the former release go on writing while this one starts.
    op.add_column("purchases", sa.Column("source", sa.String(120), nullable=False, server_default=""))
    # A return is a line of the same order, so an order and its line are no key any more.
    op.drop_constraint("uq_purchases_order_number_line", "purchases", type_="unique")
    op.create_unique_constraint("uq_purchases_external_id", "purchases", ["external_id"])
    op.create_table(
        "purchase_corrections",
        _key(),
        sa.Column("purchase_id", sa.BigInteger(), nullable=False),
        _moment("at"),
        sa.Column("source", sa.String(120), nullable=False),
        sa.Column("was", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchases.id"], name="fk_purchase_corrections_purchase_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_purchase_corrections"),
    )
    op.create_index("ix_purchase_corrections_purchase_id", "purchase_corrections", ["purchase_id"])
    op.create_table(
        "purchase_sources",
        _key(),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_purchase_sources"),
        sa.UniqueConstraint("name", name="uq_purchase_sources_name"),
    )


def downgrade() -> None:
    op.drop_table("purchase_sources")
    op.drop_table("purchase_corrections")
    op.drop_constraint("uq_purchases_external_id", "purchases", type_="unique")
    op.create_unique_constraint("uq_purchases_order_number_line", "purchases", ["order_number", "line"])
    for column in ("source", "as_of", "external_id"):
        op.drop_column("purchases", column)
