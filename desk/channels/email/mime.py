"""The parts of a mail (RFC 2045, 2046), taken apart on the raw bytes in linear time and within bounds.

Headers of parts are understood by the standard library under `policy.compat32`; its tree parser
is not used, as it recurses and gives nested messages back in other bytes than it got.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from email.message import Message
from email.policy import compat32
from email.utils import collapse_rfc2231_value
from io import BytesIO
from itertools import islice

from desk.channels.email.charsets import one_line
from desk.channels.email.headers import Headers, base64_bytes, decode_words, split_head

MAX_DEPTH = 50
MAX_PARTS = 500
MAX_NAME = 180
# More full lines than 25 MB can hold; what has more is made of crumbs.
MAX_UU_LINES = 500_000

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")
_BROKEN_TYPE = re.compile(r"\b(text|image|audio|video|application|message|multipart)/([a-z0-9_.+-]{1,80})")
_LOOSE_PARAMETER = re.compile(r"(?i)\b(boundary|charset|name|filename)\s*=\s*(?:\"([^\"]*)\"?|([^\s;]+))")
_REMOTE_PARTS = re.compile(r"[\\/]")
_SEPARATORS = re.compile(r"[\x00-\x1f<>:\"|?*]")


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of the tree, still encoded. `alternative` numbers the multipart/alternative it stands in."""

    headers: Headers
    type: str
    body: bytes
    path: tuple[str, ...] = ()
    alternative: int | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    name: str = ""

    @property
    def charset(self) -> str | None:
        return self.parameters.get("charset")

    @property
    def content_id(self) -> str | None:
        return self.headers.raw("content-id").strip("<> ") or None

    @property
    def content(self) -> bytes:
        """The bytes after undoing the transfer encoding; what cannot be undone stays as it came."""
        return _undone(self.body, self.headers.raw("content-transfer-encoding"))


@dataclass(slots=True)
class Tree:
    """The leaves in reading order, and why any were left folded."""

    parts: list[Part] = field(default_factory=list)
    type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


def take_apart(headers: Headers, body: bytes) -> Tree:
    """All leaves of a mail. Beyond 50 levels or 500 parts the rest stays folded, with a reason."""
    tree = Tree()
    waiting: list[tuple[Headers, bytes, tuple[str, ...], int | None]] = [(headers, body, (), None)]
    alternatives = 0
    while waiting:
        head, content, path, alternative = waiting.pop()
        kind, parameters = _content_type(head)
        if head is headers:
            tree.type, tree.parameters = kind, parameters
        boundary = parameters.get("boundary", "")
        pieces = None
        if kind.startswith("multipart/") and len(path) < MAX_DEPTH and len(tree.parts) < MAX_PARTS:
            pieces = _pieces(content, boundary) if boundary else None
        if pieces is None:
            if kind.startswith("multipart/"):
                if len(path) >= MAX_DEPTH:
                    tree.reasons.append(f"parts nested deeper than {MAX_DEPTH} levels are kept folded")
                kind = "text/plain" if len(path) < MAX_DEPTH else "application/octet-stream"
            tree.parts.append(_part(head, kind, content, path, alternative, parameters))
            continue
        if kind == "multipart/alternative":
            alternatives += 1
            alternative = alternatives
        room = MAX_PARTS - len(tree.parts) - len(waiting)
        if len(pieces) > room:
            tree.reasons.append(f"more than {MAX_PARTS} parts: the rest stays in the raw mail")
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        children = [(_piece_head(piece, default), (*path, kind), alternative) for piece in pieces[:room]]
        waiting.extend((*piece, way, number) for piece, way, number in reversed(children))
    return tree


def _piece_head(piece: bytes, default: str) -> tuple[Headers, bytes]:
    if piece.startswith((b"\n", b"\r\n")):
        head, body = Headers(), piece[piece.find(b"\n") + 1 :]
    else:
        head, body = split_head(piece)
    if default != "text/plain" and "content-type" not in head:
        head = Headers((*head.fields, ("content-type", default.encode())), head.charset, head.reasons)
    return head, body


