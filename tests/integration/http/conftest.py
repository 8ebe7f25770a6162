"""The API, spoken to by signed-in browsers."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.settings import Settings
from tests.security.conftest import PUBLIC, app, as_agent  # noqa: F401


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, redis_url=redis_url, public_url=PUBLIC, secret_key="a key for tests")
