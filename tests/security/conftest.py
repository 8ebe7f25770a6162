"""A desk that answers as desk.example, with the cast on stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from desk.app import create_app
from desk.model.agent import Agent
from desk.settings import Settings
from desk.store.unit_of_work import Store
from tests.integration.conftest import cast, database_url, engine, store  # noqa: F401
from tests.security.browser import Browser, sign_in_at_once

PUBLIC = "http://desk.example"


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(redis_url=redis_url, public_url=PUBLIC, secret_key="a key for tests")


@pytest.fixture
def app(settings: Settings, store: Store) -> Iterator[Flask]:  # noqa: F811
    """The whole application, on the test's store."""
    made = create_app(settings, store)
    made.extensions["desk"].redis.flushdb()
    yield made
    made.extensions["desk_live"].close()
    made.extensions["desk"].redis.close()


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """A browser that nobody has signed in with."""
    return Browser(app)


@pytest.fixture
def as_agent(app: Flask) -> Callable[[Agent], Browser]:
    """A browser that the agent has signed in with."""
    return lambda agent: sign_in_at_once(app, agent)
