"""The targets of the desk: edited as a whole, kept version by version, taken back to an older one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from desk.actions.setup.audit import audit
from desk.model.errors import Conflict, NotFound
from desk.model.events import SetupChanged
from desk.model.permission import Permission
from desk.model.sla import SlaPolicy
from desk.sla.targets import checked_targets
from desk.store.clocks.calendars import active_policy, last_policy_number, policies_kept, policy_numbered
from desk.store.unit_of_work import Work

VERSIONS_SHOWN = 50


def targets_shown(work: Work) -> dict[str, Any]:
    """The targets that hold, and the versions there were: `{number, targets, versions}`."""
    work.require(Permission.READ_SETUP)
    active = active_policy(work.session)
    return {
        "number": active.number if active else None,
        "targets": active.targets if active else [],
        "versions": [_shown(one) for one in policies_kept(work.session, VERSIONS_SHOWN)],
    }


def change_targets(
    work: Work, targets: Sequence[Mapping[str, Any]], note: str = "", *, expected: int | None = None
) -> dict[str, Any]:
    """Other targets, for clocks that start from now on; what runs keeps what was promised to it.

    An empty list promises nothing to anybody any more. `expected` is the newest version that the actor saw, 0
    for none. Raises Invalid for targets that cannot be meant, and Conflict when there is a newer version.
    """
    work.require(Permission.EDIT_POLICIES)
    active_policy(work.session, lock=True)
    newest = last_policy_number(work.session)
    if expected is not None and expected != newest:
        raise Conflict(
            f"Version {newest} of the targets was saved meanwhile. Look at it, or save yours over it.",
            {"number": newest},
        )
    _activate(work, checked_targets(targets), note)
    return targets_shown(work)


def go_back_to(work: Work, number: int) -> dict[str, Any]:
    """The targets of an older version hold again, as a new version. Raises NotFound."""
    work.require(Permission.EDIT_POLICIES)
    older = policy_numbered(work.session, number)
    if older is None:
        raise NotFound(f"There is no version {number} of the targets.")
    _activate(work, older.targets, f"As in version {number}.")
    return targets_shown(work)


def _activate(work: Work, targets: list[dict[str, Any]], note: str) -> None:
    before = active_policy(work.session, lock=True)
    if before is not None:
        before.active = False
        work.session.flush()
    policy = SlaPolicy(
        number=last_policy_number(work.session) + 1,
        targets=targets,
        at=work.now,
        note=note.strip()[:300],
        agent_id=work.actor.agent_id,
        active=bool(targets),
    )
    work.session.add(policy)
    work.session.flush()
    audit(work, "targets changed", f"sla_policies:{policy.id}", {"number": policy.number, "targets": targets})
    work.record(SetupChanged(table="sla_policies", row_id=policy.id))


def _shown(policy: SlaPolicy) -> dict[str, Any]:
    return {
        "number": policy.number,
        "at": policy.at,
        "note": policy.note,
        "agent_id": policy.agent_id,
        "active": policy.active,
        "targets": policy.targets,
    }
