"""The doctor tells a desk whose front end is built from one whose is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desk import assets
from desk.cli.doctor import Health, _front_end
from desk.settings import Settings


def a_build(dist: Path, surface: str) -> None:
    manifest = dist / surface / ".vite" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({f"src/{surface}/main.ts": {"file": "main.js"}}))


def test_each_surface_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "DIST", tmp_path)
    a_build(tmp_path, "desk")
    a_build(tmp_path, "widget")
    assert [(one.health, one.what) for one in _front_end(Settings())] == [
        (Health.ILL, "front end: help not built")
    ]
    a_build(tmp_path, "help")
    assert [(one.health, one.what) for one in _front_end(Settings())] == [(Health.WELL, "front end: built")]
