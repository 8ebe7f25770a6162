"""Articles for colleagues alone, the words of articles, what they were used for, what is wrong with them."""

import re
import unicodedata
from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "20261125_knowledge"
down_revision = "20261125_sms"
branch_labels = None
depends_on = None

LANGUAGES = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "nb": "norwegian",
    "nl": "dutch",
    "pt": "portuguese",
    "sv": "swedish",
}
DICTIONARY = (
    "CASE language "
    + " ".join(f"WHEN '{code}' THEN '{name}'::regconfig" for code, name in LANGUAGES.items())
    + " ELSE 'simple'::regconfig END"
)
TITLE = f"to_tsvector({DICTIONARY}, coalesce(shown_title, ''))"
KIND = sa.Enum("link", "text", "source", name="usekind", native_enum=False, length=24)
AUDIENCE = sa.Enum("public", "internal", name="audience", native_enum=False, length=24)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("articles", sa.Column("audience", AUDIENCE, nullable=False, server_default="public"))
    op.drop_index("ix_articles_title_trigram", table_name="articles")
    op.execute(f"ALTER TABLE articles ADD title_search tsvector GENERATED ALWAYS AS ({TITLE}) STORED")
    op.create_index("ix_articles_title_search", "articles", ["title_search"], postgresql_using="gin")
    op.create_index(
        "ix_articles_published", "articles", ["language"], postgresql_where=sa.text("state = 'published'")
    )
    op.create_table(
        "article_words",
        sa.Column("word", sa.String(64), nullable=False),
        sa.Column("public", sa.BigInteger(), nullable=False),
        sa.Column("internal", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("word", name="pk_article_words"),
    )
    op.create_index(
        "ix_article_words_letters",
        "article_words",
        ["word"],
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_article_words_beginning",
        "article_words",
        ["word"],
        postgresql_ops={"word": "varchar_pattern_ops"},
    )
    op.create_table(
        "article_uses",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_article_uses_article_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_article_uses_case_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_article_uses_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_article_uses"),
        sa.UniqueConstraint("article_id", "case_id", name="uq_article_uses_article_id_case_id"),
    )
    op.create_index("ix_article_uses_case", "article_uses", ["case_id"])
    op.create_table(
        "article_flags",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_article_flags_article_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_article_flags_agent_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_article_flags_case_id"),
        sa.ForeignKeyConstraint(["settled_by"], ["agents.id"], name="fk_article_flags_settled_by"),
        sa.PrimaryKeyConstraint("id", name="pk_article_flags"),
    )
    op.create_index("ix_article_flags_article_id", "article_flags", ["article_id"])
    op.create_index(
        "ix_article_flags_open",
        "article_flags",
        ["article_id"],
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    _count_words()


def _count_words() -> None:
    """What is published already, as `store/knowledge/article_words.py` counts; the empty word is in each."""
    connection = op.get_bind()
    counted: Counter[str] = Counter()
    rows = connection.execute(
        sa.text("SELECT shown_title, shown_text FROM articles WHERE state = 'published'")
    )
    for title, body in rows:
        plain = unicodedata.normalize("NFKC", f"{title}\n{body}").casefold()
        counted.update({"", *(word for word in re.findall(r"\w+", plain) if len(word) <= 64)})
    if counted:
        connection.execute(
            sa.text("INSERT INTO article_words (word, public, internal) VALUES (:word, :held, 0)"),
            [{"word": word, "held": held} for word, held in sorted(counted.items())],
        )


def downgrade() -> None:
    op.drop_table("article_flags")
    op.drop_table("article_uses")
    op.drop_table("article_words")
    op.drop_index("ix_articles_published", table_name="articles")
    op.drop_index("ix_articles_title_search", table_name="articles")
    op.drop_column("articles", "title_search")
    op.create_index(
        "ix_articles_title_trigram",
        "articles",
        ["shown_title"],
        postgresql_using="gin",
        postgresql_ops={"shown_title": "gin_trgm_ops"},
    )
    op.drop_column("articles", "audience")
