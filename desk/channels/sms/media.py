"""What files a text may carry: by MMS where the number may, by WhatsApp one at a time.

Types and sizes: https://www.twilio.com/docs/messaging/guides/accepted-mime-types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desk.channels.sms.numbers import country_named, country_of, is_whatsapp

MEGABYTE = 1024 * 1024
KILOBYTE = 1024
MMS_SEGMENTS = 3
"""What an MMS counts as against the limits: it costs about as much as so many segments."""

_LONGEST_NAME = 20
_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif"})
"""What Twilio makes fit for the phone it goes to."""

_OTHERS = frozenset({"application/pdf", "video/mp4", "audio/mpeg", "audio/ogg"})
_SOUNDS = frozenset({"audio/mpeg", "audio/ogg"})
MOST_OF_ANOTHER = 500 * KILOBYTE
"""Carriers take no more of what is no picture."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A file as its bytes tell what it is; `size` in bytes."""

    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class _Limits:
    way: str
    types: frozenset[str]
    most: int
    most_bytes: int
    told: str


_MMS = _Limits(
    "an MMS", _PICTURES | _OTHERS, 10, 5 * MEGABYTE, "pictures (JPEG, PNG, GIF), PDF, MP4, MP3 and OGG"
)
_WHATSAPP = _Limits(
    "a WhatsApp message",
    (_PICTURES | _OTHERS) - {"image/gif"},
    1,
    16 * MEGABYTE,
    "pictures (JPEG, PNG), PDF, MP4, MP3 and OGG",
)


def takes(type_: str) -> bool:
    """Whether any way of texting carries files of this type."""
    return type_ in _MMS.types or type_ in _WHATSAPP.types


def obstacle_to_files(
    files: Sequence[Carried], *, address: str, part: Mapping[str, Any], number: str, text: str, served: bool
) -> str | None:
    """Why these files cannot go from this channel to this number, in a sentence; None where they can.

    `served` says whether the provider can fetch them from our public address.
    """
    if not files:
        return None
    limits = _WHATSAPP if is_whatsapp(address) else _MMS
    if not is_whatsapp(address) and country_of(number) not in (part.get("mms_countries") or ()):
        return (
            f"This channel sends no files to {country_named(number)} (MMS). An administrator can allow it; "
            "or send them by mail."
        )
    if not served:
        return (
            "The provider fetches files from this desk, and its address is not a public one. "
            "An operator sets DESK_PUBLIC_URL."
        )
    if len(files) > limits.most:
        carries = "one file" if limits.most == 1 else f"{limits.most} files at most"
        return f"These are {len(files)} files; {limits.way} carries {carries}."
    for file in files:
        if file.type not in limits.types:
            return f"“{file.name}” cannot go by text: {limits.way} carries {limits.told}. Mail does."
    return _too_large(files, limits) or _silent(files, limits, text)


def name_on_phones(name: str) -> str:
    """The name as Twilio wants it: short, of plain letters, with its ending."""
    stem, dot, ending = name.rpartition(".")
    plain = "".join(letter for letter in (stem if dot else name) if letter.isascii() and letter.isalnum())
    ending = "".join(letter for letter in ending if letter.isascii() and letter.isalnum())[:5] if dot else ""
    room = _LONGEST_NAME - len(ending) - 1
    return f"{plain[:room] or 'file'}.{ending}" if ending else plain[:_LONGEST_NAME] or "file"


def _too_large(files: Sequence[Carried], limits: _Limits) -> str | None:
    if limits is _MMS:
        for file in files:
            if file.type not in _PICTURES and file.size > MOST_OF_ANOTHER:
                most = MOST_OF_ANOTHER // KILOBYTE
                return f"“{file.name}” is too large for an MMS: {most} kB is the most of what is no picture."
    total = sum(file.size for file in files)
    if total > limits.most_bytes:
        most = limits.most_bytes // MEGABYTE
        return f"The files have {total / MEGABYTE:.1f} MB; {limits.way} carries {most} MB. Mail takes more."
    return None


def _silent(files: Sequence[Carried], limits: _Limits, text: str) -> str | None:
    """WhatsApp drops the words beside a sound."""
    if limits is _WHATSAPP and text.strip() and files[0].type in _SOUNDS:
        return "WhatsApp shows no words beside a sound: send the two apart."
    return None
