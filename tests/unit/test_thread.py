"""Two threads as one: nothing lost, nothing doubled, and each in its own order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.model.message import MessageKind
from desk.model.thread import Place, interleaved, numbered, read_to

START = datetime(2026, 3, 2, tzinfo=UTC)
KINDS = st.sampled_from([MessageKind.INBOUND, MessageKind.OUTBOUND])


def thread_of(case_id: int) -> st.SearchStrategy[list[Place]]:
    said = st.lists(st.tuples(st.integers(0, 9), KINDS), max_size=12)
    return said.map(
        lambda all_said: [
            Place(case_id * 100 + n, case_id, n, START + timedelta(minutes=minute), kind)
            for n, (minute, kind) in enumerate(all_said, 1)
        ]
    )


@given(thread_of(1), thread_of(2))
def test_every_message_is_there_once_and_each_thread_keeps_its_order(
    one: list[Place], other: list[Place]
) -> None:
    whole = interleaved(one, other)
    assert [place for place in whole if place.case_id == 1] == one
    assert [place for place in whole if place.case_id == 2] == other
    assert sorted(numbered(whole).values()) == list(range(1, len(one) + len(other) + 1))


@given(
    thread_of(1).map(lambda t: sorted(t, key=lambda p: p.at)),
    thread_of(2).map(lambda t: sorted(t, key=lambda p: p.at)),
)
def test_threads_that_are_in_order_of_time_are_so_together(one: list[Place], other: list[Place]) -> None:
    moments = [place.at for place in interleaved(one, other)]
    assert moments == sorted(moments)


@given(thread_of(1), st.sets(st.integers(100, 112)))
def test_everything_inbound_up_to_the_reading_is_read_and_the_next_is_not(
    thread: list[Place], read: set[int]
) -> None:
    placed = [(place.position, place) for place in thread]
    reached = read_to(placed, read)
    inbound = [place for _, place in placed if place.is_inbound]
    assert all(place.message_id in read for place in inbound if place.position <= reached)
    unread = [place for place in inbound if place.position > reached]
    assert not unread or unread[0].message_id not in read or unread[0].position == reached + 1
