"""The whole application on the test's store, and browsers that somebody has signed in with."""

from tests.security.conftest import app, as_agent, settings

__all__ = ["app", "as_agent", "settings"]
