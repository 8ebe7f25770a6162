"""Targets tried on what was: the same working times, held against other promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from desk.model.case import Priority
from desk.model.customer import Tier
from desk.model.inbound import ChannelKind
from desk.model.sla import ClockKind
from desk.sla.targets import Targets, penalty_for, target_for


@dataclass(frozen=True, slots=True)
class Spelt:
    """What is promised to one sort of case by one clock; `terms` as `penalty_for` gives them."""

    tier: Tier
    channel: ChannelKind
    priority: Priority
    kind: ClockKind
    target: timedelta
    terms: dict[str, Any] | None

    def as_row(self) -> dict[str, Any]:
        """As the database joins it: the time in seconds, money as decimal text."""
        terms = self.terms or {}
        return {
            "tier": self.tier.value,
            "channel": self.channel.value,
            "priority": self.priority.value,
            "kind": self.kind.value,
            "seconds": self.target.total_seconds(),
            **{name: terms.get(name) for name in ("amount", "currency", "per_hour", "cap")},
        }


def spelt_out(targets: Targets) -> list[Spelt]:
    """The targets with their order dissolved: at most one line for each sort of case and clock."""
    return [
        Spelt(tier, channel, priority, kind, target, penalty_for(targets, kind, tier, channel, priority))
        for tier in Tier
        for channel in ChannelKind
        for priority in Priority
        for kind in ClockKind
        if (target := target_for(targets, kind, tier, channel, priority)) is not None
    ]
