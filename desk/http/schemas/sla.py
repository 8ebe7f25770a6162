"""What may be asked of calendars and targets; what they mean is checked where they are kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from desk.http.asked import Asked
from desk.http.schemas.setup import Ids, Name
from desk.model.case import Priority
from desk.model.customer import Tier
from desk.model.inbound import ChannelKind
from desk.model.sla import ClockKind

Clock = Annotated[str, StringConstraints(max_length=5)]
Spans = Annotated[list[list[Clock]], Field(max_length=12)]


class HoursForm(Asked):
    zone: Annotated[str, StringConstraints(max_length=64)] = "UTC"
    days: dict[Annotated[str, StringConstraints(max_length=12)], Spans] = Field(
        default_factory=dict, max_length=12
    )


SpecialDay = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class CalendarForm(Asked):
    """`hours` null is around the clock; special days read “2026-12-24 09:00-12:00 Christmas Eve”."""

    name: Name
    hours: HoursForm | None = None
    country: Annotated[str, StringConstraints(max_length=20)] | None = None
    region: Annotated[str, StringConstraints(max_length=20)] | None = None
    special: list[SpecialDay] = Field(default_factory=list, max_length=400)
    default: bool = False
    queue_ids: Ids = Field(default_factory=list)


Seconds = Annotated[int, Field(ge=1, le=400 * 86_400)]


class PenaltyForm(Asked):
    """What a miss costs: an amount, more for each hour late that begins, at most the cap. Without `clocks`
    it holds for every time of the target."""

    clocks: list[ClockKind] = Field(default_factory=list, max_length=len(ClockKind))
    amount: Decimal
    currency: Annotated[str, StringConstraints(max_length=20)]
    per_hour: Decimal | None = None
    cap: Decimal | None = None


class TargetForm(Asked):
    """For cases of these tiers, channels and priorities (none named: all); working time in seconds."""

    tiers: list[Tier] = Field(default_factory=list, max_length=len(Tier))
    channels: list[ChannelKind] = Field(default_factory=list, max_length=len(ChannelKind))
    priorities: list[Priority] = Field(default_factory=list, max_length=len(Priority))
    first_response: Seconds | None = None
    next_response: Seconds | None = None
    resolution: Seconds | None = None
    penalty: PenaltyForm | None = None


class TargetsForm(Asked):
    targets: list[TargetForm] = Field(max_length=200)
    note: Annotated[str, StringConstraints(max_length=300)] = ""
    expected: int | None = Field(None, ge=0)


class ReportQuery(Asked):
    """Days are those of the desk's zone; `group`, `kind` and `outcome` narrow the clocks behind a number."""

    first: date | None = None
    last: date | None = None
    by: Literal["tier", "channel", "day", "week", "month"] = "tier"
    group: Annotated[str, StringConstraints(max_length=40)] | None = None
    kind: ClockKind | None = None
    outcome: Literal["kept", "missed"] | None = None


class VersionForm(Asked):
    number: int = Field(ge=1, lt=2**31)
