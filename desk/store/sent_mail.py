"""Mail that left the demo, kept as files to look at: the latest of it, newest first."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

KEPT = 200
"""How many of the latest mails stay."""


@dataclass(frozen=True)
class SentMail:
    """One mail as it arrived at the other end; `text` is its plain text."""

    at: datetime
    sender: str
    to: str
    subject: str
    text: str
    attachments: tuple[str, ...]


def sent_folder(home: Path) -> Path:
    """Where the mail that left is kept; the names sort by time."""
    return home / "demo" / "mail"


def keep_sent(home: Path, raw: bytes) -> None:
    """Keep one mail, and forget the oldest beyond KEPT. A reader never sees half a file."""
    folder = sent_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{time.time_ns():020d}.eml"
    path.with_suffix(".part").write_bytes(raw)
    path.with_suffix(".part").rename(path)
    for old in sorted(folder.glob("*.eml"))[:-KEPT]:
        old.unlink(missing_ok=True)


def latest_sent(home: Path, limit: int) -> list[SentMail]:
    """The newest mails that left, the last one first."""
    paths = sorted(sent_folder(home).glob("*.eml"), reverse=True)[:limit]
    return [_read(path) for path in paths]


def _read(path: Path) -> SentMail:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = mail.get_body(("plain",))
    return SentMail(
        at=datetime.fromtimestamp(int(path.stem) / 1e9, UTC),
        sender=str(mail["From"] or ""),
        to=", ".join(str(mail[name]) for name in ("To", "Cc") if mail[name]),
        subject=str(mail["Subject"] or ""),
        text=body.get_content() if body else "",
        attachments=tuple(part.get_filename() or "a file" for part in mail.iter_attachments()),
    )
