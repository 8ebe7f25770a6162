"""How long a process rests before it comes back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desk.cli.supervisor import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, pause_after


def test_a_first_death_costs_a_second() -> None:
    assert pause_after(1) == FIRST_PAUSE_SECONDS


@given(st.integers(1, 10_000))
def test_a_pause_never_shrinks_and_never_passes_the_longest(deaths: int) -> None:
    assert pause_after(deaths) <= pause_after(deaths + 1) <= LONGEST_PAUSE_SECONDS
