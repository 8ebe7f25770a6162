"""`desk simulate`: policies side by side, on made-up days, which needs no database, or on the desk's own."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from math import inf
from pathlib import Path
from typing import Any

import click

from desk.model.errors import Invalid
from desk.routing.given import shown
from desk.routing.known_policies import POLICIES
from desk.routing.policy import Policy
from desk.routing.policy_text import read_policy
from desk.routing.simulation.comparison import rules_told
from desk.routing.simulation.intervals import Interval, interval, ratio
from desk.routing.simulation.lab import LABS
from desk.routing.simulation.measures import Measures, gini
from desk.routing.simulation.reading_off import MOST_TIMES, ReadOff
from desk.routing.simulation.scenario import Scenario
from desk.routing.simulation.scenario_text import read_scenario
from desk.routing.simulation.trials import lower_bounds, side_by_side, with_agents

NO_SUCH_FILE = frozenset({errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG})

Runs = Mapping[str, Sequence[Measures]]


@click.command()
@click.option(
    "--scenario",
    "scenario_name",
    metavar="FILE",
    help=f"A scenario as JSON, or one of {', '.join(LABS)}.",
)
@click.option(
    "--replay",
    metavar="FROM..TO",
    help="Instead of a scenario: the desk's own days as they were, such as 2026-11-02..2026-11-08.",
)
@click.option(
    "--policy",
    "policy_names",
    metavar="FILE",
    multiple=True,
    help=f"A policy as JSON, or one of {', '.join(POLICIES)}; of the desk: in-force, version:3."
    " The others are compared with the first.",
)
@click.option("--seeds", type=click.IntRange(1, 1000), default=5, show_default=True, help="So many samples.")
@click.option("--first-seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--days", type=click.IntRange(1, 366), help="Days of a sample, instead of the scenario's.")
@click.option(
    "--agents", type=click.IntRange(1, 20_000), multiple=True, help="With so many agents; may be repeated."
)
@click.option("--jobs", type=click.IntRange(1), help="Processes at once; as many as processors otherwise.")
@click.option("--bound", is_flag=True, help="Also what no policy could stay below; seconds a day.")
@click.option("--json", "as_json", is_flag=True, help="All figures as JSON.")
@click.option("--show", is_flag=True, help="Only print the scenario and the policies as JSON, to start from.")
def simulate(
    scenario_name: str | None,
    replay: str | None,
    policy_names: tuple[str, ...],
    seeds: int,
    first_seed: int,
    days: int | None,
    agents: tuple[int, ...],
    jobs: int | None,
    bound: bool,
    as_json: bool,
    show: bool,
) -> None:
    """Compare policies on the same days: cost, waits, service level, who leaves, load of agents.

    The days are made up (--scenario) or those that were (--replay); of these, --seeds draws only what was
    not recorded: for how long who was answered would still have waited.

    Every figure is a mean over days with its 95 % interval; costs are compared day by day.
    """
    scenario, policies, told = _asked(scenario_name, replay, policy_names, days)
    if bound and scenario.recorded:
        raise Invalid("Of recorded days there is no lower bound yet; leave out --bound.", "bound")
    if bound and scenario.second_level:
        raise Invalid("With a second level there is no lower bound yet; leave out --bound.", "bound")
    for line in (*told, *rules_told(scenario)):
        click.echo(line, err=True)
    if show:
        _print_json({"scenario": asdict(scenario), "policies": [asdict(policy) for policy in policies]})
        return
    _refuse_same_names(policies)
    staffed = [with_agents(scenario, count) for count in agents] or [scenario]
    chosen = range(first_seed, first_seed + seeds)
    reports = []
    for one in staffed:
        runs = _run(one, policies, chosen, jobs)
        report = _report(one, runs)
        bounds = lower_bounds(one, policies[0], chosen) if bound else []
        if bounds:
            report["lower_bound"] = asdict(interval(bounds))
        reports.append(report)
        if not as_json:
            for line in [*_told(one, runs), *_above(runs, bounds)]:
                click.echo(line)
    if as_json:
        _print_json({"seeds": list(chosen), "results": reports})


def _asked(
    scenario_name: str | None, replay: str | None, policy_names: tuple[str, ...], days: int | None
) -> tuple[Scenario, list[Policy], list[str]]:
    """Scenario and policies, and what to tell of how the days were come by. Asks the desk only if need be."""
    if (scenario_name is None) == (replay is None):
        raise Invalid("Say which days: --scenario FILE, or --replay FROM..TO.", "scenario")
    names = policy_names or ("desk" if replay is None else "in-force",)
    if replay is None and not any(_is_kept(name) for name in names):
        return named_scenario(scenario_name or "", days), [named_policy(name) for name in names], []
    # Imported here: made-up days need neither a database nor what speaks to it.
    from desk.cli.replay import of_the_desk

    if replay is not None and days:
        raise Invalid("The days of a replay are those from FROM to TO; leave out --days.", "days")
    found, kept = of_the_desk(replay, [name for name in names if _is_kept(name)])
    policies = [kept.get(name) or named_policy(name) for name in names]
    if found is None:
        return named_scenario(scenario_name or "", days), policies, []
    return found.scenario, policies, how_read(found)


def how_read(found: ReadOff) -> list[str]:
    """How the days were come by, in words."""
    recorded = found.measured + found.capped + found.assumed
    lines = [
        f"{recorded} contacts as they came. Work: {found.measured} measured, {found.capped} measured"
        f" and cut to {MOST_TIMES:g} times the policy's mean, {found.assumed} assumed to be that mean."
    ]
    for topic, count in found.left_out.items():
        lines.append(f"Left out: {count} contacts of “{topic}”, which nobody who was at work knows today.")
    return lines


def _is_kept(name: str) -> bool:
    return name == "in-force" or name.startswith("version:")


def named_scenario(name: str, days: int | None = None) -> Scenario:
    """The scenario of that name, or of that file. Raises Invalid."""
    scenario = LABS[name]() if name in LABS else read_scenario(_text(name, "scenario", LABS))
    return replace(scenario, days=days) if days else scenario


def named_policy(name: str) -> Policy:
    """The policy of that name, or of that file. Raises Invalid."""
    return POLICIES.get(name) or read_policy(_text(name, "policy", POLICIES))


def _text(name: str, what: str, known: Mapping[str, Any]) -> str:
    try:
        return Path(name).read_bytes().decode()
    except UnicodeDecodeError as error:
        raise Invalid(f"The {what} “{name}” is not text in UTF-8.", what) from error
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno not in NO_SUCH_FILE:
            raise
        quoted = shown(name)[1:-1]
        raise Invalid(
            f"There is no {what} “{quoted}”: neither a file, nor one of {', '.join(known)}.", what
        ) from error


def _refuse_same_names(policies: Sequence[Policy]) -> None:
    names = [policy.name for policy in policies]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise Invalid(f"Two policies are named “{twice}”; give one of them another name.", "policy")


def _run(scenario: Scenario, policies: Sequence[Policy], seeds: range, jobs: int | None) -> Runs:
    label = f"{scenario.name}, {len(scenario.agents)} agents"
    total = len(policies) * len(seeds) * (1 if scenario.recorded else scenario.days)
    with click.progressbar(length=total, label=label, file=sys.stderr) as shown:
        return side_by_side(scenario, policies, seeds, jobs=jobs, progress=lambda *_: shown.update(1))


def _report(scenario: Scenario, runs: Runs) -> dict[str, Any]:
    first = next(iter(runs.values()))
    return {
        "scenario": scenario.name,
        "agents": len(scenario.agents),
        "policies": {
            name: {
                "cost_to_first": asdict(ratio(_each(days, _total), _each(first, _total))),
                **{part: asdict(interval(_each(days, of))) for part, of in PARTS.items()},
                "tiers": _groups(days, "tiers"),
                "channels": _groups(days, "channels"),
                "tier_channels": _groups(days, "tier_channels"),
                "agents": _agents(scenario, days),
            }
            for name, days in runs.items()
        },
    }


def _groups(days: Sequence[Measures], kind: str) -> dict[str, Any]:
    found: dict[str, dict[str, list[float]]] = {}
    for day in days:
        for name, group in getattr(day, kind).items():
            for field, value in asdict(group).items():
                found.setdefault(name, {}).setdefault(field, []).append(value)
    return {
        name: {field: asdict(interval(_told_of(values))) for field, values in fields.items()}
        for name, fields in found.items()
    }


def _told_of(values: Sequence[float]) -> Sequence[float]:
    """Waits are told of the days on which somebody was answered; who never was is told beside."""
    return [value for value in values if value < inf] or [inf]


def _agents(scenario: Scenario, days: Sequence[Measures]) -> list[dict[str, Any]]:
    return [
        {
            "name": agent.name,
            "load": asdict(interval([day.load[place] for day in days])),
            "idle": asdict(interval([max(0.0, 1 - day.load[place]) for day in days])),
            "cases": asdict(interval([float(day.cases[place]) for day in days])),
        }
        for place, agent in enumerate(scenario.agents)
    ]


def _told(scenario: Scenario, runs: Runs) -> list[str]:
    """The tables for people."""
    first = next(iter(runs.values()))
    days = len(first)
    mean = sum(day.contacts for day in first) / days
    lines = [
        "",
        f"{scenario.name}: {len(scenario.agents)} agents, {len(scenario.topics)} topics,"
        f" {mean:.0f} contacts a day, {days} days a policy",
        "",
        f"{'cost a day':26}{'total':>18}{'to the first':>18}{'delay':>16}{'effort':>16}"
        f"{'load of agents':>22}{'gini':>6}",
    ]
    for name, measures in runs.items():
        load = [part for day in measures for part in day.load]
        lines.append(
            f"{name[:25]:26}{_pm(interval(_each(measures, _total)), 0):>18}"
            f"{_pm(ratio(_each(measures, _total), _each(first, _total)), 3):>18}"
            f"{_pm(interval(_each(measures, lambda day: day.delay)), 0):>16}"
            f"{_pm(interval(_each(measures, lambda day: day.effort)), 0):>16}"
            f"{100 * sum(load) / len(load):>9.0f} % ({100 * min(load):.0f} to {100 * max(load):.0f})"
            f"{interval([gini(day.load) for day in measures]).mean:>6.3f}"
        )
    for kind, title in (("tiers", "by tier"), ("channels", "by channel")):
        lines += [
            "",
            f"{title:26}{'':14}{'in time, %':>16}{'left, %':>14}{'wait, min':>16}{'9 of 10, min':>16}",
        ]
        lines += [
            f"{name[:25]:26}{group[:13]:14}{_pm(_percent(of['in_time']), 1):>16}"
            f"{_pm(_percent(of['abandoned']), 1):>14}{_pm(Interval(**of['wait']), 2):>16}"
            f"{_pm(Interval(**of['wait_p90']), 2):>16}"
            for name, measures in runs.items()
            for group, of in _groups(measures, kind).items()
        ]
    if scenario.second_level:
        lines += ["", f"{'a day':26}{'raised to the second level':>32}"]
        lines += [
            f"{name[:25]:26}{_pm(interval(_each(measures, lambda day: float(day.raised))), 1):>32}"
            for name, measures in runs.items()
        ]
    unanswered = {name: sum(day.unanswered for day in measures) for name, measures in runs.items()}
    lines += [
        f"Under {name}, {count} contacts were never answered: nobody who could was still here."
        for name, count in unanswered.items()
        if count
    ]
    return lines


def _above(runs: Runs, bounds: Sequence[float]) -> list[str]:
    if not bounds:
        return []
    above = [f"{name} {_pm(ratio(_each(days, _total), bounds), 3)}" for name, days in runs.items()]
    return [
        "",
        f"No policy could cost less than {_pm(interval(bounds), 0)} a day; times that: {', '.join(above)}",
    ]


def _total(day: Measures) -> float:
    return day.total


PARTS: Mapping[str, Callable[[Measures], float]] = {
    "total": _total,
    "delay": lambda day: day.delay,
    "breach": lambda day: day.breach,
    "left": lambda day: day.left,
    "effort": lambda day: day.effort,
    "contacts": lambda day: float(day.contacts),
    "unanswered": lambda day: float(day.unanswered),
    "raised": lambda day: float(day.raised),
    "gini": lambda day: gini(day.load),
}


def _each(days: Sequence[Measures], of: Callable[[Measures], float]) -> list[float]:
    return [of(day) for day in days]


def _percent(of: Mapping[str, float]) -> Interval:
    return Interval(100 * of["mean"], 100 * of["half"])


def _pm(value: Interval, digits: int) -> str:
    if value.half == float("inf"):
        return f"{value.mean:.{digits}f}"
    return f"{value.mean:.{digits}f} ±{value.half:.{digits}f}"


def _print_json(value: Any) -> None:
    # Of one day there is no interval; JSON has no word for infinity.
    click.echo(json.dumps(_finite(value), indent=2, ensure_ascii=False))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and value in (float("inf"), float("-inf")) else value


if __name__ == "__main__":
    simulate()
