"""The unique index of an outgoing message's Message-ID finds it; a second one was only written."""

from alembic import op

revision = "20261126_one_index_a_column"
down_revision = "20261126_question_letters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_outbox_internet_id", table_name="outbox")


def downgrade() -> None:
    op.create_index("ix_outbox_internet_id", "outbox", ["internet_id"])
