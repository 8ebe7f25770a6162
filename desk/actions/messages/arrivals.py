"""A message at the door, and what is written of it into its case, with its files."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk.model.inbound import InboundFile, InboundMessage, Participant, Verdict
from desk.model.message import AuthorKind, MessageKind
from desk.store.messages.conversations import Standing
from desk.store.unit_of_work import Work

PREVIEW = 160


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message at the door, with what is known of it. `quiet` ones wake nobody and start no clock."""

    inbound: InboundMessage
    channel_id: int
    inbox_id: int | None
    silent: bool
    key: str
    standing: Standing
    quiet: bool
    at: datetime

    @property
    def sender(self) -> str:
        return self.inbound.sender.address


def inbound_row(
    arrival: Arrival, position: int, *, reason: str, author_kind: AuthorKind, visible: bool
) -> dict[str, Any]:
    """What is kept of a message that came in; `position` is its place in its case."""
    inbound = arrival.inbound
    return {
        "position": position,
        "kind": MessageKind.INBOUND,
        "author_kind": author_kind,
        "at": arrival.at,
        "visible_to_customer": visible,
        "channel_id": arrival.channel_id,
        "author_name": inbound.sender.name[:200],
        "author_address": arrival.sender[:320] or None,
        "subject": inbound.subject[:998],
        "text": inbound.text,
        "reply": inbound.reply,
        "html": inbound.html,
        "has_html": bool(inbound.html),
        "recipients_to": people_shown(inbound.to),
        "recipients_cc": people_shown(inbound.cc),
        "reply_to": people_shown(inbound.reply_to),
        "internet_id": inbound.message_id[:998] if inbound.message_id else None,
        "source_key": arrival.key,
        "inbox_id": arrival.inbox_id,
        "client_id": inbound.client_id,
        "threading": reason[:300],
        "automatic": inbound.automatic,
        "verdict": inbound.verdict,
        "verdict_source": inbound.verdict_source[:200] or None,
        "suspicions": _suspicions(arrival),
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


def _suspicions(arrival: Arrival) -> list[str]:
    found = list(arrival.inbound.suspicions)
    if arrival.inbound.verdict is Verdict.FAIL:
        found.append("The domain of the sender says that it did not send this.")
    if arrival.standing.reused:
        found.append("Another message came with the same Message-ID.")
    if arrival.standing.is_agent:
        found.append("It comes in the name of a colleague; who really wrote it is not known.")
    asked = [
        one.address for one in arrival.inbound.reply_to if _domain(one.address) != _domain(arrival.sender)
    ]
    if asked:
        found.append(f"It asks for the answer to go elsewhere: {', '.join(asked[:3])}.")
    return found


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
