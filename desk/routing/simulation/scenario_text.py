"""Scenarios as JSON: read with every fault named in words, written whole."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from typing import Any

from desk.model.errors import Invalid
from desk.routing.given import Bounds, a_list, a_name, a_number, an_object, known_words, parsed
from desk.routing.kept import Span
from desk.routing.simulation.recorded_text import LONGEST, read_recorded
from desk.routing.simulation.scenario import (
    Costs,
    Scenario,
    ScenarioAgent,
    ScenarioChannel,
    TopicOverflow,
    TopicSecondLevel,
    Worth,
    united,
)

DAY = 24 * 60.0
MOST_AGENTS = 20_000
MOST_AT_HAND = 1000

SCENARIO_BOUNDS: Mapping[str, Bounds] = {
    "contacts": (0.001, 1e6),
    "minutes": (15.0, DAY),
    "days": (1, 366),
    "day_cv": (0.0, 3.0),
    "drift": (0.0, 0.99),
}
CHANNEL_BOUNDS: Mapping[str, Bounds] = {
    "share": (0.0, 1e6),
    "work_minutes": (0.01, DAY),
    "work_cv": (0.0, 10.0),
    "patience_minutes": (0.01, 365 * DAY),
    "patience_shape": (0.1, 10.0),
}
WORTH_BOUNDS: Mapping[str, Bounds] = {"shape": (0.1, 100.0), "least": (0.001, 1e6), "most": (0.001, 1e9)}
RISE_BOUNDS: Mapping[str, Bounds] = {
    "minutes": (0.0, LONGEST),
    "hard": (0.0, 1.0),
    "look_minutes": (0.0, DAY),
}
COST_BOUNDS: Mapping[str, Bounds] = {field.name: (0.0, 1e6) for field in fields(Costs)}


def read_scenario(text: str) -> Scenario:
    """The scenario that a JSON object writes; `name`, `channels`, `topics`, `agents` and `contacts` are
    needed.

    An agent with a `count` stands for so many alike. Raises Invalid, naming the field: for what is
    no JSON, unknown words, numbers out of bounds, a scenario without agents, and a topic nobody
    knows.
    """
    given = an_object(parsed(text, "scenario"), "scenario")
    known_words(given, [field.name for field in fields(Scenario)], "scenario")
    for name in ("name", "channels", "topics", "agents", "contacts"):
        if name not in given:
            raise Invalid(f"The scenario has no “{name}”.", name)
    recorded = given.get("recorded")
    bounds = SCENARIO_BOUNDS if recorded is None else {**SCENARIO_BOUNDS, "minutes": (1.0, LONGEST)}
    values = _numbers(given, bounds, "", whole={"days"})
    worth = _worth(given.get("worth", {}))
    values |= {
        "name": a_name(given["name"], "name"),
        "worth": worth,
        "costs": Costs(**_all_numbers(given.get("costs", {}), COST_BOUNDS, "costs")),
        "topics": _shares(given["topics"], "topics"),
        "channels": _channels(given["channels"], worth),
    }
    if given.get("profile", []) != []:
        values["profile"] = _profile(given["profile"])
    if "concurrency" in given:
        values["concurrency"] = tuple(
            a_number(one, "concurrency", (0.01, 64.0)) for one in a_list(given["concurrency"], "concurrency")
        ) or (1.0,)
    values["agents"] = _agents(given["agents"], values["topics"])
    if recorded is not None:
        values["recorded"] = read_recorded(
            recorded, channels=values["channels"], topics=values["topics"], tiers=worth.tiers
        )
    values["overflow"] = {
        name: _overflow(value, name, values["topics"], f"overflow.{name}")
        for name, value in an_object(given.get("overflow", {}), "overflow").items()
    }
    values["pulled"] = _pulled(given.get("pulled", []), values["topics"])
    values["second_level"] = {
        name: _second_level(value, name, values["topics"], recorded is not None)
        for name, value in an_object(given.get("second_level", {}), "second_level").items()
    }
    scenario = Scenario(**values)
    _somebody_for_each_topic(scenario)
    return scenario


def write_scenario(scenario: Scenario) -> str:
    """Every field; `read_scenario` reads it back to an equal one."""
    return json.dumps(asdict(scenario), indent=2, ensure_ascii=False)


def _somebody_for_each_topic(scenario: Scenario) -> None:
    for topic in scenario.topics:
        if all(scenario.knows(agent, topic) is None for agent in scenario.agents):
            raise Invalid(
                f"No agent of the scenario knows the topic “{topic}”; nobody could answer it.", "agents"
            )


def _overflow(given: Any, topic: str, topics: Mapping[str, float], field: str) -> TopicOverflow:
    values = an_object(given, field)
    known_words(values, [one.name for one in fields(TopicOverflow)], field)
    _topic(topic, topics, "overflow")
    to = _topic(values.get("to"), topics, f"{field}.to")
    if to == topic:
        raise Invalid(
            f"“{field}.to” is the topic itself; name another, whose agents help out.", f"{field}.to"
        )
    return TopicOverflow(
        to,
        a_number(values.get("minutes", 0.0), f"{field}.minutes", (0.0, LONGEST)),
        _spans(values, "closed", field),
    )


def _pulled(given: Any, topics: Mapping[str, float]) -> dict[str, int]:
    """Topics, or, as an object, topics with how many of each one may have at hand (0 for no limit)."""
    if isinstance(given, list):
        return {_topic(one, topics, "pulled"): 0 for one in given}
    return {
        _topic(name, topics, "pulled"): int(a_number(most, f"pulled.{name}", (0, MOST_AT_HAND), whole=True))
        for name, most in an_object(given, "pulled").items()
    }


def _second_level(given: Any, topic: str, topics: Mapping[str, float], is_recorded: bool) -> TopicSecondLevel:
    field = f"second_level.{topic}"
    values = an_object(given, field)
    known_words(values, [one.name for one in fields(TopicSecondLevel)], field)
    _topic(topic, topics, "second_level")
    if "to" not in values:
        raise Invalid(f"“{field}” has no “to”: the topic of those at the second level.", f"{field}.to")
    to = _topic(values["to"], topics, f"{field}.to")
    if to == topic:
        raise Invalid(
            f"“{field}.to” is the topic itself; name the one that the second level works.", f"{field}.to"
        )
    rule = TopicSecondLevel(
        to,
        **_numbers(values, RISE_BOUNDS, f"{field}."),
        closed=_spans(values, "closed", field),
    )
    # Of recorded days, which cases were hard is written with each.
    if not (rule.minutes or rule.hard or is_recorded):
        raise Invalid(
            f"“{field}” raises nothing: give “minutes” after which a case is raised, or the share that is"
            " “hard” from 0 to 1.",
            field,
        )
    return rule


def _topic(given: Any, topics: Mapping[str, float], field: str) -> str:
    if not isinstance(given, str) or given not in topics:
        raise Invalid(f"“{field}” names no topic of the scenario: {', '.join(topics)}.", field)
    return given


def _channels(given: Any, worth: Worth) -> dict[str, ScenarioChannel]:
    found = {
        a_name(name, "channels"): _channel(value, worth, f"channels.{name}")
        for name, value in an_object(given, "channels").items()
    }
    if not sum(channel.share for channel in found.values()):
        raise Invalid(
            "The scenario's channels have no share of the contacts; nothing would happen.", "channels"
        )
    return found


def _channel(given: Any, worth: Worth, field: str) -> ScenarioChannel:
    values = an_object(given, field)
    known_words(values, [one.name for one in fields(ScenarioChannel)], field)
    for name in ("share", "work_minutes", "targets"):
        if name not in values:
            raise Invalid(f"“{field}” has no “{name}”.", f"{field}.{name}")
    if values.get("patience_minutes") is None:
        values = {name: value for name, value in values.items() if name != "patience_minutes"}
    targets = _all_numbers(
        values["targets"], dict.fromkeys(worth.tiers, (0.01, 365 * DAY)), f"{field}.targets"
    )
    missing = [tier for tier in worth.tiers if tier not in targets]
    if missing:
        raise Invalid(f"“{field}.targets” has no target for {missing[0]}.", f"{field}.targets")
    return ScenarioChannel(targets=targets, **_numbers(values, CHANNEL_BOUNDS, f"{field}."))


def _agents(given: Any, topics: Mapping[str, float]) -> tuple[ScenarioAgent, ...]:
    found: list[ScenarioAgent] = []
    for place, value in enumerate(a_list(given, "agents")):
        field = f"agents[{place}]"
        values = dict(an_object(value, field))
        count = int(a_number(values.pop("count", 1), f"{field}.count", (1, MOST_AGENTS), whole=True))
        found += [_agent(values, topics, field, len(found) + number) for number in range(1, count + 1)]
    if not found:
        raise Invalid("The scenario has no agents; nobody would be served.", "agents")
    return tuple(found)


def _agent(values: Mapping[str, Any], topics: Mapping[str, float], field: str, number: int) -> ScenarioAgent:
    known_words(values, [*(one.name for one in fields(ScenarioAgent)), "count"], field)
    speeds = _all_numbers(values.get("speeds"), dict.fromkeys(topics, (0.01, 100.0)), f"{field}.speeds")
    levels = _all_numbers(
        values.get("levels", {}), dict.fromkeys(topics, (-4, 5)), f"{field}.levels", whole=True
    )
    if not speeds:
        raise Invalid(f"“{field}.speeds” names no topic; such an agent would never be given anything.", field)
    starts = a_number(values.get("starts", 0.0), f"{field}.starts", (0.0, DAY))
    ends = values.get("ends")
    return ScenarioAgent(
        name=a_name(values.get("name", f"Agent {number}"), f"{field}.name"),
        speeds=speeds,
        levels=levels,
        starts=starts,
        ends=None if ends is None else a_number(ends, f"{field}.ends", (starts, 2 * DAY)),
        capacity=_capacity(values, field),
        shifts=_spans(values, "shifts", field),
        limits=_limits(values.get("limits", {}), f"{field}.limits"),
        rated=_all_numbers(values.get("rated", {}), dict.fromkeys(topics, (0.01, 100.0)), f"{field}.rated"),
    )


def _capacity(values: Mapping[str, Any], field: str) -> int | None:
    given = values.get("capacity", 6)
    return None if given is None else int(a_number(given, f"{field}.capacity", (1, 64), whole=True))


def _spans(values: Mapping[str, Any], name: str, field: str) -> tuple[Span, ...]:
    """From which minute to which; in order, and those that touch as one."""
    return united(_span(one, f"{field}.{name}") for one in a_list(values.get(name, []), f"{field}.{name}"))


def _span(given: Any, field: str) -> Span:
    moments = [a_number(one, field, (-DAY, LONGEST)) for one in a_list(given, field)]
    if len(moments) != 2 or moments[0] >= moments[1]:
        raise Invalid(f"“{field}” holds pairs: from which minute to which later one.", field)
    return moments[0], moments[1]


def _limits(given: Any, field: str) -> dict[str, int]:
    return {
        a_name(name, field): int(a_number(value, f"{field}.{name}", (0, 1000), whole=True))
        for name, value in an_object(given, field).items()
    }


def _worth(given: Any) -> Worth:
    values = an_object(given, "worth")
    known_words(values, [one.name for one in fields(Worth)], "worth")
    numbers = _numbers(values, WORTH_BOUNDS, "worth.")
    return Worth(**numbers, tiers=_tiers(values["tiers"])) if "tiers" in values else Worth(**numbers)


def _tiers(given: Any) -> dict[str, float]:
    shares = _shares(given, "worth.tiers")
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def _shares(given: Any, field: str) -> dict[str, float]:
    shares = {
        a_name(name, field): a_number(value, f"{field}.{name}", (0.0, 1e6))
        for name, value in an_object(given, field).items()
    }
    if not sum(shares.values()):
        raise Invalid(f"“{field}” holds nothing with a share above 0.", field)
    return shares


def _profile(given: Any) -> tuple[float, ...]:
    profile = tuple(a_number(one, "profile", (0.0, 1e6)) for one in a_list(given, "profile"))
    if not sum(profile):
        raise Invalid("“profile” must hold a number above 0: one for each quarter of an hour.", "profile")
    return profile


def _numbers(
    given: Mapping[str, Any], bounds: Mapping[str, Bounds], prefix: str, *, whole: Collection[str] = ()
) -> dict[str, Any]:
    return {
        name: a_number(given[name], f"{prefix}{name}", bounds[name], whole=name in whole)
        for name in bounds
        if name in given
    }


def _all_numbers(
    given: Any, bounds: Mapping[str, Bounds], field: str, *, whole: bool = False
) -> dict[str, Any]:
    values = an_object(given, field)
    known_words(values, bounds, field)
    return {
        name: a_number(value, f"{field}.{name}", bounds[name], whole=whole) for name, value in values.items()
    }
