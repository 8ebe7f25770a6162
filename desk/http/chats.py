"""The agent's side of a chat, handing a case on, and the floor as a supervisor sees it."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, Response, current_app
from pydantic import Field

from desk.actions.cases.detail import case_detail, case_shown
from desk.actions.chat.deeds import done_with_chat, end_chat_by_agent, read_chat, transfer_case
from desk.actions.chat.transcripts import transcript_of_case
from desk.actions.routing.floor_shown import floor_shown
from desk.http.entrance import Asked, allow, body, reading, work
from desk.http.files import disposition
from desk.model.change import VISITORS, room_of_visitor
from desk.model.permission import Permission

blueprint = Blueprint("chats", __name__)

_Key = Annotated[int, Field(ge=1, lt=2**63)]


class ReadAsked(Asked):
    sequence: Annotated[int, Field(ge=0, lt=2**63)]


class TransferAsked(Asked):
    """To a queue or to an agent; `client_id` makes the note one, however often it is asked for."""

    queue_id: _Key | None = None
    agent_id: _Key | None = None
    note: str = Field("", max_length=20_000)
    client_id: str = Field("", max_length=64)


@blueprint.put("/cases/<int:case_id>/chat/read")
@allow(Permission.WORK_CASES)
@body(ReadAsked)
def read(case_id: int, body: ReadAsked) -> dict[str, Any]:
    """I have read the chat up to this sequence; the visitor is told."""
    with work() as w:
        visitor_id, sequence = read_chat(w, case_id, body.sequence)
    # A hint, told at once; the mark itself comes again with whatever the page asks for.
    server = current_app.extensions["desk_live"].server
    server.emit("read", {"sequence": sequence}, room=room_of_visitor(visitor_id), namespace=VISITORS)
    return {"read": sequence}


@blueprint.delete("/cases/<int:case_id>/chat")
@allow(Permission.WORK_CASES)
def end(case_id: int) -> dict[str, Any]:
    """End the chat; the time to wrap up begins."""
    with work() as w:
        return case_detail(w, end_chat_by_agent(w, case_id).id)


@blueprint.delete("/cases/<int:case_id>/chat/wrap-up")
@allow(Permission.WORK_CASES)
def wrapped_up(case_id: int) -> dict[str, Any]:
    """I am done with it, and free for the next."""
    with work() as w:
        return case_detail(w, done_with_chat(w, case_id).id)


@blueprint.get("/cases/<int:case_id>/transcript")
@allow(Permission.READ_CASES)
def transcript(case_id: int) -> Response:
    """What the visitor was told and said, as a text."""
    with reading() as w:
        text = transcript_of_case(w, case_id)
    response = Response(text, mimetype="text/plain")
    response.headers["Content-Disposition"] = disposition(f"case-{case_id}.txt", inline=False)
    return response


@blueprint.post("/cases/<int:case_id>/transfer")
@allow(Permission.WORK_CASES)
@body(TransferAsked)
def transfer(case_id: int, body: TransferAsked) -> dict[str, Any]:
    """Hand the case on, with a note to who comes next. The case as it is now, where I may still see it."""
    with work() as w:
        case = transfer_case(
            w,
            case_id,
            queue_id=body.queue_id,
            agent_id=body.agent_id,
            note=body.note,
            client_id=body.client_id,
        )
        return case_shown(w, case.id)


@blueprint.get("/floor")
@allow(Permission.WATCH_FLOOR)
def floor() -> dict[str, Any]:
    """Every queue with its line, and every agent with what they hold."""
    with reading() as w:
        return floor_shown(w)
