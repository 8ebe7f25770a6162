"""Offers taken back: the case waits no longer, or the agent has gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from desk.model.assignment import Offer, OfferState
from desk.model.case import Case
from desk.model.events import OfferEnded
from desk.store.routing.assignments import end_offers, find_live_offer, live_offers_of
from desk.store.unit_of_work import Work


def withdraw_offer(work: Work, case: Case) -> None:
    """The case waits no longer, or elsewhere: its live offer ends. The caller holds the case."""
    offer = find_live_offer(work.session, case.id)
    if offer is not None:
        withdraw_offers(work, [offer.id])


def withdraw_offers_of(work: Work, agent_id: int) -> None:
    """The agent takes no work now: what stands before them goes to others. The caller holds the agent."""
    withdraw_offers(work, [offer.id for offer in live_offers_of(work.session, agent_id)])


def withdraw_offers(work: Work, offer_ids: Collection[int]) -> int:
    """End those of the offers that are live; returns how many were."""
    ended = end_offers(work.session, offer_ids, OfferState.WITHDRAWN, work.now)
    record_ends(work, ended, OfferState.WITHDRAWN)
    return len(ended)


def record_ends(work: Work, offers: Iterable[Offer], state: OfferState) -> None:
    """Tell that these offers ended, so that somebody else is asked."""
    for offer in offers:
        work.record(
            OfferEnded(case_id=offer.case_id, offer_id=offer.id, agent_id=offer.agent_id, state=state.value)
        )
