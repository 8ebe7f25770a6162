"""Files: taken from agents, and given to whoever may know of the message they are in."""

from __future__ import annotations

import secrets
from typing import Any

from desk.model.errors import Invalid, NotFound, TooLarge
from desk.model.filetype import safe_name, type_of
from desk.model.message import Attachment
from desk.model.permission import Permission
from desk.store.messages.files_kept import find_file
from desk.store.unit_of_work import Work

LARGEST = 25 * 1024 * 1024
TOKEN_BYTES = 16


def keep_upload(work: Work, name: str, content: bytes) -> Attachment:
    """A file that an agent attaches; nobody else may have it before a message takes it.

    Raises TooLarge above 25 MB, and Invalid for an empty file.
    """
    work.require(Permission.WORK_CASES)
    if len(content) > LARGEST:
        raise TooLarge(
            f"The file has {len(content) / 1_048_576:.1f} MB; a message takes up to "
            f"{LARGEST // 1_048_576} MB. Share it by a link, or split it."
        )
    if not content:
        raise Invalid("The file is empty.", "file")
    name = safe_name(name)
    kept = Attachment(
        token=secrets.token_urlsafe(TOKEN_BYTES),
        name=name,
        type=type_of(content, name),
        size=len(content),
        sha256=work.files.put(content),
        created_at=work.now,
        uploader_id=work.actor.agent_id,
    )
    work.session.add(kept)
    work.session.flush()
    return kept


def file_for(work: Work, token: str) -> tuple[Attachment, bytes]:
    """The file and its bytes. Raises NotFound, also where the actor may not know of its message."""
    work.require(Permission.READ_CASES)
    found = find_file(work.session, work.actor, token)
    if found is None:
        raise NotFound("There is no such file.")
    return found, work.files.get(found.sha256)


def file_shown(kept: Attachment) -> dict[str, Any]:
    """What a screen needs of a file."""
    return {
        "token": kept.token,
        "name": kept.name,
        "type": kept.type,
        "size": kept.size,
        "inline": kept.inline,
        "url": f"/api/v1/files/{kept.token}",
    }
