"""The desk's policies: what a manager decides for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from desk.actions.customers.worth import VALUE_POLICY, checked_value_policy
from desk.actions.setup.audit import audit
from desk.actions.setup.rows import RESOLUTION_REASONS
from desk.model.chat import MAIL_MINUTES, SILENT_MINUTES
from desk.model.customer import normal_email
from desk.model.errors import Invalid
from desk.model.events import SetupChanged
from desk.model.help_session import WITHHELD_PERCENT
from desk.model.permission import Permission
from desk.model.survey import ONCE_IN_DAYS
from desk.store.insights.minute_cost import COST
from desk.store.policies import policies, set_policies
from desk.store.unit_of_work import Work

POLICIES: Mapping[str, Any] = {
    "desk_name": "Desk",
    "time_zone": "UTC",
    "public_address": "",
    "reopen_days": 14,
    "chat_silent_minutes": SILENT_MINUTES,
    "chat_mail_minutes": MAIL_MINUTES,
    "close_after_days": 14,
    "suggestions_withheld_percent": WITHHELD_PERCENT,
    "survey_once_in_days": ONCE_IN_DAYS,
    COST: 0.0,
    "currency": "",
    "acknowledgement_text": "",
    "signature": "",
    "resolution_reasons": list(RESOLUTION_REASONS),
    "second_factor_roles": [],
    "value": VALUE_POLICY,
}
"""What holds until a manager says otherwise. An empty text takes the one that the desk brings."""


def policies_shown(work: Work) -> dict[str, Any]:
    """Every policy, those kept and the rest as they come."""
    work.require(Permission.READ_SETUP)
    kept = policies(work.session)
    return {key: kept.get(key, default) for key, default in POLICIES.items()}


def change_policies(work: Work, values: Mapping[str, Any]) -> dict[str, Any]:
    """Change those given. Raises Invalid for a time zone or an address that cannot be."""
    work.require(Permission.EDIT_POLICIES)
    changed = {key: value for key, value in values.items() if value is not None}
    if changed.get("time_zone"):
        _check_time_zone(changed["time_zone"])
    if changed.get("public_address"):
        changed["public_address"] = normal_email(changed["public_address"], "public_address")
    if changed.get("value"):
        changed["value"] = checked_value_policy(changed["value"], policies(work.session).get("value", {}))
    set_policies(work.session, changed)
    audit(work, "policies changed", "policies", changed)
    work.record(SetupChanged(table="policies"))
    return policies_shown(work)


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"“{name}” is no time zone; write it like Europe/Berlin.", "time_zone") from error
