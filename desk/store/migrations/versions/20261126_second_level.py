"""Rules that raise cases to the second level: by queue, by category, and not against a person's word."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_second_level"
down_revision = "20261126_coaching"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("second_level_minutes", "second_level_reopens"):
        op.add_column("queues", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
        op.alter_column("queues", name, server_default=None)
    op.add_column("queues", sa.Column("second_level_queue_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_queues_second_level_queue_id", "queues", "queues", ["second_level_queue_id"], ["id"]
    )
    op.add_column(
        "categories", sa.Column("second_level", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.alter_column("categories", "second_level", server_default=None)
    # What comes in is written without naming it.
    op.add_column(
        "cases", sa.Column("level_by_hand", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("cases", "level_by_hand")
    op.drop_column("categories", "second_level")
    op.drop_constraint("fk_queues_second_level_queue_id", "queues", type_="foreignkey")
    for name in ("second_level_queue_id", "second_level_reopens", "second_level_minutes"):
        op.drop_column("queues", name)
