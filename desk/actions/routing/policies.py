"""Routing policies: written as drafts, tried on what waits now, put in force, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from desk.actions.routing.floor import as_it_begins
from desk.actions.setup.audit import audit
from desk.model.errors import Conflict, NotFound
from desk.model.events import SetupChanged
from desk.model.permission import Permission
from desk.model.routing_policy import RoutingPolicy, RoutingPolicyState
from desk.routing.policy_text import read_policy, write_policy
from desk.store.routing.policies import find_routing_policy, hold_active, names_of_authors, routing_policies
from desk.store.unit_of_work import Work

FIRST_NOTE = "What a desk begins with"


def routing_policies_shown(work: Work) -> list[dict[str, Any]]:
    """Every version, newest first; the last is 0, what a desk begins with. Raises Forbidden."""
    work.require(Permission.READ_SETUP)
    kept = routing_policies(work.session)
    names = names_of_authors(work.session, kept)
    is_first = all(one.state is not RoutingPolicyState.ACTIVE for one in kept)
    first = {
        "version": 0,
        "state": RoutingPolicyState.ACTIVE if is_first else RoutingPolicyState.RETIRED,
        "note": FIRST_NOTE,
        "body": orjson.loads(write_policy(as_it_begins().policy)),
        "created_at": None,
        "created_by": None,
        "based_on": None,
        "activated_at": None,
        "activated_by": None,
    }
    return [*(_shown(one, names) for one in kept), first]


def draft_policy(work: Work, body: Mapping[str, Any], *, note: str, based_on: int | None) -> dict[str, Any]:
    """Keep a draft. Raises Invalid, naming the field, for a policy that cannot be."""
    work.require(Permission.EDIT_POLICIES)
    if based_on and find_routing_policy(work.session, based_on) is None:
        raise NotFound(f"There is no routing policy {based_on} to start from.")
    draft = RoutingPolicy(
        body=_whole(body),
        created_at=work.now,
        created_by_id=work.actor.agent_id,
        note=note,
        based_on_id=based_on or None,
    )
    work.session.add(draft)
    work.session.flush()
    return _noted(work, draft, "routing policy drafted")


def change_draft(work: Work, version: int, body: Mapping[str, Any], *, note: str) -> dict[str, Any]:
    """Write a draft anew. Raises NotFound, Invalid, and Conflict for what has been in force."""
    work.require(Permission.EDIT_POLICIES)
    draft = _draft(work, version)
    draft.body, draft.note = _whole(body), note
    return _noted(work, draft, "routing policy changed")


def discard_draft(work: Work, version: int) -> None:
    """Throw a draft away. Raises NotFound, and Conflict for what has been in force."""
    work.require(Permission.EDIT_POLICIES)
    draft = _draft(work, version)
    _noted(work, draft, "routing policy discarded")
    work.session.delete(draft)


def activate_policy(work: Work, version: int, *, expected: int) -> list[dict[str, Any]]:
    """Put a version in force, be it a draft or an earlier one; the one before stays to go back to.

    `expected` is the version that the actor saw in force. Raises NotFound, and Conflict when it is
    another by now or when the version is in force already.
    """
    work.require(Permission.EDIT_POLICIES)
    active = hold_active(work.session)
    in_force = active.id if active else 0
    if in_force != expected:
        raise Conflict(
            f"Version {in_force} came in force meanwhile. Look at it, and then decide again.",
            {"version": in_force},
        )
    if version == in_force:
        raise Conflict(f"Version {version} is in force already.")
    asked = _found(work, version) if version else None
    if active is not None:
        active.state = RoutingPolicyState.RETIRED
        work.session.flush()
    if asked is not None:
        read_policy(orjson.dumps(asked.body).decode())
        asked.activate(work.now, work.actor.agent_id)
    audit(work, "routing policy activated", f"routing_policy:{version}", {"before": in_force})
    work.record(SetupChanged(table="routing_policies", row_id=version or None))
    return routing_policies_shown(work)


def _found(work: Work, version: int) -> RoutingPolicy:
    found = find_routing_policy(work.session, version)
    if found is None:
        raise NotFound(f"There is no routing policy {version}.")
    return found


def _draft(work: Work, version: int) -> RoutingPolicy:
    found = _found(work, version)
    found.check_draft()
    return found


def _whole(body: Mapping[str, Any]) -> dict[str, Any]:
    """The policy with every word in it, so that it means the same when what comes by itself changes."""
    policy = read_policy(orjson.dumps(body).decode())
    whole: dict[str, Any] = orjson.loads(write_policy(policy))
    return whole


def _noted(work: Work, policy: RoutingPolicy, what: str) -> dict[str, Any]:
    audit(work, what, f"routing_policy:{policy.id}", {"note": policy.note})
    work.record(SetupChanged(table="routing_policies", row_id=policy.id))
    return _shown(policy, names_of_authors(work.session, [policy]))


def _shown(policy: RoutingPolicy, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "version": policy.id,
        "state": policy.state,
        "note": policy.note,
        "body": policy.body,
        "created_at": policy.created_at,
        "created_by": names.get(policy.created_by_id or 0),
        "based_on": policy.based_on_id or 0,
        "activated_at": policy.activated_at,
        "activated_by": names.get(policy.activated_by_id or 0),
    }
