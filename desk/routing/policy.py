"""A routing policy: everything about who is served next that a manager may tune, as one frozen value.

Times are minutes. A policy is written to and read from JSON (`desk/routing/policy_text.py` says in words
what is wrong with one), so that it can be kept with a version, compared, and rolled back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from math import log
from typing import Any

PRIORITY_STEP = 10_000.0
"""Minutes of waiting that one point of a strict priority outweighs: more than a week."""


class Order(StrEnum):
    """What stands first in line."""

    VALUE_DUE_DATE = "value_due_date"
    """The due date, moved forward by what the customer is worth; see `desk/routing/standing.py`."""
    PRIORITY = "priority"
    """Points (tier, live channel, escalation), then the time waited. With no points: first come, first
    served.
    """


class ValueBy(StrEnum):
    """What a customer's worth is taken from."""

    OWN = "own"
    TIER = "tier"
    NONE = "none"


class AgentOrder(StrEnum):
    """Who of several agents is given a case."""

    BEST_FIT = "best_fit"
    """Whoever gets it done soonest: speed for the topic, less when several cases share the agent."""
    LONGEST_IDLE = "longest_idle"
    ROUND_ROBIN = "round_robin"
    LEAST_BUSY = "least_busy"


@dataclass(frozen=True, slots=True)
class Relaxation:
    """After so many minutes of waiting, `drop` levels fewer are asked."""

    after_minutes: float
    drop: int = 1


@dataclass(frozen=True)
class ChannelRule:
    """How work of one channel is weighed and what it takes.

    `lead_minutes` (K): how many minutes of lead a customer worth e = 2.7 times more gets.
    `minute_cost` (b): what a minute costs at the deadline. `work_minutes`: the mean, at speed 1.
    `units`: of an agent's capacity. `live`: somebody waits on the line; it is never held back, and
    seats are kept for it. `asks`: levels above the topic's minimum that are asked at first.
    `kept_minutes`: for how long a case is kept for the agent who knows the customer.
    """

    lead_minutes: float = 45.0
    minute_cost: float = 0.6
    work_minutes: float = 7.0
    units: int = 4
    live: bool = False
    target_minutes: float = 240.0
    asks: int = 0
    relax: tuple[Relaxation, ...] = ()
    kept_minutes: float = 0.0
    escalate_minutes: float | None = None
    ring_seconds: int = 45


CHANNELS: Mapping[str, ChannelRule] = {
    "chat": ChannelRule(
        lead_minutes=4.0, minute_cost=8.0, work_minutes=8.0, units=2, live=True, target_minutes=1.5
    ),
    "sms": ChannelRule(lead_minutes=5.0, minute_cost=3.0, work_minutes=4.0, units=2, target_minutes=15.0),
    "email": ChannelRule(),
    "form": ChannelRule(),
    "api": ChannelRule(),
    "call": ChannelRule(
        lead_minutes=1.5,
        minute_cost=12.0,
        work_minutes=5.0,
        units=6,
        live=True,
        target_minutes=0.5,
        ring_seconds=20,
    ),
}
"""The weights of the lab that the method was measured in; units are of the six that an agent has."""


@dataclass(frozen=True)
class LookAhead:
    """When work that can wait is held back although somebody is free.

    It can wait until `hold_share` times its channel's lead before it is due. Until then, seats are
    kept for the live work expected within `horizon_minutes`: `reserve` times the square root of it
    for each topic of the agent (0: none), and only an agent at or above the `match_quantile` of
    speeds for its topic is given it (0: anyone). `empty_reserve` keeps whole agents for work that
    takes one whole. What is held back is looked at again every `sweep_minutes`.
    """

    hold_share: float = 0.5
    reserve: float = 1.5
    horizon_minutes: float = 4.0
    match_quantile: float = 0.7
    empty_reserve: float = 1.5
    sweep_minutes: float = 2.0


