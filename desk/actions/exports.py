"""Exports: what a list shows, as a table; no cell can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from desk.actions.setup.audit import audit
from desk.model.permission import Permission
from desk.store.cases.lists import CaseFilter, every_case
from desk.store.unit_of_work import Work

CASE_COLUMNS = (
    "id", "subject", "name", "customer_id", "tier", "channel", "status", "priority", "queue_id",
    "assignee_id", "waiting_since", "last_at", "tags", "snoozed_until",
    "billable",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def note_export(work: Work, what: str, detail: Mapping[str, Any]) -> None:
    """Who took what out of the desk stands in the audit log before the first row leaves."""
    work.require(Permission.EXPORT)
    audit(work, f"{what} exported", what, detail)


def cases_as_csv(work: Work, wanted: CaseFilter) -> Iterator[str]:
    """The rows of a list as CSV (RFC 4180), exactly those that the actor would see in it."""
    work.require(Permission.EXPORT)
    rows = every_case(work.session, work.actor, wanted)
    return as_csv(CASE_COLUMNS, rows)


def as_csv(columns: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A header and a line a row, in pieces as they come."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    for row in rows:
        writer.writerow(cell(row[name]) for name in columns)
        if written.tell() > 16_384:
            yield written.getvalue()
            written.seek(0)
            written.truncate()
    yield written.getvalue()


def cell(value: Any) -> str:
    """The value as one cell. A text that a spreadsheet would take for a formula gets an apostrophe
    (OWASP, CSV injection)."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, (list, tuple)):
        value = ", ".join(str(one) for one in value)
    text = str(value)
    is_number = isinstance(value, (int, float, Decimal))
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) and not is_number else text
