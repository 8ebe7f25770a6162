"""What the web process was built with, for every request to reach."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from redis import Redis

from desk.settings import Settings
from desk.store.limits import Limiter
from desk.store.unit_of_work import Store
from desk.store.vault import Vault


@dataclass(frozen=True)
class Ground:
    """One per application."""

    settings: Settings
    store: Store
    redis: Redis
    limiter: Limiter
    vault: Vault


def ground() -> Ground:
    """The ground of the application that answers this request."""
    built: Ground = current_app.extensions["desk"]
    return built
