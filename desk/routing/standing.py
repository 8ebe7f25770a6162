"""Where a case stands in line, and why: the value-adjusted due date.

The score J of a case i for an agent a at time t is a sum, so its explanation is the formula:

    J = ln v + ln(b / m) + phi(t - d) + ln S        phi(x) = x / K before the due date d, x / (g K) after

v is the customer's worth (mean 1), b what a minute costs at the deadline, m the agent's minutes it takes, S
how fast the agent is at the topic, K the channel's lead minutes, g the overdue factor. It is the logarithm
of the generalised c-mu rule (Van Mieghem 1995; Mandelbaum & Stolyar 2004) for a waiting cost that grows
exponentially towards the due date. All but ln S changes with time alone, and alike for all of one line:
cases of a line are sorted once, by d - K ln v, when they come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, log
from typing import NamedTuple

from desk.routing.policy import PRIORITY_STEP, ChannelRule, Order, Policy, ValueBy

LEAST_VALUE = 1e-3
"""A customer who is worth nothing yet is served as one who is worth little."""


MOST_MINUTES = 240.0
"""The bound of a tier that the policy does not name."""


class Line(NamedTuple):
    """What cases have in common whom the same agents may serve in the same way.

    `topic` stands for all that is asked (skills, queue, level); `channel` for how it is worked.
    """

    topic: str
    channel: str


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """A case that waits, as plain values; moments are minutes since any one fixed moment.

    `since` is when the wait began and `due` its first response due; `value` the customer's worth
    (1 is the mean customer's); `priority` one set by hand; `knows` the agent who knows the customer;
    `refused_until` says by agent until when they are not asked again. From `overflows_at` on those who
    help out at its topic may take it too.
    """

    case_id: int
    line: Line
    since: float
    due: float
    value: float = 1.0
    tier: str = "bronze"
    priority: str = "normal"
    knows: int | None = None
    refused_until: Mapping[int, float] = field(default_factory=dict)
    overflows_at: float = inf


@dataclass(frozen=True, slots=True)
class Standing:
    """A case in one phase of its wait, `starts` to `ends`: score(t) = base + (t - anchor) * rate.

    `held` while it can wait (the look-ahead rules may hold it back); `margin`: levels beyond the
    topic's minimum that are asked in this phase, negative once fewer are; `kept` while only the
    agent who knows the customer is asked; `overflowed` once those who help out may take it.
    """

    case: WaitingCase
    starts: float
    ends: float
    base: float
    anchor: float
    rate: float
    held: bool = False
    margin: int = 0
    kept: bool = False
    overflowed: bool = False

    def score(self, now: float) -> float:
        """J without what depends on the agent."""
        return self.base + (now - self.anchor) * self.rate

    @property
    def key(self) -> float:
        """Smaller stands further forward, among all of the same rate; does not change with time."""
        return self.anchor * self.rate - self.base


def lead_minutes(case: WaitingCase, policy: Policy) -> float:
    """By how many minutes what the customer is worth moves the case forward (or back, below the mean).

    Never more than the policy's bound for the tier.
    """
    most = policy.most_tier_minutes.get(case.tier, MOST_MINUTES)
    lead = policy.rule(case.line.channel).lead_minutes * log(_worth(case, policy))
    return max(-most, min(most, lead))


def standings(case: WaitingCase, policy: Policy) -> tuple[Standing, ...]:
    """Every phase of the case's wait, in order: while it can wait, until it is due, after; and what it
    asks.
    """
    rule = policy.rule(case.line.channel)
    breaks = {case.since, *(m for m in _moments(case, rule, policy) if m > case.since)}
    starts = sorted(breaks)
    return tuple(
        _standing(case, rule, policy, start, end)
        for start, end in zip(starts, [*starts[1:], inf], strict=True)
    )


def standing_at(case: WaitingCase, policy: Policy, now: float) -> Standing:
    """The phase that the case is in."""
    every = standings(case, policy)
    return next((one for one in reversed(every) if one.starts <= now), every[0])


def terms(standing: Standing, policy: Policy, now: float) -> dict[str, float]:
    """The parts of the score that do not depend on the agent; they sum to `standing.score(now)`."""
    case = standing.case
    waiting = (now - standing.anchor) * standing.rate
    if policy.order is Order.PRIORITY:
        return {"priority": standing.base, "waited": waiting}
    lead = policy.rule(case.line.channel).lead_minutes
    return {
        "value": lead_minutes(case, policy) / lead,
        "priority": policy.priority_minutes.get(case.priority, 0.0) / lead,
        "channel": _weight(case, policy),
        "due": waiting,
    }


def last_to_pass(case: WaitingCase, policy: Policy, most_lead: float) -> float:
    """The overtaking bound: no case of the same line that begins to wait after this moment ever passes this
    one.

    `most_lead` is the greatest lead, in minutes, that a case of the line can have. While the case
    is not due, only one with t' < t + (D - D') + (lead' - lead) passes; once it is overdue, none
    that comes after d + g (lead' - lead).
    """
    if policy.order is Order.PRIORITY:
        return inf if _points_differ(policy) else case.since
    own = lead_minutes(case, policy) + policy.priority_minutes.get(case.priority, 0.0)
    return case.due + policy.overdue_factor * max(0.0, most_lead - own)


def most_lead(policy: Policy, channel: str) -> float:
    """The greatest lead in minutes that any case of the channel can have: bound of the tiers, and
    priority.
    """
    return max(policy.most_tier_minutes.values(), default=MOST_MINUTES) + max(
        policy.priority_minutes.values(), default=0.0
    )


def _moments(case: WaitingCase, rule: ChannelRule, policy: Policy) -> list[float]:
    found = [case.since + step.after_minutes for step in rule.relax]
    if case.knows is not None and rule.kept_minutes:
        found.append(case.since + rule.kept_minutes)
    if case.overflows_at < inf:
        found.append(case.overflows_at)
    if policy.order is Order.PRIORITY:
        return found if rule.escalate_minutes is None else [*found, case.since + rule.escalate_minutes]
    return [*found, _hold_until(case, rule, policy), case.due]


def _standing(case: WaitingCase, rule: ChannelRule, policy: Policy, start: float, end: float) -> Standing:
    base, anchor, rate = _slope(case, rule, policy, start)
    dropped = sum(step.drop for step in rule.relax if start >= case.since + step.after_minutes)
    return Standing(
        case=case,
        starts=start,
        ends=end,
        base=base,
        anchor=anchor,
        rate=rate,
        held=start < _hold_until(case, rule, policy),
        margin=rule.asks - dropped,
        kept=case.knows is not None and start < case.since + rule.kept_minutes,
        overflowed=start >= case.overflows_at,
    )


def _slope(case: WaitingCase, rule: ChannelRule, policy: Policy, start: float) -> tuple[float, float, float]:
    if policy.order is Order.PRIORITY:
        return _points(case, rule, policy, start) * PRIORITY_STEP, case.since, 1.0
    lead = lead_minutes(case, policy) / rule.lead_minutes
    by_hand = policy.priority_minutes.get(case.priority, 0.0) / rule.lead_minutes
    rate = 1 / rule.lead_minutes
    return (
        lead + by_hand + _weight(case, policy),
        case.due,
        rate if start < case.due else rate / policy.overdue_factor,
    )


def _points(case: WaitingCase, rule: ChannelRule, policy: Policy, start: float) -> int:
    escalated = rule.escalate_minutes is not None and start >= case.since + rule.escalate_minutes
    return (
        policy.tier_points.get(case.tier, 0)
        + policy.live_points * rule.live
        + policy.escalation_points * escalated
    )


def _hold_until(case: WaitingCase, rule: ChannelRule, policy: Policy) -> float:
    if policy.look_ahead is None or rule.live:
        return case.since
    return case.due - policy.look_ahead.hold_share * rule.lead_minutes


def _worth(case: WaitingCase, policy: Policy) -> float:
    if policy.value_by is ValueBy.NONE:
        return 1.0
    if policy.value_by is ValueBy.TIER:
        return max(LEAST_VALUE, policy.tier_values.get(case.tier, 1.0))
    return max(LEAST_VALUE, case.value)


def _weight(case: WaitingCase, policy: Policy) -> float:
    weight = policy.weights.get(case.line.channel)
    return weight if weight is not None else policy.weights.get("email", 0.0)


def _points_differ(policy: Policy) -> bool:
    return bool(policy.tier_points or policy.live_points or policy.escalation_points)
