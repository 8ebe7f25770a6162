"""Who is leaving: found when their own habit breaks, left alone when it is only their season or chance."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from desk.customers.desertion import Desertion, desertion, months_ago
from tests.unit.customers.shoppers import UNTIL, Level, ledger, shopper

MANY = range(40)


def judged(*shoppers: list[tuple[int, float]], alive: float = 1.0, until: date = UNTIL) -> Desertion:
    return desertion(ledger(*shoppers), until, np.full(len(shoppers), alive))


def falling(ago: int) -> float:
    return 1000.0 if ago > 3 else (500.0, 625.0, 750.0, 875.0)[ago]


def halved(ago: int) -> float:
    return 1000.0 if ago > 3 else 500.0


def steady(ago: int) -> float:
    return 1000.0


def swinging(peak: int) -> Level:
    return lambda ago: 1000 * (1 + 0.8 * np.sin((ago + peak) * np.pi / 6))


def at_christmas(ago: int) -> float:
    return 5000.0 if ago % 12 == 0 else 300.0


@pytest.mark.parametrize("months", [8, 12, 20, 36])
@pytest.mark.parametrize("level", [falling, halved])
def test_a_thousand_a_month_that_falls_to_five_hundred_is_found(level: Level, months: int) -> None:
    found = judged(*(shopper(level, months, seed=seed) for seed in MANY))
    assert found.spends_less.mean() >= 0.95


@pytest.mark.parametrize("months", [8, 12, 20, 36])
def test_one_purchase_a_month_is_enough(months: int) -> None:
    found = judged(*(shopper(halved, months, a_month=1, seed=seed) for seed in MANY))
    assert found.spends_less.mean() >= 0.9


def test_what_a_manager_reads_is_the_habit_and_the_last_months() -> None:
    found = judged(shopper(halved, 20, noise=0.0))
    assert found.habit[0] == pytest.approx(1000, rel=0.05)
    assert found.lately[0] == pytest.approx(500, rel=0.05)


@pytest.mark.parametrize("months", [8, 12, 20, 36])
def test_who_goes_on_as_ever_is_left_alone(months: int) -> None:
    assert not judged(*(shopper(steady, months, seed=seed) for seed in MANY)).deserting.any()


@pytest.mark.parametrize("peak", range(12))
def test_a_season_seen_before_is_no_desertion(peak: int) -> None:
    found = judged(*(shopper(swinging(peak), 28, seed=seed) for seed in MANY), alive=0.2)
    assert found.deserting.mean() <= 0.03


@pytest.mark.parametrize("peak", range(12))
def test_who_buys_a_quarter_of_the_year_is_left_alone_in_the_others(peak: int) -> None:
    def level(ago: int) -> float:
        return 1000.0 if (ago + peak) % 12 < 3 else 0.0

    found = judged(*(shopper(level, 28, a_month=2, seed=seed) for seed in MANY), alive=0.1)
    assert not found.deserting.any()


def test_after_christmas_is_as_after_every_christmas() -> None:
    spring = date(2025, 4, 30)
    assert not judged(
        *(shopper(at_christmas, 36, seed=seed) for seed in MANY), until=spring
    ).spends_less.any()


@pytest.mark.parametrize("a_year", [2, 4, 8])
def test_sporadic_buyers_are_left_alone(a_year: int) -> None:
    dice = np.random.default_rng(a_year)
    end = UNTIL.toordinal()
    shoppers = [
        [(int(end - days), 100.0) for days in dice.uniform(0, 900, dice.poisson(a_year * 2.5) + 1)]
        for _ in range(300)
    ]
    assert judged(*shoppers, alive=0.4).deserting.mean() <= 0.03


def test_who_fell_silent_is_found_and_who_left_long_ago_is_not() -> None:
    end = UNTIL.toordinal()
    weekly = [(end - 120 - 7 * week, 20.0) for week in range(40)]
    long_gone = [(end - 500 - 7 * week, 20.0) for week in range(40)]
    found = judged(weekly, long_gone, alive=0.05)
    assert found.fell_silent.tolist() == [True, False]
    assert not judged(weekly, alive=0.9).fell_silent.any()


def test_months_are_whole_ones_counted_back_from_the_end() -> None:
    def ago(day: date, until: date) -> int:
        return int(months_ago(np.array([day.toordinal()], np.int32), until)[0])

    assert ago(date(2024, 6, 15), date(2024, 6, 15)) == 0
    assert ago(date(2024, 5, 16), date(2024, 6, 15)) == 0
    assert ago(date(2024, 5, 15), date(2024, 6, 15)) == 1
    assert ago(date(2024, 5, 31), date(2024, 6, 30)) == 1
    assert ago(date(2024, 1, 31), date(2024, 2, 29)) == 1
    assert ago(date(2023, 12, 31), date(2024, 12, 31)) == 12
