"""Recorded days in a scenario's JSON, read with every fault named in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from desk.model.errors import Invalid
from desk.routing.given import Bounds, a_flag, a_list, a_name, a_number, an_object, known_words
from desk.routing.simulation.recorded import RecordedContact, RecordedDays

LONGEST = 400 * 24 * 60.0
"""Minutes of the longest period that is recorded."""

BOUNDS: Mapping[str, Bounds] = {
    "number": (1, 2**63),
    "at": (0.0, LONGEST),
    "work": (0.001, LONGEST),
    "value": (0.001, 1e9),
    "target": (0.01, LONGEST),
    "stayed": (0.0, LONGEST),
}


def read_recorded(
    given: Any, *, channels: Collection[str], topics: Collection[str], tiers: Collection[str]
) -> RecordedDays:
    """The days that `RecordedDays` writes.

    Raises Invalid, naming the field: for unknown words, numbers out of bounds, and a channel, topic
    or tier that the scenario does not have.
    """
    values = an_object(given, "recorded")
    known_words(values, [one.name for one in fields(RecordedDays)], "recorded")
    days = [
        a_number(one, "recorded.days", (0.0, LONGEST)) for one in a_list(values.get("days"), "recorded.days")
    ]
    if not days or days[0] != 0 or days != sorted(set(days)):
        raise Invalid(
            "“recorded.days” holds the minute at which each day begins, from 0 on.", "recorded.days"
        )
    known = {"channel": channels, "topic": topics, "tier": tiers}
    came = [
        _contact(one, f"recorded.contacts[{place}]", known)
        for place, one in enumerate(a_list(values.get("contacts"), "recorded.contacts"))
    ]
    if not came or len({one.number for one in came}) < len(came):
        raise Invalid("“recorded.contacts” holds contacts, each with its own number.", "recorded.contacts")
    return RecordedDays(tuple(sorted(came, key=lambda one: (one.at, one.number))), tuple(days))


def _contact(given: Any, field: str, known: Mapping[str, Collection[str]]) -> RecordedContact:
    values = an_object(given, field)
    known_words(values, [one.name for one in fields(RecordedContact)], field)
    for name in ("number", "at", "channel", "topic", "work", "value", "tier", "target"):
        if name not in values:
            raise Invalid(f"“{field}” has no “{name}”.", f"{field}.{name}")
    for name, words in known.items():
        if not isinstance(values[name], str) or values[name] not in words:
            raise Invalid(f"“{field}.{name}” is none of {', '.join(words)}.", f"{field}.{name}")
    patience, hard_after = values.get("patience"), values.get("hard_after")
    return RecordedContact(
        **{
            name: a_number(values[name], f"{field}.{name}", bounds, whole=name == "number")
            for name, bounds in BOUNDS.items()
            if name in values
        },
        **{name: values[name] for name in known},
        patience=None if patience is None else a_number(patience, f"{field}.patience", (0.0, LONGEST)),
        agent=a_name(values["agent"], f"{field}.agent") if values.get("agent") else "",
        measured=a_flag(values.get("measured", False), f"{field}.measured"),
        hard_after=(
            None if hard_after is None else a_number(hard_after, f"{field}.hard_after", (0.0, LONGEST))
        ),
    )
