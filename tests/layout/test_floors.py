"""The floors hold, and the guard that says so would notice if they did not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).with_name("lint-imports")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(LINT), "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The source without its front end, to plant something in."""
    shutil.copytree(ROOT / "desk", tmp_path / "desk", ignore=shutil.ignore_patterns("static", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_file_imports_only_from_floors_below_its_own() -> None:
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("planted_in", "line", "contract"),
    [
        ("model/planted.py", "import desk.store.engine", "The floors"),
        ("routing/planted.py", "import desk.channels.email", "The floors"),
        ("model/planted.py", "import psycopg", "Nouns and rules know no I/O"),
        ("http/planted.py", "import sklearn", "Web processes stay small"),
    ],
)
def test_a_planted_violation_is_found(copy: Path, planted_in: str, line: str, contract: str) -> None:
    (copy / "desk" / planted_in).write_text(f"{line}\n")
    found = lint(copy)
    assert found.returncode == 1
    broken = [said for said in found.stdout.splitlines() if said.endswith("BROKEN")]
    assert [said for said in broken if said.startswith(contract)], found.stdout
    assert f"desk.{planted_in.removesuffix('.py').replace('/', '.')} -> " in found.stdout
