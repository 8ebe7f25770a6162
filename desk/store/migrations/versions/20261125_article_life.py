"""Who owns an article, when it is looked at, published and retired; its translations and former addresses."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_article_life"
down_revision = "20261125_visitor_unseen"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LINKS = {
    "owner_id": "agents",
    "review_asked_by": "agents",
    "original_id": "articles",
    "replaced_by_id": "articles",
}


def upgrade() -> None:
    for name, table in LINKS.items():
        op.add_column("articles", sa.Column(name, sa.BigInteger(), nullable=True))
        op.create_foreign_key(f"fk_articles_{name}", "articles", table, [name], ["id"])
    op.add_column("articles", sa.Column("review_on", sa.Date(), nullable=True))
    op.add_column("articles", sa.Column("review_asked_at", MOMENT, nullable=True))
    op.add_column("articles", sa.Column("publish_at", MOMENT, nullable=True))
    op.add_column("articles", sa.Column("publish_revision", sa.BigInteger(), nullable=True))
    op.add_column("articles", sa.Column("retire_at", MOMENT, nullable=True))
    op.create_index("ix_articles_original_id", "articles", ["original_id"])
    for name in ("publish_at", "retire_at"):
        op.create_index(
            f"ix_articles_{name}", "articles", [name], postgresql_where=sa.text(f"{name} IS NOT NULL")
        )
    op.create_table(
        "article_slugs",
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_article_slugs_article_id"),
        sa.PrimaryKeyConstraint("slug", name="pk_article_slugs"),
    )


def downgrade() -> None:
    op.drop_table("article_slugs")
    for name in ("retire_at", "publish_at"):
        op.drop_index(f"ix_articles_{name}", table_name="articles")
    op.drop_index("ix_articles_original_id", table_name="articles")
    for name in ("retire_at", "publish_revision", "publish_at", "review_asked_at", "review_on"):
        op.drop_column("articles", name)
    for name in LINKS:
        op.drop_constraint(f"fk_articles_{name}", "articles", type_="foreignkey")
        op.drop_column("articles", name)
