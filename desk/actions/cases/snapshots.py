"""What a merge or a split changes of a case besides its messages: remembered, and put back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desk.model.case import Case, CaseStatus

REMEMBERED = (
    "status",
    "waiting_since",
    "snoozed_until",
    "resolved_at",
    "resolution_reason",
    "closed_at",
    "first_replied_at",
    "tags",
    "preview",
    "last_at",
    "merged_into_id",
)


def snapshot(case: Case) -> dict[str, Any]:
    """The remembered columns as plain values."""
    return {name: _plain(getattr(case, name)) for name in REMEMBERED}


def put_back(case: Case, before: dict[str, Any], after: dict[str, Any]) -> None:
    """What still is as the move left it becomes as it was; what somebody changed since stays."""
    for name in REMEMBERED:
        if _plain(getattr(case, name)) == after[name]:
            setattr(case, name, _full(name, before[name]))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, CaseStatus):
        return value.value
    return list(value) if isinstance(value, list) else value


def _full(name: str, value: Any) -> Any:
    if name == "status":
        return CaseStatus(value)
    if value is not None and (name.endswith("_at") or name in ("waiting_since", "snoozed_until")):
        return datetime.fromisoformat(value)
    return value
