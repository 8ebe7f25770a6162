"""What a file is, by its first bytes: the name it came under proves nothing."""

from __future__ import annotations

from pathlib import PurePath

UNKNOWN = "application/octet-stream"
SAFE_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What a browser may show in place; everything else is downloaded."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-elf"),
    (b"{\\rtf", "application/rtf"),
)
PROGRAMS = frozenset({"application/x-msdownload", "application/x-elf"})
"""What runs where it is opened; a stranger has no reason to send it."""

_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BOXES = {b"heic": "image/heic", b"heix": "image/heic", b"avif": "image/avif", b"M4A ": "audio/mp4"}
_ZIPPED = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
}
_PLAIN = {".csv": "text/csv", ".ics": "text/calendar", ".json": "application/json"}


def type_of(content: bytes, name: str) -> str:
    """The media type. The name only tells apart what the bytes leave open, and never makes it active.

    HTML, SVG and scripts are text here, because text is what a browser may safely be told they are.
    """
    suffix = PurePath(name).suffix.lower()
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12], UNKNOWN)
    if content[4:8] == b"ftyp":
        return _BOXES.get(content[8:12], "video/mp4")
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _ZIPPED.get(suffix, "application/zip")
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    return _PLAIN.get(suffix, "text/plain") if _is_text(content) else UNKNOWN


def safe_name(name: str) -> str:
    """The last part of the name as people see it, without what could leave a folder or turn a line."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*')
    stem, dot, suffix = kept.strip(". ").rpartition(".")
    if dot and len(suffix) <= 20:
        return f"{stem[: 200 - len(suffix)]}.{suffix}" if stem else "file." + suffix
    return kept.strip(". ")[:200] or "file"


def _is_text(content: bytes) -> bool:
    """UTF-8 without control characters, as far as the first 64 KB go."""
    if not content:
        return True
    start = content[:65536]
    try:
        text = start.decode()
    except UnicodeDecodeError as error:
        if len(content) <= 65536 or error.start < len(start) - 4:
            return False
        text = start[: error.start].decode()
    return not any(letter < " " and letter not in "\t\n\r\f" for letter in text)
