"""The clock does all that it can, whatever of the world is away."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.actions.cases.deeds import snooze_case
from desk.jobs import clock
from desk.model.case import Case, CaseStatus
from desk.settings import Settings
from desk.store.unit_of_work import Store, Work
from tests.integration.mail_flow.processes import until
from tests.people import Cast, a_case


@pytest.fixture
def asleep(store: Store, cast: Cast) -> int:
    """A case whose sleep was over a minute ago."""
    now = datetime.now(UTC)
    with store.unit_of_work(cast.actor(cast.ada), now=now - timedelta(hours=1)) as work:
        case_id = a_case(work, cast.cleo, queue=cast.support).id
        snooze_case(work, case_id, now - timedelta(minutes=1))
    return case_id


def status_of(store: Store, case_id: int) -> CaseStatus:
    with store.reading(clock.CLOCK) as work:
        return work.session.get_one(Case, case_id).status


def run_until_awake(store: Store, settings: Settings, case_id: int) -> None:
    stop = threading.Event()
    ticking = threading.Thread(target=clock.run, args=(settings, stop))
    ticking.start()
    try:
        until(lambda: status_of(store, case_id) is CaseStatus.OPEN)
    finally:
        stop.set()
        ticking.join()


def test_without_redis_all_that_needs_the_database_alone_goes_on(
    store: Store, database_url: str, tmp_path: Path, asleep: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "work_is_to_be_kept", lambda _: True)  # so that it rings
    nowhere = Settings(home=tmp_path, database_url=database_url, redis_url="redis://127.0.0.1:1/0")
    run_until_awake(store, nowhere, asleep)


def test_a_duty_that_fails_costs_no_other(
    store: Store,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    asleep: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: Work) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(clock, "work_is_to_be_kept", fail)
    monkeypatch.setattr(clock, "ask_nightly", fail)
    run_until_awake(store, Settings(home=tmp_path, database_url=database_url, redis_url=redis_url), asleep)
