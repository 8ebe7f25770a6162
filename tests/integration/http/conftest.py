"""The API, spoken to by signed-in browsers."""

from __future__ import annotations

from tests.security.conftest import app, as_agent, settings  # noqa: F401
