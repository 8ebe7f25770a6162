"""What a mail says and what it carries: its text, its HTML and its files, out of the parts."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tnefparse import TNEF

from desk.channels.email.charsets import clean, decode_text
from desk.channels.email.headers import split_head, with_plain_line_ends
from desk.channels.email.mime import Part, Tree, file_name
from desk.channels.email.readable import text_of_html
from desk.channels.email.sanitise import MAX_BYTES as MAX_HTML
from desk.model.inbound import InboundFile

MAX_TEXT = 1024 * 1024
MAX_FILES = 100
# Links and pictures put a few words into one of two texts that say the same.
MOST_NEW_OF_TOLD = 0.2

_WORD = re.compile(r"\w+")
_META_CHARSET = re.compile(rb"(?i)<meta[^>]{1,200}?charset\s{0,5}=\s{0,5}[\"']?([\w.:-]{1,40})")
_TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_ENDINGS = {
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "message/rfc822": "eml",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "application/pdf": "pdf",
    "message/delivery-status": "txt",
    "text/rfc822-headers": "txt",
    "application/pgp-signature": "asc",
}


@dataclass(slots=True)
class Content:
    """`text` is for reading, `html` is as it came and must be sanitised; `reasons` tell what was cut."""

    text: str = ""
    html: str | None = None
    files: list[InboundFile] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def content_of(tree: Tree) -> Content:
    """What is said in reading order, of alternatives the plain one; everything else as files."""
    content = Content(reasons=list(tree.reasons))
    blocks: list[tuple[Part, str]] = []
    for part in tree.parts:
        if not _is_said(part, tree):
            _keep(content, part)
            continue
        words = decode_text(part.content, part.charset or _charset_inside(part))
        if part.type == "text/html" and len(words.encode()) > MAX_HTML:
            content.reasons.append(f"HTML over {MAX_HTML // 1024} KB is kept as a file")
            _keep(content, part)
        blocks.append((part, words if part.type == "text/html" else _unflowed(words, part)))
    content.html = _joined_html(blocks)
    content.text = _joined_text(blocks)
    if not content.text.strip() and content.html:
        content.text = text_of_html(content.html)
    if len(content.text) > MAX_TEXT:
        content.text = content.text[:MAX_TEXT]
        content.reasons.append("only the first 1 MB of the text is shown")
    return content


def _is_said(part: Part, tree: Tree) -> bool:
    """Whether a part belongs to what is said, rather than being a file beside it."""
    if part.type not in {"text/plain", "text/html", "text/enriched", "text/richtext"}:
        return part.type.startswith("text/") and len(tree.parts) == 1 and not part.disposition
    if part.disposition == "attachment" or (part.name and part.disposition != "inline" and part.path):
        return False
    if part.name and part.path and "multipart/mixed" in part.path[-1:]:
        return False
    return not any(kind in {"multipart/digest", "multipart/parallel"} for kind in part.path)


def _charset_inside(part: Part) -> str | None:
    if part.type != "text/html":
        return None
    found = _META_CHARSET.search(part.content[:4096])
    return found.group(1).decode("ascii", "replace") if found else None


def _unflowed(text: str, part: Part) -> str:
    """Soft line ends of format=flowed (RFC 3676) are kept; only its space stuffing is taken off."""
    if part.parameters.get("format", "").lower() != "flowed":
        return text
    return "\n".join(
        line.removeprefix(" ") if line.startswith((" From ", " >")) else line for line in text.split("\n")
    )


def _joined_text(blocks: Sequence[tuple[Part, str]]) -> str:
    """The plain parts, and between them the words of HTML that has no plain part beside it.

    A list or a guard that adds a line of its own in plain text would hide what a mail in HTML alone says.
    Empty if nothing is plain.
    """
    plain = [(part, words) for part, words in blocks if part.type != "text/html" and words.strip()]
    told_in = {part.alternative for part, _ in plain} - {None}
    told = _WORD.findall(" ".join(words for _, words in plain))
    pieces = []
    for part, words in blocks if plain else ():
        if part.type != "text/html":
            pieces.append(words)
        elif part.alternative not in told_in and _adds_words(text := text_of_html(words), set(told)):
            pieces.append(text)
    return "\n".join(text.rstrip("\n") for text in pieces if text.strip())


def _adds_words(text: str, told: set[str]) -> bool:
    """Whether a text is more than another way to say what is told; mailers forget to call it alternative."""
    words = _WORD.findall(text)
    return sum(word not in told for word in words) > len(words) * MOST_NEW_OF_TOLD


def _joined_html(blocks: Iterable[tuple[Part, str]]) -> str | None:
    """The HTML of all that is said, with plain parts in between as escaped paragraphs."""
    blocks = list(blocks)
    with_html = {part.alternative for part, _ in blocks if part.type == "text/html"}
    if not with_html:
        return None
    pieces = []
    for part, words in blocks:
        if part.type == "text/html":
            pieces.append(words)
        elif words.strip() and (part.alternative is None or part.alternative not in with_html):
            pieces.append(f"<pre>{markup.escape(words)}</pre>")
    joined = "\n".join(pieces)
    return joined if joined.strip() else None


def _keep(content: Content, part: Part) -> None:
    raw = part.content
    packed = part.type in _TNEF_TYPES or part.name.lower() == "winmail.dat"
    if packed and (unpacked := _unpacked(raw, content)):
        for file in unpacked:
            _add(content, file)
        return
    _add(
        content,
        InboundFile(
            name=part.name or _made_name(part, raw, len(content.files) + 1),
            type=part.type,
            content=raw,
            content_id=part.content_id,
            inline=part.disposition != "attachment"
            and (part.content_id is not None or part.disposition == "inline"),
        ),
    )


def _add(content: Content, file: InboundFile) -> None:
    if len(content.files) < MAX_FILES:
        content.files.append(file)
    elif not content.reasons or not content.reasons[-1].startswith("more than"):
        content.reasons.append(f"more than {MAX_FILES} files: the rest stays in the raw mail")


def _made_name(part: Part, raw: bytes, number: int) -> str:
    ending = _ENDINGS.get(part.type, "bin" if not part.type.startswith("text/") else "txt")
    if part.type == "message/rfc822":
        subject = file_name(split_head(with_plain_line_ends(raw[:65536]))[0].words("subject")[:80])
        return f"{subject or f'message-{number}'}.eml"
    return f"{part.type.partition('/')[0]}-{number}.{ending}"


def _unpacked(raw: bytes, content: Content) -> list[InboundFile]:
    """The files inside a winmail.dat; empty if it cannot be read, so that it is kept itself."""
    try:
        tnef = TNEF(raw, do_checksum=False)
        files = [
            InboundFile(
                name=file_name(str(attachment.long_filename() or attachment.name or ""))
                or f"file-{number}.bin",
                type="application/octet-stream",
                content=bytes(attachment.data),
            )
            for number, attachment in enumerate(tnef.attachments, 1)
        ]
        body = tnef.htmlbody or tnef.body
    except Exception:  # a third party's parser on a hostile format: whatever it raises, the file stays whole
        content.reasons.append("winmail.dat could not be unpacked")
        return []
    if body and files:
        words = body if isinstance(body, str) else decode_text(bytes(body), None)
        kind, ending = ("text/html", "html") if tnef.htmlbody else ("text/plain", "txt")
        files.append(InboundFile(name=f"message.{ending}", type=kind, content=clean(words).encode()))
    return files
