"""How far a run that finds topics is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_topic_progress"
down_revision = "20261126_entitlements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("topic_runs", sa.Column("progress", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("topic_runs", "progress")
