"""How the desk kept its promises, for whoever watches over it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from desk.actions.exports import as_csv
from desk.model.customer import Tier
from desk.model.errors import Invalid
from desk.model.permission import Permission
from desk.store.clocks.report import Asked, attainment, clocks_behind, every_clock_behind, penalties
from desk.store.policies import policy
from desk.store.unit_of_work import Work

USUAL_DAYS = 30
MOST_BEHIND = 200
COLUMNS = (
    "case_id", "subject", "channel", "tier", "priority", "queue_id", "assignee_id", "kind", "outcome",
    "started_at", "decided_at", "ended_at", "target_seconds", "used_seconds", "flagged",
    "penalty", "penalty_currency",
)  # fmt: skip


def report_asked(
    work: Work,
    *,
    first: date | None = None,
    last: date | None = None,
    by: str = "tier",
    group: str | None = None,
    kind: str | None = None,
    outcome: str | None = None,
) -> Asked:
    """What is counted, from the first to the last day in the desk's zone; else the last thirty days.

    Raises Invalid for an end before the beginning.
    """
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    last = last or work.now.astimezone(zone).date()
    first = first or last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        raise Invalid(f"The first day, {first}, comes after the last, {last}.", "first")
    return Asked(
        since=_midnight(first, zone),
        until=_midnight(last + timedelta(days=1), zone),
        zone=zone.key,
        by=by,
        group=group,
        kind=kind,
        outcome=outcome,
    )


def report_shown(work: Work, asked: Asked) -> dict[str, Any]:
    """`{since, until, by, rows, penalties}`, each row a group and a kind of clock with its counts and what
    its misses cost by currency; best tier first. `penalties` are the sums of all.
    """
    work.require(Permission.WATCH_FLOOR)
    rows = [{**row, "penalties": []} for row in attainment(work.session, asked)]
    by_number = {(row["group"], row["kind"]): row for row in rows}
    together: dict[str, Decimal] = {}
    for one in penalties(work.session, asked):
        by_number[one["group"], one["kind"]]["penalties"].append(_money(one["currency"], one["amount"]))
        together[one["currency"]] = together.get(one["currency"], Decimal(0)) + one["amount"]
    if asked.by == "tier":
        rows.sort(key=lambda row: -list(Tier).index(Tier(row["group"])))
    return {
        "since": asked.since,
        "until": asked.until,
        "by": asked.by,
        "rows": rows,
        "penalties": [_money(currency, amount) for currency, amount in sorted(together.items())],
    }


def behind_shown(work: Work, asked: Asked) -> list[dict[str, Any]]:
    """The clocks behind a number, the latest first, at most two hundred."""
    work.require(Permission.WATCH_FLOOR)
    return clocks_behind(work.session, asked, MOST_BEHIND)


def report_as_csv(work: Work, asked: Asked) -> Iterator[str]:
    """One line a clock that was decided, as CSV."""
    work.require(Permission.EXPORT)
    return as_csv(COLUMNS, every_clock_behind(work.session, asked))


def _money(currency: str, amount: Decimal) -> dict[str, str]:
    return {"amount": f"{amount:.2f}", "currency": currency}


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
