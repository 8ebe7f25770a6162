"""The signed-in agent's own affairs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from desk.http.entrance import allow, caller
from desk.model.permission import Permission

blueprint = Blueprint("me", __name__)


@blueprint.get("/me")
@allow(Permission.SIGNED_IN)
def me() -> dict[str, Any]:
    """Who is signed in."""
    found = caller()
    return {"id": found.agent_id, "name": found.name, "email": found.email, "role": found.role}
