"""What a screen is told of an event: ids, and the rooms of those who may know. It fetches the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from desk.model import events as e
from desk.model.permission import Actor

EVERYONE = "all"
OVERSEERS = "overseers"
"""Roles that see all cases."""
AGENTS = "/desk"
VISITORS = "/visitor"
"""The namespaces: the lines of agents, and those of visitors, who hear of their own chats alone."""
UNQUEUED = "unqueued"
"""Agents who see cases that wait in no queue."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed, and the rooms that hear of it. A socket in several of them hears it once."""

    rooms: tuple[str, ...]
    payload: dict[str, Any]
    namespace: str = AGENTS
    name: str = "change"

    @property
    def case_id(self) -> int | None:
        case_id: int | None = self.payload.get("case_id")
        return case_id


def rooms_of(actor: Actor) -> frozenset[str]:
    """The rooms that an actor's rights open. Rooms of single cases are opened by looking at the case."""
    rooms = {EVERYONE, f"agent:{actor.agent_id}"}
    if actor.sees_all_cases:
        return frozenset(rooms | {OVERSEERS})
    if actor.assigned_only:
        return frozenset(rooms)
    return frozenset(rooms | {UNQUEUED} | {f"queue:{queue_id}" for queue_id in actor.queue_ids})


def changes_of(event: e.Event, position: int) -> list[Change]:
    """What to push when the event is relayed at `position`; empty for what no screen shows."""
    if type(event) in NOT_PUSHED:
        return []
    return [
        Change(tuple(dict.fromkeys(rooms)), {"position": position, **payload})
        for rooms, payload in PUSHED[type(event)](event)
    ]


def told_to_visitors(event: e.Event) -> list[Change]:
    """What the visitor of a chat is told of an event: how far it has come, never what was said or noted."""
    if not isinstance(event, e.MessageReceived | e.ReplyQueued | e.ChatChanged) or event.visitor_id is None:
        return []
    room = (room_of_visitor(event.visitor_id),)
    told = []
    if event.sequence is not None:
        told.append(Change(room, {"sequence": event.sequence}, VISITORS, "news"))
    if isinstance(event, e.ChatChanged) and event.what != "said":
        told.append(Change(room, {}, VISITORS, "chat"))
    return told


def room_of_visitor(visitor_id: int) -> str:
    """The room of all the pages that one visitor has open."""
    return f"visitor:{visitor_id}"


_Told = Iterable[tuple[Iterable[str], dict[str, Any]]]


def _case(kind: str) -> Callable[[Any], _Told]:
    def told(event: e.CaseEvent) -> _Told:
        yield _rooms(event), _ids(kind, event)

    return told


def _message(kind: str) -> Callable[[Any], _Told]:
    def told(event: Any) -> _Told:
        rooms = [*_rooms(event), *(f"agent:{agent_id}" for agent_id in getattr(event, "mentions", ()))]
        yield rooms, {**_ids(kind, event), "message_position": event.position}

    return told


def _note(event: e.NoteAdded) -> _Told:
    """A whisper names the agent who is to see it at once."""
    whisper = {} if event.whisper_to is None else {"whisper_to": event.whisper_to}
    for rooms, payload in _message("message_added")(event):
        yield rooms, payload | whisper


def _case_changed(event: e.CaseChanged) -> _Told:
    """Those who lose sight of the case are told as well, so that it leaves their lists."""
    rooms = _rooms(event)
    if event.old_queue_id is not None:
        rooms.append(f"queue:{event.old_queue_id}")
    if event.old_assignee_id is not None:
        rooms.append(f"agent:{event.old_assignee_id}")
    if event.what == "queue" and event.old_queue_id is None:
        rooms.append(UNQUEUED)
    payload = _ids("case_changed", event)
    yield (
        rooms,
        payload | {"old_queue_id": event.old_queue_id, "old_assignee_id": event.old_assignee_id},
    )


def _case_merged(event: e.CaseMerged) -> _Told:
    yield from _case("case_changed")(event)
    rooms = [f"case:{event.merged_id}", *_rooms(event)]
    yield rooms, {**_ids("case_changed", event), "case_id": event.merged_id}


