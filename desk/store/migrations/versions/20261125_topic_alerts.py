"""Rising topics: what was usual of each, and the alerts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261125_topic_alerts"
down_revision = "20261125_topics"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topic_levels",
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("counts", JSONB(), nullable=False),
        sa.Column("expected", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name="fk_topic_levels_topic_id"),
        sa.PrimaryKeyConstraint("topic_id", name="pk_topic_levels"),
    )
    op.create_table(
        "topic_alerts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=False),
        sa.Column("cause", JSONB(none_as_null=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name="fk_topic_alerts_topic_id"),
        sa.ForeignKeyConstraint(["seen_by_id"], ["agents.id"], name="fk_topic_alerts_seen_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_topic_alerts"),
    )
    op.create_index(
        "uq_topic_alerts_open", "topic_alerts", ["topic_id"], unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("topic_alerts")
    op.drop_table("topic_levels")
