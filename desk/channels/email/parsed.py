"""What we understood of one mail, and its form on the way out of the fenced child."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from desk.model.inbound import Automatic, Bounce, InboundFile, Participant

# Of a larger mail only the headers are read; its bytes are kept all the same.
MAX_MAIL = 25 * 1024 * 1024


class Outcome(StrEnum):
    """What a mail is: something said to us, or a report of a machine about mail."""

    MESSAGE = "message"
    BOUNCE = "bounce"
    DELIVERY_REPORT = "delivery_report"
    AUTO_REPLY = "auto_reply"
    FEEDBACK_REPORT = "feedback_report"


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """One mail, understood. No text in it holds a NUL, a control character or a lone surrogate.

    `senders` are the entries of From as written; `identity` is set only when From names exactly
    one plain address, and is the only thing that may be looked up as somebody. `reply` is what is
    new of `text`; `html` is safe to show. Ids have no angle brackets. `recipients` are all
    addresses the mail was handed to, among them those that only relays wrote down.
    `reasons` say why the outcome is what it is and what was left out; `suspicions` are for
    the agent to see.
    """

    outcome: Outcome
    senders: tuple[Participant, ...] = ()
    identity: str | None = None
    to: tuple[Participant, ...] = ()
    cc: tuple[Participant, ...] = ()
    reply_to: tuple[Participant, ...] = ()
    recipients: tuple[str, ...] = ()
    subject: str = ""
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    text: str = ""
    reply: str = ""
    html: str | None = None
    files: tuple[InboundFile, ...] = ()
    bounce: Bounce | None = None
    automatic: Automatic | None = None
    loop_ids: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    suspicions: tuple[str, ...] = ()

    @property
    def sender(self) -> Participant | None:
        """Whom to show as the sender: the first entry of From that is an address."""
        return next((one for one in self.senders if "@" in one.address), None)


_FIELDS = tuple(one.name for one in fields(ParsedMail))
_FILE_FIELDS = tuple(one.name for one in fields(InboundFile) if one.name != "content")


def to_wire(mail: ParsedMail) -> tuple[dict[str, Any], list[bytes]]:
    """Values that orjson writes, and the contents of the files beside them."""
    plain = {name: getattr(mail, name) for name in _FIELDS}
    plain["files"] = [{name: getattr(file, name) for name in _FILE_FIELDS} for file in mail.files]
    return plain, [file.content for file in mail.files]


def from_wire(plain: dict[str, Any], contents: list[bytes]) -> ParsedMail:
    """The inverse of `to_wire`; raises KeyError, TypeError or ValueError if it is not such a value."""
    files = zip(plain["files"], contents, strict=True)
    return ParsedMail(
        outcome=Outcome(plain["outcome"]),
        senders=_people(plain["senders"]),
        identity=plain["identity"],
        to=_people(plain["to"]),
        cc=_people(plain["cc"]),
        reply_to=_people(plain["reply_to"]),
        recipients=tuple(plain["recipients"]),
        subject=plain["subject"],
        message_id=plain["message_id"],
        in_reply_to=tuple(plain["in_reply_to"]),
        references=tuple(plain["references"]),
        date=datetime.fromisoformat(plain["date"]) if plain["date"] else None,
        text=plain["text"],
        reply=plain["reply"],
        html=plain["html"],
        files=tuple(InboundFile(content=content, **file) for file, content in files),
        bounce=Bounce(**plain["bounce"]) if plain["bounce"] else None,
        automatic=Automatic(plain["automatic"]) if plain["automatic"] else None,
        loop_ids=tuple(plain["loop_ids"]),
        reasons=tuple(plain["reasons"]),
        suspicions=tuple(plain["suspicions"]),
    )


def _people(plain: list[dict[str, str]]) -> tuple[Participant, ...]:
    return tuple(Participant(**one) for one in plain)
