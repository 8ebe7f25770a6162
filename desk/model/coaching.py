"""Coaching: what an agent did beside colleagues, and what a manager and the agent say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.errors import InvalidTransition
from desk.model.record import Key, Record


class Measure(StrEnum):
    """What is compared: durations by their logarithms, REOPENED and SATISFIED as 0 and 1."""

    RESOLUTION = "resolution"
    HANDLING = "handling"
    REOPENED = "reopened"
    SATISFIED = "satisfied"

    @property
    def is_duration(self) -> bool:
        return self in (Measure.RESOLUTION, Measure.HANDLING)

    @property
    def more_is_better(self) -> bool:
        return self is Measure.SATISFIED


@dataclass(frozen=True, slots=True)
class Cell:
    """What one agent did in one stratum: how many cases, the sum of their values, and of the squares."""

    measure: Measure
    agent_id: int
    topic_id: int
    tier: str
    channel: str
    cases: int
    total: float
    squares: float


class EntryKind(StrEnum):
    """A NOTE and a GOAL are the manager's; an ANSWER is the agent's."""

    NOTE = "note"
    GOAL = "goal"
    ANSWER = "answer"


class GoalOutcome(StrEnum):
    REACHED = "reached"
    DROPPED = "dropped"


class CoachingEntry(Record):
    """One thing said in an agent's coaching. It stays as it was said; a goal ends with an outcome.

    `agent_id` is whom it is about, `author_id` who said it; `answers_id` the entry that an answer answers.
    """

    __tablename__ = "coaching_entries"
    __table_args__ = (Index("ix_coaching_entries_agent", "agent_id", text("id DESC")),)

    id: Mapped[Key] = mapped_column(init=False)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    kind: Mapped[EntryKind]
    text: Mapped[str] = mapped_column(Text, repr=False)
    at: Mapped[datetime]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), default=None)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), default=None)
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("coaching_entries.id"), default=None)
    due_on: Mapped[date | None] = mapped_column(default=None)
    outcome: Mapped[GoalOutcome | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    def end(self, outcome: GoalOutcome, at: datetime) -> None:
        """The goal is over. Raises InvalidTransition for what is no goal, or is over."""
        if self.kind is not EntryKind.GOAL:
            raise InvalidTransition("Only a goal is reached or dropped.")
        if self.outcome is not None:
            raise InvalidTransition(f"This goal is {self.outcome.value} already.")
        self.outcome, self.ended_at = outcome, at


class Criterion(StrEnum):
    """What reviewers judge of an answered case; the page has the words that anchor each level."""

    UNDERSTOOD = "understood"
    RIGHT = "right"
    CLEAR = "clear"
    TONE = "tone"
    PROCEDURE = "procedure"


LEVELS = (1, 2, 3)
"""Not met, partly, met. None stands for a criterion that the case does not try."""


class Calibration(Record):
    """One case that two reviewers judge, each without knowing of the other's judgement; what they learn is
    about how they judge, and no figure of whose case it is. `agreed` is what they agreed on afterwards.
    """

    __tablename__ = "calibrations"
    __table_args__ = (
        Index("ix_calibrations_first", "first_id", text("id DESC")),
        Index("ix_calibrations_second", "second_id", text("id DESC")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    first_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    at: Mapped[datetime]
    agreed: Mapped[str | None] = mapped_column(Text, default=None, repr=False)
    dropped_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def reviewers(self) -> tuple[int, int]:
        return self.first_id, self.second_id


class CalibrationReview(Record):
    """One reviewer's judgement: a level, or None, for each criterion."""

    __tablename__ = "calibration_reviews"
    __table_args__ = (UniqueConstraint("calibration_id", "reviewer_id"),)

    id: Mapped[Key] = mapped_column(init=False)
    calibration_id: Mapped[int] = mapped_column(ForeignKey("calibrations.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    levels: Mapped[dict[str, Any]] = mapped_column(JSONB)
    comment: Mapped[str] = mapped_column(Text, repr=False)
    at: Mapped[datetime]
