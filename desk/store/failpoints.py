"""Named places where a drill may kill this very process: the only way to hit windows of microseconds."""

from __future__ import annotations

import os
import random
import signal
from contextlib import suppress
from pathlib import Path

from desk.model.errors import Misconfigured

FAILPOINTS = (
    "before_raw_commit",
    "after_raw_commit",
    "after_flag",
    "mid_parse",
    "inside_receive",
    "after_receive",
    "before_handover",
    "after_handover",
    "after_note",
    "before_relay_emit",
    "after_relay_emit",
    "after_word_commit",
    "after_answer_commit",
)

STRUCK = "struck"
"""The file in the home where the deaths of a drill are noted."""

_chances: dict[str, float] = {}
_notes: list[Path] = []


def arm(specification: str, notes: Path | None = None) -> None:
    """Set up `NAME:PROBABILITY,…`. Raises Misconfigured for a name that does not exist.

    Each death adds its point's name to the file `notes`, so that a drill can tell where it struck.
    """
    _notes[:] = [notes] if notes else []
    for part in filter(None, specification.split(",")):
        name, _, chance = part.partition(":")
        if name not in FAILPOINTS:
            raise Misconfigured(f"DESK_FAILPOINTS: there is no {name}; there are {', '.join(FAILPOINTS)}.")
        _chances[name] = _chance(chance or "1")


def _chance(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        raise Misconfigured(f"DESK_FAILPOINTS: “{written}” is no probability.") from None


def failpoint(name: str) -> None:
    """Die here without a word, with the chance that was armed; nothing otherwise."""
    if _chances and random.random() < _chances.get(name, 0):  # noqa: S311 - a die, not a secret
        for notes in _notes:
            _note(notes, name)
        os.kill(os.getpid(), signal.SIGKILL)


def _note(notes: Path, name: str) -> None:
    """One line, whole, since other processes die as well; a disk that is full saves nobody's life."""
    with suppress(OSError), notes.open("a") as file:
        file.write(f"{name}\n")
