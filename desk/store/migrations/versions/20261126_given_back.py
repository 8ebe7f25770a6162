"""Work that nobody answers is given back: the time that a queue leaves for it, and who gave back what."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_given_back"
down_revision = "20261125_goals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "queues", sa.Column("give_back_minutes", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.alter_column("queues", "give_back_minutes", server_default=None)
    op.add_column(
        "assignments", sa.Column("given_back", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.alter_column("assignments", "given_back", server_default=None)
    op.create_index(
        "ix_assignments_given_back", "assignments", ["case_id"], postgresql_where=sa.text("given_back")
    )


def downgrade() -> None:
    op.drop_index("ix_assignments_given_back", "assignments")
    op.drop_column("assignments", "given_back")
    op.drop_column("queues", "give_back_minutes")
