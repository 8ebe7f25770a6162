"""What a person did on a day is found by the person; when a chat was wrapped up is kept."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_diary"
down_revision = "20261126_forecasts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("chats", sa.Column("wrapped_up_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_offers_agent_ended",
        "offers",
        ["agent_id", "ended_at"],
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index("ix_assignments_agent", "assignments", ["agent_id", "assigned_at"])
    op.create_index(
        "ix_messages_written",
        "messages",
        ["agent_id", "at"],
        postgresql_where=sa.text("agent_id IS NOT NULL AND kind IN ('outbound', 'note')"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_written", "messages")
    op.drop_index("ix_assignments_agent", "assignments")
    op.drop_index("ix_offers_agent_ended", "offers")
    op.drop_column("chats", "wrapped_up_at")
