"""The built front end: which files an entry needs, as the build's manifest names them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

DIST = Path(__file__).parent / "static" / "dist"
BASE = "/static/dist/"
SURFACES = ("desk", "help", "widget")
"""Each is a build of its own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The addresses of one entry: its script, its styles, and the modules that will be asked for at once."""

    script: str
    styles: tuple[str, ...]
    preloads: tuple[str, ...]


def entry(surface: str, dist: Path | None = None) -> Entry | None:
    """The entry of one of `SURFACES`; None while the front end is not built."""
    path = (dist or DIST) / surface / ".vite" / "manifest.json"
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _entry(surface, path, changed)


@lru_cache(maxsize=8)
def _entry(surface: str, path: Path, _changed: int) -> Entry | None:
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    chunks = _with_imports(manifest, f"src/{surface}/main.ts")
    styles = [style for chunk in chunks for style in chunk.get("css", ())]
    base = f"{BASE}{surface}/"
    return Entry(
        script=base + chunks[0]["file"],
        styles=tuple(base + style for style in dict.fromkeys(styles)),
        preloads=tuple(base + chunk["file"] for chunk in chunks[1:]),
    )


def _with_imports(manifest: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The chunk and everything it imports at once, each one time."""
    seen: dict[str, dict[str, Any]] = {}
    waiting = [name]
    while waiting:
        key = waiting.pop(0)
        if key not in seen:
            seen[key] = manifest[key]
            waiting += manifest[key].get("imports", [])
    return list(seen.values())
