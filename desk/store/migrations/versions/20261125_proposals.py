"""Proposals, what became of them, and what was measured."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261125_proposals"
down_revision = "20261126_journal_presence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "faq", "improve_article", "process_fix", "proactive",
                name="proposalkind", native_enum=False, length=24,
            ),
            nullable=False,
        ),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("saving", JSONB(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "new", "accepted", "in_effect", "proven", "not_proven", "declined",
                name="proposalstate", native_enum=False, length=24,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("in_effect_from", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.Column("article_id", sa.BigInteger(), nullable=True),
        sa.Column("joined_into_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name="fk_proposals_topic_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["agents.id"], name="fk_proposals_owner_id"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_proposals_article_id"),
        sa.ForeignKeyConstraint(["joined_into_id"], ["proposals.id"], name="fk_proposals_joined_into_id"),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
    )  # fmt: skip
    op.create_index(
        "uq_proposals_standing", "proposals", ["topic_id", "kind"], unique=True,
        postgresql_where=sa.text("state IN ('new', 'accepted', 'in_effect') AND joined_into_id IS NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_proposals_article", "proposals", ["article_id"],
        postgresql_where=sa.text("article_id IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "proposal_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "made", "renewed", "returned", "joined", "accepted", "drafted", "put_in_effect", "declined",
                "measured", "taken_back", name="proposaleventkind", native_enum=False, length=24,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_proposal_events_proposal_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_proposal_events_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_proposal_events"),
    )  # fmt: skip
    op.create_index("ix_proposal_events_proposal", "proposal_events", ["proposal_id", sa.text("id DESC")])
    op.create_table(
        "effect_readings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("weeks", sa.BigInteger(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("change", sa.Double(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("p", sa.Double(), nullable=True),
        sa.Column("detail", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_effect_readings_proposal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_effect_readings"),
        sa.UniqueConstraint("proposal_id", "weeks", name="uq_effect_readings_proposal_id_weeks"),
    )


def downgrade() -> None:
    op.drop_table("effect_readings")
    op.drop_table("proposal_events")
    op.drop_table("proposals")
