"""After a case was resolved its customer may be asked how it went."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_surveys"
down_revision = "20261126_handle_times"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queues", sa.Column("survey", sa.String(24), nullable=False, server_default="nobody"))
    op.alter_column("queues", "survey", server_default=None)
    op.create_table(
        "surveys",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(12), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why_not", sa.String(300), nullable=True),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.Column("score", sa.BigInteger(), nullable=True),
        sa.Column("effort", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.String(1000), nullable=True),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_surveys_case_id"),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_surveys_outbox_id"),
        sa.PrimaryKeyConstraint("id", name="pk_surveys"),
        sa.UniqueConstraint("case_id", name="uq_surveys_case_id"),
        sa.UniqueConstraint("outbox_id", name="uq_surveys_outbox_id"),
    )
    for name in ("asked_at", "scored_at"):
        op.create_index(
            f"ix_surveys_{name}", "surveys", [name], postgresql_where=sa.text(f"{name} IS NOT NULL")
        )


def downgrade() -> None:
    op.drop_table("surveys")
    op.drop_column("queues", "survey")
