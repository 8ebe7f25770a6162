"""Probes: whether the process lives, and whether the desk can do its work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from desk.http.entrance import public
from desk.http.ground import ground
from desk.store.standing import Standing, standing

blueprint = Blueprint("health", __name__, url_prefix="/health")

MOST_LAG_SECONDS = 60


@blueprint.get("/live")
@public("A probe asks whether the process answers; it learns nothing else.")
def live() -> dict[str, Any]:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/ready")
@public("A probe asks whether the desk works; it learns numbers and states, no names.")
def ready() -> tuple[dict[str, Any], int]:
    """200 when every part is there; 503 when the database, Redis or the relay is not.

    A mailbox in trouble is reported, and is no reason to send people elsewhere.
    """
    found, redis = _standing(), _redis_answers()
    lag = _lag(found)
    parts = {
        "database": found is not None,
        "redis": redis,
        "relay": lag is not None and lag <= MOST_LAG_SECONDS,
    }
    well = all(parts.values())
    report = {
        "status": "ok" if well else "trouble",
        "parts": {name: "ok" if there else "away" for name, there in parts.items()},
        "oldest_unrelayed_seconds": lag,
        "set_aside": found.set_aside if found else None,
        "mailboxes": found.mailboxes if found else None,
    }
    return report, 200 if well else 503


def _standing() -> Standing | None:
    try:
        with Session(ground().store.engine) as session:
            return standing(session)
    except SQLAlchemyError:
        return None


def _redis_answers() -> bool:
    try:
        return bool(ground().redis.ping())
    except RedisError:
        return False


def _lag(found: Standing | None) -> float | None:
    """Seconds that the oldest entry has waited to be handed on; 0 when none waits."""
    if found is None:
        return None
    if found.oldest_unrelayed is None:
        return 0.0
    return round(max(0.0, (datetime.now(UTC) - found.oldest_unrelayed).total_seconds()), 3)
