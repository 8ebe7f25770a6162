"""The clocks of a case as a screen shows them: where each stands, and line by line why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from desk.actions.cases.access import case_for
from desk.model.permission import Permission
from desk.model.sla import SlaClock, SlaEntry
from desk.store.clocks.reading import every_clock_of, ledger_of
from desk.store.unit_of_work import Work


def ledgers_shown(work: Work, case_id: int) -> list[dict[str, Any]]:
    """Every clock of a case with its ledger. Raises NotFound."""
    case_for(work, case_id, to=Permission.READ_CASES)
    clocks = every_clock_of(work.session, case_id)
    lines = ledger_of(work.session, [clock.id for clock in clocks])
    return [_clock(clock, [line for line in lines if line.clock_id == clock.id]) for clock in clocks]


def _clock(clock: SlaClock, lines: list[SlaEntry]) -> dict[str, Any]:
    voided = {number for line in lines for number in line.voids}
    return {
        "id": clock.id,
        "kind": clock.kind,
        "phase": clock.phase,
        "tier": clock.tier,
        "target_seconds": None if clock.target is None else int(clock.target.total_seconds()),
        "used_seconds": clock.used.total_seconds(),
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "due_soon_at": clock.warn_at,
        "missed_at": clock.missed_at,
        "ended_at": clock.ended_at,
        "flagged": clock.flagged,
        "penalty": _money(clock, clock.penalty),
        "ledger": [_line(line, _money(clock, line.penalty), voided=line.id in voided) for line in lines],
    }


def _money(clock: SlaClock, amount: Decimal | None) -> dict[str, str] | None:
    if amount is None or clock.penalty_terms is None:
        return None
    return {"amount": f"{amount:.2f}", "currency": clock.penalty_terms["currency"]}


def _line(line: SlaEntry, penalty: dict[str, str] | None, *, voided: bool) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "at": line.at,
        "noted_at": line.noted_at,
        "cause": line.cause,
        "sentence": line.sentence,
        "target_seconds": None if line.target is None else int(line.target.total_seconds()),
        "message_id": line.message_id,
        "flagged": line.flagged,
        "penalty": penalty,
        "voided": voided,
    }
