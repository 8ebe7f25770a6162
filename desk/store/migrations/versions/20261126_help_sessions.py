"""Sessions of the help centre, a few of them held out of suggestions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_help_sessions"
down_revision = "20261126_policy_replays"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "help_sessions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("door", sa.String(24), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("articles", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("article_id", sa.BigInteger(), nullable=True),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_help_sessions_article_id"),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name="fk_help_sessions_address_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_help_sessions"),
        sa.UniqueConstraint("key", name="uq_help_sessions_key"),
    )
    op.create_index("ix_help_sessions_began_at", "help_sessions", ["began_at"])


def downgrade() -> None:
    op.drop_table("help_sessions")
