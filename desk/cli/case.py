"""`desk case show`: one case for an operator's eyes, or for a program's."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click
from flask.json.provider import DefaultJSONProvider

from desk.actions.cases.record import case_record
from desk.cli.servers import COMMAND_LINE, desk_at_hand

_MARKS = {"inbound": "→ us", "outbound": "us →", "note": "note", "event": "·"}


@click.group()
def case() -> None:
    """Look at one case."""


@case.command()
@click.argument("number", type=click.IntRange(min=1, max=2**63 - 1))
@click.option("--json", "as_json", is_flag=True, help="The whole record as one JSON object.")
def show(number: int, as_json: bool) -> None:
    """Show case NUMBER with its messages and its history."""
    with desk_at_hand("case") as (_, store), store.reading(COMMAND_LINE) as work:
        record = case_record(work, number)
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=False, default=plain))
        return
    click.echo("\n".join(_lines(record)))


def _lines(record: dict[str, Any]) -> list[str]:
    one = record["case"]
    lines = [
        click.style(f"#{one['id']}  {one['subject']}", bold=True),
        f"{one['name']} · {one['status']} · {one['priority']} · {one['channel']}",
        f"opened {told_moment(one['opened_at'])}, last {told_moment(one['last_at'])}",
    ]
    lines += [f"tags: {', '.join(one['tags'])}"] if one["tags"] else []
    for message in record["messages"]:
        head = f"{message['position']:>4}  {told_moment(message['at'])}  {_MARKS[message['kind']]}"
        lines += ["", f"{head}  {message['author']['name']}"]
        lines += [f"      {line}" for line in (message["reply"] or message["text"]).splitlines()]
    lines += ["", "History"]
    lines += [f"      {told_moment(line['at'])}  {line['sentence']}" for line in reversed(record["history"])]
    return lines


def told_moment(at: datetime | str) -> str:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{moment:%Y-%m-%d %H:%M}"


def plain(value: Any) -> Any:
    """As the API writes it: times in ISO 8601 with Z."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return DefaultJSONProvider.default(value)
