"""The held-out share: drawn evenly and for good, and what the difference says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from desk.insights.holdout import Stratum, held_out, spared

sides = some.integers(1, 400).flatmap(lambda n: some.tuples(some.just(n), some.integers(0, n)))
strata = some.lists(
    some.tuples(sides, sides).map(lambda both: Stratum(*both[0], *both[1])), min_size=1, max_size=5
)


def test_the_draw_is_even_stays_and_grows_with_the_share() -> None:
    keys = [f"browser {number}" for number in range(5000)]
    drawn = {key for key in keys if held_out(key, 10, "suggestions")}
    assert 430 < len(drawn) < 570
    assert drawn == {key for key in keys if held_out(key, 10, "suggestions")}
    assert drawn < {key for key in keys if held_out(key, 20, "suggestions")}
    assert not any(held_out(key, 0, "suggestions") for key in keys)
    assert len(drawn & {key for key in keys if held_out(key, 10, "message 7")}) < 90


@given(strata)
def test_the_interval_holds_the_difference_and_stays_possible(those: list[Stratum]) -> None:
    found = spared(those)
    assert found is not None
    assert -1 <= found.low <= found.points <= found.high <= 1
    assert not (found.proven and found.harmful)


@given(strata)
def test_the_other_way_round_it_is_the_opposite(those: list[Stratum]) -> None:
    turned = [Stratum(one.held, one.held_contacts, one.given, one.given_contacts) for one in those]
    found, other = spared(those), spared(turned)
    assert found is not None and other is not None
    assert (found.points, found.low, found.high) == pytest.approx((-other.points, -other.high, -other.low))


def test_newcombes_own_example_comes_out() -> None:
    # Newcombe 1998, table II, row (a), method 10: 56/70 less 48/80.
    found = spared([Stratum(80, 48, 70, 56)])
    assert found is not None
    assert (found.points, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


def test_a_rush_while_fewer_were_held_out_is_no_effect() -> None:
    quiet, rush = Stratum(500, 50, 500, 50), Stratum(1800, 900, 200, 100)
    found = spared([quiet, rush])
    assert found is not None and found.points == pytest.approx(0)


def test_a_few_prove_nothing_and_many_do() -> None:
    few, many = spared([Stratum(40, 0, 20, 20)]), spared([Stratum(4000, 800, 400, 140)])
    assert few is not None and not few.proven
    assert many is not None and many.proven and many.contacts[0] == pytest.approx(600)
    worse = spared([Stratum(4000, 1400, 400, 80)])
    assert worse is not None and worse.harmful
    assert spared([Stratum(100, 10, 0, 0)]) is None
