"""What goes together: planted pairs are found with their size; where nothing is, next to nothing is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from desk.insights.correlations import Counted, Together, looked_at

tables = some.lists(
    some.integers(1, 500).flatmap(lambda n: some.tuples(some.just(n), some.integers(0, n))),
    min_size=2,
    max_size=6,
).map(lambda rows: [Counted("queue", f"q{at}", "missed", *row) for at, row in enumerate(rows)])


def a_desk(dice: np.random.Generator, *, planted: int = 0) -> list[Counted]:
    """Forty facts of four values over 2,000 cases; in the first ones a value doubles the risk of 1 in 10."""
    rows = []
    for fact in range(40):
        for value in range(4):
            risk = 0.2 if fact < planted and value == 0 else 0.1
            rows.append(Counted(f"f{fact}", f"v{value}", "missed", 500, int(dice.binomial(500, risk))))
    return rows


def test_the_formula_on_paper() -> None:
    """30 of 100 beside 20 of 200: three times as many; chi-square 19.2, 20 more than of as many others."""
    rows = [Counted("channel", "chat", "missed", 100, 30), Counted("channel", "email", "missed", 200, 20)]
    chat = next(one for one in looked_at(rows) if one.value == "chat")
    assert chat.ratio == pytest.approx(3)
    assert (chat.low, chat.high) == pytest.approx((1.797, 5.008), abs=0.002)
    assert chat.strength == pytest.approx((19.2 / 300) ** 0.5)
    assert chat.chance == pytest.approx(1.18e-5, rel=0.01)
    assert chat.excess == pytest.approx(20)
    assert chat.is_worth_a_look


@given(tables)
def test_ratios_lie_in_their_interval_and_strengths_are_possible(rows: list[Counted]) -> None:
    for one in looked_at(rows):
        assert one.low <= one.ratio <= one.high
        assert 0 <= one.strength <= 1 + 1e-9
        assert 0 <= one.chance <= one.adjusted <= 1


def test_what_was_planted_is_found_and_hardly_anything_else() -> None:
    false, found = [], 0
    for seed in range(60):
        told = [
            one for one in looked_at(a_desk(np.random.default_rng(seed), planted=5)) if one.is_worth_a_look
        ]
        # Where one value has more, the others of its fact have less than the rest: that is no false find.
        wrong = sum(one.fact not in {f"f{fact}" for fact in range(5)} for one in told)
        false.append(wrong / max(1, len(told)))
        found += sum(one.value == "v0" and one.ratio > 1 for one in told)
    assert np.mean(false) <= 0.05
    assert found >= 0.95 * 5 * 60


def test_where_nothing_is_nearly_always_nothing_is_said() -> None:
    def said(seed: int) -> list[Together]:
        return [one for one in looked_at(a_desk(np.random.default_rng(seed))) if one.is_worth_a_look]

    assert sum(bool(said(seed)) for seed in range(100)) <= 11


def test_few_cases_and_nothing_at_all_are_no_pair() -> None:
    few = [Counted("tier", "gold", "missed", 9, 9), Counted("tier", "bronze", "missed", 900, 9)]
    assert looked_at(few) == []
    assert looked_at([Counted("tier", "gold", "missed", 500, 90)]) == []
    without = [Counted("category", "", "missed", 500, 90), Counted("category", "Tax", "missed", 500, 10)]
    assert [one.value for one in looked_at(without)] == ["Tax"]
