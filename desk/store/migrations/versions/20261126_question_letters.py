"""Letters of questions: who has them mailed, how often, and narrowed to what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_question_letters"
down_revision = "20261126_diary"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_letters",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "rhythm",
            sa.Enum("weekly", "monthly", "quarterly", name="rhythm", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("narrowed", postgresql.JSONB(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_question_letters_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_question_letters"),
        sa.UniqueConstraint(
            "agent_id", "rhythm", "narrowed", name="uq_question_letters_agent_id_rhythm_narrowed"
        ),
    )


def downgrade() -> None:
    op.drop_table("question_letters")
