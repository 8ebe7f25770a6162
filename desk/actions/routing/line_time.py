"""When time alone next changes who may take a waiting case, or where it belongs."""

from __future__ import annotations

from datetime import datetime, timedelta

from desk.model.errors import Invalid
from desk.sla.calendars import hours_in
from desk.store.routing.first_level import any_rule, may_rise
from desk.store.routing.line_times import helped_hours, next_waited
from desk.store.unit_of_work import Work

LOOKED_AT = 2000


def next_overflow(work: Work, after: datetime) -> datetime | None:
    """When, after this moment, the next case has waited long enough for others to help out, or a queue in
    which somebody waits and others help out closes.
    """
    closing = (hours_in(hours).closing_after(after) for hours in helped_hours(work.session))
    moments = [next_waited(work.session, after), *closing]
    return min((moment for moment in moments if moment is not None), default=None)


def rises_until(work: Work, until: datetime) -> list[datetime]:
    """The moments up to `until` at which a case has been unresolved for as long as its queue's rule says."""
    found: list[datetime] = []
    if not any_rule(work.session):
        return found
    for row in may_rise(work.session, until, limit=LOOKED_AT):
        if not row.minutes:
            continue
        try:
            due = hours_in(row.hours).after(row.opened_at, timedelta(minutes=row.minutes))
        except Invalid:
            # Its queue never opens again: no working time will pass.
            continue
        if work.now < due <= until:
            found.append(due)
    return sorted(found)
