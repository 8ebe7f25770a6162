"""No secret turns up where it does not belong: the canary sweep, on this test's servers."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from structlog.testing import CapturingLogger

from desk.app import create_app
from desk.http import errors
from desk.settings import Settings
from desk.store.engine import engine_for
from desk.store.files import FileStore
from desk.store.unit_of_work import Store
from drills.canary import PUBLIC, Sweep, planted, sweep
from drills.planting import Cage, Canary
from drills.writes import Watch
from tests.people import STAGE, Cast, a_case
from tests.security.browser import Browser


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, redis_url=redis_url, public_url=PUBLIC, secret_key="a key for tests")


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


def test_a_line_of_the_log_names_the_route_and_not_the_words_of_its_address(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = CapturingLogger()
    monkeypatch.setattr(errors, "_log", log)
    away = Store(engine_for("postgresql://127.0.0.1:1/none", name="away"), FileStore(tmp_path), lambda: None)
    app = create_app(settings, away)
    for address in ("/help/collections/canary1", "/help/cases/7/files/canary1"):
        browser = Browser(app)
        browser.keep_cookie("canary1", "desk-help-cases")
        assert browser.get(address).status_code == 503
    app.extensions["desk_live"].close()
    away.close()

    routes = [call.kwargs["route"] for call in log.calls]
    assert routes == ["/help/collections/<slug>", "/help/cases/7/files/<token>"]
    assert "canary1" not in str(log.calls)
