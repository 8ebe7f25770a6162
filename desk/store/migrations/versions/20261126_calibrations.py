"""Calibrations: two reviewers judge one case, each for themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_calibrations"
down_revision = "20261126_scheduled_replies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calibrations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_calibrations_case_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_calibrations_agent_id"),
        sa.ForeignKeyConstraint(["first_id"], ["agents.id"], name="fk_calibrations_first_id"),
        sa.ForeignKeyConstraint(["second_id"], ["agents.id"], name="fk_calibrations_second_id"),
        sa.PrimaryKeyConstraint("id", name="pk_calibrations"),
    )
    newest = sa.text("id DESC")
    op.create_index("ix_calibrations_first", "calibrations", ["first_id", newest])
    op.create_index("ix_calibrations_second", "calibrations", ["second_id", newest])
    op.create_table(
        "calibration_reviews",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("calibration_id", sa.BigInteger(), nullable=False),
        sa.Column("reviewer_id", sa.BigInteger(), nullable=False),
        sa.Column("levels", postgresql.JSONB(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["calibration_id"], ["calibrations.id"], name="fk_calibration_reviews_calibration_id"
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["agents.id"], name="fk_calibration_reviews_reviewer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_calibration_reviews"),
        sa.UniqueConstraint(
            "calibration_id", "reviewer_id", name="uq_calibration_reviews_calibration_id_reviewer_id"
        ),
    )


def downgrade() -> None:
    op.drop_table("calibration_reviews")
    op.drop_table("calibrations")
