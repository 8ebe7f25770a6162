"""`desk route explain`: why a case is with its agent, or why it waits still."""

from __future__ import annotations

import json
from typing import Any

import click

from desk.actions.decisions import PULLED, decisions_shown
from desk.cli.case import plain, told_moment
from desk.cli.servers import desk_at_hand
from desk.model.permission import system

COMMAND_LINE = system("command line")


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
