"""Promises of time over HTTP: calendars, targets, and the ledgers of a case."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from desk.actions import calendars, targets
from desk.actions.ledgers import ledgers_shown
from desk.http.entrance import allow, body, reading, work
from desk.http.schemas.setup import change_of, given
from desk.http.schemas.sla import CalendarForm, TargetsForm, VersionForm
from desk.model.permission import Permission

blueprint = Blueprint("sla", __name__)


@blueprint.get("/calendars")
@allow(Permission.READ_SETUP)
def listed() -> dict[str, Any]:
    """Every calendar as it is now."""
    with reading() as w:
        return {"rows": calendars.calendars_shown(w), "next": None}


@blueprint.post("/calendars")
@allow(Permission.EDIT_POLICIES)
@body(CalendarForm)
def added(body: CalendarForm) -> tuple[dict[str, Any], int]:
    """A new calendar; the first one is the default."""
    with work() as w:
        return calendars.add_calendar(w, given(body)), 201


@blueprint.patch("/calendars/<int:calendar_id>")
@allow(Permission.EDIT_POLICIES)
@body(change_of(CalendarForm))
def changed(calendar_id: int, body: CalendarForm) -> dict[str, Any]:
    """Change a calendar; other hours hold from now on."""
    with work() as w:
        return calendars.change_calendar(w, calendar_id, given(body))


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
    """Other targets, for clocks that start from now on."""
    with work() as w:
        return targets.change_targets(w, [one.model_dump(mode="json") for one in body.targets], body.note)


@blueprint.put("/targets/version")
@allow(Permission.EDIT_POLICIES)
@body(VersionForm)
def gone_back(body: VersionForm) -> dict[str, Any]:
    """Take the targets of an older version again."""
    with work() as w:
        return targets.go_back_to(w, body.number)


@blueprint.get("/cases/<int:case_id>/clocks")
@allow(Permission.READ_CASES)
def ledgers(case_id: int) -> dict[str, Any]:
    """Every clock of a case, with its ledger."""
    with reading() as w:
        return {"rows": ledgers_shown(w, case_id), "next": None}
