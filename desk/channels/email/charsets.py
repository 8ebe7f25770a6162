"""Bytes to readable text: whatever charset a mail claims, forgets or misspells."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache

import chardet

ALIASES = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "uft-8": "utf-8",
    "utf8": "utf-8",
    "unicode": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    # Senders name the standard and send the vendor's superset of it.
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "iso-2022-jp": "iso2022_jp_ext",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
}

# Text encodings of Python that no mail is written in; punycode is also quadratic on hostile input.
NEVER = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})

GUESSED_BYTES = 16 * 1024

_NAME = re.compile(r"[a-z0-9][a-z0-9._:-]{1,39}")
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")


def decode_text(raw: bytes, declared: str | None) -> str:
    """The readable text of `raw`; never raises, never holds a NUL or a lone surrogate.

    Valid UTF-8 wins over any claim, as text in another charset is hardly ever valid UTF-8
    by chance; then the claim, then a guess, then cp1252.
    """
    return clean(_decoded(raw, codec_of(declared)))


@lru_cache(maxsize=256)
def codec_of(declared: str | None) -> str | None:
    """Python's name for a declared charset, or None if there is no such text encoding."""
    name = (declared or "").lower().replace("charset=", "").strip(" \t\"'_*")
    found = _NAME.search(name)
    if not found:
        return None
    alias = ALIASES.get(found.group(), found.group())
    try:
        codec = codecs.lookup(alias)
    except (LookupError, ValueError):
        return None
    # `bytes.decode` refuses byte-to-byte codecs such as base64; asking first keeps that quiet.
    return codec.name if codec.name not in NEVER and getattr(codec, "_is_text_encoding", True) else None


def clean(text: str) -> str:
    """Many lines of text, with plain line ends and without anything a database or a page chokes on."""
    # Most text: letters and plain line ends alone, which is ten times as fast to see.
    if text.replace("\n", "").isprintable():
        return text
    return _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """A header's words on one line: no line end of any kind, no direction override, single spaces."""
    # Nearly every header: nothing in it but letters and spaces.
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return _SPACES.sub(" ", _OVERRIDES.sub("", clean(text))).strip()


def _decoded(raw: bytes, codec: str | None) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    if raw.isascii() and (codec is None or codec == "utf-8"):
        return raw.decode("iso2022_jp_ext" if b"\x1b$" in raw else "ascii", "replace")
    for attempt in _attempts(raw, codec):
        if attempt:
            try:
                return raw.decode(attempt)
            except (UnicodeError, LookupError, ValueError):
                continue
    # One wrong byte does not make the claim wrong; without a claim, cp1252 reads anything.
    return raw.decode(codec or "cp1252", "replace")


def _attempts(raw: bytes, codec: str | None) -> Iterator[str | None]:
    """One after the other, as guessing is dear and seldom comes to its turn."""
    if raw.isascii():
        yield codec
        return
    yield "utf-8"
    yield codec
    yield _guessed(raw)


def _guessed(raw: bytes) -> str | None:
    guess = chardet.detect(raw[:GUESSED_BYTES])
    return codec_of(guess.get("encoding"))
