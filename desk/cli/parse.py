"""`desk parse`: what we understand of a mail, one JSON line each; needs no database and takes any bytes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from desk.channels.email.fence import Fence
from desk.channels.email.parsed import MAX_MAIL, ParsedMail
from desk.model.errors import UnreadableMail


@click.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
def parse(paths: tuple[Path, ...]) -> None:
    """Print what is understood of each mail, one JSON line a mail.

    FILE is a mail as it travels (.eml); a folder stands for all files in it; - is the standard input.
    Whatever cannot be understood has the outcome "unreadable", with the reason.
    """
    with Fence() as fence:
        for path in _files(paths):
            click.echo(json.dumps(_line(path, fence), ensure_ascii=False))


def understood(mail: ParsedMail) -> dict[str, Any]:
    """The fields of one line, less the file's name."""
    return {
        "outcome": mail.outcome.value,
        "from": mail.sender.address if mail.sender else None,
        "to": [one.address for one in mail.to],
        "cc": [one.address for one in mail.cc],
        "reply_to": [one.address for one in mail.reply_to],
        "subject": mail.subject,
        "message_id": mail.message_id,
        "in_reply_to": next(iter(mail.in_reply_to), None),
        "references": list(mail.references),
        "date": mail.date.isoformat() if mail.date else None,
        "text": mail.text,
        "reply": mail.reply,
        "html": mail.html,
        "attachments": [
            {"name": file.name, "type": file.type, "size": file.size, "sha256": file.sha256}
            for file in mail.files
        ],
        "bounce": {
            "recipient": mail.bounce.recipient,
            "status": mail.bounce.status,
            "permanent": mail.bounce.permanent,
            "message_id": mail.bounce.message_id,
        }
        if mail.bounce
        else None,
        "reasons": [*mail.reasons, *mail.suspicions],
    }


def not_understood(reason: str) -> dict[str, Any]:
    """The same fields, empty, for what is no mail."""
    names = ("from", "message_id", "in_reply_to", "date", "html", "bounce")
    lists = ("to", "cc", "reply_to", "references", "attachments")
    empty: dict[str, Any] = dict.fromkeys(names) | {name: [] for name in lists}
    return {"outcome": "unreadable", **empty, "subject": "", "text": "", "reply": "", "reasons": [reason]}


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.is_file())
        else:
            yield path


def _line(path: Path, fence: Fence) -> dict[str, Any]:
    # A file name may hold bytes that are no text; JSON may not.
    name = str(path).encode("utf-8", "replace").decode()
    try:
        return {"file": name, **understood(fence.read(_bytes_of(path)))}
    except UnreadableMail as unreadable:
        return {"file": name, **not_understood(unreadable.sentence)}
    except OSError as error:
        return {"file": name, **not_understood(f"The file cannot be read: {error.strerror}.")}


def _bytes_of(path: Path) -> bytes:
    # Beyond the largest mail nothing is read of a mail either.
    if str(path) == "-":
        return sys.stdin.buffer.read(MAX_MAIL + 1)
    with path.open("rb") as file:
        return file.read(MAX_MAIL + 1)


if __name__ == "__main__":
    parse()
