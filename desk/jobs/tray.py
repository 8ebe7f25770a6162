"""The tray of a mailroom: mail that was claimed as it was kept lies here until the reader takes it.

What is read at once need not be looked for in the inbox. While older mail waits there, nothing is put here
ahead of it. What lies here is gone with the process, and due again when its lease ends.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from desk.store.inbox import Claimed


class Tray:
    """Mail on its way from whoever keeps it, in any thread, to the one reader."""

    def __init__(self, size: int) -> None:
        """For so many mails at once, as a rule."""
        self._size = size
        self._lying: list[Claimed] = []
        self._turn = threading.Lock()
        self._rung = threading.Event()
        self._more_waits = True

    @property
    def more_waits(self) -> bool:
        """Whether the inbox may hold mail that nobody has claimed."""
        return self._more_waits

    def has_room(self, mails: int) -> bool:
        """Whether so many are to be claimed for it as they are kept."""
        return not self._more_waits and len(self._lying) + mails <= self._size

    def put(self, claimed: Sequence[Claimed]) -> None:
        """What was kept and is committed; nothing, where it waits in the inbox."""
        with self._turn:
            self._lying += claimed
            self._more_waits |= not claimed
        self._rung.set()

    def take(self) -> list[Claimed]:
        """All that lies here."""
        with self._turn:
            taken, self._lying = self._lying, []
        return taken

    def note_inbox(self, *, more_waits: bool) -> None:
        """Before the inbox is looked into: that nothing waits; afterwards, where more than was taken may."""
        with self._turn:
            self._more_waits = more_waits

    def ring(self) -> None:
        """Let the reader look."""
        self._rung.set()

    def hear(self) -> None:
        """Whatever comes from here on is heard by `wait`."""
        self._rung.clear()

    def wait(self, seconds: float) -> None:
        """Until something comes, or so long."""
        self._rung.wait(seconds)
