"""Policies as JSON: read with every fault named in words, written whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any, TypeVar

from desk.model.errors import Invalid
from desk.routing.given import Bounds, a_flag, a_list, a_name, a_number, an_object, known_words, parsed, shown
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

Choice = TypeVar("Choice", bound=StrEnum)

DAY = 24 * 60.0
YEAR = 365 * DAY

POLICY_BOUNDS: Mapping[str, Bounds] = {
    "overdue_factor": (1.0, 1000.0),
    "crowding": (0.0, 2.0),
    "packing": (0.0, 5.0),
    "knows_customer": (0.0, 10.0),
    "rest_minutes": (0.0, DAY),
    "short_rest_minutes": (0.05, DAY),
    "live_points": (0, 100),
    "escalation_points": (0, 100),
    "capacity": (1, 64),
}
CHANNEL_BOUNDS: Mapping[str, Bounds] = {
    "lead_minutes": (0.01, YEAR),
    "minute_cost": (0.0001, 1e6),
    "work_minutes": (0.01, YEAR),
    "units": (1, 64),
    "target_minutes": (0.01, YEAR),
    "asks": (0, 5),
    "kept_minutes": (0.0, YEAR),
    "escalate_minutes": (0.0, YEAR),
    "ring_seconds": (5, 3600),
}
LOOK_AHEAD_BOUNDS: Mapping[str, Bounds] = {
    "hold_share": (0.0, 100.0),
    "reserve": (0.0, 100.0),
    "horizon_minutes": (0.1, DAY),
    "match_quantile": (0.0, 0.99),
    "empty_reserve": (0.0, 100.0),
    "sweep_minutes": (0.1, 60.0),
}
WHOLE = {"units", "asks", "ring_seconds", "live_points", "escalation_points", "capacity"}


def read_policy(text: str) -> Policy:
    """The policy that a JSON object writes; what it leaves out is as it comes.

    Raises Invalid, naming the field: for what is no JSON, a word that a policy does not have, a
    number out of bounds, and channels that no agent has room for.
    """
    given = an_object(parsed(text, "policy"), "policy")
    known_words(given, {field.name for field in fields(Policy)}, "policy")
    values: dict[str, Any] = {
        name: a_number(given[name], name, bounds, whole=name in WHOLE)
        for name, bounds in POLICY_BOUNDS.items()
        if name in given
    }
    for name, read in READERS.items():
        if name in given:
            values[name] = read(given[name], name)
    policy = Policy(**values)
    _satisfiable(policy)
    return policy


def write_policy(policy: Policy) -> str:
    """Every field, so that a kept policy means the same when what comes by itself changes."""
    return json.dumps(asdict(policy), indent=2, ensure_ascii=False)


def _satisfiable(policy: Policy) -> None:
    for name, rule in policy.channels.items():
        if rule.units > policy.capacity:
            raise Invalid(
                f"“channels.{name}.units” is {rule.units}, but an agent has only {policy.capacity} units:"
                " nobody could ever be given such work. Lower the units, or raise “capacity”.",
                f"channels.{name}.units",
            )
        least = rule.asks - sum(step.drop for step in rule.relax)
        if least > len(policy.level_speeds) - 1:
            raise Invalid(
                f"“channels.{name}.asks” is {rule.asks} levels above the topic's minimum and never relaxes to"
                f" less than {least}: nobody has so many levels. Add a step to “relax”.",
                f"channels.{name}.asks",
            )


def _word(kind: type[Choice]) -> Callable[[Any, str], Choice]:
    def read(given: Any, field: str) -> Choice:
        try:
            return kind(given)
        except ValueError as error:
            words = ", ".join(kind)
            raise Invalid(f"“{field}” must be one of {words}, not {shown(given)}.", field) from error

    return read


def _channels(given: Any, field: str) -> dict[str, ChannelRule]:
    rules = {
        name: _channel(value, CHANNELS.get(name, ChannelRule()), f"{field}.{name}")
        for name, value in an_object(given, field).items()
    }
    if not rules:
        raise Invalid(f"“{field}” names no channel; leave it out to take all as they come.", field)
    return dict(CHANNELS) | rules


def _channel(given: Any, comes: ChannelRule, field: str) -> ChannelRule:
    rule = an_object(given, field)
    known_words(rule, {one.name for one in fields(ChannelRule)}, field)
    values: dict[str, Any] = {one.name: getattr(comes, one.name) for one in fields(ChannelRule)}
    for name, bounds in CHANNEL_BOUNDS.items():
        if name in rule and not (name == "escalate_minutes" and rule[name] is None):
            values[name] = a_number(rule[name], f"{field}.{name}", bounds, whole=name in WHOLE)
        elif name in rule:
            values[name] = None
    if "live" in rule:
        values["live"] = a_flag(rule["live"], f"{field}.live")
    if "relax" in rule:
        values["relax"] = _relax(rule["relax"], f"{field}.relax")
    return ChannelRule(**values)


def _relax(given: Any, field: str) -> tuple[Relaxation, ...]:
    steps = []
    for place, value in enumerate(a_list(given, field)):
        step = an_object(value, f"{field}[{place}]")
        known_words(step, {"after_minutes", "drop"}, f"{field}[{place}]")
        after = a_number(step.get("after_minutes"), f"{field}[{place}].after_minutes", (0.0, YEAR))
        drop = a_number(step.get("drop", 1), f"{field}[{place}].drop", (1, 5), whole=True)
        steps.append(Relaxation(after, int(drop)))
    return tuple(sorted(steps, key=lambda step: step.after_minutes))


def _look_ahead(given: Any, field: str) -> LookAhead | None:
    if given is None:
        return None
    rules = an_object(given, field)
    known_words(rules, set(LOOK_AHEAD_BOUNDS), field)
    return LookAhead(
        **{name: a_number(value, f"{field}.{name}", LOOK_AHEAD_BOUNDS[name]) for name, value in rules.items()}
    )


def _numbers_by_name(bounds: Bounds, *, whole: bool = False) -> Callable[[Any, str], dict[str, Any]]:
    def read(given: Any, field: str) -> dict[str, Any]:
        return {
            name: a_number(value, f"{field}.{name}", bounds, whole=whole)
            for name, value in an_object(given, field).items()
        }

    return read


def _paces(given: Any, field: str) -> tuple[float, ...]:
    paces = tuple(a_number(one, field, (0.01, 64.0)) for one in a_list(given, field))
    if not paces or paces[0] != 1 or sorted(paces) != list(paces):
        raise Invalid(f"“{field}” must begin with 1 and never fall, like [1, 1.5, 1.8].", field)
    return paces


def _speeds(given: Any, field: str) -> tuple[float, ...]:
    speeds = tuple(a_number(one, field, (0.01, 100.0)) for one in a_list(given, field))
    if len(speeds) != 5:
        raise Invalid(f"“{field}” must hold five speeds, one for each level from 1 to 5.", field)
    return speeds


READERS: Mapping[str, Callable[[Any, str], Any]] = {
    "name": a_name,
    "order": _word(Order),
    "value_by": _word(ValueBy),
    "agents": _word(AgentOrder),
    "channels": _channels,
    "look_ahead": _look_ahead,
    "drain": a_flag,
    "learnt_speeds": a_flag,
    "tier_values": _numbers_by_name((0.001, 1e6)),
    "most_tier_minutes": _numbers_by_name((0.0, YEAR)),
    "priority_minutes": _numbers_by_name((-YEAR, YEAR)),
    "tier_points": _numbers_by_name((0, 100), whole=True),
    "concurrency": _paces,
    "level_speeds": _speeds,
}
