"""From which message on a heap is read by several."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_reading_marks"
down_revision = "20261126_one_index_a_column"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reading_marks",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_reading_marks"),
    )


def downgrade() -> None:
    op.drop_table("reading_marks")
