"""Routing policies by version, for managers: draft, try, activate, go back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from desk.actions.routing.handling import handle_times_shown
from desk.actions.routing.policies import (
    activate_policy,
    change_draft,
    discard_draft,
    draft_policy,
    routing_policies_shown,
)
from desk.actions.routing.policy_trial import try_policy
from desk.http.entrance import allow, body, reading, work
from desk.http.schemas.routing import ActivationForm, DraftForm, TrialForm
from desk.model.permission import Permission

blueprint = Blueprint("routing_policies", __name__)


@blueprint.get("/routing/policies")
@allow(Permission.READ_SETUP)
def versions() -> dict[str, Any]:
    """Every version, newest first."""
    with reading() as w:
        return {"rows": routing_policies_shown(w)}


@blueprint.post("/routing/policies")
@allow(Permission.EDIT_POLICIES)
@body(DraftForm)
def drafted(body: DraftForm) -> tuple[dict[str, Any], int]:
    """A new draft."""
    with work() as w:
        return draft_policy(w, body.body, note=body.note, based_on=body.based_on), 201


@blueprint.put("/routing/policies/<int:version>")
@allow(Permission.EDIT_POLICIES)
@body(DraftForm)
def rewritten(version: int, body: DraftForm) -> dict[str, Any]:
    """Write a draft anew."""
    with work() as w:
        return change_draft(w, version, body.body, note=body.note)


@blueprint.delete("/routing/policies/<int:version>")
@allow(Permission.EDIT_POLICIES)
def discarded(version: int) -> tuple[str, int]:
    """Throw a draft away."""
    with work() as w:
        discard_draft(w, version)
    return "", 204


@blueprint.post("/routing/policies/trial")
@allow(Permission.READ_SETUP)
@body(TrialForm)
def tried(body: TrialForm) -> dict[str, Any]:
    """What a policy would do otherwise with what waits now."""
    with reading() as w:
        return try_policy(w, body.body)


@blueprint.post("/routing/policies/<int:version>/activation")
@allow(Permission.EDIT_POLICIES)
@body(ActivationForm)
def activated(version: int, body: ActivationForm) -> dict[str, Any]:
    """Put a version in force; 0 is what a desk begins with."""
    with work() as w:
        return {"rows": activate_policy(w, version, expected=body.expected)}


@blueprint.get("/routing/handle-times")
@allow(Permission.READ_SETUP)
def handle_times() -> dict[str, Any]:
    """How long cases take whom, as learnt from the desk's own."""
    with reading() as w:
        return handle_times_shown(w)
