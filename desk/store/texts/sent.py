"""Texts of the demo as its customers' phones show them: the latest of them, kept as lines to look at."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

KEPT = 400
"""How many of the latest texts stay."""


@dataclass(frozen=True)
class PhoneText:
    """One text on the phone with this number; `from_shop` ones are what left. `files` by what they hold."""

    number: str
    body: str
    at: datetime
    from_shop: bool
    files: tuple[str, ...] = ()


def keep_text(home: Path, number: str, body: str, *, from_shop: bool, files: Sequence[bytes] = ()) -> None:
    """Keep one text, and forget the oldest beyond KEPT. One process writes; a reader sees whole files."""
    names = tuple(_keep_file(home, content) for content in files)
    text = PhoneText(number, body, datetime.now(UTC), from_shop, names)
    texts = [*latest_texts(home), text][-KEPT:]
    lines = [json.dumps(asdict(one) | {"at": one.at.isoformat()}) for one in texts]
    _write(_list(home), "\n".join(lines).encode())
    shown = {name for one in texts for name in one.files}
    for path in _folder(home).glob("*"):
        if path.name not in shown:
            path.unlink(missing_ok=True)


def latest_texts(home: Path) -> list[PhoneText]:
    """What is kept, oldest first."""
    path = _list(home)
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [
        PhoneText(
            row["number"],
            row["body"],
            datetime.fromisoformat(row["at"]),
            row["from_shop"],
            tuple(row.get("files", ())),
        )
        for row in rows
    ]


def want_text(home: Path, number: str, body: str) -> None:
    """Somebody at the demo's phone page texts the shop; the demo's traffic says it, a second later."""
    folder = _wanted(home)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {"number": number, "body": body}
    _write(folder / f"{time.time_ns()}.json", json.dumps(wanted).encode())


def wanted_texts(home: Path) -> list[tuple[str, str]]:
    """(number, body) of what is wanted and not said yet, oldest first."""
    found = [json.loads(path.read_text()) for path in sorted(_wanted(home).glob("*.json"))]
    return [(one["number"], one["body"]) for one in found]


def take_wanted_text(home: Path) -> tuple[str, str] | None:
    """The oldest of these, which is wanted no more."""
    path = min(_wanted(home).glob("*.json"), default=None)
    if path is None:
        return None
    wanted = json.loads(path.read_text())
    path.unlink()
    return wanted["number"], wanted["body"]


def find_text_file(home: Path, name: str) -> bytes | None:
    """The file of a text that is kept, by its name there."""
    if not any(name in one.files for one in latest_texts(home)):
        return None
    path = _folder(home) / name
    return path.read_bytes() if path.exists() else None


def _keep_file(home: Path, content: bytes) -> str:
    name = hashlib.sha256(content).hexdigest()
    _write(_folder(home) / name, content)
    return name


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_bytes(content)
    aside.rename(path)


def _list(home: Path) -> Path:
    return home / "demo" / "texts.jsonl"


def _wanted(home: Path) -> Path:
    return home / "demo" / "wanted"


def _folder(home: Path) -> Path:
    return home / "demo" / "texted"
