"""Why a case is with this agent, or why it still waits: what the case view shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from desk.actions.floor import Floor, the_floor
from desk.model.case import Case, CaseStatus
from desk.routing.explain import span, why_waiting
from desk.routing.patience import lead, overtaking_bound
from desk.store.assignments import routing_of
from desk.store.unit_of_work import Work


def routing_shown(work: Work, case: Case) -> dict[str, Any] | None:
    """`{at, sentence, reasons}`, or None where there is nothing to say.

    Of an assigned case the decision as it was made; of an offered one the decision and how long
    the offer stands; of a waiting one what keeps everybody, as of now.
    """
    if case.assignee_id is not None:
        assigned = routing_of(work.session, case.id).get("assigned")
        return _told(assigned.at, assigned.reason["sentence"], assigned.reason) if assigned else None
    if case.status is not CaseStatus.OPEN or case.merged_into_id is not None:
        return None
    floor = the_floor(work, case_ids=[case.id], queue_id=case.queue_id)
    offer = routing_of(work.session, case.id).get("offered") if case.id in floor.offered else None
    return _offered(work, offer) if offer else _waiting(work, case, floor)


def _offered(work: Work, offer: Row[Any]) -> dict[str, Any]:
    left = max(offer.expires_at - work.now, timedelta(0))
    sentence = f"Offered to {offer.name}, who has {span(left)} to answer"
    return _told(offer.at, sentence, offer.reason, first=[offer.reason["sentence"]])


def _waiting(work: Work, case: Case, floor: Floor) -> dict[str, Any]:
    waiting = floor.waiting(case.id, case.queue_id, case.channel)
    sentence, reasons = why_waiting(
        floor.candidates, waiting, refused_at=floor.refused.get(case.id, {}), now=work.now
    )
    head_start = lead(floor.tiers[case.id], case.priority, floor.tier_minutes)
    bound = span(overtaking_bound(head_start, floor.tier_minutes))
    reasons = [*reasons, f"A case that began to wait more than {bound} after it cannot pass it"]
    return {"at": case.waiting_since or case.last_at, "sentence": sentence, "reasons": reasons}


def _told(
    at: datetime, sentence: str, reason: Mapping[str, Any], *, first: Sequence[str] = ()
) -> dict[str, Any]:
    return {"at": at, "sentence": sentence, "reasons": [*first, *reason.get("reasons", [])]}
