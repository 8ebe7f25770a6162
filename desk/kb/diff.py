"""What changed between two texts, word by word, for people to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_PIECES = re.compile(r"\n+|[^\S\n]+|\w+|[^\w\s]")
MOST_PIECES = 8_000
"""Longer texts are compared line by line: word by word would take seconds."""

Kind = Literal["same", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both have, or that one of them has."""

    kind: Kind
    text: str


def difference(before: str, after: str) -> list[Piece]:
    """The pieces in their order: those not added make `before`, those not removed make `after`."""
    one, other = _pieces(before), _pieces(after)
    if len(one) + len(other) > MOST_PIECES:
        one, other = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return list(_joined(_steps(matcher, one, other)))


def _pieces(text: str) -> list[str]:
    return _PIECES.findall(text)


def _steps(matcher: SequenceMatcher[str], one: list[str], other: list[str]) -> Iterator[Piece]:
    for kind, start, end, from_, to in matcher.get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(one[start:end]))
            continue
        yield Piece("removed", "".join(one[start:end]))
        yield Piece("added", "".join(other[from_:to]))


def _joined(steps: Iterator[Piece]) -> Iterator[Piece]:
    """Empty stretches left out, neighbours of one kind put together."""
    held: Piece | None = None
    for step in steps:
        if not step.text:
            continue
        if held is not None and held.kind == step.kind:
            held = Piece(held.kind, held.text + step.text)
            continue
        if held is not None:
            yield held
        held = step
    if held is not None:
        yield held
