"""What a text costs: its encoding, and how many segments it is split into (3GPP TS 23.038, 23.040).

A segment carries 140 octets; of several, each gives six of them to the header that joins them again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

SEGMENT_BITS = 1120
HEADER_BITS = 48
GSM = "GSM-7"
LONGEST_TEXT = 1600
"""What Twilio takes as one message, in characters."""

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("^{}\\[~]|€\f")
"""Characters of the extension table: each takes two places."""

_LIKE: dict[str, str] = {
    '"': "«»“”ʺˮ‟„❝❞〝〞",
    "'": "‘’ʻˈʼʽʹ‛´ˊ`ˋ❛❜‗",
    "/": "÷⧸⁄∕",
    "\\": "⧹⧵",
    "|": "∣⎸⎹⏐",
    "-": "⎼⎽―‐‑⁃—–•",
    ",": "‚、",
    "*": "⁎∗✱",
    "+": "˖",
    "^": "ˆ",
    "~": "˜∼",
    "<": "‹",
    ">": "›",
    "...": "…",
    "1/4": "¼",
    "1/2": "½",
    "3/4": "¾",
    "  ": "\u00a0\u2000\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    " ": "\u2001\u2028\u2029",
    " " * 7: "\t",
    "": "\u200b\u200c\u2060\ufeff\0",
}
_PLAIN = str.maketrans({rare: usual for usual, many in _LIKE.items() for rare in many})
"""What Twilio's smart encoding puts in place of characters that have a usual likeness."""

_ZERO_WIDTH_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_REGIONAL = range(0x1F1E6, 0x1F200)


@dataclass(frozen=True, slots=True)
class Segments:
    """`encoding` is `GSM-7` or `UCS-2`; `chars` are places in the first, letters as people see them in
    the second; `bits` are all that is sent, headers included.
    """

    encoding: str
    segments: int
    chars: int
    bits: int

    @property
    def places(self) -> int:
        """How many of the `room` are taken; an escaped letter or an emoji takes more than one."""
        headers = self.segments * HEADER_BITS if self.segments > 1 else 0
        return (self.bits - headers) // self._place_bits

    @property
    def room(self) -> int:
        """How many places its segments have together: 160 or 70 alone, 153 or 67 in each of several."""
        return self.segments * self.room_of_each

    @property
    def room_of_each(self) -> int:
        header = HEADER_BITS if self.segments > 1 else 0
        return (SEGMENT_BITS - header) // self._place_bits

    @property
    def _place_bits(self) -> int:
        return 7 if self.encoding == GSM else 16


def segments_of(text: str) -> Segments:
    """How the text is sent. An empty one is one segment, as Twilio counts it."""
    if all(map(_is_plain, text)):
        encoding, sizes = GSM, [14 if letter in _ESCAPED else 7 for letter in text]
        chars = sum(sizes) // 7
    else:
        encoding, sizes = "UCS-2", [_utf16_bits(one) for one in letters_of(text)]
        chars = len(sizes)
    count = _count(sizes)
    headers = count * HEADER_BITS if count > 1 else 0
    return Segments(encoding, count, chars, sum(sizes) + headers)


def rare_letters(text: str) -> list[str]:
    """The letters that make a text dear, each once, in their order; one that nobody sees is named."""
    found = (letter for letter in letters_of(text) if not all(map(_is_plain, letter)))
    return [_visible(letter) for letter in dict.fromkeys(found)]


def plain_form(text: str) -> str:
    """The text with curly quotes, dashes and odd spaces as every phone has them: it may cost far less."""
    return text.translate(_PLAIN)


def letters_of(text: str) -> Iterator[str]:
    """What people see as one letter each (Unicode UAX 29, as far as texts go); never half of one."""
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or _breaks(text, start, place):
            yield from ("\r", "\n") if text[start:place] == "\r\n" else (text[start:place],)
            start = place


def _is_plain(letter: str) -> bool:
    return letter in _GSM or letter in _ESCAPED


def _visible(letter: str) -> str:
    if len(letter) == 1 and not (letter.isprintable() and letter.strip()):
        return unicodedata.name(letter, "unseen sign").lower()
    return letter


def _breaks(text: str, start: int, place: int) -> bool:
    before, here = text[place - 1], text[place]
    if before == "\r" and here == "\n":
        return False
    if before in "\r\n" or here in "\r\n":
        return True
    if here == _ZERO_WIDTH_JOINER or ord(here) in _SKIN_TONES or unicodedata.category(here) in ("Mn", "Me"):
        return False
    if before == _ZERO_WIDTH_JOINER and unicodedata.category(here) == "So":
        return False
    if ord(before) in _REGIONAL and ord(here) in _REGIONAL:
        return (place - start) % 2 == 0
    return True


def _utf16_bits(letter: str) -> int:
    return sum(32 if ord(one) > 0xFFFF else 16 for one in letter)


def _count(sizes: list[int]) -> int:
    """Segments, where none is ever torn in the middle of a letter."""
    if sum(sizes) <= SEGMENT_BITS:
        return 1
    count, free = 1, SEGMENT_BITS - HEADER_BITS
    for size in sizes:
        if size > free:
            # A letter longer than a whole segment is torn all the same.
            count += max(1, -(-size // (SEGMENT_BITS - HEADER_BITS)))
            free = SEGMENT_BITS - HEADER_BITS
        free = max(free - size, 0)
    return count
