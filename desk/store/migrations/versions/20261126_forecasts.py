"""The forecast that the night made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_forecasts"
down_revision = "20261126_contradictions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forecasts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=True),
        sa.Column("problem", sa.String(500), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_forecasts"),
    )


def downgrade() -> None:
    op.drop_table("forecasts")
