"""Policies by name: the desk's own, parts of it, and what other desks do, to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from desk.routing.policy import (
    CHANNELS,
    AgentOrder,
    ChannelRule,
    LookAhead,
    Order,
    Policy,
    Relaxation,
    ValueBy,
)

TIER_POINTS = {"bronze": 0, "silver": 1, "gold": 2, "platinum": 3}
STRONG = 2
"""Levels above the lowest from which an administrator calls an agent strong."""


def admin(
    name: str,
    *,
    live_points: int = 1,
    email_waits: float = 10.0,
    agents: AgentOrder = AgentOrder.LONGEST_IDLE,
) -> Policy:
    """What a good administrator sets up elsewhere: live channels and tiers as points, escalation with
    waiting, strong agents first and everybody once it has waited.
    """
    return Policy(
        name=name,
        order=Order.PRIORITY,
        channels=dict(CHANNELS)
        | {
            "chat": _asking(CHANNELS["chat"], after=0.25, escalates=2.0),
            "sms": _asking(CHANNELS["sms"], after=min(3.0, email_waits), escalates=8.0),
            "email": _asking(CHANNELS["email"], after=email_waits, escalates=60.0),
            "call": _asking(CHANNELS["call"], after=0.25, escalates=1.0),
        },
        agents=agents,
        look_ahead=None,
        tier_points=TIER_POINTS,
        live_points=live_points,
        escalation_points=1,
        crowding=0.0,
        drain=False,
    )


def _asking(rule: ChannelRule, *, after: float, escalates: float) -> ChannelRule:
    steps = (Relaxation(after, STRONG),) if after else ()
    return replace(rule, asks=STRONG if after else 0, relax=steps, escalate_minutes=escalates)


def _in_turn(name: str, agents: AgentOrder, *, live: int = 0, tiers: bool = False) -> Policy:
    return Policy(
        name=name,
        order=Order.PRIORITY,
        agents=agents,
        look_ahead=None,
        live_points=live,
        tier_points=TIER_POINTS if tiers else {},
        drain=False,
    )


ADMINS: tuple[Policy, ...] = tuple(
    admin(f"admin live {live} email {email} {order.value}", live_points=live, email_waits=email, agents=order)
    for live, order in (
        (1, AgentOrder.LONGEST_IDLE),
        (3, AgentOrder.LONGEST_IDLE),
        (3, AgentOrder.BEST_FIT),
        (5, AgentOrder.BEST_FIT),
    )
    for email in (0.0, 10.0, 30.0, 60.0)
)
"""The settings that a tuned administrator tries; the best of them, over all loads, is `tuned-admin`."""

DESK = Policy()

FIRST = replace(
    DESK,
    name="first",
    channels={
        name: replace(rule, units=2 if name == "chat" else 1 if name != "call" else rule.units)
        for name, rule in CHANNELS.items()
    },
    value_by=ValueBy.TIER,
    tier_values={"bronze": 1.0, "silver": 1.249, "gold": 1.56, "platinum": 1.948},
    most_tier_minutes={"bronze": 0.0, "silver": 10.0, "gold": 20.0, "platinum": 30.0},
    look_ahead=LookAhead(match_quantile=0.0, empty_reserve=0.0),
    packing=0.0,
    drain=False,
    capacity=64,
)
"""What a desk begins with, until a manager activates another: places by channel are all that limits an agent,
tiers move mail by 10, 20 and 30 minutes, nobody free is kept from mail but for chats that are expected, and
of agents who are equally fast those with fewer cases come first.
"""

POLICIES: Mapping[str, Policy] = {
    policy.name: policy
    for policy in (
        DESK,
        replace(DESK, name="desk-without-match", look_ahead=LookAhead(match_quantile=0.0)),
        replace(DESK, name="desk-without-look-ahead", look_ahead=None),
        replace(DESK, name="due-date", look_ahead=None, value_by=ValueBy.NONE),
        _in_turn("fifo-round-robin", AgentOrder.ROUND_ROBIN),
        _in_turn("fifo-least-busy", AgentOrder.LEAST_BUSY),
        _in_turn("tier-priority", AgentOrder.LONGEST_IDLE, tiers=True),
        _in_turn("live-first", AgentOrder.LONGEST_IDLE, live=3, tiers=True),
        admin("twilio-like"),
        admin("tuned-admin", live_points=5, email_waits=60.0, agents=AgentOrder.BEST_FIT),
    )
}
