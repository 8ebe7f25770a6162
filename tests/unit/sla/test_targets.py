"""Targets: the first that fits holds, and what cannot be meant is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from desk.model.case import Priority
from desk.model.customer import Tier
from desk.model.errors import Invalid
from desk.model.inbound import ChannelKind
from desk.model.sla import ClockKind
from desk.sla.targets import checked_targets, target_for, targets_from

Given = dict[str, Any]

GOLD_CHAT: Given = {
    "tiers": ["gold"],
    "channels": ["chat"],
    "first_response": 45,
    "next_response": 60,
}
URGENT: Given = {"priorities": ["urgent"], "first_response": 900, "resolution": 14_400}
EVERYBODY: Given = {"first_response": 14_400, "resolution": 172_800}


def time_for(given: list[Given], kind: ClockKind, *case: Any) -> timedelta | None:
    return target_for(targets_from(checked_targets(given)), kind, *case)


def test_the_first_that_fits_holds() -> None:
    given = [GOLD_CHAT, URGENT, EVERYBODY]
    chat = (Tier.GOLD, ChannelKind.CHAT, Priority.URGENT)
    assert time_for(given, ClockKind.FIRST_RESPONSE, *chat) == timedelta(seconds=45)
    assert time_for(given, ClockKind.RESOLUTION, *chat) is None
    mail = (Tier.BRONZE, ChannelKind.EMAIL, Priority.NORMAL)
    assert time_for(given, ClockKind.FIRST_RESPONSE, *mail) == timedelta(hours=4)


def test_where_nothing_fits_nothing_is_promised() -> None:
    mail = (Tier.BRONZE, ChannelKind.EMAIL, Priority.NORMAL)
    assert time_for([GOLD_CHAT], ClockKind.FIRST_RESPONSE, *mail) is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([EVERYBODY, URGENT], "Target 2 is never reached"),
        ([{"tiers": ["gold", "silver"], **EVERYBODY}, {"tiers": ["gold"], **URGENT}], "Target 2 is never"),
        ([{"tiers": ["diamond"], **EVERYBODY}], "“diamond” is none of bronze"),
        ([{}], "promises nothing"),
        ([{"first_response": 5}], "from 10 seconds to 365 days"),
        ([{"first_response": "soon"}], "in seconds"),
        ([{"first_response": True}], "in seconds"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(given: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        checked_targets(given)
