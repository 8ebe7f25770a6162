"""Mail and texts that could not be read, for the people who can do something about it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from pydantic import Field

from desk.actions.mail.quarantine import (
    quarantine_shown,
    quarantined_bytes,
    read_again,
    reading_shown,
    set_quarantined_aside,
)
from desk.http.entrance import Asked, allow, query, reading, work
from desk.http.files import disposition
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission

blueprint = Blueprint("quarantine", __name__)


class ListAsked(Asked):
    cursor: int | None = Field(None, ge=1)


@blueprint.get("/quarantine")
@allow(Permission.READ_QUARANTINE)
@query(ListAsked)
def listed(query: ListAsked) -> dict[str, Any]:
    """Newest first, with the reason of each."""
    with reading() as w:
        rows, following = quarantine_shown(w, before_id=query.cursor)
        return {"rows": rows, "next": str(following) if following else None}


@blueprint.get("/quarantine/<int:inbox_id>/raw")
@allow(Permission.RERUN_QUARANTINE)
def raw(inbox_id: int) -> Response:
    """The bytes as they came, as a file that no browser opens by itself."""
    with work() as w:
        kind, content = quarantined_bytes(w, inbox_id)
    name = f"text-{inbox_id}.txt" if kind is ChannelKind.SMS else f"mail-{inbox_id}.eml"
    download = Response(content, mimetype="application/octet-stream")
    download.headers["Content-Disposition"] = disposition(name, inline=False)
    return download


@blueprint.post("/quarantine/<int:inbox_id>/attempts")
@allow(Permission.RERUN_QUARANTINE)
def attempt(inbox_id: int) -> tuple[dict[str, Any], int]:
    """Read it again; the state is `running` until `/reading` tells what became of it."""
    with work() as w:
        read_again(w, inbox_id)
        return reading_shown(w, inbox_id), 202


@blueprint.get("/quarantine/<int:inbox_id>/reading")
@allow(Permission.RERUN_QUARANTINE)
def progress(inbox_id: int) -> dict[str, Any]:
    """How far reading it again is: `running`, `quarantined` again, or `done` and what it became."""
    with reading() as w:
        return reading_shown(w, inbox_id)


@blueprint.delete("/quarantine/<int:inbox_id>")
@allow(Permission.RERUN_QUARANTINE)
def aside(inbox_id: int) -> None:
    """Out of the list; the bytes are kept."""
    with work() as w:
        set_quarantined_aside(w, inbox_id)
