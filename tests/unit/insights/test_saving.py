"""What a change would spare is a span that what was measured here narrows and moves."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.insights.saving import Saving, saving_of


def saved(contacts: int = 80, measured: tuple[float, ...] = (), **given: float) -> Saving:
    values = {"repeat_rate": 0.1, "minutes": 6.0} | given
    return saving_of(contacts=contacts, weeks=4, hits=40, of=80, measured=measured, **values)


def test_the_span_holds_what_the_formula_yields_of_the_middles() -> None:
    found = saved()
    by_hand = 20 * 52 * 0.5 * (1 / 3) * 1.1 * 0.1
    assert found.hours[0] < by_hand < found.hours[2]
    assert abs(found.hours[1] / by_hand - 1) < 0.15


def test_the_same_dice_give_the_same_figures() -> None:
    assert saved() == saved()


def test_what_was_measured_here_moves_the_guess_and_narrows_it() -> None:
    guess, known = saved(), saved(measured=(0.1, 0.12, 0.09, 0.11))
    assert known.effect[1] < guess.effect[1]
    assert known.effect[2] - known.effect[0] < guess.effect[2] - guess.effect[0]
    assert saved(measured=(-0.4,)).effect[0] >= 0


@settings(max_examples=30)
@given(st.integers(0, 500), st.integers(0, 50), st.integers(0, 50), st.floats(0, 60))
def test_the_span_is_a_span(contacts: int, hits: int, of: int, minutes: float) -> None:
    found = saving_of(contacts=contacts, weeks=4, hits=hits, of=of, repeat_rate=0.0, minutes=minutes)
    assert 0 <= found.hours[0] <= found.hours[1] <= found.hours[2]
