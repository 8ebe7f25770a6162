"""What is searched for in the help centre, and which words mean the same."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "20261125_help_searches"
down_revision = "20261125_purchases"
branch_labels = None
depends_on = None

DOOR = sa.Enum("page", "typing", name="searchdoor", native_enum=False, length=24)


def upgrade() -> None:
    op.create_table(
        "help_searches",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("token", sa.String(20), nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("door", DOOR, nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_help_searches_article_id"),
        sa.PrimaryKeyConstraint("id", name="pk_help_searches"),
        sa.UniqueConstraint("token", name="uq_help_searches_token"),
    )
    op.create_index("ix_help_searches_at", "help_searches", ["at"])
    op.create_table(
        "search_synonyms",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("words", ARRAY(sa.String(80)), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_synonyms"),
    )


def downgrade() -> None:
    op.drop_table("search_synonyms")
    op.drop_table("help_searches")
