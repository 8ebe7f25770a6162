"""What every channel makes of the outside world: one inbound message, whatever brought it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from desk.model.customer import AddressKind


class ChannelKind(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    CHAT = "chat"
    FORM = "form"
    API = "api"


class Automatic(StrEnum):
    """Why a message was written by a machine; such a message starts no clock and gets no acknowledgement."""

    AUTO_REPLY = "auto_reply"
    BULK = "bulk"
    OURSELVES = "ourselves"


class Verdict(StrEnum):
    """Whether the sender is who the message says (RFC 8601)."""

    PASS = "pass"  # noqa: S105 - the RFC's word
    FAIL = "fail"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Participant:
    """An address as its channel writes it, lower-cased where that is safe, and the name beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class InboundFile:
    """A file that came with a message. `content_id` has no angle brackets."""

    name: str
    type: str
    content: bytes
    content_id: str | None = None
    inline: bool = False

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class ThreadingHints:
    """What a message says of the conversation it continues, strongest first.

    `reply_tokens` are signed and come out of recipient addresses; the ids have no angle
    brackets; `references` keep the order of the header; `case_numbers` are weak.
    """

    reply_tokens: tuple[str, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    case_numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One thing a customer said to us, on any channel, ready for `receive_message`.

    `source_key` is unique per channel row and makes a second delivery harmless;
    `text` is all that was readable, `reply` only what is new of it, `html` is safe to show.
    `verdict_source` says as a sentence what the verdict rests on.
    `conversation_id` is set by the channel alone: where a token that we signed proves it, or where a
    number has one conversation with a number. `quiet` ones wake nobody and open no case.
    `sender_kind` is given where the channel itself does not say what kind of address the sender's is.
    """

    channel: ChannelKind
    source_key: str
    sender: Participant
    subject: str
    text: str
    reply: str
    sent_at: datetime | None = None
    html: str | None = None
    to: tuple[Participant, ...] = ()
    cc: tuple[Participant, ...] = ()
    reply_to: tuple[Participant, ...] = ()
    message_id: str | None = None
    hints: ThreadingHints = field(default_factory=ThreadingHints)
    files: tuple[InboundFile, ...] = ()
    automatic: Automatic | None = None
    verdict: Verdict = Verdict.NONE
    verdict_source: str = ""
    suspicions: tuple[str, ...] = ()
    client_id: str | None = None
    conversation_id: int | None = None
    sender_kind: AddressKind | None = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """One failed (or delayed) delivery that a remote server reported (RFC 3464).

    `status` is the enhanced code such as 5.1.1; `message_id` is of the mail that bounced.
    """

    recipient: str | None
    status: str | None
    permanent: bool
    message_id: str | None
    diagnostic: str = ""
