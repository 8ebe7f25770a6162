"""Routing policies with versions; tier minutes that a manager had set become a part of the first."""

import json
from math import exp

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_routing_policies"
down_revision = "20261125_article_life"
branch_labels = None
depends_on = None

TIERS = ("bronze", "silver", "gold", "platinum")
MAIL_LEAD = 45.0
"""Minutes by which mail of a customer worth e times the mean moves forward."""


def upgrade() -> None:
    op.create_table(
        "routing_policies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "active", "retired", name="routingpolicystate", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("based_on_id", sa.BigInteger(), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_by_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_policies")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["agents.id"], name=op.f("fk_routing_policies_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["activated_by_id"], ["agents.id"], name=op.f("fk_routing_policies_activated_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["based_on_id"], ["routing_policies.id"], name=op.f("fk_routing_policies_based_on_id")
        ),
    )
    op.create_index(
        "uq_routing_policies_active",
        "routing_policies",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index(
        "ix_cases_chats_opened", "cases", ["opened_at"], postgresql_where=sa.text("channel = 'chat'")
    )
    bind = op.get_bind()
    kept = bind.execute(sa.text("SELECT value FROM policies WHERE key = 'tier_minutes'")).scalar()
    if kept is not None:
        bind.execute(
            sa.text(
                "INSERT INTO routing_policies (body, created_at, note, state, activated_at)"
                " VALUES (CAST(:body AS jsonb), now(), 'The tier minutes as they were', 'active', now())"
            ),
            {"body": json.dumps(_first(kept))},
        )
        bind.execute(sa.text("DELETE FROM policies WHERE key = 'tier_minutes'"))


def downgrade() -> None:
    bind = op.get_bind()
    bind.execute(
        sa.text(
            "INSERT INTO policies (key, value) SELECT 'tier_minutes', body -> 'most_tier_minutes'"
            " FROM routing_policies WHERE state = 'active'"
        )
    )
    op.drop_index("ix_cases_chats_opened", table_name="cases")
    op.drop_table("routing_policies")


def _first(minutes: dict[str, int]) -> dict[str, object]:
    units = {"chat": 2, "sms": 1, "email": 1, "form": 1, "api": 1}
    return {
        "name": "first",
        "channels": {channel: {"units": taken} for channel, taken in units.items()},
        "value_by": "tier",
        "tier_values": {tier: round(exp(minutes.get(tier, 0) / MAIL_LEAD), 4) for tier in TIERS},
        "most_tier_minutes": {tier: float(minutes.get(tier, 0)) for tier in TIERS},
        "look_ahead": {"match_quantile": 0.0, "empty_reserve": 0.0},
        "drain": False,
        "capacity": 64,
    }
