"""Why a case is with this agent, or why it still waits: what the case view shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from desk.actions.floor import Floor, floor_from
from desk.model.case import Case
from desk.routing.explain import span, why_waiting
from desk.routing.patience import lead, overtaking_bound
from desk.store.queues import rows_in


def routing_shown(
    case: Case,
    *,
    assignment: Mapping[str, Any] | None,
    offer: Mapping[str, Any] | None,
    floor: Mapping[str, Any] | None,
    now: datetime,
) -> dict[str, Any] | None:
    """`{at, sentence, reasons}`, or None where there is nothing to say.

    Of an assigned case the decision as it was made (`assignment` has `at` and `reason`); of an
    offered one the decision and how long the offer stands (`offer`, with `expires_at` and
    `agent_name`); of a waiting one what keeps everybody now (`floor`, a column of `floor_of_case`).
    """
    if case.assignee_id is not None:
        return _told(assignment["at"], assignment["reason"]) if assignment else None
    if offer:
        return _offered(offer, now)
    return _waiting(case, floor_from(rows_in(floor)), now) if floor else None


def _offered(offer: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    left = max(datetime.fromisoformat(offer["expires_at"]) - now, timedelta(0))
    told = _told(offer["at"], offer["reason"], first=[offer["reason"].get("sentence", "")])
    return told | {"sentence": f"Offered to {offer['agent_name']}, who has {span(left)} to answer"}


def _waiting(case: Case, floor: Floor, now: datetime) -> dict[str, Any]:
    waiting = floor.waiting(case.id, case.queue_id, case.channel)
    sentence, reasons = why_waiting(
        floor.candidates, waiting, refused_at=floor.refused.get(case.id, {}), now=now
    )
    head_start = lead(floor.tiers[case.id], case.priority, floor.tier_minutes)
    bound = span(overtaking_bound(head_start, floor.tier_minutes))
    reasons = [*reasons, f"A case that began to wait more than {bound} after it cannot pass it"]
    return {"at": case.waiting_since or case.last_at, "sentence": sentence, "reasons": reasons}


def _told(at: Any, reason: Mapping[str, Any], *, first: Sequence[str] = ()) -> dict[str, Any]:
    reasons = [*first, *reason.get("reasons", [])]
    return {"at": at, "sentence": reason.get("sentence", ""), "reasons": reasons}
