"""What the page carries, so that the first paint fetches nothing."""

from __future__ import annotations

from typing import Any

from desk.actions.own import me_shown
from desk.store.journal import last_position
from desk.store.sessions import Caller
from desk.store.unit_of_work import Work


def boot(work: Work, caller: Caller) -> dict[str, Any]:
    """The caller and where the journal stands."""
    return {
        # Read first: what happens while the rest is read is asked for again, not missed.
        "position": last_position(work.session),
        "me": me_shown(work, caller),
        "csrf": caller.csrf,
        "desk": {"name": "Desk"},
    }
