"""The inbox holds more than mail: each row says what kind of channel it came by."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_inbox_kind"
down_revision = "20261124_ground"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.Enum("email", "sms", "chat", "form", "api", name="channelkind", native_enum=False, length=24)
    # The default lets the former release go on writing while this one starts.
    op.add_column("inbox", sa.Column("kind", kind, nullable=False, server_default="email"))
    op.drop_index("ix_inbox_due", table_name="inbox")
    op.create_index(
        "ix_inbox_due",
        "inbox",
        ["kind", "not_before", "id"],
        postgresql_where=sa.text("state = 'received'"),
    )
