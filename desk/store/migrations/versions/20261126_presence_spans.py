"""Presence is remembered, with what the journal tells of the days before."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_presence_spans"
down_revision = "20261126_given_back"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "presence_spans",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("available", "away", "offline", name="presencestate", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_presence_spans_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_presence_spans"),
    )
    op.create_index(
        "uq_presence_spans_lasting",
        "presence_spans",
        ["agent_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index("ix_presence_spans_until", "presence_spans", ["until"])
    op.execute(
        """
        INSERT INTO presence_spans (agent_id, state, since, until)
        SELECT agent_id, state, since, until FROM (
          SELECT CAST(j.payload->>'agent_id' AS bigint) AS agent_id, j.payload->>'state' AS state,
            j.occurred_at AS since, lead(j.occurred_at) OVER (
              PARTITION BY j.payload->>'agent_id' ORDER BY j.occurred_at, j.id) AS until
          FROM journal j WHERE j.kind = 'PresenceChanged') told
        WHERE agent_id IN (SELECT id FROM agents)
          AND (until IS NULL OR until > now() - interval '730 days')
        """
    )


def downgrade() -> None:
    op.drop_table("presence_spans")
