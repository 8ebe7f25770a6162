"""Offering work: the silent are passed over, the absent not asked, and what waits is offered."""

from __future__ import annotations

from desk.actions.routing.offers import BATCH, lapse_due_offers, offer_all_waiting
from desk.actions.routing.presence import put_silent_offline
from desk.model.permission import system
from desk.settings import Settings
from desk.store.unit_of_work import Store


def offer_work(store: Store, _settings: Settings) -> int:
    """Drain all that is due; safe to run twice and beside itself. Returns how many rows were dealt with.

    Each part commits on its own, so that the next one sees the places and cases that it freed.
    """
    dealt = 0
    for drain in (put_silent_offline, lapse_due_offers, offer_all_waiting):
        while True:
            with store.unit_of_work(system("routing")) as work:
                found = drain(work, BATCH)
            dealt += found
            if found < BATCH:
                break
    return dealt
