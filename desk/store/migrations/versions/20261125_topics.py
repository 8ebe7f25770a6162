"""What people ask: topics, questions, what became of topics, and the vectors of texts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261125_topics"
down_revision = "20261125_worth_beside"
branch_labels = None
depends_on = None

STATE = sa.Enum(
    "proposed", "active", "merged", "retired", "not_a_topic",
    name="topicstate", native_enum=False, length=24,
)  # fmt: skip
EVENT = sa.Enum(
    "found", "accepted", "split", "merged", "renamed", "retired", "rejected", "restored", "area_changed",
    name="topiceventkind", native_enum=False, length=24,
)  # fmt: skip
RUN = sa.Enum("discovery", "nightly", name="runkind", native_enum=False, length=24)
CHANNEL = sa.Enum(
    "email", "sms", "chat", "form", "api", name="channelkind", native_enum=False, length=24
)  # fmt: skip


def upgrade() -> None:
    _topics()
    _runs()
    _questions()


def downgrade() -> None:
    for table in ("question_vectors", "questions", "topic_events", "topic_runs", "topics"):
        op.drop_table(table)


def _topics() -> None:
    op.create_table(
        "topics",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name_by_person", sa.Boolean(), nullable=False),
        sa.Column("area", sa.String(200), nullable=False),
        sa.Column("area_by_person", sa.Boolean(), nullable=False),
        sa.Column("made_by_person", sa.Boolean(), nullable=False),
        sa.Column("words", JSONB(), nullable=False),
        sa.Column("examples", JSONB(), nullable=False),
        sa.Column("centre", sa.LargeBinary(), nullable=True),
        sa.Column("reach", sa.Double(), nullable=False),
        sa.Column("model", sa.String(120), nullable=False),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("facet_of_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["merged_into_id"], ["topics.id"], name="fk_topics_merged_into_id"),
        sa.ForeignKeyConstraint(["facet_of_id"], ["topics.id"], name="fk_topics_facet_of_id"),
        sa.PrimaryKeyConstraint("id", name="pk_topics"),
    )
    op.create_table(
        "topic_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", EVENT, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=True),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name="fk_topic_events_topic_id"),
        sa.ForeignKeyConstraint(["other_id"], ["topics.id"], name="fk_topic_events_other_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_topic_events_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_topic_events"),
    )
    op.create_index("ix_topic_events_topic", "topic_events", ["topic_id", sa.text("id DESC")])


def _runs() -> None:
    op.create_table(
        "topic_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", RUN, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("questions", sa.BigInteger(), nullable=False),
        sa.Column("topics", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.String(120), nullable=False),
        sa.Column("problem", sa.String(500), nullable=True),
        sa.Column("space", sa.LargeBinary(), nullable=True),
        sa.Column("boilerplate", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_topic_runs_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_topic_runs"),
    )
    op.create_index(
        "ix_topic_runs_unfinished", "topic_runs", ["asked_at"],
        postgresql_where=sa.text("finished_at IS NULL"),
    )  # fmt: skip


def _questions() -> None:
    op.create_table(
        "questions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel_kind", CHANNEL, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words_hash", sa.String(32), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("found_id", sa.BigInteger(), nullable=True),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("by_person", sa.Boolean(), nullable=False),
        sa.Column("language_known", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_questions_case_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_questions_message_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name="fk_questions_topic_id"),
        sa.ForeignKeyConstraint(["found_id"], ["topics.id"], name="fk_questions_found_id"),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
        sa.UniqueConstraint("message_id", "ordinal", name="uq_questions_message_id_ordinal"),
    )
    op.create_index("ix_questions_case", "questions", ["case_id"])
    op.create_index("ix_questions_topic", "questions", ["topic_id", "asked_at"])
    op.create_index("ix_questions_found", "questions", ["found_id"])
    op.create_index("ix_questions_asked", "questions", ["asked_at"])
    op.create_index("ix_questions_words", "questions", ["words_hash"])
    op.create_table(
        "question_vectors",
        sa.Column("hash", sa.String(32), nullable=False),
        sa.Column("model", sa.String(120), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", "model", name="pk_question_vectors"),
    )
