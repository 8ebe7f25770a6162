"""Coaching: what an agent did beside colleagues, and what a manager and the agent say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Text, text
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
