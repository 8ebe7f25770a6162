"""What may be asked of customers."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import Field, StringConstraints, field_validator

from desk.actions.customers.profile import Description
from desk.http.asked import Asked
from desk.http.schemas.cases import Key
from desk.http.schemas.moments import Moment
from desk.model.case import CaseStatus
from desk.model.customer import AddressKind, Tier

Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Written = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=320)]
Plain = str | int | float | bool | None
MOST_ATTRIBUTES = 100


class Described(Asked):
    """Who the customer is; what is not given stays."""

    name: Name | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$")] | None = None
    time_zone: str | None = None
    organisation: Name | None = None
    tier: Tier | None = None
    attributes: dict[Annotated[str, StringConstraints(min_length=1, max_length=60)], Plain] | None = None

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in available_timezones():
            raise ValueError("this is not a time zone such as Europe/Berlin")
        return zone

    @field_validator("attributes")
    @classmethod
    def _few(cls, attributes: dict[str, Plain] | None) -> dict[str, Plain] | None:
        values = (attributes or {}).values()
        if len(values) > MOST_ATTRIBUTES or any(isinstance(v, str) and len(v) > 2000 for v in values):
            raise ValueError(f"at most {MOST_ATTRIBUTES} attributes of up to 2000 characters")
        return attributes

    @field_validator("tier", "name", "attributes")
    @classmethod
    def _not_empty(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("this cannot be empty")
        return value

    def description(self) -> Description:
        given = self.model_fields_set & set(Described.model_fields)
        return Description(frozenset(given), **{name: getattr(self, name) for name in given})


class Claimed(Asked):
    kind: AddressKind
    value: Written


class NewCustomer(Described):
    addresses: list[Claimed] = Field(default=[], max_length=20)


class Agreed(Asked):
    channel: Literal["email", "sms", "chat", "phone"]
    granted: bool


class MergedInto(Asked):
    into: Key


class Found(Asked):
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""
    cursor: str | None = Field(None, max_length=120)
    limit: int = Field(50, ge=1, le=200)


class Searched(Asked):
    """What is looked for, and what narrows it; dates without a zone are in UTC. `topic:7` among the words
    is as `topic_id`."""

    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]
    kind: Literal["all", "cases", "messages", "customers"] = "all"
    status: CaseStatus | None = None
    queue_id: Key | None = None
    assignee_id: Key | None = None
    topic_id: Key | None = None
    since: Moment | None = None
    until: Moment | None = None
    cursor: str | None = Field(None, max_length=120)
    limit: int = Field(20, ge=1, le=100)
