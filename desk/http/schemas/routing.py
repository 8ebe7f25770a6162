"""What the doors of routing policies ask for."""

from __future__ import annotations

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
