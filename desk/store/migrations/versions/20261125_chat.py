"""Visitors and their chats, the order in which a visitor sees messages, and the time to wrap up."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_chat"
down_revision = "20261125_verdict_source"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "visitors",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("public", sa.String(32), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(320), nullable=True),
        sa.Column("external_id", sa.String(320), nullable=True),
        sa.Column("identified_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_visitors_channel_id_channels"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_visitors_customer_id_customers"),
        sa.PrimaryKeyConstraint("id", name="pk_visitors"),
        sa.UniqueConstraint("public", name="uq_visitors_public"),
        sa.UniqueConstraint("secret_hash", name="uq_visitors_secret_hash"),
    )
    op.create_index("ix_visitors_channel_id", "visitors", ["channel_id"])
    op.create_index("ix_visitors_customer_id", "visitors", ["customer_id"])
    _create_chats()
    op.add_column("messages", sa.Column("sequence", sa.BigInteger(), nullable=True))
    op.add_column(
        "messages", sa.Column("whisper", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.create_index(
        "uq_messages_conversation_sequence",
        "messages",
        ["conversation_id", "sequence"],
        unique=True,
        postgresql_where=sa.text("sequence IS NOT NULL"),
    )
    op.add_column("attachments", sa.Column("visitor_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_attachments_visitor_id_visitors", "attachments", "visitors", ["visitor_id"], ["id"]
    )
    # The defaults let the former release go on writing while this one starts.
    op.add_column(
        "queues", sa.Column("wrap_up_seconds", sa.BigInteger(), nullable=False, server_default=sa.text("30"))
    )


def _create_chats() -> None:
    state = sa.Enum("waiting", "live", "left", "ended", name="chatstate", native_enum=False, length=24)
    ended_by = sa.Enum("visitor", "agent", "silence", name="endedby", native_enum=False, length=24)
    op.create_table(
        "chats",
        sa.Column("conversation_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("visitor_id", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("last_visitor_at", MOMENT, nullable=False),
        sa.Column("visitor_seen_at", MOMENT, nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("visitor_read", sa.BigInteger(), nullable=False),
        sa.Column("agent_read", sa.BigInteger(), nullable=False),
        sa.Column("mailed_sequence", sa.BigInteger(), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=True),
        sa.Column("last_agent_at", MOMENT, nullable=True),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", ended_by, nullable=True),
        sa.Column("wrap_up_until", MOMENT, nullable=True),
        sa.Column("email", sa.String(320), nullable=True),
        sa.Column("score", sa.BigInteger(), nullable=True),
        sa.Column("score_comment", sa.String(1000), nullable=True),
        sa.Column("scored_at", MOMENT, nullable=True),
        sa.Column("page", sa.String(500), nullable=True),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_chats_conversation_id_conversations"
        ),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitors.id"], name="fk_chats_visitor_id_visitors"),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_chats"),
    )
    op.create_index("ix_chats_visitor", "chats", ["visitor_id", sa.text("conversation_id DESC")])
    op.create_index(
        "ix_chats_going_on", "chats", ["visitor_seen_at"], postgresql_where=sa.text("state <> 'ended'")
    )
    op.create_index(
        "ix_chats_wrap_up", "chats", ["wrap_up_until"], postgresql_where=sa.text("wrap_up_until IS NOT NULL")
    )
