"""What a miss costs, and which penalties are refused in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from desk.model.errors import Invalid
from desk.model.sla import ClockKind
from desk.sla.ledger import Clock
from desk.sla.penalties import penalty_of
from desk.sla.targets import checked_targets

MISSED = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
TERMS = {"amount": "50.00", "currency": "EUR", "per_hour": "10.00", "cap": "75.00"}
TARGET = {"resolution": 3600, "penalty": {"amount": "50", "currency": "eur"}}


def a_clock(used: timedelta, missed_at: datetime | None = MISSED) -> Clock:
    return Clock(ClockKind.RESOLUTION, MISSED, MISSED, used=used, missed_at=missed_at, missed_after=HOUR)


@pytest.mark.parametrize(
    ("late", "owed"),
    [
        (timedelta(0), "50.00"),
        (timedelta(seconds=1), "60.00"),
        (HOUR, "60.00"),
        (HOUR + timedelta(microseconds=1), "70.00"),
        (9 * HOUR, "75.00"),
    ],
)
def test_each_hour_late_counts_once_it_begins_up_to_the_cap(late: timedelta, owed: str) -> None:
    assert penalty_of(a_clock(HOUR + late), TERMS) == Decimal(owed)


def test_what_was_kept_or_has_no_price_costs_nothing() -> None:
    assert penalty_of(a_clock(9 * HOUR, missed_at=None), TERMS) is None
    assert penalty_of(a_clock(9 * HOUR), None) is None


def test_a_penalty_holds_for_every_time_of_its_target() -> None:
    [kept] = checked_targets([TARGET])
    assert kept["penalty"] == {
        "clocks": ["resolution"],
        "amount": "50.00",
        "currency": "EUR",
        "per_hour": None,
        "cap": None,
    }


@pytest.mark.parametrize(
    ("penalty", "words"),
    [
        ({"amount": "-1"}, "from 0"),
        ({"amount": "ten"}, "is not an amount"),
        ({"amount": "1.005"}, "is not an amount"),
        ({"amount": None}, "say what a miss costs"),
        ({"amount": "0"}, "is none"),
        ({"cap": "49"}, "below the 50.00"),
        ({"currency": "euro"}, "not a currency"),
        ({"clocks": ["first_response"]}, "first response, and no time"),
    ],
)
def test_what_cannot_be_is_refused_in_words(penalty: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        checked_targets([TARGET | {"penalty": {"amount": "50", "currency": "EUR"} | penalty}])


def test_two_currencies_are_refused() -> None:
    other = {"resolution": 60, "tiers": ["gold"], "penalty": {"amount": "5", "currency": "USD"}}
    with pytest.raises(Invalid, match="EUR and USD"):
        checked_targets([other, TARGET])
