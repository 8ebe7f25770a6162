"""Two hundred cases, four hands, connections cut at random: nothing given twice, over capacity or lost."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from desk.actions.routing.assignments import accept, end_stint
from desk.actions.routing.offers import decline, lapse_due_offers, offer_all_waiting
from desk.actions.routing.presence import change_presence
from desk.model.agent import Agent, Capacity
from desk.model.assignment import Assignment, Offer, OfferState
from desk.model.case import Case, CaseStatus
from desk.model.errors import Conflict
from desk.model.presence import PresenceState
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case, an_agent

CASES, HANDS, PLACES, CUTS = 200, 4, 3, 60

_OVER = text(
    """
    SELECT count(*) FROM agents a WHERE
      (SELECT count(*) FROM cases c WHERE c.assignee_id = a.id AND c.status = 'open')
    + (SELECT count(*) FROM offers o WHERE o.agent_id = a.id AND o.state = 'live') > :places
    """
)
_CUT = text(
    """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
    ORDER BY random() LIMIT 1
    """
)


def test_nothing_is_given_twice_over_capacity_or_lost_while_connections_are_cut(
    store: Store, cast: Cast
) -> None:
    agents = _a_full_floor(store, cast)
    over: list[int] = []
    done, cuts = threading.Event(), [0]
    hands = [threading.Thread(target=_work, args=(store, cast, agents, done, n)) for n in range(HANDS)]
    watch = threading.Thread(target=_watch_and_cut, args=(store, done, over, cuts))
    for thread in (*hands, watch):
        thread.start()
    for thread in hands:
        thread.join(timeout=600)
    done.set()
    watch.join(timeout=60)

    with store.reading(STAGE) as work:
        stints = work.session.scalars(select(Assignment.case_id)).all()
        left = work.session.scalars(select(Case.id).where(Case.status != CaseStatus.RESOLVED)).all()
        assert cuts[0] >= 10, f"only {cuts[0]} connections were cut: the test shows nothing"
        assert left == [], "lost"
        assert len(stints) == len(set(stints)) == CASES, "given twice"
        assert sum(over) == 0, "over capacity"


def _a_full_floor(store: Store, cast: Cast) -> list[Agent]:
    with store.unit_of_work(STAGE) as work:
        more = [an_agent(work, f"Agent {letter}", teams=[cast.support_team]) for letter in "BCD"]
        agents = [cast.ada, *more]
        for agent in agents:
            change_presence(work, agent.id, PresenceState.AVAILABLE)
            work.session.add(Capacity(agent_id=agent.id, channel="email", limit=PLACES))
        for number in range(CASES):
            a_case(work, cast.cleo, f"Question {number}", queue=cast.support)
    return agents


def _work(store: Store, cast: Cast, agents: list[Agent], done: threading.Event, seed: int) -> None:
    """Offer, answer, solve: whatever a process of ours would do, in any order, until all is solved."""
    dice = random.Random(seed)
    me = cast.actor(agents[seed])
    while not done.is_set():
        with _survive(), store.unit_of_work(STAGE) as work:
            offer_all_waiting(work, limit=dice.randint(1, 9))
            lapse_due_offers(work)
        for offer_id in _mine(store, agents[seed].id):
            with _survive(), store.unit_of_work(me) as work:
                if dice.random() < 0.1:
                    decline(work, offer_id)
                    continue
                accept(work, offer_id)
        with _survive(), store.unit_of_work(me) as work:
            _solve(work.session.scalars(_held_by(agents[seed])).all(), work)
        with _survive(), store.reading(STAGE) as work:
            if work.session.scalar(select(Case.id).where(Case.status != CaseStatus.RESOLVED)) is None:
                done.set()


def _held_by(agent: Agent):  # type: ignore[no-untyped-def] # a select, whatever its type
    return (
        select(Case)
        .where(Case.assignee_id == agent.id, Case.status == CaseStatus.OPEN)
        .order_by(Case.id)
        .limit(2)
        .with_for_update()
    )


def _solve(cases, work) -> None:  # type: ignore[no-untyped-def] # rows of _held_by
    for case in cases:
        case.resolve(work.now, "Solved")
        end_stint(work, case)


def _mine(store: Store, agent_id: int) -> list[int]:
    live = select(Offer.id).where(Offer.agent_id == agent_id, Offer.state == OfferState.LIVE)
    found: list[int] = []
    with _survive(), store.reading(STAGE) as work:
        found.extend(work.session.scalars(live))
    return found


def _watch_and_cut(store: Store, done: threading.Event, over: list[int], cuts: list[int]) -> None:
    """Look all the time whether anybody has too much, and cut a connection in the middle of its work."""
    while not done.wait(0.01):
        with _survive(), store.engine.connect() as connection:
            over.append(connection.execute(_OVER, {"places": PLACES}).scalar_one())
            if cuts[0] < CUTS:
                cuts[0] += len(connection.execute(_CUT).all())


@contextmanager
def _survive() -> Iterator[None]:
    """A cut connection and a faster colleague are part of the day."""
    try:
        yield
    except (DBAPIError, Conflict):
        return
