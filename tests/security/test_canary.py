"""No secret turns up where it does not belong: the canary sweep, on this test's servers."""

from __future__ import annotations

import pytest
from flask import Flask

from desk.settings import Settings
from desk.store.unit_of_work import Store
from drills.canary import PUBLIC, Sweep, planted, sweep
from drills.planting import Cage, Canary
from drills.writes import Watch
from tests.people import STAGE, Cast, a_case


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(redis_url=redis_url, public_url=PUBLIC, secret_key="a key for tests")


def test_no_canary_is_seen_by_one_who_may_not(app: Flask, store: Store, cast: Cast) -> None:
    cage = planted(app, store, cast)
    found = sweep(app, cage, one_in=8)  # the drill asks them all

    assert sorted(found.leaks) == []
    assert found.blind(cage) == []


def test_the_sweep_sees_what_is_there() -> None:
    cage = Cage(
        canaries=[Canary("note", "canary1", frozenset({"Ben"})), Canary("hash", "canary2", frozenset())]
    )
    found = Sweep()
    found.look(cage, "Ada", "/x?q=canary1", "you asked for canary1")
    assert not found.leaks
    assert found.blind(cage) == ["note"]

    found.look(cage, "Ben", "/x", "canary1")
    found.look(cage, "Ada", "/y", "canary1 canary2")
    assert found.blind(cage) == []
    assert found.leaks == {"note before Ada at /y", "hash before Ada at /y"}


def test_the_watch_over_refused_writes_sees_a_change_once(store: Store, cast: Cast) -> None:
    watch = Watch(store.engine)
    assert watch.changed() == set()

    with store.unit_of_work(STAGE) as work:
        a_case(work, cast.cleo)
    assert watch.changed() == {"cases"}
    assert watch.changed() == set()
