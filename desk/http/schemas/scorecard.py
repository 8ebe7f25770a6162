"""What may be asked of the scorecard, and what a goal looks like."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from desk.http.asked import Asked
from desk.model.customer import Tier
from desk.model.goal import Rhythm
from desk.model.inbound import ChannelKind
from desk.store.insights.metrics.metric import Group


class ScorecardQuery(Asked):
    """Days are those of the desk's zone; without `first`, so many up to the last, 28 where none are named."""

    first: date | None = None
    last: date | None = None
    days: int | None = Field(default=None, ge=1, le=3660)
    queue: int | None = Field(default=None, ge=1, lt=2**63)
    channel: ChannelKind | None = None
    tier: Tier | None = None


class GroupQuery(ScorecardQuery):
    """`group` for one side of the scorecard alone, so that a page need not wait for the slowest."""

    group: Group | None = None


class GoalForm(Asked):
    """`target` in the metric's unit: a share from 0 to 1, seconds, cases, money; null aims at nothing."""

    target: float | None = Field(default=None, ge=0, le=1e15)
    owner_id: int | None = Field(default=None, ge=1, lt=2**63)
    rhythm: Rhythm = Rhythm.WEEKLY
