"""A draft of an answer belongs to the kind of channel it is for; until now that was mail."""

from alembic import op

revision = "20261125_drafts_by_channel"
down_revision = "20261125_inbox_kind"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE drafts SET kind = 'email' WHERE kind = 'reply'")
