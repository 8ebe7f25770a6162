"""An inbound message as it is written into its case, with its files."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from desk.model.inbound import InboundFile, InboundMessage, Participant
from desk.model.message import AuthorKind, MessageKind
from desk.store.unit_of_work import Work

PREVIEW = 160


def inbound_row(
    inbound: InboundMessage,
    *,
    position: int,
    author_kind: AuthorKind,
    visible: bool,
    channel_id: int,
    inbox_id: int | None,
    source_key: str,
    reason: str,
    suspicions: list[str],
    at: datetime,
) -> dict[str, Any]:
    """What is kept of a message that came in; `position` is its place in its case."""
    return {
        "position": position,
        "kind": MessageKind.INBOUND,
        "author_kind": author_kind,
        "at": at,
        "visible_to_customer": visible,
        "channel_id": channel_id,
        "author_name": inbound.sender.name[:200],
        "author_address": inbound.sender.address[:320] or None,
        "subject": inbound.subject[:998],
        "text": inbound.text,
        "reply": inbound.reply,
        "html": inbound.html,
        "has_html": bool(inbound.html),
        "recipients_to": people_shown(inbound.to),
        "recipients_cc": people_shown(inbound.cc),
        "reply_to": people_shown(inbound.reply_to),
        "internet_id": inbound.message_id[:998] if inbound.message_id else None,
        "source_key": source_key,
        "inbox_id": inbox_id,
        "client_id": inbound.client_id,
        "threading": reason[:300],
        "automatic": inbound.automatic,
        "verdict": inbound.verdict,
        "verdict_source": inbound.verdict_source[:200] or None,
        "suspicions": suspicions,
    }


def file_rows(work: Work, inbound: InboundMessage) -> list[dict[str, Any]]:
    """The files of a message, their bytes kept already."""
    return [_kept(work, file) for file in inbound.files]


def people_shown(people: Iterable[Participant]) -> list[dict[str, Any]]:
    """Addresses as a message keeps them."""
    return [{"address": one.address[:320], "name": one.name[:200]} for one in people]


def plain_line(text: str) -> str:
    """The beginning of a text on one line, for lists."""
    return " ".join(text[: PREVIEW * 8].split())[:PREVIEW]


def new_token() -> str:
    """128 random bits: what a stranger may hold of a file."""
    return secrets.token_urlsafe(16)


def _kept(work: Work, file: InboundFile) -> dict[str, Any]:
    return {
        "token": new_token(),
        "name": file.name[:255],
        "type": file.type[:120],
        "size": file.size,
        "sha256": work.files.put(file.content),
        "content_id": file.content_id[:255] if file.content_id else None,
        "inline": file.inline,
    }
