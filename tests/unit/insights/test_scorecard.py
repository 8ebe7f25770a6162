"""The judgements on a scorecard, and that every metric says what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.insights.scorecard import Course, Verdict, course, told, verdict
from desk.store.insights.metrics import METRICS, MISSING
from desk.store.insights.metrics.metric import Fold, Group, Unit, metric

FIGURES = st.floats(0, 1e6)


@pytest.mark.parametrize(
    ("value", "target", "more", "meant"),
    [
        (0.9, 0.9, True, Verdict.MET),
        (0.86, 0.9, True, Verdict.NEAR),
        (0.8, 0.9, True, Verdict.MISSED),
        (3600.0, 7200.0, False, Verdict.MET),
        (7500.0, 7200.0, False, Verdict.NEAR),
        (9000.0, 7200.0, False, Verdict.MISSED),
        (1.0, 0.0, False, Verdict.MISSED),
        (None, 0.9, True, Verdict.NONE),
        (0.9, None, True, Verdict.NONE),
    ],
)
def test_a_goal_is_met_near_or_missed(
    value: float | None, target: float | None, more: bool, meant: Verdict
) -> None:
    assert verdict(value, target, more_is_better=more) is meant


@given(st.lists(FIGURES, min_size=13, max_size=13))
def test_what_is_better_for_one_direction_is_worse_for_the_other(weeks: list[float]) -> None:
    other = {Course.BETTER: Course.WORSE, Course.WORSE: Course.BETTER, Course.STEADY: Course.STEADY}
    assert course(weeks, more_is_better=False) is other[course(weeks, more_is_better=True)]


def test_a_wiggle_is_no_trend_and_few_weeks_tell_none() -> None:
    assert course([10, 12, 11, 9, 10, 11, 12, 10, 11, 11, 10, 11, 11], more_is_better=True) is Course.STEADY
    assert course([10.0] * 9 + [14.0] * 4, more_is_better=True) is Course.BETTER
    assert course([None] * 6 + [10.0] * 3 + [14.0] * 4, more_is_better=True) is Course.UNKNOWN


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.8333, "share", "83.3 %"),
        (7500, "seconds", "2 h 5 min"),
        (45, "seconds", "45 s"),
        (12, "cases", "12"),
        (28.5714, "number", "28.57"),
        (1800.4, "money", "1,800 EUR"),
    ],
)
def test_a_figure_is_told_in_its_unit(value: float, unit: str, words: str) -> None:
    assert told(value, unit, "EUR") == words


def test_every_metric_says_what_it_is() -> None:
    for key, one in METRICS.items():
        assert key == one.key
        assert one.title, key
        assert len(one.title) < 50, key
        assert one.formula, key
        assert "." not in one.formula, f"{key}: the second paragraph is the formula"
        assert one.definition.endswith("."), key
        assert one.source.endswith("."), key
        assert not one.definition.startswith("Source"), key
    assert {one.group for one in METRICS.values()} == set(Group)
    assert all(why.endswith(".") for why in MISSING.values())


def test_a_docstring_becomes_what_people_read() -> None:
    @metric(Group.PEOPLE, Unit.SHARE, Fold.RATIO, more_is_better=True)
    def tea_time() -> str:
        """Time for tea.

        tea / time

        Tea is
        what counts. Time passes.

        Source: the kitchen.
        """
        return "SELECT 1"

    assert (tea_time.key, tea_time.title, tea_time.formula) == ("tea_time", "Time for tea", "tea / time")
    assert (tea_time.definition, tea_time.source) == ("Tea is what counts. Time passes.", "the kitchen.")
