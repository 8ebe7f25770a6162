"""What a verdict on the sender rests on."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_verdict_source"
down_revision = "20261125_drafts_by_channel"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("verdict_source", sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column("messages", "verdict_source")
