"""The export of facts that the desk keeps for itself: the newest is read, and a newer one is asked for.

`HOME/facts/` holds one folder an export, named by its moment, so that who reads one never sees another come
into it; and an empty file while a newer one is wanted.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from desk.store.insights.facts.parquet import MANIFEST

FRESH = timedelta(hours=1)
_KEPT = 2
"""The newest, and the one before it for those who are reading it still."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A whole export, and the moment of its snapshot."""

    folder: Path
    written_at: datetime
    rows: dict[str, int]


def newest(home: Path) -> Kept | None:
    """The latest export that is whole, None before the first."""
    for folder in _folders(home):
        told = json.loads((folder / MANIFEST).read_text())
        return Kept(folder, datetime.fromisoformat(told["written_at"]), told["rows"])
    return None


def want_newer(home: Path) -> None:
    """Have another written, soon."""
    place = home / "facts"
    place.mkdir(parents=True, exist_ok=True)
    (place / "wanted").touch()


def is_wanted(home: Path) -> bool:
    return (home / "facts" / "wanted").exists()


def place_for(home: Path, now: datetime) -> Path:
    """The folder of an export that is about to be written."""
    return home / "facts" / f"{now:%Y%m%dT%H%M%S}"


def no_longer_wanted(home: Path) -> None:
    """The wish was answered, or cannot be now; exports that nobody reads any more go."""
    (home / "facts" / "wanted").unlink(missing_ok=True)
    for folder in _folders(home)[_KEPT:]:
        shutil.rmtree(folder)


def _folders(home: Path) -> list[Path]:
    return sorted((one.parent for one in (home / "facts").glob(f"2*/{MANIFEST}")), reverse=True)
