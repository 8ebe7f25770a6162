"""What people ask, and of which topic it is: kept so that a count means the same tomorrow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.inbound import ChannelKind
from desk.model.record import Key, Record


class TopicState(StrEnum):
    """PROPOSED: found in the night, waits for a person's word, and is counted meanwhile. MERGED counts for
    the topic that it was merged into, NOT_A_TOPIC for none; both by a person's word. RETIRED was not found
    again: it gets nothing new, and its past is its own, or that of the topic that holds most of it now."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    MERGED = "merged"
    RETIRED = "retired"
    NOT_A_TOPIC = "not_a_topic"


LIVE = (TopicState.PROPOSED, TopicState.ACTIVE)
"""What a page shows and a question can be of."""


class TopicEventKind(StrEnum):
    FOUND = "found"
    ACCEPTED = "accepted"
    SPLIT = "split"
    MERGED = "merged"
    RENAMED = "renamed"
    RETIRED = "retired"
    REJECTED = "rejected"
    RESTORED = "restored"
    AREA_CHANGED = "area_changed"


class RunKind(StrEnum):
    """DISCOVERY finds all topics anew; NIGHTLY looks for new ones in what fits none."""

    DISCOVERY = "discovery"
    NIGHTLY = "nightly"


class Topic(Record):
    """Its number never changes, whatever becomes of its name, its words or its centre.

    `centre` (float32, unit length) lies in the space of the last discovery, and `reach` is the cosine to it
    from which a question is sure; without a centre nothing new can come to it. What a person said
    (`name_by_person`, `area_by_person`, `made_by_person`, and the states MERGED and NOT_A_TOPIC) outlasts
    every discovery. A facet counts for the topic that it is a part of.
    """

    __tablename__ = "topics"

    id: Mapped[Key] = mapped_column(init=False)
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[TopicState]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    name_by_person: Mapped[bool] = mapped_column(default=False)
    area: Mapped[str] = mapped_column(String(200), default="")
    area_by_person: Mapped[bool] = mapped_column(default=False)
    made_by_person: Mapped[bool] = mapped_column(default=False)
    words: Mapped[list[str]] = mapped_column(JSONB, default_factory=list)
    examples: Mapped[list[str]] = mapped_column(JSONB, default_factory=list)
    centre: Mapped[bytes | None] = mapped_column(LargeBinary, default=None, deferred=True, repr=False)
    reach: Mapped[float] = mapped_column(default=1.0)
    model: Mapped[str] = mapped_column(String(120), default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), default=None)
    facet_of_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), default=None)

    @property
    def is_live(self) -> bool:
        """Whether questions count for it, and a page shows it as a topic of its own."""
        return self.state in LIVE and self.facet_of_id is None

    @property
    def is_placing(self) -> bool:
        """Whether questions may come to it, whatever they count for then."""
        return self.state is not TopicState.RETIRED

    @property
    def outlasts(self) -> bool:
        """Whether a person said something of it that the next discovery may not lose."""
        said = (TopicState.MERGED, TopicState.NOT_A_TOPIC)
        return self.name_by_person or self.area_by_person or self.made_by_person or self.state in said


def counted_for(topics: Mapping[int, Topic]) -> dict[int, int | None]:
    """Of each topic, the one for which it counts after all that was said: itself, that into which it was
    merged, that of which it is a facet; None for what is no topic."""
    counted: dict[int, int | None] = {}
    for number, topic in topics.items():
        passed = {number}
        at = topic
        while at.state is not TopicState.NOT_A_TOPIC:
            following = at.facet_of_id if at.state in LIVE else at.merged_into_id
            if following is None or following in passed:
                break
            passed.add(following)
            at = topics[following]
        counted[number] = None if at.state is TopicState.NOT_A_TOPIC else at.id
    return counted


