"""Overflow on a real database: others are offered what waits too long, see it, and are told why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis import Redis

from desk.actions.cases.detail import case_shown
from desk.actions.clocks.calendars import add_calendar
from desk.actions.routing.assignments import accept
from desk.actions.routing.line_time import next_overflow
from desk.actions.routing.offers import offer_all_waiting, offers_shown
from desk.actions.routing.presence import change_presence
from desk.actions.setup.kinds import QUEUES
from desk.actions.setup.rows import change
from desk.jobs.keep_lines import Lines, look
from desk.model.agent import Agent, Capacity
from desk.model.errors import Invalid
from desk.model.presence import PresenceState
from desk.model.queue import Queue
from desk.store.unit_of_work import Store, Work
from tests.people import STAGE, Cast, a_case, minutes


def comes(work: Work, agent: Agent, *, places: int) -> None:
    change_presence(work, agent.id, PresenceState.AVAILABLE)
    work.session.merge(Capacity(agent_id=agent.id, channel="email", limit=places))
    work.session.flush()


def reasons(work: Work, case_id: int) -> list[str]:
    told: list[str] = case_shown(work, case_id)["routing"]["reasons"]
    return told


def test_billing_is_offered_what_support_left_waiting_and_everybody_is_told_why(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(0)) as work:
        change(work, QUEUES, cast.support.id, {"overflow_queue_id": cast.billing.id, "overflow_minutes": 10})
        comes(work, cast.ada, places=0)
        comes(work, cast.ben, places=3)
        case_id = a_case(work, cast.cleo, queue=cast.support).id
    with store.unit_of_work(STAGE, now=minutes(9)) as work:
        assert offer_all_waiting(work) == 0
        assert "Billing may take it too if it still waits in 1 min" in reasons(work, case_id)
    with store.unit_of_work(STAGE, now=minutes(11)) as work:
        assert offer_all_waiting(work) == 1
    with store.unit_of_work(cast.actor(cast.ben), now=minutes(11)) as work:
        [offer] = offers_shown(work)
        assert (offer["case"]["id"], offer["queue"]) == (case_id, "Support")
        assert offer["sentence"].startswith("Ben Franklin: 0 of 3 places taken")
        assert accept(work, offer["id"]).queue_id == cast.support.id
        assert reasons(work, case_id)[0] == "Billing may take it too, for 1 min now: it waited for 10 min"


def test_while_a_queue_is_closed_by_its_calendar_the_other_one_helps_out_at_once(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(0)) as work:
        week = {day: [["10:00", "12:00"]] for day in ("mon", "tue")}
        add_calendar(work, {"name": "Late", "zone": "UTC", "days": week, "queue_ids": [cast.support.id]})
        change(work, QUEUES, cast.support.id, {"overflow_queue_id": cast.billing.id})
        comes(work, cast.ada, places=0)
        comes(work, cast.ben, places=3)
        case_id = a_case(work, cast.cleo, queue=cast.support).id
    with store.unit_of_work(STAGE, now=minutes(70)) as work:
        assert offer_all_waiting(work) == 0  # 10:10, open
    with store.unit_of_work(STAGE, now=minutes(190)) as work:
        assert offer_all_waiting(work) == 1  # 12:10
        told = case_shown(work, case_id)["routing"]
        assert "Billing may take it too, for 10 min now: Support is closed" in told["reasons"]


def test_the_clock_knows_the_moment_and_rings_then(store: Store, cast: Cast, redis_url: str) -> None:
    with store.unit_of_work(cast.actor(cast.sam), now=minutes(0)) as work:
        week = {day: [["08:00", "12:00"]] for day in ("mon", "tue")}
        add_calendar(work, {"name": "Early", "zone": "UTC", "days": week, "queue_ids": [cast.support.id]})
        change(work, QUEUES, cast.support.id, {"overflow_queue_id": cast.billing.id, "overflow_minutes": 10})
        assert next_overflow(work, minutes(0)) is None
        a_case(work, cast.cleo, queue=cast.billing)
        for at in (0, 3):
            a_case(work, cast.cleo, queue=cast.support, text="Help", at=minutes(at))
        moments = [next_overflow(work, minutes(at)) for at in (0, 10, 12.9, 13, 180)]
    noon = minutes(180)
    assert moments == [minutes(10), minutes(13), minutes(13), noon, noon + timedelta(hours=20 + 4)]
    redis = Redis.from_url(redis_url)
    redis.delete("desk:bell:offer_work")
    lines = Lines(rung=minutes(0), seen=minutes(0))
    assert look(store, redis, lines) == 0.0 and redis.exists("desk:bell:offer_work")
    assert lines.rung > minutes(180)
    redis.delete("desk:bell:offer_work")
    assert look(store, redis, lines) > 0.0 and not redis.exists("desk:bell:offer_work")


def test_a_queue_that_would_overflow_to_itself_or_to_what_is_not_offered_is_refused(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(cast.actor(cast.sam)) as work:
        change(work, QUEUES, cast.support.id, {"overflow_queue_id": cast.billing.id})
        for queue, values, why in (
            (cast.billing, {"overflow_queue_id": cast.support.id}, "Billing → Support → Billing"),
            (cast.billing, {"overflow_queue_id": cast.billing.id}, "Billing → Billing"),
            (cast.billing, {"overflow_queue_id": 999}, "There is no queue 999"),
            (cast.billing, {"pull": True}, "Other queues overflow to Billing"),
            (cast.support, {"pull": True}, "it has no overflow"),
        ):
            with work.session.begin_nested() as attempt:
                with pytest.raises(Invalid, match=why):
                    change(work, QUEUES, queue.id, values)
                attempt.rollback()
            work.session.expire_all()
        assert work.session.get_one(Queue, cast.billing.id).overflow_queue_id is None
