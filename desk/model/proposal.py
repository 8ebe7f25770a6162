"""Proposals: what to change so that fewer ask, who does it, and whether it worked."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.errors import InvalidTransition
from desk.model.record import Key, Record

LONGEST_REASON = 500


class ProposalKind(StrEnum):
    """FAQ writes an answer down before it is asked; IMPROVE_ARTICLE mends one that is asked in spite of it;
    PROCESS_FIX changes what happens before the question; PROACTIVE tells people before they ask."""

    FAQ = "faq"
    IMPROVE_ARTICLE = "improve_article"
    PROCESS_FIX = "process_fix"
    PROACTIVE = "proactive"


class ProposalState(StrEnum):
    """IN_EFFECT is being measured; NOT_PROVEN after the last look that was planned."""

    NEW = "new"
    ACCEPTED = "accepted"
    IN_EFFECT = "in_effect"
    PROVEN = "proven"
    NOT_PROVEN = "not_proven"
    DECLINED = "declined"


STANDING = (ProposalState.NEW, ProposalState.ACCEPTED, ProposalState.IN_EFFECT)
"""What is still somebody's to decide, to do, or to wait for."""

TOUCHED = (ProposalState.IN_EFFECT, ProposalState.PROVEN, ProposalState.NOT_PROVEN)
"""The topic was meddled with: it is no placebo for another."""


class ProposalEventKind(StrEnum):
    MADE = "made"
    RENEWED = "renewed"
    RETURNED = "returned"
    JOINED = "joined"
    ACCEPTED = "accepted"
    DRAFTED = "drafted"
    PUT_IN_EFFECT = "put_in_effect"
    DECLINED = "declined"
    MEASURED = "measured"
    TAKEN_BACK = "taken_back"


class Proposal(Record):
    """`rule` is the one that says most, `evidence` what every rule that fired said, `saving` a year's
    hours (P10, P50, P90) with the formula. At most one of a kind stands for a topic."""

    __tablename__ = "proposals"
    __table_args__ = (
        Index(
            "uq_proposals_standing",
            "topic_id",
            "kind",
            unique=True,
            postgresql_where=text("state IN ('new', 'accepted', 'in_effect') AND joined_into_id IS NULL"),
        ),
        Index("ix_proposals_article", "article_id", postgresql_where=text("article_id IS NOT NULL")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    kind: Mapped[ProposalKind]
    rule: Mapped[str] = mapped_column(String(40))
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
    title: Mapped[str] = mapped_column(String(300))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    saving: Mapped[dict[str, Any]] = mapped_column(JSONB)
    confidence: Mapped[float]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.NEW)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    due_on: Mapped[date | None] = mapped_column(default=None)
    in_effect_from: Mapped[date | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(String(LONGEST_REASON), default=None)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), default=None)
    joined_into_id: Mapped[int | None] = mapped_column(ForeignKey("proposals.id"), default=None)

    @property
    def standing(self) -> dict[str, Any]:
        """What a person's deed changes, so that it can be taken back."""
        return {
            "state": self.state.value,
            "owner_id": self.owner_id,
            "due_on": _iso(self.due_on),
            "in_effect_from": _iso(self.in_effect_from),
            "reason": self.reason,
            "article_id": self.article_id,
        }

    def restore(self, standing: dict[str, Any]) -> None:
        """As `standing` told it."""
        self.state = ProposalState(standing["state"])
        self.owner_id, self.reason = standing["owner_id"], standing["reason"]
        self.due_on, self.in_effect_from = _day(standing["due_on"]), _day(standing["in_effect_from"])
        self.article_id = standing["article_id"]

    def accept(self, owner_id: int, due_on: date | None) -> None:
        """Somebody does it by that day; saying so again changes who and when. Raises InvalidTransition."""
        self._from("accepted", ProposalState.NEW, ProposalState.ACCEPTED)
        self.state, self.owner_id, self.due_on = ProposalState.ACCEPTED, owner_id, due_on

    def put_in_effect(self, since: date) -> None:
        """It is done, and measured from that day on. Raises InvalidTransition."""
        self._from("put into effect", ProposalState.ACCEPTED, ProposalState.IN_EFFECT)
        self.state, self.in_effect_from = ProposalState.IN_EFFECT, since

    def decline(self, reason: str) -> None:
        """It is not done, for a reason. Raises InvalidTransition."""
        self._from("declined", ProposalState.NEW, ProposalState.ACCEPTED)
        self.state, self.reason = ProposalState.DECLINED, reason

    def _from(self, deed: str, *states: ProposalState) -> None:
        if self.state not in states or self.joined_into_id is not None:
            is_now = "joined with another" if self.joined_into_id else self.state.value.replace("_", " ")
            raise InvalidTransition(f"Proposal {self.id} is {is_now}; it cannot be {deed}.")


class ProposalEvent(Record):
    """What became of a proposal, by a person or by the night; `detail` holds what takes it back."""

    __tablename__ = "proposal_events"
    __table_args__ = (Index("ix_proposal_events_proposal", "proposal_id", text("id DESC")),)

    id: Mapped[Key] = mapped_column(init=False)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    kind: Mapped[ProposalEventKind]
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"), default=None)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)


class EffectReading(Record):
    """A planned look after so many weeks. `change` is the share that fell away (negative: more came), with
    its 95 % interval; all None where nothing could be told, and `detail` says why in words."""

    __tablename__ = "effect_readings"
    __table_args__ = (UniqueConstraint("proposal_id", "weeks"),)

    id: Mapped[Key] = mapped_column(init=False)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    read_on: Mapped[date]
    weeks: Mapped[int]
    proven: Mapped[bool]
    change: Mapped[float | None] = mapped_column(default=None)
    low: Mapped[float | None] = mapped_column(default=None)
    high: Mapped[float | None] = mapped_column(default=None)
    p: Mapped[float | None] = mapped_column(default=None)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None
