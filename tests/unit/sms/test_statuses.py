"""What is shown of a text depends on what was told, never on its order."""

from __future__ import annotations

from itertools import permutations
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.channels.sms.statuses import RANKS, Reported, shown_of
from desk.model.message import DeliveryState

reports = st.lists(
    st.builds(Reported, st.sampled_from(sorted(RANKS)), st.sampled_from([None, "30003", "30007"])), max_size=8
)


def test_all_24_orders_of_a_delivery_end_delivered() -> None:
    told = [Reported(one) for one in ("queued", "sending", "sent", "delivered")]
    shown = [shown_of(order) for order in permutations(told)]
    assert {one and one.state for one in shown} == {DeliveryState.DELIVERED}


def test_a_failure_ends_it_with_its_reason_whatever_comes_late() -> None:
    told = [Reported("queued"), Reported("sent"), Reported("undelivered", "30003"), Reported("sending")]
    for order in permutations(told):
        shown = shown_of(order)
        assert shown and shown.is_failed
        assert "switched off or out of reach" in shown.sentence


@settings(deadline=None)  # a busy machine is no fault of the rule
@given(reports, st.randoms())
def test_the_order_never_matters(told: list[Reported], dice: Random) -> None:
    shuffled = list(told)
    dice.shuffle(shuffled)
    assert shown_of(shuffled) == shown_of(told)


@settings(deadline=None)  # a busy machine is no fault of the rule
@given(reports)
def test_a_code_that_was_told_is_still_said(told: list[Reported]) -> None:
    shown = shown_of(told)
    if any(one.error_code for one in told):
        assert shown and any(code in shown.sentence for code in ("30003", "30007"))


def test_a_word_that_we_do_not_know_shows_nothing() -> None:
    assert shown_of([Reported("levitating")]) is None
