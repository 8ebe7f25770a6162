"""A message with its formatting, as a page of its own that can do nothing: for a sandboxed frame."""

from __future__ import annotations

import re
from dataclasses import dataclass

from desk.actions.cases.access import case_for
from desk.channels.email.sanitise import BLOCKED_IMAGE, safe_html, with_inline_images
from desk.model.errors import NotFound
from desk.model.message import Message
from desk.model.permission import Permission
from desk.store.messages.reading import files_of, get_message
from desk.store.unit_of_work import Work

_BLOCKED = re.compile(rf'\s{BLOCKED_IMAGE}="(https://[^"]*)"')


@dataclass(frozen=True, slots=True)
class FormattedMessage:
    """Safe HTML, and how many remote pictures it would like to fetch."""

    html: str
    remote_images: int


def formatted(work: Work, message_id: int, *, remote_images: bool) -> FormattedMessage:
    """The message's HTML, sanitised once more as it is shown.

    Remote pictures stay blocked unless asked for, and then only over https: fetching one tells its
    owner that the mail was opened, and from where. Raises NotFound.
    """
    message = message_for(work, message_id, with_html=True)
    if not message.html:
        raise NotFound("This message has no formatting.")
    clean, _ = safe_html(message.html)
    files = files_of(work.session, [message.id])
    clean = with_inline_images(
        clean, {f.content_id: f"/api/v1/files/{f.token}" for f in files if f.content_id}
    )
    found = len(_BLOCKED.findall(clean))
    if remote_images:
        clean = _BLOCKED.sub(r' src="\1" referrerpolicy="no-referrer"', clean)
    return FormattedMessage(clean, found)


def message_for(work: Work, message_id: int, *, with_html: bool = False) -> Message:
    """A message of a case that the actor may read; NotFound for any other, as for one that is not there."""
    message = get_message(work.session, message_id, with_html=with_html)
    try:
        case_for(work, message.case_id, to=Permission.READ_CASES)
    except NotFound:
        raise NotFound(f"There is no message {message_id}.") from None
    return message
