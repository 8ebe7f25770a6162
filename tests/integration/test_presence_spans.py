"""Presence is remembered: spans follow each other, and say who was available for how long."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from desk.actions.routing.presence import change_presence, put_silent_offline, seen
from desk.model.presence import PresenceSpan, PresenceState
from desk.store.routing.presence_spans import available_minutes, available_spans, forget_old_spans
from desk.store.unit_of_work import Store
from tests.people import MORNING, STAGE, Cast, minutes

AVAILABLE, AWAY, OFFLINE = PresenceState.AVAILABLE, PresenceState.AWAY, PresenceState.OFFLINE


def be(store: Store, agent_id: int, state: PresenceState, minute: float, cause: str = "") -> None:
    with store.unit_of_work(STAGE, now=minutes(minute)) as work:
        change_presence(work, agent_id, state, cause=cause)


def told(store: Store, begin: float, end: float, *, now: float = 1000) -> dict[int, float]:
    with store.reading(STAGE, now=minutes(now)) as work:
        return available_minutes(work.session, minutes(begin), minutes(end), now=work.now)


def test_spans_follow_each_other_without_a_gap(store: Store, cast: Cast) -> None:
    for state, at in ((AVAILABLE, 0), (AVAILABLE, 5), (AWAY, 30), (AVAILABLE, 45), (OFFLINE, 60)):
        be(store, cast.ada.id, state, at)
    with store.reading(STAGE) as work:
        spans = work.session.scalars(select(PresenceSpan).order_by(PresenceSpan.id)).all()
        shown = [(one.state, one.since, one.until) for one in spans]
    assert shown == [
        (AVAILABLE, minutes(0), minutes(30)),
        (AWAY, minutes(30), minutes(45)),
        (AVAILABLE, minutes(45), minutes(60)),
        (OFFLINE, minutes(60), None),
    ]


def test_available_minutes_are_cut_to_the_period_and_to_now(store: Store, cast: Cast) -> None:
    be(store, cast.ada.id, AVAILABLE, 0)
    be(store, cast.ada.id, AWAY, 30)
    be(store, cast.ben.id, AVAILABLE, 20)
    assert told(store, 0, 60, now=50) == {cast.ada.id: 30, cast.ben.id: 30}
    assert told(store, 10, 25) == {cast.ada.id: 15, cast.ben.id: 5}
    assert told(store, 100, 200) == {cast.ben.id: 100}
    assert told(store, -60, 0) == {}


def test_who_fell_silent_is_remembered_as_gone(store: Store, cast: Cast) -> None:
    be(store, cast.ada.id, AVAILABLE, 0)
    with store.unit_of_work(STAGE, now=minutes(10)) as work:
        assert put_silent_offline(work) == 1
    with store.reading(STAGE, now=minutes(60)) as work:
        spans = available_spans(work.session, MORNING, minutes(60), now=work.now)
    assert [(one.agent_id, one.until) for one in spans] == [(cast.ada.id, minutes(10))]


def test_a_sign_of_life_writes_no_span(store: Store, cast: Cast) -> None:
    be(store, cast.ada.id, AVAILABLE, 0)
    with store.unit_of_work(STAGE, now=minutes(1)) as work:
        seen(work, cast.ada.id)
    with store.reading(STAGE) as work:
        assert work.session.scalar(select(func.count()).select_from(PresenceSpan)) == 1


def test_a_deed_that_is_undone_leaves_no_span(store: Store, cast: Cast) -> None:
    try:
        with store.unit_of_work(STAGE, now=MORNING) as work:
            change_presence(work, cast.ada.id, AVAILABLE)
            raise RuntimeError("the deed failed")
    except RuntimeError:
        pass
    assert told(store, 0, 60) == {}


def test_a_deed_that_began_earlier_and_came_later_ends_no_span_before_it_began(
    store: Store, cast: Cast
) -> None:
    be(store, cast.ada.id, AVAILABLE, 10)
    be(store, cast.ada.id, AWAY, 9.99)
    assert told(store, 0, 60) == {}


def test_old_spans_are_forgotten_and_the_lasting_one_is_kept(store: Store, cast: Cast) -> None:
    be(store, cast.ada.id, AVAILABLE, 0)
    be(store, cast.ada.id, AWAY, 30)
    be(store, cast.ada.id, AVAILABLE, 40)
    with store.unit_of_work(STAGE, now=minutes(100)) as work:
        forget_old_spans(work.session, work.now - timedelta(minutes=65))
    assert told(store, 0, 100, now=100) == {cast.ada.id: 60}
