"""A planned look says what its weeks say, in figures and in words, and nothing of later ones."""

from __future__ import annotations

import numpy as np

from desk.insights.looks import day_of, detectable, look_at

CHANGED = 84
UNTOUCHED = list(range(1, 28))
NEAR = [1, 2, 3]


def days(fall: float, *, moved: float = 0.0, after: int = day_of(6)) -> np.ndarray:
    dice = np.random.default_rng(5)
    rates = np.full((28, CHANGED + after), 20.0)
    rates[0, CHANGED:] *= 1 - fall
    rates[1, CHANGED:] += 20 * moved
    return dice.poisson(rates).astype(np.int64)


def test_a_clear_fall_is_proven_and_told_beside_its_controls() -> None:
    look = look_at(days(0.5), 0, CHANGED, UNTOUCHED, NEAR, 4)
    assert look.proven
    assert look.effect is not None
    assert look.effect.controls == 24
    assert look.why.startswith("Fewer ask")
    assert look.weeks_before == 12
    assert len(look.topic_shares) == len(look.control_shares) == 16
    assert max(look.topic_shares[12:]) < 0.75 < min(look.control_shares)


def test_an_interval_that_spans_zero_proves_nothing_and_says_so() -> None:
    look = look_at(days(0.0), 0, CHANGED, UNTOUCHED, NEAR, 6)
    assert not look.proven
    assert "spans zero" in look.why


def test_too_few_topics_to_compare_with_are_named() -> None:
    look = look_at(days(0.5), 0, CHANGED, UNTOUCHED[:12], NEAR, 4)
    assert not look.proven
    assert "9 other topics" in look.why


def test_what_is_asked_next_door_instead_is_seen() -> None:
    look = look_at(days(0.5, moved=0.6), 0, CHANGED, UNTOUCHED, NEAR, 4)
    assert look.together is not None
    assert look.effect is not None
    assert look.together.change < look.effect.change / 3
    assert look.moved


def test_a_look_does_not_see_later_days() -> None:
    longer = days(0.3)
    assert look_at(longer, 0, CHANGED, UNTOUCHED, NEAR, 2) == look_at(
        longer[:, : CHANGED + day_of(2)], 0, CHANGED, UNTOUCHED, NEAR, 2
    )


def test_nothing_before_the_change_tells_nothing() -> None:
    look = look_at(days(0.3)[:, CHANGED - 5 :], 0, 5, UNTOUCHED, NEAR, 2)
    assert (look.proven, look.effect) == (False, None)
    assert "two weeks" in look.why


def test_what_can_be_found_is_told_beforehand_or_not_at_all() -> None:
    found = detectable(days(0.0), 0, UNTOUCHED, NEAR)
    assert found is not None
    assert 0.02 < found < 0.3
    assert detectable(days(0.0), 0, UNTOUCHED[:9], NEAR) is None
    assert detectable(days(0.0)[:, :50], 0, UNTOUCHED, NEAR) is None
