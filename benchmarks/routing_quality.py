"""The desk's routing beside what other desks do, in the lab of docs/routing.md, by the desk's own decision.

    python -m benchmarks.routing_quality [--days 12] [--first-seed 0] [--site 0] [--loads 0.85 1 1.15]

Every bar is held by the unfavourable end of the 95 % interval over days; all policies have the same days.
Nothing was tuned on the default seeds; the tuned administrator is the best of the settings in `ADMINS` on
seeds 1000 to 1003 (`--tune` shows how they do).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from math import inf, isclose

from desk.routing.decision import Decision
from desk.routing.known_policies import ADMINS, DESK, POLICIES
from desk.routing.learning import Belief, speeds
from desk.routing.reason import recomputed, stored
from desk.routing.simulation.bound import lower_bound
from desk.routing.simulation.contacts import contacts
from desk.routing.simulation.intervals import Interval, interval, ratio
from desk.routing.simulation.lab import lab
from desk.routing.simulation.measures import Measures, gini, measured
from desk.routing.simulation.run import Day, simulate
from desk.routing.simulation.scenario import Scenario
from desk.routing.simulation.trials import Trial, run_all
from desk.routing.standing import Line, WaitingCase, lead_minutes

SHOWN = (
    "fifo-round-robin",
    "tier-priority",
    "live-first",
    "twilio-like",
    "tuned-admin",
    "due-date",
    "desk-without-look-ahead",
    "desk-without-match",
    "desk",
)
BARS: Mapping[float, Mapping[str, float]] = {
    0.85: {"fifo": 0.54, "admin": 0.93, "delay": 0.20, "bound": 1.18, "platinum": 0.985},
    1.0: {"fifo": 0.40, "admin": 0.90, "delay": 0.45, "bound": 1.50, "platinum": 0.975},
    1.15: {"fifo": 0.40, "admin": 0.89, "delay": 0.70, "bound": 2.05, "platinum": 0.94},
}
FORECAST_BAR, LEARNING_BAR, CALLS_BAR, CALLS_ANSWERED_BAR, SITES_BAR = 1.03, 1.05, 0.90, 1.6, 0.92
LEARNING_DAYS = 4


@dataclass
class Bars:
    """What was held and what was missed."""

    missed: list[str] = field(default_factory=list)
    held: int = 0

    def at_most(self, name: str, value: Interval, bar: float) -> None:
        self._note(name, f"{value.mean:.3f} ±{value.half:.3f}", value.high <= bar, f"<= {bar:g}")

    def at_least(self, name: str, value: Interval, bar: float) -> None:
        self._note(name, f"{value.mean:.3f} ±{value.half:.3f}", value.low >= bar, f">= {bar:g}")

    def none(self, name: str, count: int) -> None:
        self._note(name, str(count), count == 0, "0")

    def _note(self, name: str, value: str, held: bool, bar: str) -> None:
        print(f"BAR {name:58} {value:>18}  {bar:9} {'PASS' if held else 'FAIL'}", flush=True)
        self.held += held
        if not held:
            self.missed.append(name)


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.routing_quality")
    parser.add_argument("--days", type=int, default=12)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--site", type=int, default=0)
    parser.add_argument("--loads", type=float, nargs="+", default=list(BARS))
    parser.add_argument("--sites", type=int, nargs="*", default=[12, 120], help="agents of other site maps")
    parser.add_argument("--bound-days", type=int, help="days for the lower bound; else all")
    parser.add_argument("--all", action="store_true", help="show policies that no bar is about as well")
    parser.add_argument("--tune", action="store_true", help="only show the administrator's settings")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.tune:
        return _tune(options)
    options.bound_days = options.bound_days or options.days
    seeds = range(options.first_seed, options.first_seed + options.days)
    bars = Bars()
    for load in options.loads:
        _at_load(load, seeds, options, bars)
    _forecasts(seeds, options, bars)
    _unknown_speeds(seeds, options, bars)
    _calls(seeds, options, bars)
    _reasons(seeds[0], options, bars)
    for agents in options.sites:
        _other_site(agents, seeds, options, bars)
    verdict = f"FAIL {'; '.join(bars.missed)}" if bars.missed else "PASS"
    print(f"BENCH routing_quality days={len(seeds)} bars={bars.held + len(bars.missed)} {verdict}")
    return bool(bars.missed)


def _at_load(load: float, seeds: range, options: argparse.Namespace, bars: Bars) -> None:
    scenario = lab(load, site=options.site)
    names = SHOWN if options.all else ("fifo-round-robin", "twilio-like", "tuned-admin", "desk")
    days = _days(scenario, names, seeds, options)
    print(f"\nload {load:g}, site {options.site}, {len(seeds)} days")
    _table(days)
    bar = BARS.get(load, BARS[min(BARS, key=lambda one: abs(one - load))])
    desk, admin = days["desk"], days["tuned-admin"]
    bars.at_most(f"{load:g} total / FIFO round robin", _cost(desk, days["fifo-round-robin"]), bar["fifo"])
    bars.at_most(f"{load:g} total / tuned admin", _cost(desk, admin), bar["admin"])
    delay = ratio([day.delay for day in desk], [day.delay for day in admin])
    bars.at_most(f"{load:g} delay / tuned admin", delay, bar["delay"])
    for tier in scenario.worth.tiers:
        gain = [
            ours.tiers[tier].in_time - theirs.tiers[tier].in_time
            for ours, theirs in zip(desk, admin, strict=True)
        ]
        bars.at_least(f"{load:g} {tier}: in time, more than tuned admin", interval(gain), 0.0)
    bars.at_least(
        f"{load:g} platinum: in time",
        interval([day.tiers["platinum"].in_time for day in desk]),
        bar["platinum"],
    )
    for channel in scenario.channels:
        ours, theirs = (
            interval([day.tier_channels[f"bronze {channel}"].p99_of_target for day in of])
            for of in (desk, admin)
        )
        most = max(1.2, 1.7 * theirs.mean)
        bars.at_most(f"{load:g} bronze {channel}: p99 wait / target", ours, round(most, 3))
    bars.none(f"{load:g} passed beyond the stated bound", _passed_beyond(scenario, seeds, options))
    bars.none(f"{load:g} never answered", sum(day.unanswered for day in desk))
    few = list(seeds)[: options.bound_days]
    for what, bound in (("lower bound", _bound), ("each channel charged alone", _alone)):
        with ProcessPoolExecutor(options.jobs) as pool:
            bounds = list(pool.map(bound, [(scenario, seed) for seed in few]))
        for name in ("tuned-admin", "desk"):
            above = ratio([day.total for day in days[name]][: len(few)], bounds)
            print(f"{name} / {what}: {above.mean:.3f} ±{above.half:.3f} ({len(few)} days)")
        bars.at_most(f"{load:g} total / {what}", above, bar["bound"])


def _bound(day: tuple[Scenario, int]) -> float:
    scenario, seed = day
    return lower_bound(scenario, contacts(scenario, seed), DESK)


def _alone(day: tuple[Scenario, int]) -> float:
    """As the bar was set: a case is charged at the pace of an agent's hands full of its own channel. A mail
    is then charged as if it were never worked beside a chat, so that this is dearer than a bound may be.
    """
    scenario, seed = day
    charged = {name: 1 / scenario.pace(DESK.capacity // DESK.rule(name).units) for name in scenario.channels}
    return lower_bound(scenario, contacts(scenario, seed), DESK, charged=charged)


def _passed_beyond(scenario: Scenario, seeds: range, options: argparse.Namespace) -> int:
    with ProcessPoolExecutor(options.jobs) as pool:
        return sum(pool.map(_passes, [(scenario, seed) for seed in list(seeds)[: options.bound_days]]))


def _passes(of: tuple[Scenario, int]) -> int:
    """How often a case was given before one of its line that it could, by the stated bound, not pass."""
    scenario, seed = of
    lines: dict[Line, list[tuple[WaitingCase, float, float]]] = defaultdict(list)
    for one in simulate(scenario, DESK, contacts(scenario, seed)).outcomes:
        contact = one.contact
        line = Line(contact.topic, contact.channel)
        case = WaitingCase(
            contact.number, line, contact.at, contact.at + contact.target, contact.value, contact.tier
        )
        lines[line].append((case, contact.at + one.waited, inf if one.abandoned else contact.at + one.waited))
    count = 0
    for cases in lines.values():
        for early, gone, _ in cases:
            own = lead_minutes(early, DESK)
            for late, _, given in cases:
                if given < gone and late.due > early.due:
                    more = max(0.0, lead_minutes(late, DESK) - own)
                    count += (
                        late.due - early.due > DESK.overdue_factor * more + 1e-9 and late.since > early.since
                    )
    return count


def _forecasts(seeds: range, options: argparse.Namespace, bars: Bars) -> None:
    scenario = lab(1.0, site=options.site)
    right = run_all([Trial(scenario, DESK, seed) for seed in seeds], jobs=options.jobs)
    for factor in (0.6, 1.4):
        wrong = run_all(
            [Trial(scenario, DESK, seed, forecast_factor=factor) for seed in seeds], jobs=options.jobs
        )
        bars.at_most(f"1 forecast times {factor:g}: total / own", _cost(wrong, right), FORECAST_BAR)


def _unknown_speeds(seeds: range, options: argparse.Namespace, bars: Bars) -> None:
    """Speeds learnt from nothing, over days; from the third on they must serve nearly as well as the true
    ones.
    """
    some = list(seeds)[: max(2, options.days // 3)]
    with ProcessPoolExecutor(options.jobs) as pool:
        found = [
            one
            for of in pool.map(_learning, [(lab(1.0, site=options.site), seed) for seed in some])
            for one in of
        ]
    bars.at_most("1 speeds learnt, day 3 and later: total / known", interval(found), LEARNING_BAR)


def _learning(of: tuple[Scenario, int]) -> list[float]:
    scenario, seed = of
    beliefs = {
        number: {topic: Belief() for topic in agent.speeds}
        for number, agent in enumerate(scenario.agents, start=1)
    }
    found = []
    for number in range(LEARNING_DAYS):
        came = contacts(scenario, seed, number)
        day = simulate(scenario, DESK, came, known_speeds=speeds(beliefs))
        if number >= 2:
            known = measured(scenario, simulate(scenario, DESK, came))
            found.append(measured(scenario, day).total / known.total)
        _learn(scenario, day, beliefs)
    return found


def _learn(scenario: Scenario, day: Day, beliefs: dict[int, dict[str, Belief]]) -> None:
    for one in sorted(day.outcomes, key=lambda one: one.done_at):
        if one.agent_id is not None:
            topic = one.contact.topic
            took = one.contact.work / scenario.agents[one.agent_id - 1].speeds[topic]
            mean = scenario.channels[one.contact.channel].work_minutes
            beliefs[one.agent_id][topic] = beliefs[one.agent_id][topic].after(mean, took)


def _calls(seeds: range, options: argparse.Namespace, bars: Bars) -> None:
    scenario = lab(1.0, site=options.site, calls=True)
    days = _days(scenario, ("twilio-like", "tuned-admin", "desk"), seeds, options)
    print("\nload 1 with calls")
    _table(days)
    bars.at_most("calls: total / tuned admin", _cost(days["desk"], days["tuned-admin"]), CALLS_BAR)
    answered = [[day.channels["call"].in_time for day in days[name]] for name in ("desk", "tuned-admin")]
    print(
        f"calls in time: desk {interval(answered[0]).mean:.3f}, tuned admin {interval(answered[1]).mean:.3f}"
    )
    bars.at_least("calls: answered in time / tuned admin", ratio(*answered), CALLS_ANSWERED_BAR)


def _reasons(seed: int, options: argparse.Namespace, bars: Bars) -> None:
    scenario = lab(1.0, site=options.site)
    told: list[list[Decision]] = [[], []]
    for decisions in told:
        simulate(scenario, DESK, contacts(scenario, seed), watch=decisions.append)
    first, again = ([stored(decision) for decision in decisions] for decisions in told)
    bars.none(
        "the same log twice: assignments that differ", sum(a != b for a, b in zip(first, again, strict=True))
    )
    wrong = sum(
        not isclose(recomputed(one["chosen"]), one["chosen"]["score"], rel_tol=1e-9, abs_tol=1e-9)
        for one in first
    )
    bars.none(f"reasons of {len(first)} that do not recompute", wrong)


def _other_site(agents: int, seeds: range, options: argparse.Namespace, bars: Bars) -> None:
    scenario = lab(1.0, agents=agents, site=options.site + 1)
    some = range(seeds.start, seeds.start + (options.days if agents < 60 else max(3, options.days // 3)))
    days = _days(scenario, ("twilio-like", "desk"), some, options)
    bars.at_most(
        f"1 unseen site of {agents} agents: total / Twilio-like",
        _cost(days["desk"], days["twilio-like"]),
        SITES_BAR,
    )


def _tune(options: argparse.Namespace) -> int:
    names = [policy.name for policy in ADMINS]
    for load in options.loads:
        scenario = lab(load, site=options.site)
        trials = [Trial(scenario, policy, seed) for policy in ADMINS for seed in range(1000, 1004)]
        results = run_all(trials, jobs=options.jobs)
        days = {name: results[4 * place : 4 * place + 4] for place, name in enumerate(names)}
        print(f"load {load:g}")
        for name, of in sorted(days.items(), key=lambda one: sum(day.total for day in one[1])):
            print(f"  {name:40} {interval([day.total for day in of]).mean:8.0f}")
    return 0


def _days(
    scenario: Scenario, names: Sequence[str], seeds: range, options: argparse.Namespace
) -> dict[str, list[Measures]]:
    trials = [Trial(scenario, POLICIES[name], seed) for name in names for seed in seeds]
    results = run_all(trials, jobs=options.jobs)
    count = len(seeds)
    return {name: results[count * place : count * (place + 1)] for place, name in enumerate(names)}


def _table(days: Mapping[str, Sequence[Measures]]) -> None:
    first = next(iter(days.values()))
    print(f"{'':26}{'/ first':>15}{'/ tuned admin':>15}{'delay':>8}{'effort':>8}   in time by tier", end="")
    print(f"{'chats left':>32}{'gini':>7}")
    for name, of in days.items():
        tiers = " ".join(
            f"{tier} {interval([day.tiers[tier].in_time for day in of]).mean:.3f}" for tier in of[0].tiers
        )
        total, admin = _cost(of, first), _cost(of, days["tuned-admin"])
        print(
            f"{name:26}{total.mean:8.3f} ±{total.half:.3f}{admin.mean:8.3f} ±{admin.half:.3f}"
            f"{interval([day.delay for day in of]).mean:8.0f}{interval([day.effort for day in of]).mean:8.0f}"
            f"   {tiers}  {100 * interval([day.channels['chat'].abandoned for day in of]).mean:5.1f} %"
            f"{interval([gini(day.load) for day in of]).mean:7.3f}"
        )


def _cost(ours: Sequence[Measures], theirs: Sequence[Measures]) -> Interval:
    return ratio([day.total for day in ours], [day.total for day in theirs])


if __name__ == "__main__":
    sys.exit(main())
