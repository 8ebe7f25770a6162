"""Probes: whether the process lives, and whether it can do its work."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from desk.http.entrance import public

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
@public("A probe asks whether the process answers; it learns nothing else.")
def live() -> dict[str, Any]:
    """The process answers."""
    return {"status": "ok"}
