"""Two policies over the same days, told: what became better for whom, in words and in figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isfinite
from typing import Any

from desk.routing.policy import Policy
from desk.routing.simulation.intervals import Interval, interval, ratio
from desk.routing.simulation.measures import Group, Measures
from desk.routing.simulation.scenario import Scenario


def compared(
    scenario: Scenario, before: Sequence[Measures], after: Sequence[Measures], *, seeds: int
) -> dict[str, Any]:
    """`{days, contacts, cost, kept, unanswered, raised, tiers, agents, words}`, ready for JSON.

    A figure is `{mean, half}`, `half` None where one day tells of no spread; differences are paired by
    day and seed. Waits are minutes; `in_time` and `left` shares; `kept`, `unanswered` and `raised` (to the
    second level; None where there is none) count over the whole period.
    """
    tiers = [
        _tier(tier, before, after)
        for tier in reversed(list(scenario.worth.tiers))
        if any(tier in day.tiers for day in before)
    ]

    def counted(of: Callable[[Measures], float]) -> dict[str, int]:
        return {
            when: round(sum(of(day) for day in side) / seeds)
            for when, side in (("before", before), ("after", after))
        }

    found: dict[str, Any] = {
        "days": len(before) // seeds,
        "contacts": sum(day.contacts for day in before) // seeds,
        "cost": {
            "before": _shown([day.total for day in before]),
            "after": _shown([day.total for day in after]),
            "ratio": _plain(ratio([day.total for day in after], [day.total for day in before])),
        },
        "kept": counted(_kept),
        "unanswered": counted(lambda day: day.unanswered),
        "raised": counted(lambda day: day.raised) if scenario.second_level else None,
        "tiers": tiers,
        "agents": [
            {
                "name": agent.name,
                "before": _shown([day.load[place] for day in before]),
                "after": _shown([day.load[place] for day in after]),
            }
            for place, agent in enumerate(scenario.agents)
        ],
    }
    return found | {"words": _words(found)}


def room_told(before: Policy, after: Policy, channels: Sequence[str]) -> list[str]:
    """A sentence where agents have room for more at once under one of the policies: it explains much of what
    differs. Empty where both have the same.
    """
    if all(_at_once(before, name) == _at_once(after, name) for name in channels):
        return []
    then, now = (
        " or ".join(f"{_at_once(one, name)} by {name}" for name in channels) for one in (before, after)
    )
    return [
        f"By its units of attention an agent has room for {now} under this policy, and for {then} under the"
        " one in force. Where waits differ much, that is likely why."
    ]


def rules_told(scenario: Scenario) -> list[str]:
    """How topics are worked, each rule in a sentence: who helps out, what is pulled, what is raised."""
    lines = [
        f"Who works “{over.to}” helps out in “{topic}”"
        + (f" after {over.minutes:g} minutes of waiting," if over.minutes else "")
        + " while it is closed, and while nobody of it is there."
        for topic, over in scenario.overflow.items()
    ]
    lines += [
        f"Of “{topic}” agents take the next case themselves, "
        + (f"as long as they have fewer than {most} of it at hand." if most else "one at a time.")
        for topic, most in scenario.pulled.items()
    ]
    for topic, rule in scenario.second_level.items():
        late = f"{rule.minutes:g} minutes in which it is open" if rule.minutes else ""
        lines.append(
            f"Cases of “{topic}” are raised to “{rule.to}”"
            + (f" once they are unresolved after {late}, and" if late else "")
            + " once they are seen to be too hard for the first level."
        )
    return lines


def _at_once(policy: Policy, channel: str) -> int:
    return policy.capacity // policy.rule(channel).units


def _kept(day: Measures) -> float:
    return sum(group.in_time * group.contacts for group in day.tiers.values())


def _tier(tier: str, before: Sequence[Measures], after: Sequence[Measures]) -> dict[str, Any]:
    pairs = [
        (one.tiers[tier], other.tiers[tier])
        for one, other in zip(before, after, strict=True)
        if tier in one.tiers and tier in other.tiers
    ]

    def figure(of: Callable[[Group], float]) -> dict[str, Any]:
        told = [(of(one), of(other)) for one, other in pairs]
        told = [pair for pair in told if isfinite(pair[0]) and isfinite(pair[1])]
        return {
            "before": _shown([one for one, _ in told]),
            "after": _shown([other for _, other in told]),
            "difference": _shown([other - one for one, other in told]),
        }

    return {
        "tier": tier,
        "wait": figure(lambda group: group.wait),
        "in_time": figure(lambda group: group.in_time),
        "left": figure(lambda group: group.abandoned),
    }


def _words(found: dict[str, Any]) -> list[str]:
    lines = []
    for one in found["tiers"]:
        difference = one["wait"]["difference"]
        if difference is None:
            lines.append(f"No {one['tier']} customer was answered under both policies.")
            continue
        minutes, half = difference["mean"], difference["half"]
        if abs(minutes) < 0.05:
            lines.append(f"{one['tier'].capitalize()} customers wait as long as before.")
            continue
        sure = "" if half is not None and abs(minutes) > half else "; that may be chance"
        way = "less" if minutes < 0 else "more"
        lines.append(f"{one['tier'].capitalize()} customers wait {abs(minutes):.1f} min {way}{sure}.")
    more = found["kept"]["after"] - found["kept"]["before"]
    if more:
        word = "promise" if abs(more) == 1 else "promises"
        lines.append(f"{abs(more)} {word} {'more' if more > 0 else 'fewer'} kept.")
    else:
        lines.append("As many promises are kept.")
    if found["raised"] is not None:
        lines.append(_raised(**found["raised"]))
    if found["unanswered"]["after"]:
        lines.append(
            f"{found['unanswered']['after']} contacts are never answered: nobody who could was here any more."
        )
    return lines


def _raised(before: int, after: int) -> str:
    if before == after:
        return f"As many cases are raised to the second level: {after}."
    return f"{after} cases are raised to the second level; before, {before}."


def _shown(values: Sequence[float]) -> dict[str, Any] | None:
    return _plain(interval(values)) if values else None


def _plain(value: Interval) -> dict[str, Any]:
    return {"mean": value.mean, "half": None if value.half == inf else value.half}
