"""Scheduled replies over HTTP: an answer that leaves at a chosen moment."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint
from pydantic import AwareDatetime, Field, StringConstraints

from desk.actions.cases.access import case_for
from desk.actions.messages import scheduled
from desk.actions.messages.reply import LONGEST_TEXT, Reply, Then
from desk.actions.messages.shown import message_shown
from desk.http.entrance import Asked, allow, body, reading, work
from desk.http.schemas.templates import TemplateAsked
from desk.http.texts import files_served
from desk.model.permission import Permission

blueprint = Blueprint("scheduled_replies", __name__)

Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]


class ScheduledForm(Asked):
    """A reply as in `POST /cases/7/messages`, and when it leaves, with an offset from UTC."""

    at: AwareDatetime
    client_id: str = Field(min_length=1, max_length=64)
    text: Text
    channel_id: int | None = Field(None, ge=1)
    to: list[str] = Field(default=[], max_length=50)
    cc: list[str] = Field(default=[], max_length=50)
    files: list[str] = Field(default=[], max_length=50)
    last_seen_position: int | None = Field(None, ge=0)
    template: TemplateAsked | None = None
    then: Then | None = None

    def reply(self) -> Reply:
        return Reply(
            text=self.text,
            client_id=self.client_id,
            channel_id=self.channel_id,
            to=tuple(self.to),
            cc=tuple(self.cc),
            file_tokens=tuple(self.files),
            template=self.template.use() if self.template else None,
            last_seen_position=self.last_seen_position,
            then=self.then,
        )


class ScheduledChange(Asked):
    """Another time, which also has one wait again that was held back; other words."""

    at: AwareDatetime | None = None
    text: Text | None = None


class NowAsked(Asked):
    """As in `POST /cases/7/messages`."""

    last_seen_position: int | None = Field(None, ge=0)
    hold_seconds: int = Field(0, ge=0, le=60)


@blueprint.get("/scheduled-replies")
@allow(Permission.WORK_CASES)
def mine() -> dict[str, Any]:
    """The caller's that wait for their time or were held back, the first to leave first."""
    with reading() as w:
        return scheduled.scheduled_of_mine(w)


@blueprint.post("/cases/<int:case_id>/scheduled-replies")
@allow(Permission.WORK_CASES)
@body(ScheduledForm)
def made(case_id: int, body: ScheduledForm) -> tuple[dict[str, Any], int]:
    """Answer the customer at that time; 409 with what is new when the case moved on."""
    with work() as w:
        return scheduled.schedule_reply(w, case_id, body.reply(), body.at), 201


@blueprint.put("/scheduled-replies/<int:scheduled_id>")
@allow(Permission.WORK_CASES)
@body(ScheduledChange)
def changed(scheduled_id: int, body: ScheduledChange) -> dict[str, Any]:
    """Move or reword one of the caller's."""
    with work() as w:
        return scheduled.change_scheduled(w, scheduled_id, at=body.at, text=body.text)


@blueprint.delete("/scheduled-replies/<int:scheduled_id>")
@allow(Permission.WORK_CASES)
def cancelled(scheduled_id: int) -> dict[str, Any]:
    """Cancel one of the caller's; what was written returns to the composer."""
    with work() as w:
        return scheduled.cancel_scheduled(w, scheduled_id)


@blueprint.put("/scheduled-replies/<int:scheduled_id>/hold")
@allow(Permission.WORK_CASES)
def held(scheduled_id: int) -> dict[str, Any]:
    """Hold a colleague's back; who wrote it is told."""
    with work() as w:
        return scheduled.stop_scheduled(w, scheduled_id)


@blueprint.post("/scheduled-replies/<int:scheduled_id>/message")
@allow(Permission.WORK_CASES)
@body(NowAsked)
def sent(scheduled_id: int, body: NowAsked) -> tuple[dict[str, Any], int]:
    """Send one of the caller's at once; 409 with what is new when the case moved on."""
    with work() as w:
        message = scheduled.send_scheduled_now(
            w,
            scheduled_id,
            last_seen_position=body.last_seen_position,
            hold_seconds=body.hold_seconds,
            files_served=files_served(),
        )
        w.session.flush()
        case = case_for(w, message.case_id, to=Permission.READ_CASES)
        return message_shown(w, case, message.id), 201
