"""Calendars, targets, and the clock of each promise with its ledger."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_clocks"
down_revision = "20261125_help_searches"
branch_labels = None
depends_on = None


def key() -> "sa.Column[Any]":
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def moment(name: str, *, nullable: bool = True) -> "sa.Column[Any]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def flag(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.Boolean(), nullable=False)


def upgrade() -> None:
    _calendars()
    _policies()
    _clocks()
    op.add_column("queues", sa.Column("calendar_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_queues_calendar_id", "queues", "calendars", ["calendar_id"], ["id"])
    op.add_column("cases", moment("due_at"))
    op.add_column("cases", moment("due_soon_at"))
    op.add_column("cases", sa.Column("due_clock", sa.String(24), nullable=True))
    op.create_index(
        "ix_cases_promised", "cases", ["due_at", "id"], postgresql_where=sa.text("due_at IS NOT NULL")
    )


def _calendars() -> None:
    op.create_table(
        "calendars",
        key(),
        sa.Column("name", sa.String(120), nullable=False),
        moment("created_at", nullable=False),
        flag("is_default"),
        sa.PrimaryKeyConstraint("id", name="pk_calendars"),
        sa.UniqueConstraint("name", name="uq_calendars_name"),
    )
    op.create_index(
        "uq_calendars_default",
        "calendars",
        ["is_default"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "calendar_versions",
        key(),
        sa.Column("calendar_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        moment("at", nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        flag("is_current"),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_versions"),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendars.id"], name="fk_calendar_versions_calendar_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_calendar_versions_agent_id"),
        sa.UniqueConstraint("calendar_id", "number", name="uq_calendar_versions_calendar_id_number"),
    )
    op.create_index(
        "uq_calendar_versions_current",
        "calendar_versions",
        ["calendar_id"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )


def _policies() -> None:
    op.create_table(
        "sla_policies",
        key(),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("targets", postgresql.JSONB(), nullable=False),
        moment("at", nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        flag("active"),
        sa.PrimaryKeyConstraint("id", name="pk_sla_policies"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_sla_policies_agent_id"),
        sa.UniqueConstraint("number", name="uq_sla_policies_number"),
    )
    op.create_index(
        "uq_sla_policies_active",
        "sla_policies",
        ["active"],
        unique=True,
        postgresql_where=sa.text("active"),
    )


def _clocks() -> None:
    op.create_table(
        "sla_clocks",
        key(),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.String(24), nullable=False),
        moment("started_at", nullable=False),
        moment("last_at", nullable=False),
        sa.Column("phase", sa.String(24), nullable=False),
        sa.Column("target", sa.Interval(), nullable=True),
        sa.Column("calendar_version_id", sa.BigInteger(), nullable=True),
        sa.Column("used", sa.Interval(), nullable=False),
        *(moment(name) for name in ("since", "due_at", "warn_at", "wakes_at", "missed_at", "ended_at")),
        sa.Column("ended_by", sa.String(24), nullable=False),
        flag("warned"),
        flag("flagged"),
        sa.PrimaryKeyConstraint("id", name="pk_sla_clocks"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_sla_clocks_case_id"),
        sa.ForeignKeyConstraint(["policy_id"], ["sla_policies.id"], name="fk_sla_clocks_policy_id"),
        sa.ForeignKeyConstraint(
            ["calendar_version_id"], ["calendar_versions.id"], name="fk_sla_clocks_calendar_version_id"
        ),
    )
    op.create_index("ix_sla_clocks_case", "sla_clocks", ["case_id", "id"])
    for name, column, where in (
        ("ix_sla_clocks_wakes", "wakes_at", "wakes_at IS NOT NULL"),
        ("ix_sla_clocks_open", "case_id", "phase IN ('running', 'paused')"),
        ("ix_sla_clocks_ended", "ended_at", "ended_at IS NOT NULL"),
        ("ix_sla_clocks_missed", "missed_at", "missed_at IS NOT NULL"),
    ):
        op.create_index(name, "sla_clocks", [column], postgresql_where=sa.text(where))
    op.create_table(
        "sla_entries",
        key(),
        sa.Column("clock_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        moment("at", nullable=False),
        moment("noted_at", nullable=False),
        sa.Column("cause", sa.String(24), nullable=False),
        sa.Column("sentence", sa.String(300), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("target", sa.Interval(), nullable=True),
        sa.Column("calendar_version_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("move_id", sa.String(24), nullable=True),
        flag("flagged"),
        sa.Column("voids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sla_entries"),
        sa.ForeignKeyConstraint(["clock_id"], ["sla_clocks.id"], name="fk_sla_entries_clock_id"),
        sa.ForeignKeyConstraint(
            ["calendar_version_id"], ["calendar_versions.id"], name="fk_sla_entries_calendar_version_id"
        ),
    )
    op.create_index("ix_sla_entries_clock", "sla_entries", ["clock_id", "id"])
