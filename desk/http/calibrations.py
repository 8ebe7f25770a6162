"""Calibration over HTTP: for the two who judge a case, and nobody else."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint
from pydantic import Field, StringConstraints

from desk.actions.insights import calibrations
from desk.http.entrance import Asked, allow, body, query, reading, work
from desk.http.schemas.cases import Key
from desk.model.permission import Permission

blueprint = Blueprint("calibrations", __name__)

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=calibrations.LONGEST_TEXT)]


class CaseAsked(Asked):
    case_id: Key


class CalibrationForm(Asked):
    """A case, and who judges it beside the caller."""

    case_id: Key
    with_id: Key


class JudgementForm(Asked):
    """A level from 1 to 3 for each criterion, or null where the case does not try it."""

    levels: dict[Annotated[str, StringConstraints(max_length=40)], int | None] = Field(max_length=20)
    comment: Words = ""


class AgreementForm(Asked):
    text: Words


@blueprint.get("/coaching/calibrations")
@allow(Permission.COACH)
def mine() -> dict[str, Any]:
    """The calibrations that the caller judges in, the newest first."""
    with reading() as w:
        return calibrations.calibrations_shown(w)


@blueprint.get("/coaching/calibrations/reviewers")
@allow(Permission.COACH)
@query(CaseAsked)
def reviewers(query: CaseAsked) -> dict[str, Any]:
    """With whom the caller can judge a case, and whose work it is."""
    with reading() as w:
        return calibrations.reviewers_for(w, query.case_id)


@blueprint.post("/coaching/calibrations")
@allow(Permission.COACH)
@body(CalibrationForm)
def asked(body: CalibrationForm) -> tuple[dict[str, Any], int]:
    """Judge a case together with another reviewer."""
    with work() as w:
        return calibrations.calibrate(w, body.case_id, body.with_id), 201


@blueprint.get("/coaching/calibrations/<int:calibration_id>")
@allow(Permission.COACH)
def shown(calibration_id: int) -> dict[str, Any]:
    """One; the other's judgement only once both are given."""
    with reading() as w:
        return calibrations.calibration_shown(w, calibration_id)


@blueprint.put("/coaching/calibrations/<int:calibration_id>/judgement")
@allow(Permission.COACH)
@body(JudgementForm)
def judged(calibration_id: int, body: JudgementForm) -> dict[str, Any]:
    """The caller's judgement."""
    with work() as w:
        return calibrations.judge(w, calibration_id, body.levels, body.comment)


@blueprint.put("/coaching/calibrations/<int:calibration_id>/agreement")
@allow(Permission.COACH)
@body(AgreementForm)
def agreed(calibration_id: int, body: AgreementForm) -> dict[str, Any]:
    """What both agreed on."""
    with work() as w:
        return calibrations.agree(w, calibration_id, body.text)


@blueprint.delete("/coaching/calibrations/<int:calibration_id>")
@allow(Permission.COACH)
def dropped(calibration_id: int) -> None:
    """Take back what the caller asked for, while it is not judged by both."""
    with work() as w:
        calibrations.drop_calibration(w, calibration_id)
