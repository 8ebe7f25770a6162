"""Speeds are learnt from how long cases took."""

from __future__ import annotations

import random
from math import exp

import pytest

from desk.routing.learning import PRIOR_SPREAD, WORK_SPREAD, Belief, speeds


@pytest.mark.parametrize("speed", [0.6, 1.0, 1.4])
def test_after_many_cases_the_speed_is_known(speed: float) -> None:
    dice = random.Random(4)
    belief = Belief()
    for _ in range(400):
        work = 7.0 * exp(dice.gauss(-(WORK_SPREAD**2) / 2, WORK_SPREAD))
        belief = belief.after(7.0, work / speed)
    assert belief.speed == pytest.approx(speed, rel=0.1)


def test_one_long_case_moves_a_belief_only_a_little() -> None:
    assert 0.7 < Belief().after(7.0, 70.0).speed < 1.0


def test_what_was_learnt_fades_and_never_below_the_prior() -> None:
    learnt = Belief().after(7.0, 7.0).after(7.0, 7.0)
    assert Belief().precision < learnt.faded(0.5).precision < learnt.precision
    assert learnt.faded(0.0).precision == pytest.approx(PRIOR_SPREAD**-2)
    assert learnt.faded(0.0).mean == learnt.mean


def test_speeds_are_told_by_agent_and_topic() -> None:
    assert speeds({1: {"billing": Belief()}}) == {1: {"billing": 1.0}}
