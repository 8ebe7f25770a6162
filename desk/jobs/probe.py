"""Asking our own web process whether it lives, the way a load balancer does."""

from __future__ import annotations

import http.client

from desk.settings import Settings

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound


def web_answers(settings: Settings) -> bool:
    """Whether the web process of these settings answers `/health/live`."""
    host = _EVERYWHERE.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=2)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
