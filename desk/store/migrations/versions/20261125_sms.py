"""Texting: what was taken for us and its statuses, stops, files to fetch, spending, and a cursor."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "20261125_sms"
down_revision = "20261125_help_centre"
branch_labels = None
depends_on = None


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "sent_texts",
        _key(),
        sa.Column("message_sid", sa.String(64), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=False),
        _moment("at"),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_sent_texts_outbox_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sent_texts"),
        sa.UniqueConstraint("message_sid", name="uq_sent_texts_message_sid"),
    )
    op.create_index("ix_sent_texts_outbox_id", "sent_texts", ["outbox_id"])
    op.create_table(
        "text_statuses",
        _key(),
        sa.Column("message_sid", sa.String(64), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        _moment("at"),
        sa.Column("error_code", sa.String(12), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_text_statuses"),
        sa.UniqueConstraint("message_sid", "status", name="uq_text_statuses_message_sid_status"),
    )
    op.create_table(
        "suppressions",
        _key(),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        _moment("at"),
        sa.Column("source", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suppressions"),
        sa.UniqueConstraint("sender", "number", name="uq_suppressions_sender_number"),
    )
    states = sa.Enum("waiting", "done", "failed", name="fetchstate", native_enum=False, length=24)
    op.create_table(
        "media_fetches",
        _key(),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        _moment("not_before"),
        sa.Column("state", states, nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("trouble", sa.String(300), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_media_fetches_message_id"),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_media_fetches_channel_id"),
        sa.PrimaryKeyConstraint("id", name="pk_media_fetches"),
        sa.UniqueConstraint("message_id", "place", name="uq_media_fetches_message_id_place"),
    )
    op.create_index(
        "ix_media_fetches_due",
        "media_fetches",
        ["not_before", "id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "text_spends",
        _key(),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("scope", sa.String(40), nullable=False),
        sa.Column("segments", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_text_spends_channel_id"),
        sa.PrimaryKeyConstraint("id", name="pk_text_spends"),
        sa.UniqueConstraint("channel_id", "day", "scope", name="uq_text_spends_channel_id_day_scope"),
    )
    op.create_table(
        "text_cursors",
        _key(),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        _moment("seen_until"),
        _moment("looked_at"),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name="fk_text_cursors_channel_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_text_cursors"),
        sa.UniqueConstraint("channel_id", name="uq_text_cursors_channel_id"),
    )
