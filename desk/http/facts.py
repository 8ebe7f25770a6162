"""Questions in SQL over the facts, over HTTP."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable
from decimal import Decimal
from socket import MSG_PEEK, socket
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, request
from pydantic import Field, StringConstraints

from desk.actions.exports import as_csv
from desk.actions.insights.exploring import begin_query, gather_newer, is_newer_coming, tables_shown
from desk.http.entrance import Asked, actor, allow, body, ground, reading, work
from desk.http.files import disposition
from desk.model.errors import Unavailable
from desk.model.permission import Permission
from desk.store.insights.facts import query as facts
from desk.store.limits import Limit

blueprint = Blueprint("facts", __name__)

QUERIES = Limit(
    "fact-queries", most=30, seconds=60, sentence="That is enough for a minute. Wait a little and ask again."
)
GATHERINGS = Limit(
    "fact-gatherings", most=12, seconds=3600, sentence="That is often enough for an hour. Ask again later."
)
SHOWN_ROWS = 1000
CSV_ROWS = 100_000
LEFT_OFF = "X-Rows-Left-Off"
"""Beside a file, which has no room of its own to say that there is more."""
_NUMBERS = ("DECIMAL", "BIGINT", "UBIGINT", "HUGEINT", "UHUGEINT")

_turns = threading.BoundedSemaphore(2)
"""Each query may take a core and some hundred MB: so many at once in a web process."""


class FactQuery(Asked):
    """One SELECT in DuckDB's SQL; `format` csv for a file of up to 100,000 rows."""

    sql: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
    format: Literal["json", "csv"] = Field("json")


@blueprint.get("/facts/tables")
@allow(Permission.WATCH_FLOOR)
def tables() -> dict[str, Any]:
    """The tables that a query may read, with their columns and what each means, and queries to begin with."""
    with reading() as w:
        return tables_shown(w, ground().settings.home)


@blueprint.post("/facts/gatherings")
@allow(Permission.WATCH_FLOOR)
def gathered() -> tuple[dict[str, Any], int]:
    """Have newer facts gathered; `newer_coming` of the tables tells when they are there."""
    ground().limiter.take(GATHERINGS, actor().key)
    with reading() as w:
        gather_newer(w, ground().settings.home)
    return {"newer_coming": True}, 202


@blueprint.post("/facts/queries")
@allow(Permission.WATCH_FLOOR)
@body(FactQuery)
def asked(body: FactQuery) -> dict[str, Any] | Response:
    """What the facts answer; the SQL stands in the audit log."""
    ground().limiter.take(QUERIES, actor().key)
    download = body.format == "csv"
    with work() as w:
        kept = begin_query(w, ground().settings.home, body.sql, download=download)
    if not _turns.acquire(timeout=5):
        raise Unavailable("Others are asking much of the facts right now. Ask again in a moment.")
    try:
        most = CSV_ROWS if download else SHOWN_ROWS
        answer = facts.ask(kept.folder, body.sql, rows=most, is_given_up=_line_check())
    finally:
        _turns.release()
    if download:
        return _file(answer)
    return {
        "facts_from": kept.written_at,
        "columns": [{"name": name, "type": kind} for name, kind in answer.columns],
        "rows": answer.rows,
        "more": answer.more,
        "newer_coming": is_newer_coming(ground().settings.home),
    }


def _line_check() -> Callable[[], bool]:
    """Whether the other end of this request's line has gone; never, where the server shows no line."""
    line: socket | None = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    if line is None:
        return lambda: False
    poll = select.poll()
    poll.register(line, select.POLLIN)

    def is_gone() -> bool:
        try:
            return bool(poll.poll(0)) and line.recv(1, MSG_PEEK) == b""
        except OSError:
            return True

    return is_gone


def _file(answer: facts.Answer) -> Response:
    names = tuple(name for name, _ in answer.columns)
    numbers = [kind.startswith(_NUMBERS) and not kind.endswith("]") for _, kind in answer.columns]
    rows = (
        dict(zip(names, (_number(v) if n else v for v, n in zip(row, numbers, strict=True)), strict=True))
        for row in answer.rows
    )
    response = Response(as_csv(names, rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = disposition("facts.csv", inline=False)
    response.headers[LEFT_OFF] = "true" if answer.more else "false"
    return response


def _number(value: Any) -> Any:
    """A number that travelled as text is one again, so that no spreadsheet shows it as a word."""
    return Decimal(value) if isinstance(value, str) else value
