"""What trying a channel out found: one line a part, in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Checked:
    """One part of a channel, tried: whether it works, and a sentence either way."""

    part: str
    ok: bool
    sentence: str
