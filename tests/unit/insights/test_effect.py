"""An effect is proven beside topics that nobody touched, and only then."""

from __future__ import annotations

import numpy as np
import pytest

from desk.insights.effect import controls_for, effect_of, first_proven

CHANGED = 84
CONTROLS = range(1, 25)


def days(fall: float = 0.0, *, seed: int = 4, after: int = 63, season: float = 1.0) -> np.ndarray:
    dice = np.random.default_rng(seed)
    rates = np.full((25, CHANGED + after), 20.0)
    rates[:, CHANGED:] *= season
    rates[0, CHANGED:] *= 1 - fall
    return dice.poisson(rates).astype(np.int64)


def test_a_fall_is_found_with_its_size() -> None:
    found = effect_of(days(0.4), 0, CHANGED, CONTROLS)
    assert found.proven
    assert found.low < 0.4 < found.high
    assert abs(found.change - 0.4) < 0.1
    assert 0 < found.detectable < 0.3


def test_a_season_that_all_share_is_no_effect() -> None:
    found = effect_of(days(0.0, season=0.5), 0, CHANGED, CONTROLS)
    assert not found.proven
    assert found.low < 0 < found.high


def test_a_fall_that_began_before_the_change_is_not_proven() -> None:
    counts = days(0.4)
    counts[0, CHANGED - 28 : CHANGED] = counts[0, CHANGED - 28 : CHANGED] // 2
    found = effect_of(counts, 0, CHANGED, CONTROLS)
    assert found.trend_p < 0.05
    assert not found.proven


def test_the_burst_that_led_to_the_change_is_left_out() -> None:
    counts = days(0.0)
    counts[0, CHANGED - 14 : CHANGED] *= 4
    with_burst = effect_of(counts, 0, CHANGED, CONTROLS)
    without = effect_of(counts, 0, CHANGED, CONTROLS, excluded=range(CHANGED - 14, CHANGED))
    assert with_burst.change > 0.2
    assert abs(without.change) < 0.1


def test_too_few_controls_are_weak_however_clear_it_seems() -> None:
    found = effect_of(days(0.6), 0, CHANGED, range(1, 10))
    assert found.weak
    assert not found.proven


def test_controls_are_large_enough_and_never_the_topic() -> None:
    counts = days()
    counts[5] //= 10
    assert controls_for(counts, 0, CHANGED, range(8)) == [1, 2, 3, 4, 6, 7]


def test_weekly_looks_stop_at_the_first_that_proves_it() -> None:
    looks = range(21, 64, 7)
    assert first_proven(days(0.4), 0, CHANGED, CONTROLS, looks) == 21
    assert first_proven(days(0.0), 0, CHANGED, CONTROLS, looks) is None


@pytest.mark.parametrize(("changed", "controls"), [(10, CONTROLS), (140, CONTROLS), (CHANGED, [1])])
def test_what_cannot_be_told_is_refused(changed: int, controls: list[int]) -> None:
    with pytest.raises(ValueError, match="at least two"):
        effect_of(days(), 0, changed, controls)
