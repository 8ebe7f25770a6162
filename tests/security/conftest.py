"""A desk that answers as desk.example, with the cast on stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from desk.app import create_app
from desk.model.agent import Agent
from desk.settings import Settings
from desk.sockets import live
from desk.sockets.lines import Flood
from desk.store.unit_of_work import Store
from tests.integration.conftest import cast, database_url, engine, store  # noqa: F401
from tests.security.browser import Browser, sign_in_at_once

PUBLIC = "http://desk.example"


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, redis_url=redis_url, public_url=PUBLIC, secret_key="a key for tests")


@pytest.fixture
def app(settings: Settings, store: Store) -> Iterator[Flask]:  # noqa: F811
    """The whole application, on the test's store."""
    made = create_app(settings, store)
    made.extensions["desk"].redis.flushdb()
    stay_in_one_window(made)
    yield made
    made.extensions["desk_live"].close()
    made.extensions["desk"].redis.close()


def stay_in_one_window(app: Flask) -> None:
    """Tries are counted by whole minutes and hours of the clock: in a test none of them ends."""
    began = time.time()
    app.extensions["desk"].limiter.clock = lambda: began


@pytest.fixture
def in_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a line says is said within the same second, however long it takes. Ask for it before `app`."""
    monkeypatch.setattr(live, "Flood", partial(Flood, clock=lambda: 0.0))


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """A browser that nobody has signed in with."""
    return Browser(app)


@pytest.fixture
def as_agent(app: Flask) -> Callable[[Agent], Browser]:
    """A browser that the agent has signed in with."""
    return lambda agent: sign_in_at_once(app, agent)