def _case_divided(event: e.CaseDivided) -> _Told:
    yield from _case("case_changed")(event)
    kind = "case_changed" if event.undone else "case_opened"
    yield _rooms(event), {**_ids(kind, event), "case_id": event.new_case_id}


def _offer(kind: str) -> Callable[[Any], _Told]:
    def told(event: Any) -> _Told:
        payload = {"kind": kind, "case_id": event.case_id, "agent_id": event.agent_id}
        yield [f"agent:{event.agent_id}", OVERSEERS], payload | {"offer_id": event.offer_id}

    return told


def _to_all(kind: str, *names: str) -> Callable[[Any], _Told]:
    def told(event: Any) -> _Told:
        yield [EVERYONE], {"kind": kind} | {name: getattr(event, name) for name in names}

    return told


def _to_one(kind: str) -> Callable[[Any], _Told]:
    def told(event: Any) -> _Told:
        yield [f"agent:{event.agent_id}"], {"kind": kind, "agent_id": event.agent_id}

    return told


def _customers_merged(event: e.CustomersMerged) -> _Told:
    for customer_id in (event.customer_id, event.merged_id):
        yield [EVERYONE], {"kind": "customer_changed", "customer_id": customer_id}


def _rooms(event: e.CaseEvent) -> list[str]:
    rooms = [f"case:{event.case_id}", OVERSEERS]
    rooms.append(UNQUEUED if event.queue_id is None else f"queue:{event.queue_id}")
    if event.assignee_id is not None:
        rooms.append(f"agent:{event.assignee_id}")
    return rooms


def _ids(kind: str, event: e.CaseEvent) -> dict[str, Any]:
    ids = {"kind": kind, "case_id": event.case_id, "queue_id": event.queue_id}
    return ids | {"agent_id": event.assignee_id}


PUSHED: dict[type[e.Event], Callable[[Any], _Told]] = {
    e.CaseOpened: _case("case_opened"),
    e.MessageReceived: _message("message_added"),
    e.ReplyQueued: _message("message_added"),
    e.ReplyWithdrawn: _message("message_changed"),
    e.NoteAdded: _note,
    e.DeliveryChanged: _message("message_changed"),
    e.FilesFetched: _message("message_changed"),
    e.CaseChanged: _case_changed,
    e.CaseResolved: _case("case_changed"),
    e.CaseMerged: _case_merged,
    e.CaseDivided: _case_divided,
    e.ClockDueSoon: _case("case_changed"),
    e.ClockMissed: _case("case_changed"),
    e.OfferMade: _offer("offer_made"),
    e.OfferEnded: _offer("offer_ended"),
    e.ChatChanged: _case("case_changed"),
    e.PresenceChanged: _to_all("agent_changed", "agent_id"),
    e.RightsChanged: _to_all("agent_changed", "agent_id"),
    e.SetupChanged: _to_all("setup_changed", "table"),
    e.CustomerChanged: _to_all("customer_changed", "customer_id"),
    e.CustomersMerged: _customers_merged,
    e.MailQuarantined: _to_all("quarantined", "channel_id"),
    e.ChannelChanged: _to_all("channel_changed", "channel_id"),
    e.ArticleChanged: _to_all("article_changed", "article_id"),
    e.ReminderChanged: _to_one("reminder_changed"),
    e.ReminderDue: _to_one("reminder_due"),
    e.CalibrationChanged: _to_one("calibration_changed"),
    e.ReplyHeldBack: _to_one("reply_held_back"),
    e.RetentionTaskChanged: _to_all("retention_changed", "customer_id"),
    e.TopicsChanged: _to_all("topics_changed", "topic_id"),
    e.ProposalsChanged: _to_all("proposals_changed", "proposal_id"),
    e.ValuesComputed: _to_all("values_computed", "run_id"),
}
"""Event to what is told of it. A test asks that every event is here or in NOT_PUSHED."""

NOT_PUSHED: frozenset[type[e.Event]] = frozenset(
    {
        e.CaseEvent,
        e.AgentFreed,
        e.EntitlementsTaken,
        e.LinkAsked,
        e.MailKept,
        e.MediaAwaited,
        e.LookBackAsked,
        e.PurchasesTaken,
        e.TextKept,
        e.TierChanged,
        e.ValueRunAsked,
    }
)
"""Events for workers; what they lead to is an event of its own."""
