"""Files of visitors: taken within limits, and given to the visitor whose chat they are in."""

from __future__ import annotations

from datetime import timedelta

from desk.actions.messages.arrivals import new_token
from desk.model.errors import Invalid, NotFound, TooLarge, TooMany
from desk.model.filetype import PROGRAMS, safe_name, type_of
from desk.model.message import Attachment
from desk.store.chat.chats import KnownVisitor, file_of_visitor, get_visitor, uploads_since
from desk.store.unit_of_work import Work

LARGEST = 10 * 1024 * 1024
MOST = 10
SPAN = timedelta(hours=1)


def keep_visitor_file(work: Work, visitor: KnownVisitor, name: str, content: bytes) -> Attachment:
    """A file that a visitor is about to send; nobody else may have it before it is said.

    What it is, its bytes say. Raises TooLarge above 10 MB, TooMany above ten in an hour, Invalid
    for an empty one and for programs.
    """
    get_visitor(work.session, visitor, lock=True)
    if len(content) > LARGEST:
        raise TooLarge(f"A file can have {LARGEST // 1_048_576} MB at most.")
    if not content:
        raise Invalid("The file is empty.", "file")
    if uploads_since(work.session, visitor.id, work.now - SPAN) >= MOST:
        raise TooMany(f"You have sent {MOST} files within an hour. Wait a little.", 600)
    name = safe_name(name)
    kind = type_of(content, name)
    if kind in PROGRAMS:
        raise Invalid("Programs cannot be sent. Send a picture or a document.", "file")
    kept = Attachment(
        token=new_token(),
        name=name,
        type=kind,
        size=len(content),
        sha256=work.files.put(content),
        created_at=work.now,
        visitor_id=visitor.id,
    )
    work.session.add(kept)
    work.session.flush()
    return kept


def file_for_visitor(work: Work, visitor: KnownVisitor, token: str) -> tuple[Attachment, bytes]:
    """A file of the visitor's own chat. Raises NotFound for any other."""
    found = file_of_visitor(work.session, visitor.id, token)
    if found is None:
        raise NotFound("There is no such file.")
    return found, work.files.get(found.sha256)
