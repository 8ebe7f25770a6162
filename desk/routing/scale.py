"""A policy's order as a table, for whoever sorts lines without reading this language: the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from desk.routing.policy import PRIORITY_STEP, Order, Policy, ValueBy
from desk.routing.standing import MOST_MINUTES, Line, WaitingCase, standings


@dataclass(frozen=True, slots=True)
class Scaled:
    """The score of a case of this channel, tier and priority, agent apart, `late` minutes after it is due:
    `base + late * rate`, or times `overdue_rate` once late; with `by_due` false, `late` is since it waits.
    `escalated` comes on top after `escalate` minutes of waiting. Where each customer's own worth counts,
    `lead * ln(worth)` minutes come on top, within `most`, `worth` standing in for one not known; `base`
    is without it then.
    """

    channel: str
    tier: str
    priority: str
    base: float
    by_due: bool
    target: float
    rate: float
    overdue_rate: float
    escalate: float | None = None
    escalated: float = 0.0
    lead: float | None = None
    most: float = 0.0
    worth: float = 1.0


def scale_of(
    policy: Policy, channels: Iterable[str], tiers: Iterable[str], priorities: Iterable[str]
) -> list[dict[str, object]]:
    """A row for each combination; see `Scaled`."""
    tiers, priorities = list(tiers), list(priorities)
    return [
        asdict(_scaled(policy, channel, tier, priority))
        for channel in channels
        for tier in tiers
        for priority in priorities
    ]


def _scaled(policy: Policy, channel: str, tier: str, priority: str) -> Scaled:
    rule, by_due = policy.rule(channel), policy.order is Order.VALUE_DUE_DATE
    value = policy.tier_values.get(tier, 1.0)
    own = by_due and policy.value_by is ValueBy.OWN
    case = WaitingCase(
        0, Line("", channel), 0.0, rule.target_minutes, value=value, tier=tier, priority=priority
    )
    if own:
        case = replace(case, value=1.0)
    first, last = standings(case, policy)[0], standings(case, policy)[-1]
    return Scaled(
        channel=channel,
        tier=tier,
        priority=priority,
        base=first.base,
        by_due=by_due,
        target=rule.target_minutes,
        rate=first.rate,
        overdue_rate=last.rate,
        escalate=None if by_due else rule.escalate_minutes,
        escalated=policy.escalation_points * PRIORITY_STEP,
        lead=rule.lead_minutes if own else None,
        most=policy.most_tier_minutes.get(tier, MOST_MINUTES),
        worth=value,
    )
