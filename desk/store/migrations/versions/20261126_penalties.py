"""What a missed promise costs, kept with its clock and in its ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_penalties"
down_revision = "20261126_second_level"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sla_clocks", sa.Column("missed_after", sa.Interval(), nullable=True))
    op.add_column("sla_clocks", sa.Column("penalty_terms", postgresql.JSONB(), nullable=True))
    op.add_column("sla_clocks", sa.Column("penalty", sa.Numeric(14, 2), nullable=True))
    op.add_column("sla_entries", sa.Column("penalty", sa.Numeric(14, 2), nullable=True))


def downgrade() -> None:
    op.drop_column("sla_entries", "penalty")
    op.drop_column("sla_clocks", "penalty")
    op.drop_column("sla_clocks", "penalty_terms")
    op.drop_column("sla_clocks", "missed_after")
