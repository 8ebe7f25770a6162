"""`desk staff`: how many agents each half hour takes; needs no database."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from desk.cli.simulate import named_policy, named_scenario
from desk.routing.staffing import HalfHour, needed


@click.command()
@click.option("--scenario", "scenario_name", metavar="FILE", required=True, help="As for `desk simulate`.")
@click.option("--policy", "policy_name", metavar="FILE", default="desk", show_default=True)
@click.option(
    "--in-time",
    type=click.FloatRange(1, 99.9),
    default=80,
    show_default=True,
    help="Percent answered in time.",
)
@click.option(
    "--within",
    type=click.FloatRange(0, 100_000),
    metavar="SECONDS",
    help="In time; else the scenario's target.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def staff(scenario_name: str, policy_name: str, in_time: float, within: float | None, as_json: bool) -> None:
    """Agents needed in each half hour of a mean day, and of one busier than 19 of 20.

    People who wait on the line: Erlang A, with the patience of the scenario. What can wait: its
    load. Agents are taken to know every topic; try the numbers with `desk simulate --agents`.
    """
    half_hours = needed(
        named_scenario(scenario_name),
        named_policy(policy_name),
        in_time=in_time / 100,
        within=None if within is None else within / 60,
    )
    if as_json:
        click.echo(json.dumps([asdict(one) for one in half_hours], indent=2))
        return
    for line in _told(half_hours):
        click.echo(line)


def _told(half_hours: list[HalfHour]) -> list[str]:
    channels = list(half_hours[0].live)
    head = f"{'from':>6}{'contacts':>10}" + "".join(f"{name:>8}" for name in channels)
    lines = [f"{head}{'can wait':>10}{'agents':>8}{'busy day':>10}"]
    for one in half_hours:
        hours, minutes = divmod(int(one.starts), 60)
        live = "".join(f"{one.live[name]:>8}" for name in channels)
        lines.append(
            f"{hours:>3}:{minutes:02}{one.contacts:>10.0f}{live}{one.other:>10.1f}"
            f"{one.agents:>8}{one.busy_agents:>10}"
        )
    hours_of_agents = sum(one.agents for one in half_hours) / 2
    most = max(one.agents for one in half_hours)
    lines.append(f"At most {most} agents at once, {hours_of_agents:.0f} hours of agents in all.")
    return lines


if __name__ == "__main__":
    staff()
