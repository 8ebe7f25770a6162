"""Where a new case belongs, by what its first message says: conditions in, a placement out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from desk.model.case import Priority

LONGEST_TEXT = 100_000
"""How much of a message's text conditions look at, in characters."""


class Field(StrEnum):
    SUBJECT = "subject"
    TEXT = "text"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CHANNEL = "channel"
    TIER = "tier"
    LANGUAGE = "language"


class Operator(StrEnum):
    CONTAINS = "contains"
    IS = "is"
    ENDS_WITH = "ends_with"
    STARTS_WITH = "starts_with"


@dataclass(frozen=True, slots=True)
class Condition:
    field: Field
    operator: Operator
    value: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do when the conditions hold; a field that is None leaves the matter open."""

    name: str
    conditions: tuple[Condition, ...]
    match_all: bool = True
    queue_id: int | None = None
    priority: Priority | None = None
    category_id: int | None = None
    add_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FirstMessage:
    """What rules may ask about."""

    subject: str
    text: str
    sender: str
    recipients: tuple[str, ...]
    channel: str
    tier: str
    language: str

    def values(self, field: Field) -> tuple[str, ...]:
        """What stands in a field, folded for comparison."""
        if field is Field.RECIPIENT:
            return tuple(address.casefold() for address in self.recipients)
        return (str(getattr(self, field.value))[:LONGEST_TEXT].casefold(),)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a case goes; `rules` names those that had a part in it."""

    queue_id: int | None = None
    priority: Priority | None = None
    category_id: int | None = None
    tags: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


def placed(rules: Iterable[Rule], message: FirstMessage) -> Placement:
    """What the rules say together, in their order.

    Each matter (queue, priority, category) is settled by the first rule that holds and speaks
    of it; tags add up. A rule without conditions never holds: it would take every case.
    """
    placement = Placement()
    for rule in rules:
        if not holds(rule, message):
            continue
        placement = Placement(
            queue_id=rule.queue_id if placement.queue_id is None else placement.queue_id,
            priority=placement.priority or rule.priority,
            category_id=rule.category_id if placement.category_id is None else placement.category_id,
            tags=tuple(dict.fromkeys((*placement.tags, *rule.add_tags))),
            rules=(*placement.rules, rule.name),
        )
    return placement


def holds(rule: Rule, message: FirstMessage) -> bool:
    """Whether all of the rule's conditions hold, or any, as the rule says."""
    if not rule.conditions:
        return False
    met = (is_met(condition, message) for condition in rule.conditions)
    return all(met) if rule.match_all else any(met)


def is_met(condition: Condition, message: FirstMessage) -> bool:
    """Whether a condition holds, in any letter case; of several recipients one is enough."""
    wanted = condition.value.strip().casefold()
    if not wanted:
        return False
    return any(_compare(condition.operator, value, wanted) for value in message.values(condition.field))


def _compare(operator: Operator, value: str, wanted: str) -> bool:
    match operator:
        case Operator.CONTAINS:
            return wanted in value
        case Operator.IS:
            return value.strip() == wanted
        case Operator.ENDS_WITH:
            return value.strip().endswith(wanted)
        case Operator.STARTS_WITH:
            return value.strip().startswith(wanted)
