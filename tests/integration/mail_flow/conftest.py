"""A desk at work, and a world that takes its mail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.channels.email.fence import Fence
from desk.settings import Settings
from desk.store.channels import get_channel
from desk.store.unit_of_work import Store
from tests.integration.mail_flow.desk_at_work import SECRET, DeskAtWork
from tests.people import STAGE, Cast
from tests.security.conftest import app, as_agent
from tests.servers.smtp_sink import Sink, smtp_sink

__all__ = ["app", "as_agent"]


@pytest.fixture(scope="session")
def fence() -> Iterator[Fence]:
    with Fence() as made:
        yield made


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        database_url=database_url,
        redis_url=redis_url,
        secret_key=SECRET,
        smtp_in_port=0,
        check_signatures=False,
    )


@pytest.fixture
def desk(store: Store, cast: Cast, settings: Settings, fence: Fence) -> DeskAtWork:
    """A desk whose mail nobody takes yet."""
    return DeskAtWork(store, cast, settings, fence)


@pytest.fixture
def sink(desk: DeskAtWork) -> Iterator[Sink]:
    """The world: it takes the mail of the desk's channel."""
    with smtp_sink() as world:
        with desk.store.unit_of_work(STAGE) as work:
            channel = get_channel(work.session, desk.cast.mail.id, lock=True)
            channel.config = {"smtp": {"host": "127.0.0.1", "port": world.port, "tls": "plain"}}
        yield world
