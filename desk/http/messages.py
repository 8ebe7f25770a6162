"""The messages of a case: read, answer, take back, send again."""

from __future__ import annotations

from typing import Any, Literal

from flask import Blueprint, Response, render_template
from pydantic import Field

from desk.actions.cases.access import case_for, check_sight
from desk.actions.mail.deliveries import send_again
from desk.actions.messages.formatted import formatted
from desk.actions.messages.reply import Reply, Then, add_note, send_reply, whisper, withdraw_reply
from desk.actions.messages.shown import ask_for_messages, message_shown
from desk.actions.messages.ways import ways_shown
from desk.http.entrance import Asked, allow, asking, body, query, reading, work
from desk.http.schemas.templates import TemplateAsked
from desk.http.texts import files_served
from desk.model.message import Attachment, Message
from desk.model.permission import Permission
from desk.store.failpoints import failpoint
from desk.store.unit_of_work import Work

blueprint = Blueprint("messages", __name__)

_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'{remote}; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""What mail may do on a screen: be looked at. Inline styles are those that the sanitiser left; no script
runs, and `allow-same-origin` only lets its own pictures be fetched with the session."""


class PageAsked(Asked):
    before: int | None = Field(None, ge=0)
    after: int | None = Field(None, ge=0)
    limit: int = Field(50, ge=1, le=200)


class MessageAsked(Asked):
    """A reply or a note; `client_id` is made by the screen, and the same one is the same message."""

    client_id: str = Field(min_length=1, max_length=64)
    kind: Literal["reply", "note"]
    text: str = Field(max_length=200_000)
    channel_id: int | None = Field(None, ge=1)
    to: list[str] = Field(default=[], max_length=50)
    cc: list[str] = Field(default=[], max_length=50)
    files: list[str] = Field(default=[], max_length=50)
    last_seen_position: int | None = Field(None, ge=0)
    hold_seconds: int = Field(0, ge=0, le=60)
    mentions: list[int] = Field(default=[], max_length=50)
    whisper: bool = False
    template: TemplateAsked | None = None
    then: Then | None = None


class AgainAsked(Asked):
    """`accept_doubling` for what may have left already, and may then arrive twice."""

    accept_doubling: bool = False


class FormatAsked(Asked):
    images: bool = False


@blueprint.get("/cases/<int:case_id>/messages")
@allow(Permission.READ_CASES)
@query(PageAsked)
def page(case_id: int, query: PageAsked) -> dict[str, Any]:
    """A page of the thread, in ascending order."""
    with asking() as w:
        check_sight(w, case_id, to=Permission.READ_CASES)
        asked = ask_for_messages(w, case_id, before=query.before, after=query.after, limit=query.limit)
        rows, more = asked.shown(w.now)
        return {"rows": rows, "older": more}


@blueprint.post("/cases/<int:case_id>/messages")
@allow(Permission.WORK_CASES)
@body(MessageAsked)
def say(case_id: int, body: MessageAsked) -> tuple[dict[str, Any], int]:
    """Answer the customer, or leave a note for colleagues; 409 with what is new when the case moved on."""
    with work() as w:
        before = w.now
        message = _note(w, case_id, body) if body.kind == "note" else _reply(w, case_id, body)
        w.session.flush()
        shown, status = _shown(w, message), 201 if message.at >= before else 200
    failpoint("after_answer_commit")
    return shown, status


def _note(w: Work, case_id: int, body: MessageAsked) -> Message:
    if body.whisper:
        return whisper(w, case_id, body.text, body.client_id)
    return add_note(w, case_id, body.text, body.client_id, body.mentions, body.files)


def _reply(w: Work, case_id: int, body: MessageAsked) -> Message:
    return send_reply(
        w,
        case_id,
        Reply(
            text=body.text,
            client_id=body.client_id,
            channel_id=body.channel_id,
            to=tuple(body.to),
            cc=tuple(body.cc),
            file_tokens=tuple(body.files),
            files_served=files_served(),
            template=body.template.use() if body.template else None,
            last_seen_position=body.last_seen_position,
            hold_seconds=body.hold_seconds,
            then=body.then,
        ),
    )


@blueprint.get("/cases/<int:case_id>/ways")
@allow(Permission.READ_CASES)
def ways(case_id: int) -> dict[str, Any]:
    """The ways to answer the customer, the best first; one that cannot be gone says why."""
    with reading() as w:
        return {"rows": ways_shown(w, case_id)}


@blueprint.delete("/messages/<int:message_id>/hold")
@allow(Permission.WORK_CASES)
def take_back(message_id: int) -> dict[str, Any]:
    """Undo the sending while it is held; the text returns to the composer."""
    with work() as w:
        withdrawn = withdraw_reply(w, message_id)
        return {"text": withdrawn.text, "files": [_file(file) for file in withdrawn.files]}


@blueprint.put("/messages/<int:message_id>/delivery")
@allow(Permission.WORK_CASES)
@body(AgainAsked)
def deliver_again(message_id: int, body: AgainAsked) -> dict[str, Any]:
    """Another try for those who have not got it."""
    with work() as w:
        message = send_again(w, message_id, accept_doubling=body.accept_doubling)
        w.session.flush()
        return _shown(w, message)


@blueprint.get("/messages/<int:message_id>/html")
@allow(Permission.READ_CASES)
@query(FormatAsked)
def with_format(message_id: int, query: FormatAsked) -> Response:
    """The message with its formatting, for a sandboxed frame."""
    with reading() as w:
        shown = formatted(w, message_id, remote_images=query.images)
    page = Response(render_template("message.html", html=shown.html), mimetype="text/html")
    page.headers["Content-Security-Policy"] = _MAIL_POLICY.format(remote=" https:" if query.images else "")
    page.headers["X-Frame-Options"] = "SAMEORIGIN"
    page.headers["X-Remote-Images"] = str(shown.remote_images)
    return page


def _shown(w: Work, message: Message) -> dict[str, Any]:
    return message_shown(w, case_for(w, message.case_id, to=Permission.READ_CASES), message.id)


def _file(file: Attachment) -> dict[str, Any]:
    return {
        "token": file.token,
        "name": file.name,
        "type": file.type,
        "size": file.size,
        "inline": file.inline,
        "url": f"/api/v1/files/{file.token}",
    }
