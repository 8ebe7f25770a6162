"""Every decision about a case: to whom it was offered, why, what became of it, and where it stands."""

from __future__ import annotations

from typing import Any

from desk.actions.cases.detail import case_shown
from desk.actions.routing.floor import policy_in_force
from desk.model.case import Case
from desk.model.errors import NotFound
from desk.model.permission import Permission
from desk.store.cases.reading import find_case
from desk.store.routing.assignments import decisions_of, pulled_of
from desk.store.routing.queues import place_in_line
from desk.store.unit_of_work import Work

PULLED = "pulled"
"""Beside the states of offers: the agent took the case as their next one."""


def decisions_shown(work: Work, case_id: int) -> dict[str, Any]:
    """`{now, place, length, decisions}`: `now` as on the case's view, `place` of `length` while it waits.

    A decision has `at`, `agent`, `state`, `ended_at`, `version` (of the policy), `sentence`,
    `reasons`, and `figures`, the numbers that lead to its score again. Raises NotFound, Forbidden.
    """
    work.require(Permission.READ_CASES)
    case = find_case(work.session, work.actor, case_id)
    if case is None:
        raise NotFound(f"There is no case {case_id}.")
    stands = _place(work, case)
    return {
        "now": case_shown(work, case_id)["routing"],
        "place": stands and stands[0],
        "length": stands and stands[1],
        "decisions": sorted(
            [*_offered(work, case_id), *_pulled(work, case_id)], key=lambda one: one["at"], reverse=True
        ),
    }


def _offered(work: Work, case_id: int) -> list[dict[str, Any]]:
    return [
        {
            "at": row.Offer.offered_at,
            "agent": row.name,
            "state": row.Offer.state,
            "ended_at": row.Offer.ended_at,
            **_told(row.Offer.reason),
        }
        for row in decisions_of(work.session, case_id)
    ]


def _pulled(work: Work, case_id: int) -> list[dict[str, Any]]:
    return [
        {
            "at": row.Assignment.assigned_at,
            "agent": row.name,
            "state": PULLED,
            "ended_at": row.Assignment.ended_at,
            **_told(row.Assignment.reason),
        }
        for row in pulled_of(work.session, case_id)
    ]


def _place(work: Work, case: Case) -> tuple[int, int] | None:
    if case.assignee_id is not None:
        return None
    scale = policy_in_force(work).scale
    return place_in_line(work.session, case.id, case.queue_id, case.channel.value, scale=scale, now=work.now)


def _told(reason: dict[str, Any]) -> dict[str, Any]:
    words = ("sentence", "reasons", "version")
    return {
        "sentence": reason.get("sentence", ""),
        "reasons": reason.get("reasons", []),
        "version": reason.get("version"),
        "figures": {name: value for name, value in reason.items() if name not in words},
    }