@dataclass(frozen=True)
class Policy:
    """One way to run a floor.

    `overdue_factor` (g): once it is due, a minute more counts 1/g of a minute before.
    `most_tier_minutes`: the most that a tier can move a case forward, whatever the customer is worth.
    `crowding`: how much of the pace an agent gains from one case more counts as fit (0: none), and
    `packing` how much whoever has begun already is preferred, as a logarithm of speed (0.15: to somebody
    with empty hands who is up to 1.16 times as fast): a minute shared by two or three cases gets more done,
    and others stay empty for calls. Only while hands are to spare (see `decision.SPARE`).
    `level_speeds` is how fast an agent of each level is taken to be; with `learnt_speeds` what their own
    cases took moves that.
    `tier_points`, `live_points`, `escalation_points` are of the order by priority alone.
    """

    name: str = "desk"
    order: Order = Order.VALUE_DUE_DATE
    channels: Mapping[str, ChannelRule] = field(default_factory=lambda: dict(CHANNELS))
    value_by: ValueBy = ValueBy.OWN
    tier_values: Mapping[str, float] = field(
        default_factory=lambda: {"bronze": 0.51, "silver": 0.95, "gold": 2.1, "platinum": 8.5}
    )
    most_tier_minutes: Mapping[str, float] = field(
        default_factory=lambda: {"bronze": 60.0, "silver": 120.0, "gold": 180.0, "platinum": 240.0}
    )
    priority_minutes: Mapping[str, float] = field(
        default_factory=lambda: {"low": -15.0, "normal": 0.0, "high": 30.0, "urgent": 105.0}
    )
    overdue_factor: float = 8.0
    look_ahead: LookAhead | None = field(default_factory=LookAhead)
    agents: AgentOrder = AgentOrder.BEST_FIT
    concurrency: tuple[float, ...] = (1.0, 1.5, 1.8)
    crowding: float = 0.1
    packing: float = 0.15
    knows_customer: float = 0.2
    drain: bool = True
    level_speeds: tuple[float, ...] = (0.7, 0.8, 0.9, 1.0, 1.15)
    learnt_speeds: bool = True
    rest_minutes: float = 10.0
    short_rest_minutes: float = 0.5
    tier_points: Mapping[str, int] = field(default_factory=dict)
    live_points: int = 0
    escalation_points: int = 0
    capacity: int = 6

    def rule(self, channel: str) -> ChannelRule:
        """The rule of a channel; one that the policy does not name is worked like email."""
        return self.channels.get(channel) or self._plain

    def pace(self, cases: int) -> float:
        """e(n): how much an agent with so many cases at once gets done, of what one alone gets."""
        return self.concurrency[min(cases, len(self.concurrency)) - 1] if cases else 0.0

    def minutes_of_agent(self, channel: str) -> float:
        """m: minutes of an agent that a mean case takes when as many as fit are worked at once."""
        rule = self.rule(channel)
        return rule.work_minutes / self.pace(max(1, self.capacity // rule.units))

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """ln(b / m) by channel: how dear a minute of waiting is beside a minute of an agent."""
        return {name: log(r.minute_cost / self.minutes_of_agent(name)) for name, r in self.channels.items()}

    @cached_property
    def crowd_terms(self) -> tuple[float, ...]:
        """By the number of cases held: what the pace of one more does to the fit, as a logarithm."""
        gains = (self.pace(n + 1) - self.pace(n) for n in range(MOST_CASES))
        return tuple(log(1 + self.crowding * gain) for gain in gains)

    @cached_property
    def seat_units(self) -> int:
        """What the smallest piece of live work takes: one seat."""
        return min((r.units for r in self.channels.values() if r.live), default=1)

    @cached_property
    def whole_units(self) -> int:
        """From so many units on, a case takes a whole agent; beyond all capacity where none does."""
        whole = [r.units for r in self.channels.values() if r.units * 2 > self.capacity and r.live]
        return min(whole, default=self.capacity + 1)

    @property
    def left_minutes(self) -> float:
        """By how much later the answer to a visitor is due who has left: as long as a mail may take."""
        return self.rule("email").target_minutes

    @cached_property
    def _plain(self) -> ChannelRule:
        return self.channels.get("email") or ChannelRule()

    def __getstate__(self) -> dict[str, Any]:
        # Cached figures follow from the fields; another process makes them again.
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}


MOST_CASES = 64
"""More cases at once than any agent holds."""
