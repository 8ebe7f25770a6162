"""`desk route`: why a case is with its agent or waits still, and how long cases take whom."""

from __future__ import annotations

import json
from typing import Any

import click

from desk.actions.routing.decisions import PULLED, decisions_shown
from desk.actions.routing.handling import handle_times_shown, keep_learnt, learnt_now
from desk.cli.case import plain, told_moment
from desk.cli.servers import COMMAND_LINE, desk_at_hand


@click.group()
def route() -> None:
    """Look at how work is routed."""


@route.command()
@click.argument("number", type=click.IntRange(min=1, max=2**63 - 1))
@click.option("--json", "as_json", is_flag=True, help="Every decision with its numbers, as one JSON object.")
def explain(number: int, as_json: bool) -> None:
    """Say why case NUMBER is with its agent or waits, and how it came there."""
    with desk_at_hand("route") as (_, store), store.reading(COMMAND_LINE) as work:
        told = decisions_shown(work, number)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, default=plain))
        return
    click.echo("\n".join(_lines(told)))


@route.command()
@click.option("--anew", is_flag=True, help="Learn them first, of all cases up to now.")
@click.option("--json", "as_json", is_flag=True, help="The same as one JSON object.")
def times(anew: bool, as_json: bool) -> None:
    """Tell how long cases take whom, as learnt from the desk's own; decisions go by it."""
    with desk_at_hand("route") as (_, store):
        if anew:
            with store.unit_of_work(COMMAND_LINE) as work:
                keep_learnt(work, learnt_now(work))
        with store.reading(COMMAND_LINE) as work:
            told = handle_times_shown(work)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, default=plain))
        return
    if not told["rows"]:
        click.echo("Nothing is learnt yet: nobody who works here has answered a case of the last months.")
        return
    click.echo(f"{'queue':<20}{'agent':<24}{'cases':>6}{'level':>7}{'speed':>7}  usually")
    for row in told["rows"]:
        minutes = ", ".join(f"{channel} {usual:g} min" for channel, usual in row["minutes"].items())
        click.echo(
            f"{(row['queue'] or 'no queue')[:19]:<20}{row['agent'][:23]:<24}{row['cases']:>6}"
            f"{row['level_speed']:>7.2f}{row['speed']:>7.2f}  {minutes or 'too few to say'}"
        )
    if not told["in_use"]:
        click.echo("The policy in force goes by levels alone (“learnt_speeds” is false).")


def _what_became(decision: dict[str, Any]) -> str:
    if decision["state"] == PULLED:
        return f"taken by {decision['agent']} as their next case"
    return f"offered to {decision['agent']}: {decision['state']}"


def _lines(told: dict[str, Any]) -> list[str]:
    now = told["now"]
    lines = [click.style(now["sentence"], bold=True)] if now else ["Nobody is to be found for it."]
    lines += [f"  · {reason}" for reason in (now["reasons"] if now else [])]
    if told["place"] is not None:
        lines.append(f"  · Place {told['place']} of {told['length']} in its line")
    for decision in told["decisions"]:
        version = "" if decision["version"] is None else f", policy {decision['version']}"
        head = f"{told_moment(decision['at'])}  {_what_became(decision)}{version}"
        lines += ["", head, f"      {decision['sentence']}"]
        lines += [f"      · {reason}" for reason in decision["reasons"]]
    return lines
