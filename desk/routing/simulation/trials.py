"""Policies side by side over the same made-up days."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from desk.model.errors import Invalid
from desk.routing.policy import Policy
from desk.routing.simulation.contacts import contacts
from desk.routing.simulation.measures import Measures, by_day, measured
from desk.routing.simulation.run import simulate
from desk.routing.simulation.scenario import Scenario

Progress = Callable[[int, int], None]
Result = TypeVar("Result", covariant=True)


@dataclass(frozen=True)
class Trial:
    """One day to be simulated. `forecast_factor` scales what the policy expects."""

    scenario: Scenario
    policy: Policy
    seed: int
    day: int = 0
    forecast_factor: float = 1.0

    def run(self) -> Measures:
        """The day's measures."""
        day = simulate(
            self.scenario,
            self.policy,
            contacts(self.scenario, self.seed, self.day),
            forecast_factor=self.forecast_factor,
        )
        return measured(self.scenario, day)


@dataclass(frozen=True)
class Replay:
    """All recorded days under one policy; the seed draws what was not recorded."""

    scenario: Scenario
    policy: Policy
    seed: int

    def run(self) -> list[Measures]:
        """The measures of each day on which somebody came."""
        whole = simulate(self.scenario, self.policy, contacts(self.scenario, self.seed))
        return [measured(self.scenario, day) for day in by_day(self.scenario, whole)]


class Runnable(Protocol[Result]):
    """What can be done in a process of its own."""

    def run(self) -> Result: ...


def side_by_side(
    scenario: Scenario,
    policies: Sequence[Policy],
    seeds: Sequence[int],
    *,
    progress: Progress | None = None,
    jobs: int | None = None,
) -> Mapping[str, list[Measures]]:
    """Every day of the scenario under every seed and policy; by policy, in the order of seeds and days.

    Recorded days are simulated in one piece, and told by the day on which a contact came.

    Raises Invalid for a policy under which somebody could never be served.
    """
    for policy in policies:
        refuse_what_nobody_can_do(scenario, policy)
    if scenario.recorded is not None:
        return _replayed(scenario, policies, seeds, progress, jobs)
    trials = [
        Trial(scenario, policy, seed, day)
        for policy in policies
        for seed in seeds
        for day in range(scenario.days)
    ]
    results = run_all(trials, progress=progress, jobs=jobs)
    found: dict[str, list[Measures]] = {policy.name: [] for policy in policies}
    for trial, measures in zip(trials, results, strict=True):
        found[trial.policy.name].append(measures)
    return found


def _replayed(
    scenario: Scenario,
    policies: Sequence[Policy],
    seeds: Sequence[int],
    progress: Progress | None,
    jobs: int | None,
) -> Mapping[str, list[Measures]]:
    replays = [Replay(scenario, policy, seed) for policy in policies for seed in seeds]
    found: dict[str, list[Measures]] = {policy.name: [] for policy in policies}
    for one, days in zip(replays, run_all(replays, progress=progress, jobs=jobs), strict=True):
        found[one.policy.name] += days
    return found


def run_all(
    trials: Sequence[Runnable[Result]], *, progress: Progress | None = None, jobs: int | None = None
) -> list[Result]:
    """The trials' results in their order; as many at once as there are processors, or `jobs`."""
    found = []
    workers = min(jobs or os.cpu_count() or 1, len(trials))
    if workers <= 1:
        for number, trial in enumerate(trials, start=1):
            found.append(trial.run())
            if progress:
                progress(number, len(trials))
        return found
    with ProcessPoolExecutor(workers) as pool:
        for number, measures in enumerate(pool.map(_run, trials), start=1):
            found.append(measures)
            if progress:
                progress(number, len(trials))
    return found


def _run(trial: Runnable[Result]) -> Result:
    return trial.run()


def lower_bounds(scenario: Scenario, policy: Policy, seeds: Sequence[int]) -> list[float]:
    """Of each day, in the order of `side_by_side`: what no policy could stay below (see `bound.py`)."""
    # Imported here: the array library is large, and only this needs it.
    from desk.routing.simulation.bound import lower_bound

    return [
        lower_bound(scenario, contacts(scenario, seed, day), policy)
        for seed in seeds
        for day in range(scenario.days)
    ]


def with_agents(scenario: Scenario, count: int) -> Scenario:
    """The scenario with so many agents: its own in their order, again from the first when there are not
    enough.
    """
    agents = scenario.agents
    return replace(scenario, agents=tuple(agents[number % len(agents)] for number in range(count)))


def refuse_what_nobody_can_do(scenario: Scenario, policy: Policy) -> None:
    """Raises Invalid in words when contacts of some channel and topic could never be given to anybody."""
    for name in scenario.channels:
        rule = policy.rule(name)
        most = max(agent.units(policy) for agent in scenario.agents)
        if rule.units > most:
            raise Invalid(
                f"Under the policy “{policy.name}”, work by {name} takes {rule.units} units, and no agent of"
                f" the scenario has more than {most}: nobody could be given it."
            )
        asked = rule.asks - sum(step.drop for step in rule.relax)
        for topic in scenario.topics:
            margins = [
                agent.levels.get(by, 1) - 1
                for agent in scenario.agents
                if (by := scenario.knows(agent, topic)) is not None
            ]
            if not margins:
                raise Invalid(
                    f"None of the {len(scenario.agents)} agents knows {topic}: nobody could be given its"
                    " contacts. Take more agents, or others."
                )
            if max(margins) < asked:
                raise Invalid(
                    f"Under the policy “{policy.name}”, {topic} by {name} asks {asked} levels above the"
                    " lowest and never relaxes further; no agent of the scenario has them. Add to “relax”."
                )
