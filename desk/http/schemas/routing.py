"""What the doors of routing policies ask for."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from desk.http.asked import Asked


class TrialForm(Asked):
    body: dict[str, Any]


class DraftForm(TrialForm):
    note: str = Field("", max_length=300)
    based_on: int | None = Field(None, ge=0)


class ActivationForm(Asked):
    expected: int = Field(ge=0)


class StaffingQuery(Asked):
    """So many days from today on; `in_time` of 100 who wait on the line are answered `within` seconds."""

    days: int = Field(7, ge=1, le=28)
    in_time: float = Field(80, ge=1, le=99.9)
    within: float = Field(20, ge=0, le=100_000)


class ReplayForm(Asked):
    """Both days are included; `version` is tried against the one in force."""

    first: date
    last: date
    version: int = Field(ge=0, le=2**63 - 1)
