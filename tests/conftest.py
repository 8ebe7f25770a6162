"""What every test may ask for: throw-away servers, started when asked; the corpora, where present."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling, Scheduling

from desk.cli.collector import set_aside
from desk.store.embedded import Embedded, start

# Times are never asserted: a busy machine would fail a law that holds.
settings.register_profile("desk", deadline=None)
settings.load_profile("desk")

ROOT = Path(__file__).resolve().parent.parent
IN_BROWSER = "tests/e2e/"


@pytest.fixture(scope="session")
def servers() -> Iterator[Embedded]:
    """PostgreSQL and Redis of this test run, without durability, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="desk-test-") as home:
        embedded = start(Path(home), durable=False)
        yield embedded
        embedded.stop()


@pytest.fixture(scope="session")
def postgres_url(servers: Embedded) -> str:
    return servers.database_url


@pytest.fixture(scope="session")
def redis_url(servers: Embedded) -> str:
    return servers.redis_url


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Mail, SMS and questions that nobody here wrote; a test that needs them skips without them."""
    folder = Path(os.environ.get("DESK_CORPORA") or ROOT.parent / "shared" / "corpora")
    if not folder.is_dir():
        pytest.skip(f"no corpora in {folder}; set DESK_CORPORA to run this test")
    return folder


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look through all of it again and again."""
    set_aside()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Unit tests touch nothing: their sockets are disabled. Where several processes share the tests, those in
    a browser come first: they take longest.
    """
    for item in items:
        if (ROOT / "tests" / "unit") in item.path.parents:
            item.add_marker(pytest.mark.disable_socket)
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(IN_BROWSER))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    config.option.loadscopereorder = False
    return Shared(config, log)


class Shared(LoadFileScheduling):  # type: ignore[misc]  # pytest-xdist carries no types
    """The tests of a file stay together and in their order; so do all that share the browser's desk.

    In place of `--dist loadgroup`, which groups nothing with pytest 9.2 and pytest-xdist 3.8: xdist writes
    the group into a field from which pytest no longer reads a test's id.
    """

    def _split_scope(self, nodeid: str) -> str:
        return IN_BROWSER if nodeid.startswith(IN_BROWSER) else str(super()._split_scope(nodeid))
