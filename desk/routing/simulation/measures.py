"""What a simulated day came to: cost, waits, service level, who left, and how the work was spread."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from desk.routing.simulation.contacts import Contact
from desk.routing.simulation.run import Day, Outcome
from desk.routing.simulation.scenario import Costs, Scenario


@dataclass(frozen=True)
class Group:
    """Of the contacts of a tier or channel: `in_time` and `abandoned` as shares of all that came (who left
    counts as not answered in time), waits in minutes, `p99_of_target` the 99th percentile of wait over
    target.
    """

    contacts: int
    in_time: float
    abandoned: float
    wait: float
    wait_p90: float
    p99_of_target: float
    worst_of_target: float


@dataclass(frozen=True)
class Measures:
    """`breach`, `left` and `effort` sum to the cost of the day; `load` is the share of the day (of
    a recorded one: of the time at work) that each agent worked, `unanswered` who were never answered,
    `raised` whose case went to the second level.
    """

    breach: float
    left: float
    effort: float
    tiers: dict[str, Group]
    channels: dict[str, Group]
    tier_channels: dict[str, Group]
    load: list[float]
    cases: list[int]
    unanswered: int
    raised: int
    contacts: int

    @property
    def delay(self) -> float:
        """What waiting and leaving cost."""
        return self.breach + self.left

    @property
    def total(self) -> float:
        return self.delay + self.effort


def measured(scenario: Scenario, day: Day) -> Measures:
    """The measures of a day."""
    costs = scenario.costs
    by_tier: dict[str, list[Outcome]] = defaultdict(list)
    by_channel: dict[str, list[Outcome]] = defaultdict(list)
    by_both: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in day.outcomes:
        contact = outcome.contact
        by_tier[contact.tier].append(outcome)
        by_channel[contact.channel].append(outcome)
        by_both[f"{contact.tier} {contact.channel}"].append(outcome)
    numbers = sorted(day.busy)
    given = dict.fromkeys(numbers, 0)
    for outcome in day.outcomes:
        if outcome.agent_id is not None:
            given[outcome.agent_id] += 1
    return Measures(
        breach=sum(breach_cost(one.contact, one.waited, costs) for one in day.outcomes),
        left=sum(costs.abandoned * one.contact.value for one in day.outcomes if one.abandoned),
        effort=costs.effort * (sum(day.busy.values()) + costs.after_hours * sum(day.late_busy.values())),
        tiers={tier: _group(by_tier[tier]) for tier in scenario.worth.tiers if tier in by_tier},
        channels={name: _group(by_channel[name]) for name in scenario.channels if name in by_channel},
        tier_channels={name: _group(outcomes) for name, outcomes in sorted(by_both.items())},
        load=[_load(scenario, day, number) for number in numbers],
        cases=[given[number] for number in numbers],
        unanswered=sum(one.waited == inf for one in day.outcomes),
        raised=sum(one.raised_at < inf for one in day.outcomes),
        contacts=len(day.outcomes),
    )


def by_day(scenario: Scenario, whole: Day) -> list[Day]:
    """Recorded days, of which each has the contacts that came on it; those without any are left out."""
    assert scenario.recorded is not None
    starts = scenario.recorded.days
    came: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in whole.outcomes:
        came[max(0, bisect(starts, outcome.contact.at) - 1)].append(outcome)
    return [
        Day(
            outcomes=came[day],
            busy={number: spent.get(day, 0.0) for number, spent in whole.by_day.items()},
            late_busy=dict.fromkeys(whole.by_day, 0.0),
            at_work={
                number: sum(
                    max(0.0, min(inf if ends is None else ends, until) - max(begins, since))
                    for begins, ends in agent.spans
                )
                for number, agent in enumerate(scenario.agents, start=1)
            },
        )
        for day, (since, until) in enumerate(zip(starts, (*starts[1:], scenario.minutes), strict=True))
        if came[day]
    ]


def _load(scenario: Scenario, day: Day, number: int) -> float:
    at_work = scenario.minutes if day.at_work is None else day.at_work[number]
    return (day.busy[number] + day.late_busy[number]) / at_work if at_work else 0.0


def breach_cost(contact: Contact, waited: float, costs: Costs) -> float:
    """What a late answer costs: something at once, and more for every target's length, up to a bound."""
    if waited <= contact.target:
        return 0.0
    further = min(costs.most_further, (waited - contact.target) / contact.target)
    return contact.value * (costs.breach + costs.further * further)


def gini(values: Sequence[float]) -> float:
    """How unevenly something is spread: 0 is alike, 1 is all with one."""
    total, count = sum(values), len(values)
    if not total:
        return 0.0
    weighted = sum(rank * value for rank, value in enumerate(sorted(values), start=1))
    return 2 * weighted / (count * total) - (count + 1) / count


def _group(outcomes: Iterable[Outcome]) -> Group:
    every = list(outcomes)
    answered = sorted(one.waited for one in every if one.waited < inf)
    shares = sorted(one.waited / one.contact.target for one in every)
    in_time = sum(one.waited <= one.contact.target and not one.abandoned for one in every)
    return Group(
        contacts=len(every),
        in_time=in_time / len(every),
        abandoned=sum(one.abandoned for one in every) / len(every),
        wait=sum(answered) / len(answered) if answered else inf,
        wait_p90=answered[int(0.9 * (len(answered) - 1))] if answered else inf,
        p99_of_target=shares[int(0.99 * (len(shares) - 1))],
        worst_of_target=shares[-1],
    )
