"""A process that a drill kills leaves word of where it died."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from desk.store.failpoints import FAILPOINTS
from drills import chat
from drills.killing import PASSED, least_struck

_DIES = """
import sys
from pathlib import Path
from desk.store.failpoints import arm, failpoint
arm(sys.argv[1], Path(sys.argv[2]))
failpoint("mid_parse")
"""


@pytest.mark.parametrize(
    ("armed", "ended", "noted"),
    [("mid_parse", -signal.SIGKILL, "mid_parse\n"), ("after_flag", 0, None), ("", 0, None)],
)
def test_only_a_death_at_an_armed_point_is_noted(
    tmp_path: Path, armed: str, ended: int, noted: str | None
) -> None:
    notes = tmp_path / "struck"
    done = subprocess.run([sys.executable, "-c", _DIES, armed, str(notes)], check=False)

    assert done.returncode == ended
    assert (notes.read_text() if notes.exists() else None) == noted


def test_each_point_is_struck_by_a_drill() -> None:
    assert {*PASSED, *chat.POINTS} == set(FAILPOINTS)


def test_the_least_struck_point_is_one_that_was_never_struck() -> None:
    struck = Counter(point for point in PASSED if point != "after_note")

    assert least_struck(struck) == "after_note"
