"""What customers are worth, over HTTP: the last run, and a new one on demand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from desk.actions.worth import ask_for_values, run_shown, values_shown
from desk.http.entrance import allow, reading, work
from desk.model.permission import Permission

blueprint = Blueprint("values", __name__)


@blueprint.get("/values")
@allow(Permission.READ_SETUP)
def shown() -> dict[str, Any]:
    """The last run with its parameters and remarks, whether one waits, and how values are computed."""
    with reading() as w:
        return values_shown(w)


@blueprint.post("/value-runs")
@allow(Permission.EDIT_POLICIES)
def ask() -> tuple[dict[str, Any], int]:
    """Compute all values anew, soon; the run that waits already is as good."""
    with work() as w:
        return run_shown(ask_for_values(w)), 202
