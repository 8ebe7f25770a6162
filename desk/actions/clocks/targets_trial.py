"""Targets tried before they hold: on the clocks of the last thirty days, and on what is open now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from desk.actions.clocks.book import clock_of
from desk.model.customer import Tier
from desk.model.permission import Permission
from desk.model.sla import ClockKind
from desk.sla.calendars import hours_in
from desk.sla.hours import Hours
from desk.sla.targets import Targets, checked_targets, target_for, targets_from
from desk.sla.trial import spelt_out
from desk.store.clocks.calendars import active_policy
from desk.store.clocks.reading import hours_kept
from desk.store.clocks.trial import count_open_clocks, held_against, open_clocks
from desk.store.unit_of_work import Work

DAYS = 30
MOST_OPEN = 10_000
COUNTS = ("kept", "missed", "kept_then", "missed_then")


def targets_tried(work: Work, targets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What these targets would have come to, beside those that hold:
    `{since, until, rows, penalties, penalties_then, open}`.

    Rows are `{tier, kind, kept, missed, kept_then, missed_then}` over the clocks that ended in the last
    thirty days, each by the working time it took: people work as they did, only the promise is another.
    `open` is `{clocks, left_out, overdue, overdue_then}`, the clocks open now by what they have used.
    Raises Invalid.
    """
    work.require(Permission.READ_SETUP)
    active = active_policy(work.session)
    now, then = (targets_from(kept) for kept in (active.targets if active else [], checked_targets(targets)))
    since = work.now - timedelta(days=DAYS)
    held, held_then = (
        held_against(work.session, [one.as_row() for one in spelt_out(each)], since, work.now)
        for each in (now, then)
    )
    return {
        "since": since,
        "until": work.now,
        "rows": _beside(held, held_then),
        "penalties": _sums(held),
        "penalties_then": _sums(held_then),
        "open": _open(work, now, then),
    }


def _beside(held: Sequence[dict[str, Any]], held_then: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for suffix, found in (("", held), ("_then", held_then)):
        for one in found:
            row = rows.setdefault((one["tier"], one["kind"]), dict.fromkeys(COUNTS, 0))
            row[f"kept{suffix}"], row[f"missed{suffix}"] = one["kept"], one["missed"]
    return [
        {"tier": tier, "kind": kind, **rows[tier, kind]}
        for tier in reversed(Tier)
        for kind in ClockKind
        if (tier, kind) in rows
    ]


def _sums(held: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    together: dict[str, Decimal] = {}
    for row in held:
        if row["currency"] is not None:
            together[row["currency"]] = together.get(row["currency"], Decimal(0)) + row["amount"]
    return [{"amount": f"{amount:.2f}", "currency": currency} for currency, amount in together.items()]


def _open(work: Work, now: Targets, then: Targets) -> dict[str, int]:
    @cache
    def hours_for(version_id: int | None) -> Hours:
        return hours_in("" if version_id is None else hours_kept(work.session, [version_id])[version_id])

    overdue = overdue_then = 0
    rows = open_clocks(work.session, MOST_OPEN)
    for row, channel, priority in rows:
        used = clock_of(row).used_at(work.now, hours_for)
        promised, promised_then = (
            target_for(each, row.kind, row.tier, channel, priority) for each in (now, then)
        )
        overdue += promised is not None and used > promised
        overdue_then += promised_then is not None and used > promised_then
    left_out = 0 if len(rows) < MOST_OPEN else count_open_clocks(work.session) - len(rows)
    return {"clocks": len(rows), "left_out": left_out, "overdue": overdue, "overdue_then": overdue_then}
