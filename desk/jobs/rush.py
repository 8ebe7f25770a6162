"""A heap of contacts that comes in at once, from an import or a moved desk: topics wait for the end of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

CALM = timedelta(seconds=60)
"""A heap is over when so long nothing came of it."""

SHARE = 20
"""So many contacts at once are a heap: the twentieth part of all that were read."""

FEWEST = 20


@dataclass
class Rush:
    """Topics found in the middle of a heap would be those of its beginning, and found anew soon after."""

    _last: datetime | None = field(default=None, init=False)

    def saw(self, read: int, kept: int, now: datetime) -> None:
        """So many contacts were read at a time; so many questions are kept now."""
        if read >= FEWEST and read * SHARE >= kept:
            self._last = now

    def goes_on(self, now: datetime) -> bool:
        """Whether more of it may come."""
        return self._last is not None and now - self._last < CALM
