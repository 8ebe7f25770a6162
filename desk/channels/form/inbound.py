"""What somebody wrote into a form of ours, as a message for the one door."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from desk.channels.email.charsets import clean, one_line
from desk.model.customer import normal_email
from desk.model.errors import Invalid
from desk.model.filetype import safe_name, type_of
from desk.model.inbound import ChannelKind, InboundFile, InboundMessage, Participant, Verdict

LONGEST_TEXT = 20_000
LONGEST_SUBJECT = 200
MOST_FILES = 5
LARGEST_FILES = 20 * 1024 * 1024

_ANSWERABLE = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,255}")


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file as it was sent along: its name and its bytes, and nothing the browser says of it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class WrittenForm:
    """What was filled in. `key` was made with the form: the same form sent twice is one message."""

    key: str
    email: str
    text: str
    name: str = ""
    subject: str = ""
    files: Sequence[WrittenFile] = ()


def inbound_from(
    form: WrittenForm, *, verdict: Verdict = Verdict.NONE, conversation_id: int | None = None
) -> InboundMessage:
    """The form as a message. The address is claimed, unless the caller knows better and says so.

    Raises Invalid for an address that cannot be answered, and for no words.
    """
    text = clean(form.text).strip()
    if not text:
        raise Invalid("There is nothing in it to send.", "message")
    return InboundMessage(
        channel=ChannelKind.FORM,
        source_key=source_key_of(form.key),
        sender=Participant(answerable(form.email), one_line(form.name)[:200]),
        subject=one_line(form.subject)[:LONGEST_SUBJECT] or _first_words(text),
        text=text,
        reply=text,
        files=tuple(
            InboundFile(safe_name(file.name), type_of(file.content, file.name), file.content)
            for file in form.files
            if file.content
        ),
        verdict=verdict,
        conversation_id=conversation_id,
    )


def source_key_of(key: str) -> str:
    """What a message of this form is known by."""
    return f"form:{key}"[:400]


def answerable(email: str) -> str:
    """The address as it is compared. Raises Invalid for one that no mail can be sent to."""
    address = normal_email(email)
    if not _ANSWERABLE.fullmatch(address):
        raise Invalid(f"“{email[:100]}” is not an email address.", "email")
    return address


def _first_words(text: str) -> str:
    line = text.splitlines()[0].strip()
    return line if len(line) <= 80 else line[:80].rpartition(" ")[0] + " …"
