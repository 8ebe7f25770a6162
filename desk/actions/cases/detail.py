"""A case as a screen shows it: its fields, what may be done with it, its thread and its customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from desk.actions.customers.faces import face_in_case, read_approaches
from desk.actions.messages.shown import ask_for_messages
from desk.actions.routing.floor import the_floor
from desk.actions.routing.why import routing_shown
from desk.customers.identity import opens_history
from desk.model.case import DRAFT_KINDS, CaseStatus
from desk.model.chat import HERE, ChatState
from desk.model.errors import NotFound
from desk.model.permission import Actor, Permission
from desk.store.cases.view import ROW, SeenCase, views_of
from desk.store.customers.face import ask_for_face
from desk.store.unit_of_work import Work


def case_detail(work: Work, case_id: int) -> dict[str, Any]:
    """The whole case view, in three statements of one round trip. Raises NotFound.

    `people` is for the door to fill: who is here is known to Redis alone.
    """
    work.require(Permission.READ_CASES)
    work.flush()
    asked = views_of(work.line, work.actor, [case_id], known_only=True)
    thread = ask_for_messages(work, case_id)
    face = ask_for_face(work.line, work.actor, now=work.now, case_id=case_id)
    view = asked.by_number().get(case_id)
    if view is None:
        raise NotFound(f"There is no case {case_id}.")
    messages, older = thread.shown(work.now)
    return {
        "case": _shown(work, view),
        "messages": messages,
        "older": older,
        "customer": face_in_case(face),
        "drafts": _drafts(view),
        "scheduled": [scheduled_shown(one) for one in view["scheduled_replies"]],
        "chat": _chat(view, work.now),
        "people": [],
        "position": view["last_position"],
    }


def case_shown(work: Work, case_id: int) -> dict[str, Any]:
    """The case after a deed, for whoever was allowed to do it."""
    return cases_shown(work, [case_id])[case_id]


def cases_shown(work: Work, case_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Several cases after a deed, by number, in one statement."""
    work.flush()
    views = views_of(work.line, work.actor, case_ids).by_number()
    return {case_id: _shown(work, view) for case_id, view in views.items()}


def deeds(actor: Actor, case: SeenCase) -> list[str]:
    """What the actor may do with a case in this state, by name."""
    if case.merged_into_id is not None:
        return ["unmerge"] if actor.may(Permission.MERGE_CASES) else []
    works, merges = actor.may(Permission.WORK_CASES), actor.may(Permission.MERGE_CASES)
    found = ["note", "assign", "edit", "link", "watch"] if works else []
    if works and case.status is not CaseStatus.CLOSED:
        found.append("reply")
    if works and case.is_active:
        found += ["resolve", "snooze", "hold", "wait"]
    if works and case.status in (CaseStatus.RESOLVED, CaseStatus.WAITING):
        found.append("reopen")
    return found + (["merge", "split"] if merges else [])


def _shown(work: Work, view: Mapping[str, Any]) -> dict[str, Any]:
    case: SeenCase = view["case"]
    watchers = [watch["agent_id"] for watch in view["watchers"]]
    return {name: getattr(case, name) for name in ROW} | {
        "name": view["name"],
        "tier": view["tier"],
        "unread": view["unread"],
        "draft": view["draft"],
        "scheduled": view["scheduled"],
        "watching": work.actor.agent_id in watchers,
        "watchers": watchers,
        "links": view["links"],
        "cover": _cover(view["cover"]),
        "clocks": [_clock(clock) for clock in view["clocks"]],
        "penalties": view["penalties"],
        "routing": _routing(work, view),
        "can": deeds(work.actor, case),
    }


def _routing(work: Work, view: Mapping[str, Any]) -> dict[str, Any] | None:
    """Why this agent, or why still nobody."""
    case: SeenCase = view["case"]
    return routing_shown(
        case,
        assignment=view["assignment"],
        offer=view["offer"],
        floor=view["floor"],
        whole_floor=lambda: the_floor(work, case_ids=[case.id]),
        now=work.now,
    )


def _clock(clock: Mapping[str, Any]) -> dict[str, Any]:
    moments = {name: clock[name] and datetime.fromisoformat(clock[name]) for name in ("due_at", "missed_at")}
    return {**clock, **moments}


def _cover(cover: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Whether the work is covered; None while nothing is known of any entitlement, nor said of a product.

    The number of the entitlement is the customer's: it stays closed as long as their history does.
    """
    if cover is None:
        return None
    shown = {name: value for name, value in cover.items() if name != "approaches"}
    if not opens_history(read_approaches(cover["approaches"])):
        shown["entitlement"] = None
    return {**shown, "agreed_at": cover["agreed_at"] and datetime.fromisoformat(cover["agreed_at"])}


def _drafts(view: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(DRAFT_KINDS)
    for draft in view["drafts"]:
        saved_at = datetime.fromisoformat(draft["saved_at"])
        found[draft["kind"]] = {**draft["content"], "saved_at": saved_at}
    return found


def scheduled_shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A reply that waits for its time, in the form of the interface; `row` is one of `SCHEDULED`."""
    moments = {name: row[name] and _moment(row[name]) for name in ("at", "made_at", "held_at")}
    shown = {name: value for name, value in row.items() if name not in ("content", *moments)}
    return {**shown, **moments, **row["content"]}


def _moment(told: datetime | str) -> datetime:
    """As a column has it, or as JSON does."""
    return datetime.fromisoformat(told) if isinstance(told, str) else told


def _chat(view: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """The live side of a chat for the agent; whether the visitor types is for the door to fill."""
    chat = view["chat"]
    if chat is None:
        return None
    seen_at = datetime.fromisoformat(chat["visitor_seen_at"])
    wrap_up_until = chat["wrap_up_until"]
    return {
        "state": chat["state"],
        "visitor": {
            "here": chat["state"] != ChatState.LEFT and now - seen_at <= HERE,
            "seen_at": seen_at,
            "page": chat["page"],
            "typing": False,
            "signed": chat["external_id"] is not None,
        },
        "fields": chat["fields"],
        "read": chat["visitor_read"],
        "my_read": chat["agent_read"],
        "sequence": chat["last_sequence"],
        "email": chat["email"],
        "score": chat["score"],
        "score_comment": chat["score_comment"],
        "ended_by": chat["ended_by"],
        "wrap_up_until": datetime.fromisoformat(wrap_up_until) if wrap_up_until else None,
    }
