"""Reminders over HTTP: one's own, and nobody else's."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint
from pydantic import AwareDatetime, StringConstraints

from desk.actions.people import reminders
from desk.http.entrance import Asked, allow, body, reading, work
from desk.http.schemas.cases import Key
from desk.model.permission import Permission
from desk.model.reminder import LONGEST_WORD

blueprint = Blueprint("reminders", __name__)

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_WORD)]


class ReminderForm(Asked):
    """When to be told, with an offset from UTC, and what of; of a case, or of none."""

    at: AwareDatetime
    word: Word
    case_id: Key | None = None


class ReminderChange(Asked):
    """What is to be otherwise; `done` false has one back that was done or deleted."""

    at: AwareDatetime | None = None
    word: Word | None = None
    done: bool | None = None


@blueprint.get("/reminders")
@allow(Permission.READ_CASES)
def shown() -> dict[str, Any]:
    """The caller's reminders, the first to come first."""
    with reading() as w:
        return reminders.reminders_shown(w)


@blueprint.post("/reminders")
@allow(Permission.READ_CASES)
@body(ReminderForm)
def made(body: ReminderForm) -> tuple[dict[str, Any], int]:
    """Remind the caller at that time."""
    with work() as w:
        return reminders.remind(w, body.at, body.word, body.case_id), 201


@blueprint.put("/reminders/<int:reminder_id>")
@allow(Permission.READ_CASES)
@body(ReminderChange)
def changed(reminder_id: int, body: ReminderChange) -> dict[str, Any]:
    """Move, reword, finish or take back one of the caller's."""
    with work() as w:
        return reminders.change_reminder(w, reminder_id, at=body.at, word=body.word, done=body.done)


@blueprint.delete("/reminders/<int:reminder_id>")
@allow(Permission.READ_CASES)
def dropped(reminder_id: int) -> None:
    """Delete one of the caller's; `done` false has it back."""
    with work() as w:
        reminders.drop_reminder(w, reminder_id)
