"""Where two articles contradict each other, and which version of an article was compared last."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_contradictions"
down_revision = "20261126_proactive_texts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "articles", sa.Column("compared_version", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.alter_column("articles", "compared_version", server_default=None)
    op.create_index(
        "ix_articles_to_compare",
        "articles",
        ["id"],
        postgresql_where=sa.text("state = 'published' AND compared_version <> version"),
    )
    op.create_table(
        "article_contradictions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("other_revision", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("other_said", sa.Text(), nullable=False),
        sa.Column("value", sa.String(100), nullable=False),
        sa.Column("other_value", sa.String(100), nullable=False),
        sa.Column("likeness", sa.Float(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("article_id < other_id", name="article_contradictions_once"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"]),
        sa.ForeignKeyConstraint(["other_id"], ["articles.id"]),
        sa.ForeignKeyConstraint(["dismissed_by"], ["agents.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("article_id", "other_id"),
    )
    op.create_index("ix_article_contradictions_other_id", "article_contradictions", ["other_id"])


def downgrade() -> None:
    op.drop_table("article_contradictions")
    op.drop_index("ix_articles_to_compare", "articles")
    op.drop_column("articles", "compared_version")
