"""The work on a case, kept for figures; filled by a worker, and until then told from messages."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_case_work"
down_revision = "20261126_reading_marks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_work",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("took", sa.Interval(), nullable=True),
        sa.Column("wrote_again", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_work_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_work")),
    )
    op.create_table(
        "case_turns",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("turn", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_turns_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "turn", name=op.f("pk_case_turns")),
    )
    op.create_index("ix_case_turns_answered", "case_turns", ["answered_at"])
    op.create_table(
        "work_marks",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("walked_to", sa.BigInteger(), nullable=False),
        sa.Column("walk_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("walk_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repaired", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_marks")),
    )
    # What is in the journal so far is walked through, case by case; from here on the journal is followed.
    op.execute(
        "INSERT INTO work_marks (id, position, walked_to, repaired) "
        "SELECT 1, coalesce(max(position), 0), 0, 0 FROM journal"
    )
    op.create_index("ix_assignments_case", "assignments", ["case_id", "assigned_at"])
    op.create_index(
        "ix_case_changes_taken_back",
        "case_changes",
        ["case_id"],
        postgresql_where=sa.text("what = 'status' AND before = '\"resolved\"' AND after <> '\"closed\"'"),
    )


def downgrade() -> None:
    op.drop_index("ix_case_changes_taken_back", table_name="case_changes")
    op.drop_index("ix_assignments_case", table_name="assignments")
    op.drop_table("work_marks")
    op.drop_table("case_turns")
    op.drop_table("case_work")
