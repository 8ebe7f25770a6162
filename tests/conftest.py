"""What every test may ask for: throw-away servers, started when asked; the corpora, where present."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from desk.store.embedded import Embedded, start

# Times are never asserted: a busy machine would fail a law that holds.
settings.register_profile("desk", deadline=None)
settings.load_profile("desk")

ROOT = Path(__file__).resolve().parent.parent


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


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Unit tests touch nothing: their sockets are disabled. Where several processes share the tests, those of
    a file stay together, and all that share the browser's desk.
    """
    for item in items:
        if (ROOT / "tests" / "unit") in item.path.parents:
            item.add_marker(pytest.mark.disable_socket)
        in_browser = (ROOT / "tests" / "e2e") in item.path.parents
        item.add_marker(pytest.mark.xdist_group("e2e" if in_browser else str(item.path)))
