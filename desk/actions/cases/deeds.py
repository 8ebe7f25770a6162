"""What is done to a case: its state, its fields, who has it, who has read it."""

from __future__ import annotations

from datetime import datetime

from desk.actions.cases.access import case_for
from desk.actions.cases.detail import case_shown
from desk.actions.cases.history import add_event, note_change
from desk.actions.chat.moves import end_chat_of
from desk.actions.clocks.deeds import keep_clocks
from desk.actions.routing.assignments import assign, end_stint, keep_or_free
from desk.actions.routing.withdrawals import withdraw_offer
from desk.model.case import Case, CaseStatus
from desk.model.errors import Conflict
from desk.model.events import CaseResolved
from desk.model.permission import Permission
from desk.sla.rules import Deed, What
from desk.store.cases.reading import mark_read, mark_unread, unwatch, watch
from desk.store.unit_of_work import Work

SOLVED = "Solved"
"""The reason for resolving, where nobody gives one."""


def case_to_change(work: Work, case_id: int, *, version: int | None = None) -> Case:
    """The case with its row held. Raises Conflict, with the case as it is, where it has a later version.

    A case that was merged into another is changed there.
    """
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    if case.merged_into_id is not None:
        raise Conflict(
            f"Case {case.id} was merged into case {case.merged_into_id}.",
            {"merged_into_id": case.merged_into_id},
        )
    if version is not None and case.version != version:
        raise Conflict(
            f"Case {case.id} has changed meanwhile.",
            {"case": case_shown(work, case.id), "version": case.version},
        )
    return case


def give_case(work: Work, case_id: int, agent_id: int | None) -> Case:
    """The case is this agent's from now on, or nobody's."""
    case = case_to_change(work, case_id)
    assign(work, case, agent_id)
    return case


def resolve_case(work: Work, case_id: int, reason: str | None = None) -> Case:
    """The work is done: the agent is free for other work, and the customer may still answer."""
    case = case_to_change(work, case_id)
    before = case.status
    case.resolve(work.now, reason or SOLVED)
    withdraw_offer(work, case)
    end_stint(work, case)
    end_chat_of(work, case)
    sentence = f"{work.actor.name} resolved the case: {case.resolution_reason}"
    add_event(work, case, sentence)
    _note_state(work, case, before, sentence, what=What.RESOLVED, why=case.resolution_reason)
    work.record(CaseResolved(case_id=case.id, queue_id=case.queue_id, assignee_id=case.assignee_id))
    return case


def reopen_case(work: Work, case_id: int) -> Case:
    """Work again; whoever had it goes on, if they can. A closed case stays closed."""
    case = case_to_change(work, case_id)
    before = case.status
    case.reopen(work.now)
    keep_or_free(work, case)
    sentence = f"{work.actor.name} reopened the case"
    if before is CaseStatus.RESOLVED:
        add_event(work, case, sentence)
    _note_state(work, case, before, sentence, what=What.REOPENED)
    return case


def close_case(work: Work, case_id: int) -> Case:
    """The grace window is over: the customer's next word opens a linked case."""
    case = case_to_change(work, case_id)
    before = case.status
    case.close(work.now)
    _note_state(work, case, before, "The grace window ended: the case is closed")
    return case


def snooze_case(work: Work, case_id: int, until: datetime) -> Case:
    """Out of sight until a moment, or until the customer writes."""
    case = case_to_change(work, case_id)
    before = case.status
    case.snooze(until, work.now)
    withdraw_offer(work, case)
    _note_state(work, case, before, f"{work.actor.name} snoozed the case until {until:%Y-%m-%d %H:%M} UTC")
    return case


def wake_case(work: Work, case_id: int) -> Case:
    """Back from sleep or from hold, by hand or because its time has come.

    Raises Conflict when the clock comes for a case that somebody has sent to sleep for longer.
    """
    case = case_to_change(work, case_id)
    before, until = case.status, case.snoozed_until
    if work.actor.is_system and until is not None and until > work.now:
        raise Conflict(f"Case {case.id} sleeps until {until:%Y-%m-%d %H:%M} UTC.")
    case.wake()
    _note_state(work, case, before, _why_awake(work, before))
    return case


def hold_case(work: Work, case_id: int) -> Case:
    """The case waits for somebody who is neither the customer nor us."""
    case = case_to_change(work, case_id)
    before = case.status
    case.put_on_hold()
    withdraw_offer(work, case)
    _note_state(work, case, before, f"{work.actor.name} put the case on hold")
    return case


def await_customer(work: Work, case_id: int) -> Case:
    """The ball is with the customer, though we have not just written."""
    case = case_to_change(work, case_id)
    before = case.status
    case.wait_for_customer()
    withdraw_offer(work, case)
    _note_state(work, case, before, f"{work.actor.name} set the case to wait for the customer")
    return case


def read_case(work: Work, case_id: int, position: int) -> None:
    """The actor has read the case up to this position."""
    case = case_for(work, case_id, to=Permission.READ_CASES)
    if work.actor.agent_id is not None:
        mark_read(work.session, case.id, work.actor.agent_id, min(position, case.last_position))


def unread_case(work: Work, case_id: int) -> None:
    """The customer's last message counts as unread again, for this actor."""
    case = case_for(work, case_id, to=Permission.READ_CASES)
    if work.actor.agent_id is not None:
        mark_unread(work.session, case.id, work.actor.agent_id, case.last_inbound_position)


def watch_case(work: Work, case_id: int) -> Case:
    """The actor wants to know what becomes of the case."""
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    agent_id = work.actor.agent_id
    if agent_id is not None and watch(work.session, case.id, agent_id):
        note_change(work, case, "watch", f"{work.actor.name} watches the case", after=agent_id)
    return case


def unwatch_case(work: Work, case_id: int) -> Case:
    """The actor has seen enough of it."""
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    agent_id = work.actor.agent_id
    if agent_id is not None and unwatch(work.session, case.id, agent_id):
        note_change(work, case, "watch", f"{work.actor.name} watches the case no more", before=agent_id)
    return case


def _why_awake(work: Work, before: CaseStatus) -> str:
    if before is CaseStatus.ON_HOLD:
        return f"{work.actor.name} took the case off hold"
    return "The time to sleep is over" if work.actor.is_system else f"{work.actor.name} woke the case"


def _note_state(
    work: Work,
    case: Case,
    before: CaseStatus,
    sentence: str,
    *,
    what: What = What.STATUS,
    why: str | None = None,
) -> None:
    keep_clocks(work, case, Deed(what, f"{sentence}."))
    note_change(work, case, "status", sentence, before=before.value, after=case.status.value, why=why)
