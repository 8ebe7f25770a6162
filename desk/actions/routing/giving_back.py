"""Work that is not done goes back in line: its agent has left a chat, or leaves a customer waiting for
longer than the queue allows.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from desk.actions.messages.reply import add_note
from desk.actions.routing.assignments import assign
from desk.model.case import Case, CaseStatus
from desk.model.errors import Conflict
from desk.model.inbound import ChannelKind
from desk.model.presence import PresenceState
from desk.model.queue import Queue
from desk.routing.explain import span
from desk.sla.calendars import hours_in
from desk.store.clocks.reading import promise_for
from desk.store.routing.assignments import find_stint
from desk.store.routing.presence import find_presence
from desk.store.unit_of_work import Work

GONE = timedelta(minutes=2)
"""An agent may reload a page, or change rooms, without losing the chat."""


def give_back(work: Work, case_id: int) -> None:
    """Put the case back in line, keep it from this agent for a while, and tell them by a note that names
    them. Raises Conflict when somebody answered, came back or took it meanwhile.
    """
    case = work.session.get_one(Case, case_id, with_for_update=True, populate_existing=True)
    stint = find_stint(work.session, case_id)
    if stint is None or case.status is not CaseStatus.OPEN or case.waiting_since is None:
        raise Conflict("Nobody leaves this customer waiting.")
    why = _why(work, case, stint.agent_id, since=max(stint.assigned_at, case.waiting_since))
    if why is None:
        raise Conflict("There is still time.")
    stint.given_back = True
    assign(work, case, None, reason={"sentence": why, "reasons": []})
    add_note(work, case.id, f"{why} The case is in line for somebody else.", "", [stint.agent_id])


def _why(work: Work, case: Case, agent_id: int, *, since: datetime) -> str | None:
    if case.channel is ChannelKind.CHAT and _left_at(work, agent_id, since) <= work.now - GONE:
        return "Whoever had this chat is not at the desk any more."
    queue = work.session.get(Queue, case.queue_id) if case.queue_id else None
    if queue is None or not queue.give_back_minutes:
        return None
    promise = promise_for(work.line, queue_id=queue.id, customer_id=case.customer_id)
    allowed = timedelta(minutes=queue.give_back_minutes)
    # Nights and holidays are nobody's delay.
    if hours_in(promise.hours).between(since, work.now) < allowed:
        return None
    return f"No answer within {span(allowed)} of working time."


def _left_at(work: Work, agent_id: int, since: datetime) -> datetime:
    """From when on, of the time after `since`, the agent has not been there; now for one who is."""
    presence = find_presence(work.session, agent_id)
    if presence is None or presence.state is not PresenceState.OFFLINE:
        return work.now
    return max(presence.since, since)
