"""An export is the list, as a table: nothing more, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO

from sqlalchemy import select

from desk.model.access import AuditEntry
from desk.model.agent import Agent
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case, a_customer
from tests.security.browser import Browser

SignIn = Callable[[Agent], Browser]


def test_the_export_is_exactly_the_list(as_agent: SignIn, cast: Cast, store: Store) -> None:
    with store.unit_of_work(STAGE) as work:
        evil = a_customer(work, "=HYPERLINK(1)")
        for subject in ("Tea, green", "=cmd|' /C calc'!A0", " +1", "-5", "@x", 'With "quotes"\nand lines'):
            a_case(work, evil, subject, queue=cast.support)
        a_case(work, cast.cleo, "Elsewhere", queue=cast.billing)
    sam = as_agent(cast.sam)
    listed = sam.api("GET", f"/cases?view=queue:{cast.support.id}").json["rows"]

    answer = sam.api("GET", f"/exports/cases.csv?view=queue:{cast.support.id}")

    rows = list(csv.DictReader(StringIO(answer.text, newline="")))
    assert [int(row["id"]) for row in rows] == [row["id"] for row in listed]
    assert {row["name"] for row in rows} == {"'=HYPERLINK(1)"}
    assert not any(cell.lstrip(" ").startswith(tuple("=+-@")) for row in rows for cell in row.values())
    assert answer.mimetype == "text/csv"
    with store.reading(STAGE) as work:
        assert "cases exported" in work.session.scalars(select(AuditEntry.what)).all()


def test_an_agent_exports_nothing(as_agent: SignIn, cast: Cast) -> None:
    assert as_agent(cast.ada).api("GET", "/exports/cases.csv?view=all").status_code == 403
