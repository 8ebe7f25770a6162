"""Texts of the demo as its customers' phones show them: the latest of them, kept as lines to look at."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

KEPT = 400
"""How many of the latest texts stay."""


@dataclass(frozen=True)
class PhoneText:
    """One text on the phone with this number; `from_shop` ones are what left."""

    number: str
    body: str
    at: datetime
    from_shop: bool


def keep_text(home: Path, number: str, body: str, *, from_shop: bool) -> None:
    """Keep one text, and forget the oldest beyond KEPT. One process writes; a reader sees whole files."""
    texts = [*latest_texts(home), PhoneText(number, body, datetime.now(UTC), from_shop)][-KEPT:]
    path = _file(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_text("\n".join(json.dumps(asdict(one) | {"at": one.at.isoformat()}) for one in texts))
    aside.rename(path)


def latest_texts(home: Path) -> list[PhoneText]:
    """What is kept, oldest first."""
    path = _file(home)
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [PhoneText(**(row | {"at": datetime.fromisoformat(row["at"])})) for row in rows]


def _file(home: Path) -> Path:
    return home / "demo" / "texts.jsonl"
