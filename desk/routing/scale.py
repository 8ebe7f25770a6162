"""A policy's order as a table, for whoever sorts lines without reading this language: the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from desk.routing.policy import PRIORITY_STEP, Order, Policy, ValueBy
from desk.routing.standing import MOST_MINUTES, Line, WaitingCase, standings


@dataclass(frozen=True, slots=True)
class Scaled:
    """The score of a channel's cases, agent apart, `late` minutes after they are due: a base, and
    `late * rate` on top, or times `overdue_rate` once late; with `by_due` false, `late` is since they wait.
    `left_target` is by how many minutes later one is due whose visitor has left.

    `bases` holds a base for each of `tiers` and, within it, each of `priorities`. `escalated` comes on
    top after `escalate` minutes of waiting. Where each customer's own worth counts, `lead * ln(worth)`
    minutes come on top, within the tier's of `mosts`; its of `worths` stands in for one not known.
    """

    channel: str
    tiers: tuple[str, ...]
    priorities: tuple[str, ...]
    bases: tuple[float, ...]
    mosts: tuple[float, ...]
    worths: tuple[float, ...]
    by_due: bool
    target: float
    left_target: float
    rate: float
    overdue_rate: float
    escalate: float | None
    escalated: float
    lead: float | None


def scale_of(
    policy: Policy, channels: Iterable[str], tiers: Iterable[str], priorities: Iterable[str]
) -> list[dict[str, object]]:
    """A row for each channel; see `Scaled`."""
    tiers, priorities = tuple(tiers), tuple(priorities)
    return [asdict(_scaled(policy, channel, tiers, priorities)) for channel in channels]


def _scaled(policy: Policy, channel: str, tiers: tuple[str, ...], priorities: tuple[str, ...]) -> Scaled:
    rule, by_due = policy.rule(channel), policy.order is Order.VALUE_DUE_DATE
    own = by_due and policy.value_by is ValueBy.OWN
    worths = tuple(policy.tier_values.get(tier, 1.0) for tier in tiers)
    phases = [
        standings(
            WaitingCase(
                0,
                Line("", channel),
                0.0,
                rule.target_minutes,
                value=1.0 if own else worth,
                tier=tier,
                priority=priority,
            ),
            policy,
        )
        for tier, worth in zip(tiers, worths, strict=True)
        for priority in priorities
    ]
    return Scaled(
        channel=channel,
        tiers=tiers,
        priorities=priorities,
        bases=tuple(each[0].base for each in phases),
        mosts=tuple(policy.most_tier_minutes.get(tier, MOST_MINUTES) for tier in tiers),
        worths=worths,
        by_due=by_due,
        target=rule.target_minutes,
        left_target=policy.left_minutes,
        rate=phases[0][0].rate,
        overdue_rate=phases[0][-1].rate,
        escalate=None if by_due else rule.escalate_minutes,
        escalated=policy.escalation_points * PRIORITY_STEP,
        lead=rule.lead_minutes if own else None,
    )
