"""Promises of time over HTTP: calendars, targets, and the ledgers of a case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from flask import Blueprint, Response, stream_with_context

from desk.actions.clocks import calendars, targets
from desk.actions.clocks.ledgers import ledgers_shown
from desk.actions.clocks.report import behind_shown, report_as_csv, report_asked, report_shown
from desk.actions.clocks.targets_trial import targets_tried
from desk.actions.exports import note_export
from desk.http.entrance import allow, body, query, reading, work
from desk.http.files import disposition
from desk.http.schemas.setup import change_of, given
from desk.http.schemas.sla import CalendarForm, ReportQuery, TargetsForm, VersionForm
from desk.model.permission import Permission
from desk.sla.calendars import DAYS, special_day, special_line

blueprint = Blueprint("sla", __name__)

AROUND_THE_CLOCK = {"zone": "UTC", "days": {day: [["00:00", "24:00"]] for day in DAYS}}


@blueprint.get("/calendars")
@allow(Permission.READ_SETUP)
def listed() -> dict[str, Any]:
    """Every calendar as it is now."""
    with reading() as w:
        return {"rows": [_row(shown) for shown in calendars.calendars_shown(w)], "next": None}


@blueprint.post("/calendars")
@allow(Permission.EDIT_POLICIES)
@body(CalendarForm)
def added(body: CalendarForm) -> tuple[dict[str, Any], int]:
    """A new calendar; the first one is the default."""
    with work() as w:
        return _row(calendars.add_calendar(w, _values({"hours": None} | given(body)))), 201


@blueprint.patch("/calendars/<int:calendar_id>")
@allow(Permission.EDIT_POLICIES)
@body(change_of(CalendarForm))
def changed(calendar_id: int, body: CalendarForm) -> dict[str, Any]:
    """Change a calendar; other hours hold from now on."""
    with work() as w:
        return _row(calendars.change_calendar(w, calendar_id, _values(given(body))))


@blueprint.delete("/calendars/<int:calendar_id>")
@allow(Permission.EDIT_POLICIES)
def removed(calendar_id: int) -> None:
    """Delete a calendar that nothing holds on to."""
    with work() as w:
        calendars.remove_calendar(w, calendar_id)


@blueprint.get("/holidays")
@allow(Permission.READ_SETUP)
def holidays() -> dict[str, Any]:
    """The countries whose holidays are known, and their regions."""
    with reading() as w:
        return {"rows": calendars.countries_shown(w), "next": None}


@blueprint.get("/targets")
@allow(Permission.READ_SETUP)
def promised() -> dict[str, Any]:
    """The targets that hold, and their versions."""
    with reading() as w:
        return targets.targets_shown(w)


@blueprint.put("/targets")
@allow(Permission.EDIT_POLICIES)
@body(TargetsForm)
def promise(body: TargetsForm) -> dict[str, Any]:
    """Other targets, for clocks that start from now on; 409 where `expected` is not the newest version."""
    with work() as w:
        return targets.change_targets(w, _targets(body), body.note, expected=body.expected)


@blueprint.put("/targets/version")
@allow(Permission.EDIT_POLICIES)
@body(VersionForm)
def gone_back(body: VersionForm) -> dict[str, Any]:
    """Take the targets of an older version again."""
    with work() as w:
        return targets.go_back_to(w, body.number)


@blueprint.post("/targets/trial")
@allow(Permission.READ_SETUP)
@body(TargetsForm)
def tried(body: TargetsForm) -> dict[str, Any]:
    """What targets would have come to in the last thirty days, and what of it is open now."""
    with reading() as w:
        return targets_tried(w, _targets(body))


@blueprint.get("/cases/<int:case_id>/clocks")
@allow(Permission.READ_CASES)
def ledgers(case_id: int) -> dict[str, Any]:
    """Every clock of a case, with its ledger."""
    with reading() as w:
        return {"rows": ledgers_shown(w, case_id), "next": None}


@blueprint.get("/reports/sla")
@allow(Permission.WATCH_FLOOR)
@query(ReportQuery)
def report(query: ReportQuery) -> dict[str, Any]:
    """How promises were kept, by tier, channel or time."""
    with reading() as w:
        return report_shown(w, report_asked(w, **query.model_dump()))


@blueprint.get("/reports/sla/clocks")
@allow(Permission.WATCH_FLOOR)
@query(ReportQuery)
def behind(query: ReportQuery) -> dict[str, Any]:
    """The clocks behind a number of the report, the latest first."""
    with reading() as w:
        return {"rows": behind_shown(w, report_asked(w, **query.model_dump())), "next": None}


@blueprint.get("/exports/sla.csv")
@allow(Permission.EXPORT)
@query(ReportQuery)
def export(query: ReportQuery) -> Response:
    """Every clock that was decided in the days, as CSV."""
    with work() as w:
        asked = report_asked(w, **query.model_dump())
        note_export(w, "sla", query.model_dump(mode="json", exclude_none=True))

    def rows() -> Iterator[str]:
        with ExitStack() as stack:
            yield from report_as_csv(stack.enter_context(reading()), asked)

    response = Response(stream_with_context(rows()), mimetype="text/csv")
    response.headers["Content-Disposition"] = disposition("sla.csv", inline=False)
    return response


def _targets(body: TargetsForm) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json") for one in body.targets]


def _values(asked: dict[str, Any]) -> dict[str, Any]:
    """What was asked, as calendars are kept."""
    values = {name: value for name, value in asked.items() if name != "hours"}
    if "hours" in asked:
        values |= asked["hours"] or AROUND_THE_CLOCK
    if "special" in asked:
        values["special"] = [special_day(line) for line in asked["special"]]
    return values


def _row(shown: dict[str, Any]) -> dict[str, Any]:
    """A calendar as forms show it: hours as one value, special days as lines."""
    hours = {"zone": shown.pop("zone"), "days": shown.pop("days")}
    special = [special_line(day) for day in shown.pop("special")]
    return {**shown, "hours": None if hours == AROUND_THE_CLOCK else hours, "special": special}
