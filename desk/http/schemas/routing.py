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


class ReplayForm(Asked):
    """Both days are included; `version` is tried against the one in force."""

    first: date
    last: date
    version: int = Field(ge=0, le=2**63 - 1)
