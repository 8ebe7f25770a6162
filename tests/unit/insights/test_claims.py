"""What sentences claim in numbers, in several languages; and which claims can both be true."""

from __future__ import annotations

import pytest

from desk.insights.claims import MASK, differing, said_in

DAY = 86_400


@pytest.mark.parametrize(
    ("sentence", "kind", "low", "high"),
    [
        ("You can send it back within 30 days.", "period", 30 * DAY, 30 * DAY),
        ("You have a 14-day right to change your mind.", "period", 14 * DAY, 14 * DAY),
        ("Innerhalb von vierzehn Tagen erstatten wir.", "period", 14 * DAY, 14 * DAY),
        ("We answer within one hour.", "period", 3600, 3600),
        ("It takes 3–5 working days.", "working days", 3, 5),
        ("Remboursé sous 3 à 5 jours ouvrés.", "working days", 3, 5),
        ("Das dauert zwei Werktage.", "working days", 2, 2),
        ("Delivery costs 4.90 €.", "money eur", 4.9, 4.9),
        ("The machine is $1,299.00 today.", "money usd", 1299, 1299),
        ("Maskinen koster 1.299,00 kr hos os.", "money kr", 1299, 1299),
        ("Der Versand ist kostenlos.", "money", 0, 0),
        ("Students get 15 % off.", "share", 15, 15),
        ("Brew at 93 °C.", "measure °c", 93, 93),
        ("We are here from Monday on, 9:00 to 17:00.", "time", 9, 17),
        ("The offer ends on 31 December.", "date", 1231, 1231),
        ("You get two bags of coffee.", "count bag", 2, 2),
    ],
)
def test_a_number_says_what_it_counts(sentence: str, kind: str, low: float, high: float) -> None:
    (claim,) = said_in(sentence).claims
    assert claim.kind == kind
    assert (claim.low, claim.high) == pytest.approx((low, high))
    assert claim.written in sentence and MASK in said_in(sentence).words


@pytest.mark.parametrize(
    "sentence",
    [
        "Order 12345 is on its way.",
        "Start again from step 3.",
        "Feel free to write to us.",
        "Sugar-free syrup.",
        "Delivery is free if you order more.",
        "It is due in the morning.",
        "",
    ],
)
def test_what_counts_nothing_or_holds_on_a_condition_is_no_claim(sentence: str) -> None:
    assert said_in(sentence).claims == ()


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("within 14 days", "within 30 days", True),
        ("within two weeks", "within 14 days", False),
        ("12 months", "a year", False),
        ("within a month", "within 30 days", False),
        ("3 to 5 days", "in 4 days", False),
        ("3 to 5 days", "2 to 4 days", True),
        ("5 working days", "7 days", False),
        ("it is free", "it costs 4.90 €", True),
        ("4 € at home", "6 $ abroad", False),
        ("free from 50 € on", "it costs 4.90 €", False),
        ("free from 50 € on", "free from 60 € on", True),
        ("14 days, abroad 30 days", "30 days", False),
        ("9:00 to 17:00", "9:00 to 18:00", True),
        ("18 g for 30 seconds", "for 30 seconds", False),
    ],
)
def test_claims_differ_where_they_cannot_both_be_true(one: str, other: str, differ: bool) -> None:
    assert (differing(said_in(one), said_in(other)) is not None) is differ
    assert (differing(said_in(other), said_in(one)) is not None) is differ