class TopicRun(Record):
    """One look at what is asked: by the night, by the month, or because somebody wants to know.

    `space` is how vectors were made, kept for the newest discovery alone; `boilerplate` what everybody
    writes. `problem` says in words why there was no result. `progress` is `{step, done, total}` of the step
    that is being done.
    """

    __tablename__ = "topic_runs"
    __table_args__ = (
        Index("ix_topic_runs_unfinished", "asked_at", postgresql_where=text("finished_at IS NULL")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    kind: Mapped[RunKind]
    asked_at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    questions: Mapped[int] = mapped_column(default=0)
    topics: Mapped[int] = mapped_column(default=0)
    model: Mapped[str] = mapped_column(String(120), default="")
    problem: Mapped[str | None] = mapped_column(String(500), default=None)
    space: Mapped[bytes | None] = mapped_column(LargeBinary, default=None, deferred=True, repr=False)
    boilerplate: Mapped[list[str]] = mapped_column(JSONB, default_factory=list, deferred=True, repr=False)
    progress: Mapped[dict[str, Any] | None] = mapped_column(JSONB, default=None)


class TopicEvent(Record):
    """What became of a topic, by a person or by a run; `other_id` is the topic that it came of or went to.

    `detail` holds what is needed to take it back.
    """

    __tablename__ = "topic_events"
    __table_args__ = (Index("ix_topic_events_topic", "topic_id", text("id DESC")),)

    id: Mapped[Key] = mapped_column(init=False)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
    kind: Mapped[TopicEventKind]
    at: Mapped[datetime]
    other_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), default=None)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)


class Question(Record):
    """What one contact asks; `ordinal` counts the questions of a message from 0. `text` is masked.

    `found_id` is where it lies by its words, `topic_id` what it counts for after what persons said of that
    topic. A contact without words is a row without text, so that contacts can be counted. Goes with its
    message.
    """

    __tablename__ = "questions"
    __table_args__ = (
        UniqueConstraint("message_id", "ordinal"),
        Index("ix_questions_case", "case_id"),
        Index("ix_questions_topic", "topic_id", "asked_at"),
        Index("ix_questions_found", "found_id"),
        Index("ix_questions_asked", "asked_at"),
        Index("ix_questions_words", "words_hash"),
    )

    id: Mapped[Key] = mapped_column(init=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    asked_at: Mapped[datetime]
    channel_kind: Mapped[ChannelKind]
    text: Mapped[str] = mapped_column(Text)
    words_hash: Mapped[str] = mapped_column(String(32))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), default=None)
    found_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), default=None)
    sure: Mapped[bool] = mapped_column(default=False)
    by_person: Mapped[bool] = mapped_column(default=False)
    language_known: Mapped[bool] = mapped_column(default=True)


class ReadingMark(Record):
    """The message from which on a heap was divided among several who read it. They read in no order: until
    all of it is read, the last message that was read says nothing of those before it. One row at most."""

    __tablename__ = "reading_marks"

    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class QuestionVector(Record):
    """What an encoder made of a text (float32): made once, and never compared with another model's."""

    __tablename__ = "question_vectors"

    hash: Mapped[str] = mapped_column(String(32), primary_key=True)
    model: Mapped[str] = mapped_column(String(120), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class TopicLevel(Record):
    """What was usual: `counts` and `expected` a day, the day `until` last; None where there was no past to
    go by."""

    __tablename__ = "topic_levels"

    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), primary_key=True)
    until: Mapped[date]
    counts: Mapped[list[int]] = mapped_column(JSONB)
    expected: Mapped[list[float | None]] = mapped_column(JSONB)


class TopicAlert(Record):
    """A topic rises since a day: `asked` contacts where `expected` were usual.

    `cause` is what they share (`kind`, `value`, `share`, `usual`, `count`), where anything tells them from
    the others. Over (`ended_at`) once two days were as usual; somebody may have seen it (`seen_by_id`).
    """

    __tablename__ = "topic_alerts"
    __table_args__ = (
        Index("uq_topic_alerts_open", "topic_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
    began_on: Mapped[date]
    found_at: Mapped[datetime]
    asked: Mapped[int]
    expected: Mapped[float]
    cause: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
