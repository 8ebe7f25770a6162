"""What rises beyond its share is told; what rises with everything is not."""

from __future__ import annotations

import numpy as np
import pytest

from desk.insights.bursts import FIRST_DAY, watched

DAYS = FIRST_DAY + 20


def usual(seed: int = 1, topics: int = 10, rate: float = 20) -> np.ndarray:
    return np.random.default_rng(seed).poisson(rate, (topics, DAYS)).astype(np.int64)


def test_a_trebling_is_told_on_its_day() -> None:
    counts = usual()
    counts[3, -1] = 70
    seen = watched(counts)
    assert seen.alarms[:, -1].tolist() == [False] * 3 + [True] + [False] * 6
    assert 15 < seen.expected[3, -1] < 26
    assert seen.excess[3, -1] > 5


def test_a_rise_that_goes_on_is_told_within_days() -> None:
    counts = usual()
    counts[0, -8:] = 32
    assert watched(counts).alarms[0, -8:].any()


def test_a_rush_in_everything_is_no_burst() -> None:
    counts = usual()
    counts[:, -3:] *= 3
    assert not watched(counts).alarms[:, -3:].any()


def test_what_is_shown_as_usual_does_not_follow_a_single_day() -> None:
    counts = usual()
    counts[:, -1] *= 4
    counts[:, -2] //= 4
    seen = watched(counts)
    assert seen.expected[3, -1] > 3 * 20, "a test of today goes by all that is asked today"
    assert np.abs(np.diff(seen.level[3, FIRST_DAY:])).max() < 0.2 * 20
    assert 15 < seen.level[3, -1] < 25


def test_a_topic_with_a_weekday_of_its_own_is_expected_on_it() -> None:
    counts = usual()
    counts[2, np.arange(DAYS) % 7 == (DAYS - 1) % 7] = 55
    seen = watched(counts)
    assert not seen.alarms[2, -1]


def test_four_contacts_are_no_burst_and_the_first_weeks_are_not_judged() -> None:
    counts = usual()
    counts[5] = 0
    counts[5, -1] = 4
    counts[1, 10] = 500
    seen = watched(counts)
    assert not seen.alarms[5].any()
    assert not seen.alarms[:, :FIRST_DAY].any()
    assert np.isnan(seen.expected[:, :FIRST_DAY]).all()


@pytest.mark.parametrize("shape", [(0, 90), (1, 90), (3, 10)])
def test_few_topics_and_few_days_raise_nothing(shape: tuple[int, int]) -> None:
    assert not watched(np.zeros(shape, np.int64)).alarms.any()
