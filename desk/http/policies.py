"""The desk's policies, for managers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from desk.actions.setup.policies import change_policies, policies_shown
from desk.http.entrance import allow, body, reading, work
from desk.http.schemas.setup import PoliciesForm, given
from desk.model.permission import Permission

blueprint = Blueprint("policies", __name__)


@blueprint.get("/policies")
@allow(Permission.READ_SETUP)
def policies() -> dict[str, Any]:
    """All policies."""
    with reading() as w:
        return policies_shown(w)


@blueprint.patch("/policies")
@allow(Permission.EDIT_POLICIES)
@body(PoliciesForm)
def changed(body: PoliciesForm) -> dict[str, Any]:
    """Change some of them."""
    with work() as w:
        return change_policies(w, given(body))