def _pieces(body: bytes, boundary: str) -> list[bytes] | None:
    """What stands between the boundary lines, or None if the boundary never comes."""
    mark = re.escape(boundary.encode("utf-8", "surrogateescape"))
    found = re.finditer(rb"(?m)^--" + mark + rb"(--)?[ \t]*\r?$\n?", body)
    # One more than are read shows that there are more; a mail may hold millions.
    lines = list(islice(found, MAX_PARTS + 2))
    pieces: list[bytes] = []
    if not lines:
        return None
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        if line.group(1):
            break
        piece = body[line.end() : following.start() if following else len(body)]
        # The line end before a boundary belongs to the boundary (RFC 2046, 5.1.1).
        pieces.append(piece.removesuffix(b"\n").removesuffix(b"\r") if following else piece)
    return pieces


def _content_type(head: Headers) -> tuple[str, dict[str, str]]:
    value = head.raw("content-type")
    if not value:
        return "text/plain", {}
    parameters = _parameters("Content-Type", value)
    kind = value.partition(";")[0].strip().lower().replace(" ", "")
    if kind.startswith("multipart") and "boundary" in parameters and not _TYPE.fullmatch(kind):
        # What its boundary divides is read as mixed, whatever the subtype (RFC 2046, 5.1.7).
        kind = "multipart/mixed"
    elif not _TYPE.fullmatch(kind):
        broken = _BROKEN_TYPE.search(value.lower())
        kind = broken.group() if broken else "application/octet-stream" if "/" in kind else "text/plain"
    return kind, parameters


def _parameters(header: str, value: str) -> dict[str, str]:
    """The parameters of a structured header, its RFC 2231 pieces joined; loose ones filled in."""
    if "=" not in value:
        return {}
    message = Message(policy=compat32)
    message[header] = value.encode("utf-8", "replace").decode("utf-8")
    found: dict[str, str] = {}
    try:
        pairs = message.get_params([], header=header)
    except (ValueError, LookupError, TypeError):
        pairs = []
    for key, parameter in pairs[1:]:
        try:
            words = collapse_rfc2231_value(parameter)
        except (ValueError, LookupError):
            words = parameter if isinstance(parameter, str) else parameter[2]
        found.setdefault(key.lower().strip(), words.strip())
    for loose in _LOOSE_PARAMETER.finditer(value):
        found.setdefault(loose.group(1).lower(), loose.group(2) or loose.group(3) or "")
    return found


def _part(
    head: Headers,
    kind: str,
    body: bytes,
    path: tuple[str, ...],
    alternative: int | None,
    parameters: dict[str, str],
) -> Part:
    value = head.raw("content-disposition")
    disposition = value.partition(";")[0].strip().lower()
    name = _parameters("Content-Disposition", value).get("filename", "") if value else ""
    name = file_name(name or parameters.get("name", ""))
    return Part(head, kind, body, path, alternative, parameters, disposition, name)


def file_name(written: str) -> str:
    """A name fit to be shown and stored: no folders, no control characters, no reversed reading direction."""
    name = one_line(decode_words(written)).strip("\"' ")
    name = _SEPARATORS.sub("_", _REMOTE_PARTS.split(name)[-1])
    if len(name) > MAX_NAME:
        stem, dot, ending = name.rpartition(".")
        name = stem[: MAX_NAME - 17] + dot + ending[:16] if dot else name[:MAX_NAME]
    return name if name.strip(". ") else ""


def _undone(body: bytes, encoding: str) -> bytes:
    name = encoding.strip(" \"';").lower()
    if name.startswith("base64"):
        return base64_bytes(body)
    if name.startswith("quoted"):
        return binascii.a2b_qp(body)
    if name in {"x-uuencode", "uuencode", "uue", "x-uue"}:
        return _uu_decoded(body)
    return body


def _uu_decoded(body: bytes) -> bytes:
    decoded = bytearray()
    lines = BytesIO(body)
    for line in lines:
        if line.startswith(b"begin "):
            break
    for line in islice(lines, MAX_UU_LINES):
        if line.strip() == b"end":
            break
        decoded += _uu_line(line.rstrip(b"\r\n"))
    return bytes(decoded)


def _uu_line(line: bytes) -> bytes:
    # Too long a last line is common; the length byte says how much of it counts.
    length = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
    for written in (line, line[:length]):
        try:
            return binascii.a2b_uu(written)
        except binascii.Error:
            continue
    return b""
