"""`desk staff`: how many agents each half hour takes, of made-up days or of those to come."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from desk.cli.numbers import Within
from desk.cli.simulate import named_policy, named_scenario
from desk.model.errors import Invalid
from desk.routing.policy import Policy
from desk.routing.staffing import HalfHour, needed


@click.command()
@click.option("--scenario", "scenario_name", metavar="FILE", help="As for `desk simulate`; no database.")
@click.option(
    "--forecast", "days", type=int, metavar="DAYS", help="So many days to come, from the desk's own."
)
@click.option("--policy", "policy_name", metavar="FILE", help="Else `desk`, or the one in force.")
@click.option(
    "--in-time",
    type=Within(1, 99.9),
    default=80,
    show_default=True,
    help="Percent answered in time.",
)
@click.option(
    "--within",
    type=Within(0, 100_000),
    metavar="SECONDS",
    help="In time; else the scenario's target.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def staff(
    scenario_name: str | None,
    days: int | None,
    policy_name: str | None,
    in_time: float,
    within: float | None,
    as_json: bool,
) -> None:
    """Agents needed in each half hour of a mean day, and of one busier than 19 of 20 (--scenario); or of each
    day to come, as the desk's own history tells (--forecast).

    People who wait on the line: Erlang A, with the patience of the scenario. What can wait: its
    load. Agents are taken to know every topic; try the numbers with `desk simulate --agents`.
    """
    if (scenario_name is None) == (days is None):
        raise Invalid("Say which days: --scenario FILE, or --forecast DAYS.", "scenario")
    share, minutes = in_time / 100, None if within is None else within / 60
    if days is not None:
        rule = named_policy(policy_name) if policy_name else None
        _tell_forecast(days, rule, share, minutes, as_json=as_json)
        return
    half_hours = needed(
        named_scenario(scenario_name or ""),
        named_policy(policy_name or "desk"),
        in_time=share,
        within=minutes,
    )
    if as_json:
        click.echo(json.dumps([asdict(one) for one in half_hours], indent=2))
        return
    for line in _told(half_hours):
        click.echo(line)


def _tell_forecast(
    days: int, rule: Policy | None, in_time: float, within: float | None, *, as_json: bool
) -> None:
    # The database is not needed for made-up days, and takes a while to load.
    from desk.actions.routing.forecasting import staff_ahead
    from desk.cli.servers import COMMAND_LINE, desk_at_hand

    with desk_at_hand("staff") as (_, store), store.reading(COMMAND_LINE) as work:
        ahead = staff_ahead(work, days, rule=rule, in_time=in_time, within=within)
    if as_json:
        click.echo(json.dumps([asdict(one) | {"starts": one.starts.isoformat()} for one in ahead], indent=2))
        return
    click.echo(f"{'from':>20}{'contacts':>10}{'nine of ten':>13}{'agents':>8}{'busy':>6}")
    for one in ahead:
        click.echo(
            f"{one.starts:%a %Y-%m-%d %H:%M}{one.contacts:>10.1f}{f'{one.low} to {one.high}':>13}"
            f"{one.agents:>8}{one.busy_agents:>6}"
        )


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
