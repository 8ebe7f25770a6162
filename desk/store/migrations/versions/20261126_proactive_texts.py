"""Messages before the question leave by mail or by text."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_proactive_texts"
down_revision = "20261126_surveys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "proactive_messages", sa.Column("way", sa.String(24), nullable=False, server_default="email")
    )
    op.alter_column("proactive_messages", "way", server_default=None)


def downgrade() -> None:
    op.drop_column("proactive_messages", "way")
