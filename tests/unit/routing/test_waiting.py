"""What is said of a wait: a span the line has shown, growing with the place, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.routing.waiting import ENOUGH, Taken, expected_wait, steps_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
seconds = st.integers(1, 600)


def a_line(steps: list[int]) -> list[Taken]:
    """A line that was never empty: each head stood there for so many seconds, the last until noon."""
    taken, moment = [], NOON
    for step in reversed(steps):
        taken.append(Taken(NOON - timedelta(hours=2), moment))
        moment -= timedelta(seconds=step)
    taken.append(Taken(moment - timedelta(seconds=1), moment))
    return taken


lines = st.lists(st.integers(1, 120), min_size=ENOUGH, max_size=20).map(a_line)


@given(st.lists(seconds, max_size=ENOUGH - 2).map(a_line), st.integers(1, 50))
def test_too_little_was_seen_to_say_anything(line: list[Taken], place: int) -> None:
    assert expected_wait(place, line, NOON) is None


@given(lines, st.integers(1, 50))
def test_a_wait_is_a_span_and_never_shrinks_with_the_place(line: list[Taken], place: int) -> None:
    here, behind = expected_wait(place, line, NOON), expected_wait(place + 1, line, NOON)
    assert here is not None
    assert behind is not None
    assert timedelta() <= here.low <= here.high
    assert here.low <= behind.low
    assert here.high <= behind.high


@given(lines, st.integers(1, 50), st.randoms())
def test_the_order_in_which_it_is_told_does_not_matter(line: list[Taken], place: int, chance) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(line)
    chance.shuffle(shuffled)
    assert expected_wait(place, shuffled, NOON) == expected_wait(place, line, NOON)


def test_time_in_which_nobody_waited_does_not_count() -> None:
    quiet = [
        Taken(NOON - timedelta(minutes=10 * n, seconds=20), NOON - timedelta(minutes=10 * n))
        for n in range(5)
    ]
    assert steps_of(quiet, NOON) == [timedelta(seconds=20)] * 5


def test_what_is_longer_ago_than_an_hour_is_no_evidence() -> None:
    old = [Taken(NOON - timedelta(hours=2), NOON - timedelta(minutes=61 + n)) for n in range(9)]
    assert expected_wait(1, old, NOON) is None
