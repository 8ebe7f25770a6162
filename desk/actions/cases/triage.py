"""Triage: a new case is placed by the desk's rules, else by its channel, else in the default queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.model.case import Case, Priority
from desk.model.inbound import InboundMessage
from desk.routing.triage import Condition, Field, FirstMessage, Operator, Placement, Rule, placed
from desk.store.routing.rules import TriageSetup, triage_setup
from desk.store.unit_of_work import Work


def triage(
    work: Work, case: Case, inbound: InboundMessage, *, channel_id: int, tier: str, language: str
) -> str | None:
    """Set queue, priority, category and tags of a case that is about to open, for a customer of this tier.

    Returns the sentence for its history that names the rules, None where none applied. What the case
    has already stays: whoever opened it by hand has said where it belongs.
    """
    setup = triage_setup(work.line)
    first = _first_message(inbound, tier, language)
    placement = placed([_rule(row) for row in setup.rules], first)
    if case.queue_id is None:
        case.queue_id = placement.queue_id or setup.queue_of(channel_id)
    if placement.priority is not None:
        case.priority = placement.priority
    if case.category_id is None:
        case.category_id = placement.category_id
    case.tags = list(dict.fromkeys((*case.tags, *placement.tags)))
    return _sentence(placement, setup) if placement.rules else None


def _first_message(inbound: InboundMessage, tier: str, language: str) -> FirstMessage:
    return FirstMessage(
        subject=inbound.subject,
        text=inbound.text,
        sender=inbound.sender.address,
        recipients=tuple(person.address for person in (*inbound.to, *inbound.cc)),
        channel=inbound.channel.value,
        tier=tier,
        language=language,
    )


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(
        name=row["name"],
        conditions=tuple(
            Condition(Field(c["field"]), Operator(c["operator"]), c["value"]) for c in row["conditions"]
        ),
        match_all=row["match_all"],
        queue_id=row["queue_id"],
        priority=Priority(row["priority"]) if row["priority"] else None,
        category_id=row["category_id"],
        add_tags=tuple(row["add_tags"]),
    )


def _sentence(placement: Placement, setup: TriageSetup) -> str:
    named = " and ".join(f"“{name}”" for name in placement.rules)
    verb = "applied" if len(placement.rules) > 1 else "applied to it"
    queue = setup.queue_names.get(placement.queue_id or 0)
    where = f" and sent it to {queue}" if queue else ""
    return f"The rule{'s' if len(placement.rules) > 1 else ''} {named} {verb}{where}."
