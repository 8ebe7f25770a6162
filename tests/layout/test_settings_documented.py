"""docs/operating.md says of every setting what the source says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desk.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `DESK_(\w+)` \| (.*?) \| (.*?) \|$", re.MULTILINE)
ROWS = {
    name.lower(): (default, text)
    for name, default, text in ROW.findall((ROOT / "docs/operating.md").read_text())
}


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_a_setting_has_its_row_with_its_default_and_its_description(name: str) -> None:
    field = Settings.model_fields[name]
    assert name in ROWS, f"docs/operating.md has no row for DESK_{name.upper()}"
    default, description = ROWS[name]
    assert default == (f"`{field.default}`" if field.default != "" else "")
    assert description == field.description


def test_no_row_outlives_its_setting() -> None:
    assert set(ROWS) == set(Settings.model_fields)
