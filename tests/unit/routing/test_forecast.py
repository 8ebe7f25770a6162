"""The forecast on made-up weeks: nearer than last week again, with intervals that hold, or refused."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from desk.model.errors import Invalid
from desk.routing.forecast import SLOTS, forecast

MONDAY = date(2026, 1, 5)
WEEK = (1.25, 1.1, 1.0, 1.0, 0.95, 0.4, 0.3)
Array = NDArray[np.float64]
SEEDS, DAYS, AHEAD = 12, 84, 7


def rates(*, days: int = DAYS + AHEAD, a_day: float = 200.0, growth: float = 0.002) -> Array:
    """What is to be expected of each half hour: two peaks, a week, and growth."""
    hours = np.arange(SLOTS) / 2
    shape = np.exp(-((hours - 10.5) ** 2) / 6) + 0.7 * np.exp(-((hours - 15) ** 2) / 8)
    level = a_day * (1 + growth) ** np.arange(days) * np.array([WEEK[n % 7] for n in range(days)])
    found: Array = level[:, None] * shape / shape.sum()
    return found


def weeks(seed: int, *, days: int = DAYS + AHEAD, growth: float = 0.002) -> NDArray[np.int_]:
    """Who came, on days of which each has a busyness (10 %) that nobody can know."""
    dice = np.random.default_rng(seed)
    busy = dice.gamma(100, 1 / 100, size=days)
    came: NDArray[np.int_] = dice.poisson(rates(days=days, growth=growth) * busy[:, None])
    return came


def test_it_is_nearer_than_last_week_and_than_the_mean_of_four_and_nine_of_ten_lie_within() -> None:
    errors = {"ours": 0.0, "last week": 0.0, "four weeks": 0.0}
    within, told, expected = 0, 0, rates()[DAYS:]
    for seed in range(SEEDS):
        came = weeks(seed)
        history, truth = came[:DAYS], came[DAYS:]
        for ahead, day in enumerate(forecast(history.tolist(), MONDAY, AHEAD)):
            assert day.day == MONDAY + timedelta(days=DAYS + ahead)
            same = [history[DAYS - 7 * back + ahead] for back in (1, 2, 3, 4)]
            errors["ours"] += np.abs(expected[ahead] - day.mean).sum()
            errors["last week"] += np.abs(expected[ahead] - same[0]).sum()
            errors["four weeks"] += np.abs(expected[ahead] - np.mean(same, axis=0)).sum()
            open_now = np.array(day.mean) > 1
            hit = (truth[ahead] >= day.low) & (truth[ahead] <= day.high)
            within, told = within + int(hit[open_now].sum()), told + int(open_now.sum())
    assert errors["ours"] < 0.85 * errors["four weeks"] < 0.6 * errors["last week"]
    assert 0.87 <= within / told <= 0.97


def test_growth_is_followed_where_it_is_plain_and_chance_is_not_taken_for_it() -> None:
    grown = weeks(1, days=DAYS, growth=0.01)
    told = sum(sum(day.mean) for day in forecast(grown.tolist(), MONDAY, 7)) / 7
    assert told > 1.1 * grown[-28:].sum() / 28
    flat = weeks(2, days=DAYS, growth=0.0)
    assert sum(sum(day.mean) for day in forecast(flat.tolist(), MONDAY, 7)) / 7 == pytest.approx(
        flat[-28:].sum() / 28, rel=0.06
    )


def test_a_holiday_teaches_nothing_and_a_day_off_each_week_is_expected() -> None:
    came = weeks(3, days=DAYS)
    came[6::7] = 0
    plain = forecast(came.tolist(), MONDAY, 7)
    came[-7] = 0
    after = forecast(came.tolist(), MONDAY, 7)
    assert sum(after[-1].mean) == 0 and max(after[-1].high) == 0
    assert sum(after[0].mean) == pytest.approx(sum(plain[0].mean), rel=0.08)


def test_too_short_a_history_is_refused_in_words_and_so_is_an_empty_one() -> None:
    with pytest.raises(Invalid, match="too short to forecast from: 27 whole days, and it takes 28"):
        forecast(weeks(4, days=27).tolist(), MONDAY, 7)
    with pytest.raises(Invalid, match="Nobody came in these weeks"):
        forecast([[0] * SLOTS] * 40, MONDAY, 7)
