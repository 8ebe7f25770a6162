"""What every kind of talk under fire is to a drill: it starts, comes to rest, and is counted."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Protocol


@dataclass
class Tally:
    """What was counted; `unequal` are pages, threads and phones that differ from the database."""

    chats: int = 0
    texts: int = 0
    messages: int = 0
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    unequal: int = 0
    refused: int = 0

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.out_of_order or self.unequal or self.refused)

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Tally)))

    def __str__(self) -> str:
        return " ".join(f"{one.name}={getattr(self, one.name)}" for one in fields(self))


class Flow(Protocol):
    """One kind of talk that goes on under fire."""

    def start(self) -> None: ...

    def is_at_work(self) -> bool:
        """Enough of it goes on for a death to matter."""

    def enough(self) -> None:
        """Nobody begins anything new."""

    def is_calm(self) -> bool:
        """All was said and acknowledged, and nobody waits for an answer."""

    def last_words(self) -> None:
        """One more answer in each conversation."""

    def unequal(self) -> int:
        """How many screens differ from the database now."""

    def tally(self) -> Tally: ...
    def close(self) -> None: ...
