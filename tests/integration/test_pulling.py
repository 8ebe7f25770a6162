"""The next case: taken by who asks, in the order of the live decision, never twice, and within limits."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from desk.actions.cases.detail import case_shown
from desk.actions.routing.assignments import assign
from desk.actions.routing.decisions import decisions_shown
from desk.actions.routing.offers import offer_all_waiting, offer_next
from desk.actions.routing.presence import change_presence
from desk.actions.routing.pulling import pull_next, queues_to_pull
from desk.model.agent import Agent, Capacity
from desk.model.assignment import Assignment, Offer
from desk.model.case import Case, CaseStatus, Priority
from desk.model.errors import Conflict, Forbidden, NotFound
from desk.model.presence import PresenceState
from desk.model.queue import Queue
from desk.routing.reason import recomputed
from desk.store.unit_of_work import Store, Work
from tests.people import STAGE, Cast, a_case, a_customer, an_agent, minutes

CASES, HANDS = 12, 4


@pytest.fixture(autouse=True)
def pulled(store: Store, cast: Cast) -> None:
    """Support is pulled from, three at a time; Ada has places for five mails."""
    with store.unit_of_work(STAGE, now=minutes(0)) as work:
        queue = work.session.get_one(Queue, cast.support.id)
        queue.pull, queue.pull_limit = True, 3


def test_nothing_of_a_pull_queue_is_offered_and_the_case_says_so(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(1)) as work:
        change_presence(work, cast.ada.id, PresenceState.AVAILABLE)
        case = a_case(work, cast.cleo, queue=cast.support)

        assert offer_next(work, case.id) is None and offer_all_waiting(work) == 0
        assert work.session.scalar(select(func.count()).select_from(Offer)) == 0
        told = case_shown(work, case.id)["routing"]
        assert told["sentence"] == (
            "Waits to be taken: nothing of Support is offered; 1 agent works this queue, 1 of them is here"
        )


def test_the_next_is_the_one_that_stands_furthest_forward_and_the_decision_is_kept(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE, now=minutes(1)) as work:
        first = a_case(work, cast.cleo, "First", queue=cast.support)
        urgent = a_case(work, a_customer(work, "Uma", "uma@example.org"), "Urgent", queue=cast.support)
        urgent.priority = Priority.URGENT
        a_case(work, cast.cleo, "Elsewhere", queue=cast.billing)

    with store.unit_of_work(cast.actor(cast.ada), now=minutes(2)) as work:
        assert pull_next(work).id == urgent.id
        told = decisions_shown(work, urgent.id)["decisions"]
        assert [one["state"] for one in told] == ["pulled"]
        assert told[0]["sentence"].startswith(
            f"Ada Lovelace asked for the next case of Support: before case {first.id}: priority +"
        )
        chosen = told[0]["figures"]["chosen"]
        assert recomputed(chosen) == pytest.approx(chosen["score"])
        assert pull_next(work).id == first.id
        with pytest.raises(Conflict, match=r"^Nothing waits in Support\.$"):
            pull_next(work)


def test_who_has_as_many_at_hand_as_the_queue_allows_finishes_one_first(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(1)) as work:
        for number in range(5):
            a_case(work, cast.cleo, f"Question {number}", queue=cast.support)
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(2)) as work:
        mine = [pull_next(work) for _ in range(3)]
        with pytest.raises(Conflict, match=r"You have 3 of 3 from Support at hand\. Finish"):
            pull_next(work)
        mine[0].wait_for_customer()
        work.session.flush()
        assert queues_to_pull(work)[0] == {
            "id": cast.support.id,
            "name": "Support",
            "waiting": 2,
            "at_hand": 2,
            "limit": 3,
        }
        assert pull_next(work, cast.support.id).assignee_id == cast.ada.id


def test_who_has_no_place_left_is_told_so_and_nobody_takes_from_a_queue_that_is_not_theirs(
    store: Store, cast: Cast
) -> None:
    with store.unit_of_work(STAGE, now=minutes(1)) as work:
        work.session.merge(Capacity(agent_id=cast.ada.id, channel="email", limit=1))
        for number in range(2):
            a_case(work, cast.cleo, f"Question {number}", queue=cast.support)
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(2)) as work:
        pull_next(work)
        with pytest.raises(Conflict, match="that you can take now: 1 for which you have no place left"):
            pull_next(work)
        with pytest.raises(NotFound, match="no next case"):
            pull_next(work, cast.billing.id)
    no_queue = pytest.raises(Conflict, match="You work no queue to take from")
    with store.unit_of_work(cast.actor(cast.ben), now=minutes(2)) as work, no_queue:
        pull_next(work)
    with store.unit_of_work(cast.actor(cast.otto), now=minutes(2)) as work, pytest.raises(Forbidden):
        pull_next(work)


def test_all_who_ask_at_once_get_different_cases_and_none_is_left(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(1)) as work:
        more = [an_agent(work, f"Agent {letter}", teams=[cast.support_team]) for letter in "BCD"]
        for number in range(CASES):
            a_case(work, cast.cleo, f"Question {number}", queue=cast.support)
    start = threading.Barrier(HANDS)
    threads = [
        threading.Thread(target=_take_three, args=(store, cast, agent, start)) for agent in (cast.ada, *more)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    with store.reading(STAGE) as work:
        stints = work.session.scalars(select(Assignment.case_id)).all()
        assert len(stints) == len(set(stints)) == CASES
        assert set(_held(work).values()) == {CASES // HANDS}


def test_a_case_that_somebody_holds_is_passed_by_and_never_waited_for(store: Store, cast: Cast) -> None:
    with store.unit_of_work(STAGE, now=minutes(1)) as work:
        first = a_case(work, cast.cleo, "First", queue=cast.support)
        second = a_case(work, cast.cleo, "Second", queue=cast.support)
    with store.unit_of_work(STAGE) as other:
        other.session.get_one(Case, first.id, with_for_update=True)
        with store.unit_of_work(cast.actor(cast.ada), now=minutes(2)) as work:
            assert pull_next(work).id == second.id
            with pytest.raises(Conflict, match=r"worked on by others at this moment\. Try"):
                pull_next(work)


def test_what_was_taken_by_hand_counts_as_at_hand(store: Store, cast: Cast) -> None:
    with store.unit_of_work(cast.actor(cast.ada), now=minutes(1)) as work:
        for _ in range(3):
            assign(work, a_case(work, cast.cleo, queue=cast.support), cast.ada.id)
        assert queues_to_pull(work)[0]["at_hand"] == 3
        with pytest.raises(Conflict, match="3 of 3"):
            pull_next(work)


def _take_three(store: Store, cast: Cast, agent: Agent, start: threading.Barrier) -> None:
    actor = cast.actor(agent)
    start.wait(timeout=60)
    taken = 0
    while taken < CASES // HANDS:
        try:
            with store.unit_of_work(actor) as work:
                pull_next(work)
            taken += 1
        except Conflict as told:
            if "Try again" not in told.sentence:
                return


def _held(work: Work) -> dict[int, int]:
    rows = work.session.execute(
        select(Case.assignee_id, func.count())
        .where(Case.status == CaseStatus.OPEN, Case.assignee_id.is_not(None))
        .group_by(Case.assignee_id)
    )
    return {agent_id: count for agent_id, count in rows if agent_id is not None}
