"""What is kept of the work on cases refers to none of them: a row that refers to a case holds it."""

from alembic import op

revision = "20261126_kept_work_holds_no_case"
down_revision = "20261126_calibrations"
branch_labels = None
depends_on = None

_TABLES = ("case_work", "case_turns")


def upgrade() -> None:
    for table in _TABLES:
        op.drop_constraint(op.f(f"fk_{table}_case_id"), table, type_="foreignkey")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DELETE FROM {table} k WHERE NOT EXISTS (SELECT FROM cases c WHERE c.id = k.case_id)")  # noqa: S608
        op.create_foreign_key(
            op.f(f"fk_{table}_case_id"), table, "cases", ["case_id"], ["id"], ondelete="CASCADE"
        )
