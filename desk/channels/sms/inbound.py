"""A text as Twilio brings it, read into the one form of every channel."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from desk.channels.sms.numbers import WHATSAPP, sender_of
from desk.channels.sms.wishes import Wish, reads_like_a_stop, wish_of
from desk.model.errors import UnreadableMail
from desk.model.inbound import ChannelKind, InboundMessage, Participant, Verdict

MOST_FILES = 10
LONGEST_SUBJECT = 80
LIKE_A_STOP = "It reads as if they want no more texts, but only the word STOP alone is heard by the line."

_SID = re.compile(r"[A-Z]{2}[0-9a-zA-Z]{1,62}")


@dataclass(frozen=True, slots=True)
class IncomingText:
    """What we understood of a call of the webhook; `sender` is E.164 where it is a number."""

    sid: str
    sender: str
    name: str
    body: str
    media_urls: tuple[str, ...]
    wish: Wish | None
    is_whatsapp: bool


def raw_text(pairs: Iterable[tuple[str, str]]) -> bytes:
    """The fields of a call as the inbox keeps them: in their order, names given twice included."""
    return json.dumps(list(pairs)).encode()


def is_sid(written: str) -> bool:
    """Whether it can be the number of a message at Twilio."""
    return _SID.fullmatch(written) is not None


def text_from(raw: bytes) -> IncomingText:
    """Raises UnreadableMail for what is no text."""
    fields = _fields(raw)
    sender = fields.get("From", "").strip()
    if not sender or not is_sid(fields.get("MessageSid", "")):
        raise UnreadableMail("It names no sender or no number of its own.")
    body = _clean(fields.get("Body", ""))
    count = fields.get("NumMedia") or "0"
    if not count.isdecimal() or int(count) > MOST_FILES:
        raise UnreadableMail(f"It says that it has “{count[:10]}” files.")
    return IncomingText(
        sid=fields["MessageSid"],
        sender=sender_of(sender),
        name=_clean(fields.get("ProfileName", ""))[:200],
        body=body,
        media_urls=tuple(
            url for place in range(int(count)) if (url := fields.get(f"MediaUrl{place}", "")[:2000])
        ),
        wish=wish_of(body, fields.get("OptOutType", "")),
        is_whatsapp=sender.startswith(WHATSAPP),
    )


def inbound_from(text: IncomingText, *, conversation_id: int | None, quiet: bool) -> InboundMessage:
    """Ready for the door. A carrier's sender can be forged; WhatsApp vouches for its own."""
    return InboundMessage(
        channel=ChannelKind.SMS,
        source_key=text.sid,
        sender=Participant(text.sender, text.name),
        subject=subject_of(text),
        text=text.body,
        reply=text.body,
        verdict=Verdict.PASS if text.is_whatsapp else Verdict.NONE,
        suspicions=(LIKE_A_STOP,) if reads_like_a_stop(text.body) else (),
        conversation_id=conversation_id,
        quiet=quiet,
    )


def subject_of(text: IncomingText) -> str:
    """What a case that begins with this text is called."""
    return called_by(text.body, len(text.media_urls)) or f"Text from {text.sender}"


def called_by(body: str, files: int) -> str:
    """What stands for the subject of a text: its first line, else its files; empty without either."""
    line = " ".join(body.strip().partition("\n")[0].split())
    if line:
        return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1].rstrip() + "…"
    return ("A file by text" if files == 1 else f"{files} files by text") if files else ""


def _fields(raw: bytes) -> dict[str, str]:
    """By name; of a name given twice the first, as Twilio never gives one twice."""
    try:
        pairs = json.loads(raw)
        fields: dict[str, str] = {}
        for name, value in pairs:
            fields.setdefault(str(name), str(value))
    except (ValueError, TypeError) as error:
        raise UnreadableMail("The call cannot be read.") from error
    return fields


def _clean(written: str) -> str:
    """Without what a database cannot keep: NUL, and halves of characters."""
    whole = written.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(letter for letter in whole if letter >= " " or letter in "\n\t\r")
