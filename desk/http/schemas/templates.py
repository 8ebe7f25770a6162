"""A template of a WhatsApp number as it is asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from desk.actions.texts.templates import TemplateUse
from desk.http.asked import Asked


class TemplateAsked(Asked):
    """An approved template, and what goes into its places."""

    sid: str = Field(min_length=1, max_length=64)
    values: dict[Annotated[str, StringConstraints(max_length=40)], str] = Field(default={}, max_length=50)

    def use(self) -> TemplateUse:
        return TemplateUse(self.sid, self.values)
