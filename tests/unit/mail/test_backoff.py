"""Trying again: never at once, never in step with others, never for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.channels.email.backoff import GIVE_UP_AFTER, next_try, reconnect_after

# hypothesis wants its bounds without a zone and adds it.
moments = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001
    max_value=datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4))
chances = st.floats(min_value=0, max_value=1, exclude_max=True)


@given(st.integers(0, 1000), moments, spans, chances)
def test_a_next_try_is_later_within_the_hour_and_never_after_two_days(
    attempts: int, first_try: datetime, waited: timedelta, chance: float
) -> None:
    now = first_try + waited
    following = next_try(attempts, first_try, now, lambda: chance)
    if waited >= GIVE_UP_AFTER:
        assert following is None
    else:
        assert following is not None
        assert now < following <= min(now + timedelta(hours=1), first_try + GIVE_UP_AFTER)


@given(st.integers(1, 3), moments)
def test_more_failures_wait_longer(attempts: int, now: datetime) -> None:
    waits = [next_try(number, now, now, lambda: 0.5) for number in (attempts, attempts + 1)]
    assert waits == sorted(waits, key=lambda moment: moment or now)
    assert waits[0] != waits[1]


@given(chances)
def test_a_letter_is_tried_at_least_hourly_and_given_up_after_two_days(chance: float) -> None:
    first_try = now = datetime(2026, 11, 24, tzinfo=UTC)
    attempts = 1
    while following := next_try(attempts, first_try, now, lambda: chance):
        now = following
        attempts += 1
    assert now == first_try + GIVE_UP_AFTER
    assert 50 <= attempts <= 500


@given(st.integers(0, 10_000), chances)
def test_a_mailbox_is_left_alone_between_a_second_and_five_minutes(failures: int, chance: float) -> None:
    wait = reconnect_after(failures, lambda: chance)
    assert timedelta(seconds=1) <= wait <= timedelta(minutes=5)
