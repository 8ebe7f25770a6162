"""Files that came with a text: put into their message when they are there, or said to be missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from mimetypes import guess_extension

from desk.actions.messages.arrivals import new_token
from desk.model.case import Case
from desk.model.channel import Channel
from desk.model.events import FilesFetched
from desk.model.filetype import type_of
from desk.model.message import Attachment, Message
from desk.model.texting import FetchState, MediaFetch
from desk.store.messages.reading import get_message
from desk.store.texts.reading import claim_media
from desk.store.unit_of_work import Work

BATCH = 4
LEASE = timedelta(seconds=60)
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600))
"""After so many tries a file is missing for good."""

UNNAMED = ".bin"


@dataclass(frozen=True, slots=True)
class Awaited:
    """A file to fetch now, and the channel whose sign-in opens it."""

    id: int
    url: str
    attempts: int
    channel: Channel


def claim_files(work: Work) -> list[Awaited]:
    """Files to fetch now; what is claimed is left to us for a minute."""
    return [
        Awaited(one.id, one.url, one.attempts, work.session.get_one(Channel, one.channel_id))
        for one in claim_media(work.session, work.now, BATCH, LEASE)
    ]


def keep_file(work: Work, fetch_id: int, content: bytes) -> None:
    """The file is here. Twice is harmless."""
    fetched = work.session.get_one(MediaFetch, fetch_id, with_for_update=True)
    if fetched.state is not FetchState.WAITING:
        return
    kind = type_of(content, "")
    work.session.add(
        Attachment(
            token=new_token(),
            name=f"file-{fetched.place + 1}{guess_extension(kind) or UNNAMED}",
            type=kind,
            size=len(content),
            sha256=work.files.put(content),
            created_at=work.now,
            message_id=fetched.message_id,
        )
    )
    fetched.state, fetched.trouble = FetchState.DONE, None
    _tell(work, get_message(work.session, fetched.message_id))


def leave_file(work: Work, fetch_id: int, sentence: str, *, for_good: bool) -> None:
    """It could not be fetched: it is tried again after a while, or the message says that it is missing."""
    fetched = work.session.get_one(MediaFetch, fetch_id, with_for_update=True)
    if fetched.state is not FetchState.WAITING:
        return
    fetched.trouble = sentence[:300]
    if not for_good and fetched.attempts <= len(PAUSES):
        fetched.not_before = work.now + PAUSES[fetched.attempts - 1]
        return
    fetched.state = FetchState.FAILED
    message = get_message(work.session, fetched.message_id)
    missing = f"File {fetched.place + 1} is missing. {sentence}"
    message.suspicions = [*message.suspicions, missing]
    _tell(work, message)


def _tell(work: Work, message: Message) -> None:
    case = work.session.get_one(Case, message.case_id)
    work.record(
        FilesFetched(
            case_id=case.id,
            queue_id=case.queue_id,
            assignee_id=case.assignee_id,
            message_id=message.id,
            position=message.position,
        )
    )
