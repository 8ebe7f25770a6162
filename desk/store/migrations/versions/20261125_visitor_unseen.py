"""A visitor is seen in their chats; what their own row said of it was read by nobody."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_visitor_unseen"
down_revision = "20261125_worth"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("visitors", "seen_at")


def downgrade() -> None:
    op.add_column(
        "visitors",
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
