"""Handle times are learnt from cases: of who is fast, of few cases, of cases that were left lying."""

from __future__ import annotations

import random
from math import exp

import pytest

from desk.routing.handling import Handled, learn
from desk.routing.known_policies import DESK
from desk.routing.learning import WORK_SPREAD


def cases(agent: int, count: int, minutes: float, *, topic: str = "7", **more: float) -> list[Handled]:
    dice = random.Random(f"{agent} {topic} {minutes}")
    took = (minutes * exp(dice.gauss(0, WORK_SPREAD)) for _ in range(count))
    return [Handled(agent, topic, "email", each, **more) for each in took]


def test_whoever_takes_half_the_time_counts_as_faster_and_is_told_their_own_minutes() -> None:
    found = learn([*cases(1, 200, 5.0), *cases(2, 200, 10.0)], DESK)
    fast, slow = (found[agent, "7"] for agent in (1, 2))
    assert fast.speed(1.0) / slow.speed(1.0) == pytest.approx(2.0, rel=0.2)
    assert fast.usual("email", 1.0) == pytest.approx(5.0, rel=0.2)
    assert slow.usual("email", 1.0) == pytest.approx(10.0, rel=0.2)
    assert slow.usual("chat", 1.0) is None


def test_what_levels_say_holds_until_cases_say_otherwise() -> None:
    # Both take the same time, one of them rated slower: few cases leave that so, many do not.
    few = learn([*cases(1, 2, 7.0, rated=0.7), *cases(2, 400, 7.0)], DESK)
    many = learn([*cases(1, 400, 7.0, rated=0.7), *cases(2, 400, 7.0)], DESK)
    assert few[1, "7"].speed(0.7) < 0.85
    assert many[1, "7"].speed(0.7) / many[2, "7"].speed(1.0) == pytest.approx(1.0, rel=0.12)
    assert few[1, "7"].usual("email", 0.7) is None


def test_a_topic_that_takes_longer_makes_nobody_slow() -> None:
    found = learn([*cases(1, 200, 30.0, topic="9"), *cases(2, 200, 6.0)], DESK)
    assert found[1, "9"].speed(1.0) == pytest.approx(1.0, rel=0.15)
    assert found[2, "7"].speed(1.0) == pytest.approx(1.0, rel=0.15)


def test_cases_left_lying_overnight_move_a_speed_only_a_little() -> None:
    others = cases(2, 200, 7.0)
    before = learn([*cases(1, 40, 7.0), *others], DESK)[1, "7"].speed(1.0)
    lying = [Handled(1, "7", "email", 900.0) for _ in range(3)]
    after = learn([*cases(1, 40, 7.0), *lying, *others], DESK)[1, "7"].speed(1.0)
    assert 0.85 * before < after < before


def test_old_cases_count_less_and_nobody_counts_more_than_twice_as_fast() -> None:
    then, now = cases(1, 100, 14.0, days_ago=180.0), cases(1, 100, 5.0)
    found = learn([*then, *now, *cases(2, 200, 7.0)], DESK)[1, "7"]
    assert found.speed(1.0) > 1.1
    hasty = learn([*cases(1, 300, 0.3), *cases(2, 300, 7.0), *cases(3, 300, 7.0)], DESK)[1, "7"]
    assert hasty.speed(1.0) == pytest.approx(2.0)


def test_nothing_is_learnt_from_nothing() -> None:
    assert learn([], DESK) == {}
