"""What may be asked of calendars and targets; what they mean is checked where they are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from desk.http.asked import Asked
from desk.http.schemas.setup import Ids, Name
from desk.model.case import Priority
from desk.model.customer import Tier
from desk.model.inbound import ChannelKind

Clock = Annotated[str, StringConstraints(max_length=5)]
Spans = Annotated[list[list[Clock]], Field(max_length=12)]


class SpecialDayForm(Asked):
    date: Annotated[str, StringConstraints(max_length=10)]
    name: Annotated[str, StringConstraints(max_length=80)] = ""
    spans: Spans = Field(default_factory=list)


class CalendarForm(Asked):
    name: Name
    zone: Annotated[str, StringConstraints(max_length=64)] = "UTC"
    days: dict[Annotated[str, StringConstraints(max_length=12)], Spans] = Field(
        default_factory=dict, max_length=12
    )
    country: Annotated[str, StringConstraints(max_length=20)] | None = None
    region: Annotated[str, StringConstraints(max_length=20)] | None = None
    special: list[SpecialDayForm] = Field(default_factory=list, max_length=400)
    default: bool = False
    queue_ids: Ids = Field(default_factory=list)


Seconds = Annotated[int, Field(ge=1, le=400 * 86_400)]


class TargetForm(Asked):
    """For cases of these tiers, channels and priorities (none named: all); working time in seconds."""

    tiers: list[Tier] = Field(default_factory=list, max_length=len(Tier))
    channels: list[ChannelKind] = Field(default_factory=list, max_length=len(ChannelKind))
    priorities: list[Priority] = Field(default_factory=list, max_length=len(Priority))
    first_response: Seconds | None = None
    next_response: Seconds | None = None
    resolution: Seconds | None = None


class TargetsForm(Asked):
    targets: list[TargetForm] = Field(max_length=200)
    note: Annotated[str, StringConstraints(max_length=300)] = ""


class VersionForm(Asked):
    number: int = Field(ge=1, lt=2**31)
