"""What a screen missed: told once, in order, with the rights of now, and cheaply."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.actions import changes as catching_up
from desk.model.agent import Agent
from desk.model.case import CaseWatch
from desk.model.events import CaseChanged, CaseOpened, Event, MailKept, SetupChanged
from desk.model.transit import JournalEntry
from desk.store.journal import relayed_since
from desk.store.unit_of_work import Store
from tests.people import STAGE, Cast, a_case
from tests.security.browser import Browser
from tests.statements import statements

AsAgent = Callable[[Agent], Browser]


def relay(store: Store, *events: Event) -> int:
    """Record and hand on; returns the last position."""
    with store.unit_of_work(STAGE) as w:
        for event in events:
            w.record(event)
    with store.unit_of_work(STAGE) as w:
        entries = w.session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
        for position, entry in enumerate(entries, start=1):
            entry.position = position
        return len(entries)


def missed(browser: Browser, since: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = browser.api("GET", f"/changes?since={since}").json
    return found


@pytest.fixture
def numbers(store: Store, cast: Cast) -> tuple[int, int]:
    """A case in Support and one in Billing."""
    with store.unit_of_work(STAGE) as w:
        return a_case(w, cast.cleo, queue=cast.support).id, a_case(w, cast.cleo, queue=cast.billing).id


def opened(cast: Cast, numbers: tuple[int, int]) -> list[Event]:
    queues = (cast.support.id, cast.billing.id)
    return [
        CaseOpened(case_id=number, queue_id=queue, customer_id=cast.cleo.id, channel="email")
        for number, queue in zip(numbers, queues, strict=True)
    ]


def test_each_hears_of_the_cases_they_may_know_of(
    as_agent: AsAgent, store: Store, cast: Cast, numbers: tuple[int, int]
) -> None:
    last = relay(store, *opened(cast, numbers), MailKept(channel_id=1))

    def heard(agent: Agent) -> list[int]:
        return [change["case_id"] for change in missed(as_agent(agent))["changes"]]

    assert heard(cast.ada) == [numbers[0]]
    assert heard(cast.ben) == [numbers[1]]
    assert heard(cast.sam) == list(numbers)
    assert missed(as_agent(cast.ada))["position"] == last


def test_what_is_relayed_while_a_screen_asks_is_told_to_it_the_next_time(
    as_agent: AsAgent,
    store: Store,
    cast: Cast,
    numbers: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = relay(store, MailKept(channel_id=1))

    def asked_a_moment_before(session: Session, position: int, limit: int) -> Sequence[JournalEntry]:
        found = relayed_since(session, position, limit)
        relay(store, *opened(cast, numbers))
        return found

    with monkeypatch.context() as at_that_moment:
        at_that_moment.setattr(catching_up, "relayed_since", asked_a_moment_before)
        told = missed(as_agent(cast.ada), before)
    assert told == {"position": before, "reload": False, "changes": []}

    [change] = missed(as_agent(cast.ada), before)["changes"]
    assert change["case_id"] == numbers[0]


def test_a_watched_case_of_another_queue_is_told_as_well(
    as_agent: AsAgent, store: Store, cast: Cast, numbers: tuple[int, int]
) -> None:
    with store.unit_of_work(STAGE) as w:
        w.session.add(CaseWatch(case_id=numbers[1], agent_id=cast.ada.id))
    relay(store, *opened(cast, numbers))

    assert len(missed(as_agent(cast.ada))["changes"]) == 2


def test_a_case_that_moved_away_is_told_so_that_it_leaves_the_list(
    as_agent: AsAgent, store: Store, cast: Cast, numbers: tuple[int, int]
) -> None:
    moved = CaseChanged(
        case_id=numbers[1], queue_id=cast.billing.id, what="queue", old_queue_id=cast.support.id
    )
    relay(store, moved)

    [change] = missed(as_agent(cast.ada))["changes"]
    assert change["old_queue_id"] == cast.support.id


def test_nothing_new_is_nothing(as_agent: AsAgent, store: Store, cast: Cast) -> None:
    last = relay(store, SetupChanged(table="queues"))

    assert missed(as_agent(cast.ada), last) == {"position": last, "reload": False, "changes": []}


def test_too_much_to_tell_and_a_position_we_never_gave_ask_for_a_reload(
    as_agent: AsAgent, store: Store, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "MOST", 3)
    last = relay(store, *[SetupChanged(table="queues")] * 4)
    ada = as_agent(cast.ada)

    assert missed(ada) == {"position": last, "reload": True, "changes": []}
    assert missed(ada, last + 10)["reload"] is True
    assert missed(ada, 1)["reload"] is False


def test_who_is_asking_costs_one_statement(as_agent: AsAgent, store: Store, cast: Cast) -> None:
    relay(store, SetupChanged(table="queues"))
    ada = as_agent(cast.ada)
    missed(ada)
    with statements(store.engine) as asked:
        missed(ada)

    assert len(asked) <= 2, asked.seen
