"""A desk on loopback with a widget, and somebody who has opened it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from redis import Redis

from desk.jobs.relay import hand_on
from desk.model.channel import Channel
from desk.settings import Settings
from desk.store.push import pusher
from desk.store.unit_of_work import Store
from tests.chat import Guest, VisitorLine, a_chat_channel, a_guest
from tests.people import Cast
from tests.security.conftest import app, as_agent  # noqa: F401
from tests.security.line import served

Open = Callable[[], VisitorLine]


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(redis_url=redis_url, public_url="http://127.0.0.1:8800", secret_key="a key for tests")


@pytest.fixture
def port(app: Flask) -> Iterator[int]:  # noqa: F811
    with served(app) as number:
        yield number


@pytest.fixture
def channel(store: Store, cast: Cast) -> Channel:
    return a_chat_channel(store, cast)


@pytest.fixture
def cleo(store: Store, channel: Channel) -> Guest:
    """Cleo's browser."""
    return a_guest(store, channel)


@pytest.fixture
def line(port: int) -> Iterator[Open]:
    """A page of the widget with a line of its own."""
    lines: list[VisitorLine] = []

    def opened() -> VisitorLine:
        lines.append(VisitorLine(port))
        return lines[-1]

    yield opened
    for one in lines:
        one.close()


@pytest.fixture
def relay(store: Store, settings: Settings, redis_url: str) -> Callable[[], int]:
    """Hand on what has happened, as the relay does."""
    push = pusher(settings)
    return lambda: hand_on(store.engine, Redis.from_url(redis_url), push)
