"""The thread of a case as places: how two threads become one, and how far somebody has read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

from desk.model.message import MessageKind


@dataclass(frozen=True, slots=True)
class Place:
    """One message and where it stands."""

    message_id: int
    case_id: int
    position: int
    at: datetime
    kind: MessageKind
    conversation_id: int | None = None

    @property
    def is_inbound(self) -> bool:
        """Whether it was said to us."""
        return self.kind is MessageKind.INBOUND


def interleaved(one: Sequence[Place], other: Sequence[Place]) -> list[Place]:
    """Two threads as one, by time; each keeps its own order, and a tie goes to the first."""
    return list(merge(one, other, key=lambda place: place.at))


def numbered(places: Iterable[Place], *, after: int = 0) -> dict[int, int]:
    """The messages in this order, counted from the position after `after`."""
    return {place.message_id: number for number, place in enumerate(places, after + 1)}


def read_to(thread: Sequence[tuple[int, Place]], read: set[int]) -> int:
    """How far a reader of these messages has read a thread of positions: up to the first unread inbound."""
    for position, place in thread:
        if place.is_inbound and place.message_id not in read:
            return position - 1
    return thread[-1][0] if thread else 0
