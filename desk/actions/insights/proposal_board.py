"""Proposals before whoever decides: the board, and one of them with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.model.agent import Agent
from desk.model.permission import Permission
from desk.model.proposal import EffectReading, Proposal, ProposalEvent
from desk.model.topic import Topic, counted_for
from desk.store.insights.minute_cost import MinuteCost, minute_cost
from desk.store.insights.proposals import (
    cases_seen,
    events_of_proposal,
    get_proposal,
    last_deed,
    newest_readings,
    proposals_shown,
    readings_of,
)
from desk.store.insights.topics import every_topic
from desk.store.unit_of_work import Work


def board_shown(work: Work) -> list[dict[str, Any]]:
    """Every proposal as a card: where it stands, what it may spare, and its last look."""
    work.require(Permission.WATCH_FLOOR)
    looks = newest_readings(work.session)
    topics, cost = _topics(work), minute_cost(work.session)
    return [
        _card(proposal, topics[proposal.topic_id], owner, looks.get(proposal.id), cost)
        for proposal, owner in proposals_shown(work.session)
    ]


def proposal_shown(work: Work, proposal_id: int) -> dict[str, Any]:
    """One proposal with evidence, quotes, draft, looks and history. Raises NotFound.

    Words of cases are shown with those that the reader may know of alone.
    """
    work.require(Permission.WATCH_FLOOR)
    proposal = get_proposal(work.session, proposal_id)
    topic = _topics(work)[proposal.topic_id]
    looks = readings_of(work.session, proposal.id)
    events = events_of_proposal(work.session, proposal.id)
    owner = work.session.get(Agent, proposal.owner_id) if proposal.owner_id else None
    deed = last_deed(work.session, proposal.id)
    cost = minute_cost(work.session)
    return _card(proposal, topic, owner.name if owner else None, looks[-1] if looks else None, cost) | {
        "evidence": _seen(work, proposal.evidence),
        "saving": proposal.saving,
        "looks": [_look(one) for one in looks],
        "events": [_event(event, by) for event, by in events],
        "undo_id": deed.id if deed is not None and deed.agent_id and "before" in deed.detail else None,
    }


def _topics(work: Work) -> dict[int, Topic]:
    """Of each topic the one that it counts for now; itself where it is none any more."""
    topics = every_topic(work.session)
    return {number: topics[now or number] for number, now in counted_for(topics).items()}


def _card(
    proposal: Proposal, topic: Topic, owner: str | None, look: EffectReading | None, cost: MinuteCost | None
) -> dict[str, Any]:
    hours = proposal.saving["hours"]
    return {
        "id": proposal.id,
        "kind": proposal.kind.value,
        "rule": proposal.rule,
        "state": proposal.state.value,
        "title": proposal.title,
        "topic_id": topic.id,
        "topic": topic.name,
        "contacts": proposal.evidence.get("contacts", 0),
        "trend": proposal.evidence.get("trend", []),
        "hours": hours,
        "money": [round(60 * one * cost.amount, 2) for one in hours] if cost else None,
        "currency": cost.currency if cost else None,
        "confidence": proposal.confidence,
        "owner_id": proposal.owner_id,
        "owner": owner,
        "due_on": proposal.due_on.isoformat() if proposal.due_on else None,
        "in_effect_from": proposal.in_effect_from.isoformat() if proposal.in_effect_from else None,
        "reason": proposal.reason,
        "article_id": proposal.article_id,
        "created_at": proposal.created_at,
        "look": _look(look) if look else None,
    }


def _look(look: EffectReading) -> dict[str, Any]:
    return {
        "weeks": look.weeks,
        "read_on": look.read_on.isoformat(),
        "proven": look.proven,
        "change": look.change,
        "low": look.low,
        "high": look.high,
        "p": look.p,
        **{name: look.detail.get(name) for name in ("why", "moved", "near", "controls", "chart")},
    }


def _event(event: ProposalEvent, by: str | None) -> dict[str, Any]:
    return {
        "id": event.id,
        "kind": event.kind.value,
        "at": event.at,
        "by": by,
        "why": event.detail.get("why") or event.detail.get("title"),
        "taken_back": bool(event.detail.get("taken_back")),
    }


def _seen(work: Work, evidence: Mapping[str, Any]) -> dict[str, Any]:
    """The evidence, without words of cases that the reader may not know of."""
    draft = evidence.get("draft")
    asked = [one["case_id"] for one in evidence.get("quotes", [])]
    if draft:
        asked += [draft["question_case_id"]]
        asked += [one["case_id"] for one in (*draft["sentences"], *draft["contradictions"])]
        asked += [number for one in draft["sentences"] for number in one["also"]]
        wording = draft.get("wording") or {"sentences": []}
        asked += [number for one in wording["sentences"] for number in one["case_ids"]]
    seen = cases_seen(work.session, work.actor, asked)
    shown = {**evidence, "quotes": [one for one in evidence.get("quotes", []) if one["case_id"] in seen]}
    if draft:
        shown["draft"] = {
            **draft,
            "sentences": [
                {**one, "also": [number for number in one["also"] if number in seen]}
                for one in draft["sentences"]
                if one["case_id"] in seen
            ],
            "contradictions": [one for one in draft["contradictions"] if one["case_id"] in seen],
        }
        if draft.get("wording"):
            # A sentence that is drawn from several cases is for who may know of them all.
            said = [one for one in wording["sentences"] if seen.keys() >= set(one["case_ids"])]
            shown["draft"]["wording"] = {**wording, "sentences": said}
    return shown
