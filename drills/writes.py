"""The writing half of the canary sweep: every route that changes something, asked by everybody.

What comes back holds no canary of others, and what is refused has changed nothing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from pydantic import BaseModel
from sqlalchemy import Connection, Engine, text

from desk.model.agent import Agent
from desk.model.record import Record
from drills.planting import Cage
from tests.security.browser import Browser, sign_in_at_once

METHODS = ("POST", "PUT", "PATCH", "DELETE")
"""In this order, so that what is to be deleted has been asked about before."""

REFUSED = (401, 403, 404)

MOVES_BY_ITSELF = {"sessions": "seen_at", "api_tokens": "last_used_at"}
"""Columns that note that somebody came by; a refused request moves them rightly."""


@dataclass(frozen=True)
class Write:
    """One request that would change something; without `body` none is sent."""

    method: str
    path: str
    body: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Counted:
    """How the writes were answered, and those that were refused and changed something all the same."""

    done: int = 0
    refused: int = 0
    others: int = 0
    trespasses: set[str] = field(default_factory=set)

    @property
    def total(self) -> int:
        return self.done + self.refused + self.others


class Watch:
    """Whether anything in the database changed between two looks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._transaction = ""
        self._digest: list[tuple[Any, ...]] = []
        self.changed()

    def changed(self) -> set[str]:
        """The tables that hold something else than at the last look.

        Who writes takes a transaction's number: while the next one stays the same, nobody has written.
        """
        with self._engine.connect() as connection:
            transaction = str(connection.scalar(text("SELECT pg_snapshot_xmax(pg_current_snapshot())")))
            if transaction == self._transaction:
                return set()
            digest = _digest(connection)
        before, self._digest, self._transaction = self._digest, digest, transaction
        return {row[0] for row in set(digest) ^ set(before)}


def _digest(connection: Connection) -> list[tuple[Any, ...]]:
    """Each table with the number and the content of its rows."""
    looks = (
        f"SELECT '{name}', count(*), sum(hashtextextended((to_jsonb(t) - '{_restless(name)}')::text, 0)) "
        f'FROM "{name}" t'
        for name in sorted(Record.metadata.tables)
    )
    return [tuple(row) for row in connection.execute(text(" UNION ALL ".join(looks)))]


def _restless(table: str) -> str:
    return MOVES_BY_ITSELF.get(table, "")


def writes_as(
    app: Flask, agent: Agent | None, cage: Cage, watch: Watch, counted: Counted
) -> Iterator[tuple[str, str]]:
    """Ask every write as one actor; yields each with the text of its answer, headers included."""
    browser = _browser(app, agent)
    for write in writes(app, cage):
        given = {} if write.body is None else {"json": write.body}
        watch.changed()
        answer = browser.ask(write.method, write.path, **given)
        _count(counted, answer.status_code, watch, f"{write} by {agent.name if agent else 'a stranger'}")
        yield str(write), answer.text + str(answer.headers)
        if answer.status_code == 401 and agent and not agent.disabled_at:
            # One's own session was ended by the last deed.
            browser = _browser(app, agent)


def _browser(app: Flask, agent: Agent | None) -> Browser:
    return Browser(app) if agent is None or agent.disabled_at else sign_in_at_once(app, agent)


def _count(counted: Counted, status: int, watch: Watch, who: str) -> None:
    if status in REFUSED:
        counted.refused += 1
        if changed := watch.changed():
            counted.trespasses.add(f"{who}: refused with {status}, and changed {', '.join(sorted(changed))}")
    elif status < 400:
        counted.done += 1
    else:
        counted.others += 1
        if status >= 500:
            counted.trespasses.add(f"{who}: answered {status}")


def writes(app: Flask, cage: Cage) -> Iterator[Write]:
    """Every write route with every planted id in its address, and bodies that could be meant."""
    for method in METHODS:
        for rule in app.url_map.iter_rules():
            if method not in (rule.methods or ()):
                continue
            model = getattr(app.view_functions[rule.endpoint], "desk_body", None)
            for number, path in enumerate(filled(rule.rule, cage)):
                yield from (Write(method, path, body) for body in _bodies(model, cage, number))


def filled(rule: str, cage: Cage) -> Iterator[str]:
    """The addresses of a route, with every id and token that something was planted under."""
    parts = re.split(r"(<[^>]+>)", rule)
    choices: list[list[str]] = [_choices(part, cage) if part.startswith("<") else [part] for part in parts]
    return ("".join(chosen) for chosen in itertools.product(*choices))


def _choices(argument: str, cage: Cage) -> list[str]:
    if argument.startswith("<int:"):
        return [str(number) for number in sorted(cage.ids)]
    if argument.startswith("<any("):
        return re.findall(r"\w+", argument.partition("(")[2].partition(")")[0])
    return sorted(cage.tokens)


def _bodies(model: type[BaseModel] | None, cage: Cage, number: int) -> list[Any]:
    """All fields, about a planted case; and only what is asked for, about each planted thing in turn."""
    if model is None:
        return [None]
    schema = model.model_json_schema()
    ids, cases, tokens = sorted(cage.ids), sorted(cage.case_ids), sorted(cage.tokens)
    full = _Body(schema.get("$defs", {}), cases[number % len(cases)], tokens[0], sparse=False)
    sparse = _Body(schema.get("$defs", {}), ids[number % len(ids)], tokens[0], sparse=True)
    bodies = [full.value("", schema), sparse.value("", schema)]
    return bodies if bodies[0] != bodies[1] else bodies[:1]


@dataclass(frozen=True)
class _Body:
    """Values that a schema takes; every number that names a row is `planted`."""

    definitions: dict[str, Any]
    planted: int
    token: str
    sparse: bool

    def value(self, name: str, schema: dict[str, Any]) -> Any:
        """A value for the field `name`."""
        if "$ref" in schema:
            return self.value(name, self.definitions[schema["$ref"].rpartition("/")[2]])
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self.value(name, schema[choice][0])
        if "const" in schema or "enum" in schema:
            return schema["const"] if "const" in schema else schema["enum"][-1 if self.sparse else 0]
        kind = schema.get("type", "string")
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            return [self.value(name, schema.get("items", {}))]
        if kind in ("integer", "number"):
            return self.planted if name.endswith(("id", "ids")) else schema.get("minimum", 1)
        if kind == "boolean":
            return True
        return self._word(name, schema)

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        fields = schema.get("properties", {})
        asked = schema.get("required", []) if self.sparse else fields
        return {name: self.value(name, fields[name]) for name in asked}

    def _word(self, name: str, schema: dict[str, Any]) -> str:
        if schema.get("format") == "date-time":
            return (datetime.now(UTC) + timedelta(days=1)).isoformat()
        if "token" in name:
            return self.token
        if "email" in name or name in ("to", "cc", "address"):
            return "cleo@example.org"
        if name == "sql":
            return "FROM dim_customer"
        # A desk that tries out a channel speaks to nobody but this machine.
        word = "127.0.0.1" if "host" in name else f"something {self.planted}"
        return word[: schema.get("maxLength", len(word))]
