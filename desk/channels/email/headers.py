"""The header block, read leniently and within bounds: raw lines in, decoded words out."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from desk.channels.email.charsets import codec_of, decode_text, one_line

MAX_BLOCK_BYTES = 256 * 1024
MAX_LINES = 1000
MAX_HEADER_BYTES = 16 * 1024
LOOKED_AHEAD_LINES = 60

_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]{1,76})[ \t]*:")
_BARE_NAME = re.compile(rb"[A-Za-z][A-Za-z-]{1,40}")
_FOLDED_COLON = re.compile(rb"[ \t]{1,80}:")
_TELLING = re.compile(rb"(?im)^(?:from|message-id|subject|to|date|content-type)[ \t]*:")
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"\s*\Z")


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one header block in order, names lower-cased, values as raw unfolded bytes."""

    fields: tuple[tuple[str, bytes], ...] = ()
    charset: str | None = None
    reasons: tuple[str, ...] = ()
    _first: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, value in reversed(self.fields):
            self._first[name] = value

    def __contains__(self, name: str) -> bool:
        return name in self._first

    def raw(self, name: str) -> str:
        """The first field of that name with its encoded words untouched, or an empty string."""
        return self._text(self._first.get(name, b""))

    def raw_all(self, name: str) -> list[str]:
        return [self._text(value) for field_name, value in self.fields if field_name == name]

    def words(self, name: str) -> str:
        """The first field of that name as a person reads it, on one line."""
        return one_line(decode_words(self.raw(name)))

    def _text(self, value: bytes) -> str:
        return one_line(decode_text(value, self.charset)) if value else ""


def with_plain_line_ends(raw: bytes) -> bytes:
    """A mail that knows only carriage returns, as old Macs and some archives write, gets line feeds."""
    if b"\r" in raw and raw.count(b"\n") * 2 < raw.count(b"\r"):
        return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return raw


def split_head(raw: bytes, *, charset: str | None = None) -> tuple[Headers, bytes]:
    """The header block and the body below it.

    A line that is no header ends the block, as the RFC has it, unless telling headers follow
    before the next empty line: then a relay or a pipe has put a stray line in between.
    """
    start = _start_of_block(raw)
    fields: list[tuple[str, bytearray]] = []
    reasons: list[str] = []
    position, lines = start, 0
    while position < len(raw):
        end = raw.find(b"\n", position)
        following = len(raw) if end < 0 else end + 1
        line = raw[position:following].rstrip(b"\r\n")
        if not line:
            position = following
            break
        if lines >= MAX_LINES or position - start > MAX_BLOCK_BYTES:
            reasons.append("the header block is longer than we read")
            position = _end_of_block(raw, position)
            break
        lines += 1
        if line[:1] in b" \t" and fields:
            fields[-1][1].extend(b" " + line.strip()[: MAX_HEADER_BYTES - len(fields[-1][1])])
        elif _BARE_NAME.fullmatch(line) and (fold := _FOLDED_COLON.match(raw, following)):
            # The name alone, its colon on the next line: obsolete, and used to hide a header from filters.
            fields.append((line.decode("ascii").lower(), bytearray()))
            position = fold.end()
            rest = raw[position : raw.find(b"\n", position) + 1 or len(raw)]
            fields[-1][1].extend(rest.strip()[:MAX_HEADER_BYTES])
            position += len(rest)
            continue
        elif found := _FIELD.match(line):
            value = bytearray(line[found.end() :].strip()[:MAX_HEADER_BYTES])
            fields.append((found.group(1).decode("ascii").lower(), value))
        elif not _headers_follow(raw, following, fields):
            if fields:
                reasons.append("a line that is no header ends the header block")
            break
        position = following
    return Headers(tuple((n, bytes(v)) for n, v in fields), charset, tuple(reasons)), raw[position:]


def decode_words(text: str) -> str:
    """Encoded words (RFC 2047) made readable; what is broken stays as it is written.

    Neighbouring words of one charset are joined before decoding, as many mailers cut
    a character in two.
    """
    return "".join(
        raw.decode() if charset is None else decode_text(raw, charset) for raw, charset in _runs(text)
    )


def _runs(text: str) -> Iterator[tuple[bytes, str | None]]:
    position = 0
    pending, pending_charset = b"", None
    for found in _ENCODED_WORD.finditer(text):
        between = text[position : found.start()]
        charset, encoding, payload = found.groups()
        charset = charset.partition("*")[0]
        raw = _word_bytes(payload, encoding)
        joined = pending_charset is not None and _BETWEEN_WORDS.match(between)
        if joined and codec_of(charset) == codec_of(pending_charset):
            pending += raw
        else:
            if pending_charset is not None:
                yield pending, pending_charset
            if not joined:
                yield between.encode("utf-8", "replace"), None
            pending, pending_charset = raw, charset
        position = found.end()
    if pending_charset is not None:
        yield pending, pending_charset
    yield text[position:].encode("utf-8", "replace"), None


def _word_bytes(payload: str, encoding: str) -> bytes:
    raw = payload.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(raw.replace(b" ", b"_"), header=True)
    return base64_bytes(raw)


def base64_bytes(raw: bytes) -> bytes:
    """What base64 can be read; stray characters, missing padding and a cut end are forgiven."""
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _start_of_block(raw: bytes) -> int:
    """Behind a byte order mark, empty lines and the envelope line of an mbox."""
    position = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    while raw[position : position + 1] in (b"\n", b"\r", b" ", b"\t"):
        end = raw.find(b"\n", position)
        if end < 0 or raw[position:end].strip():
            break
        position = end + 1
    while raw.startswith((b"From ", b">From "), position):
        end = raw.find(b"\n", position)
        if end < 0:
            return position
        position = end + 1
    return position


def _end_of_block(raw: bytes, position: int) -> int:
    empty = re.compile(rb"\n\r?\n").search(raw, position)
    return empty.end() if empty else len(raw)


def _headers_follow(raw: bytes, position: int, fields: list[tuple[str, bytearray]]) -> bool:
    names = {name for name, _ in fields}
    if "from" in names and "message-id" in names:
        return False
    ahead = raw[position : position + 64 * 1024].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    lines = ahead.split(b"\n")[:LOOKED_AHEAD_LINES]
    telling = {name.lower().rstrip(b" \t:") for name in _TELLING.findall(b"\n".join(lines))}
    return bool(telling - {name.encode() for name in names}) and bool(names or len(telling) > 1)
