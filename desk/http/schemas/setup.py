"""The forms of the setup: what a row may hold, and the same with every field left to choice for a change."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, create_model, field_validator, model_validator

from desk.http.asked import Asked, spelled
from desk.model.case import Priority
from desk.model.customer import Tier
from desk.model.help_session import MOST_WITHHELD
from desk.model.permission import Role
from desk.model.retention import RetentionAction
from desk.model.survey import Asking

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
ShortName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
_FIELD_KEY = spelled(
    r"^[a-z][a-z0-9_]{0,39}$",
    "Begin with a small letter, then up to 39 small letters, digits and _, without spaces.",
)
_CURRENCY = spelled(r"^([A-Z]{3})?$", "Give the three letters of a currency, such as EUR.")
Key = Annotated[
    str,
    StringConstraints(
        pattern=spelled(
            r"^[a-z0-9][a-z0-9_-]{0,39}$", "Use up to 40 small letters, digits, - and _, without spaces."
        )
    ),
]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Ids = Annotated[list[int], Field(max_length=500)]
Position = Annotated[int, Field(ge=0, le=10_000)]


class SkillAskedForm(Asked):
    skill_id: int
    minimum: int = Field(1, ge=1, le=5)


class QueueForm(Asked):
    name: Name
    description: str = Field("", max_length=300)
    offer_seconds: int = Field(45, ge=5, le=3600)
    wrap_up_seconds: int = Field(30, ge=0, le=3600)
    give_back_minutes: int = Field(0, ge=0, le=10_080)
    pull: bool = False
    pull_limit: int = Field(0, ge=0, le=1000)
    overflow_queue_id: int | None = None
    overflow_minutes: int = Field(0, ge=0, le=10_080)
    second_level_minutes: int = Field(0, ge=0, le=100_000)
    second_level_reopens: int = Field(0, ge=0, le=100)
    second_level_queue_id: int | None = None
    survey: Asking = Asking.NOBODY
    position: Position = 0
    active: bool = True
    default: bool = False
    skills: list[SkillAskedForm] = Field(default_factory=list, max_length=20)
    team_ids: Ids = Field(default_factory=list)

    @field_validator("skills")
    @classmethod
    def _each_once(cls, skills: list[SkillAskedForm]) -> list[SkillAskedForm]:
        if len({skill.skill_id for skill in skills}) != len(skills):
            raise ValueError("each skill can be asked for once")
        return skills


class SkillForm(Asked):
    name: ShortName


class TeamForm(Asked):
    name: Name
    member_ids: Ids = Field(default_factory=list)
    queue_ids: Ids = Field(default_factory=list)


class CategoryForm(Asked):
    name: Name
    parent_id: int | None = None
    active: bool = True
    position: Position = 0
    second_level: bool = False


class CannedForm(Asked):
    key: Key
    title: Name
    text: str = Field(min_length=1, max_length=20_000)
    queue_id: int | None = None


class StepForm(Asked):
    do: Literal[
        "set_priority",
        "add_tag",
        "remove_tag",
        "set_category",
        "set_queue",
        "assign_me",
        "resolve",
        "reply_text",
    ]
    value: str | int | None = None

    @model_validator(mode="after")
    def _value_fits(self) -> StepForm:
        if self.do == "assign_me":
            self.value = None
        elif self.do in ("set_category", "set_queue"):
            self.value = _a_number(self.do, self.value)
        elif not isinstance(self.value, str) or not self.value.strip() or len(self.value) > 20_000:
            raise ValueError(f"the step {self.do} needs a text")
        elif self.do == "set_priority":
            self.value = Priority(self.value).value
        return self


class MacroForm(Asked):
    name: Name
    steps: list[StepForm] = Field(min_length=1, max_length=20)


class ConditionForm(Asked):
    field: Literal["subject", "text", "sender", "recipient", "channel", "tier", "language"]
    operator: Literal["contains", "is", "ends_with", "starts_with"]
    value: str = Field(min_length=1, max_length=300)

    @field_validator("value")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("say what to look for")
        return value


class RuleForm(Asked):
    name: Name
    position: Position = 0
    active: bool = True
    conditions: list[ConditionForm] = Field(min_length=1, max_length=20)
    all: bool = True
    queue_id: int | None = None
    priority: Priority | None = None
    category_id: int | None = None
    add_tags: list[Tag] = Field(default_factory=list, max_length=20)


class FieldForm(Asked):
    key: Annotated[str, StringConstraints(pattern=_FIELD_KEY)]
    label: Name
    kind: Literal["text", "number", "choice", "date", "yes_no"] = "text"
    options: list[Name] = Field(default_factory=list, max_length=200)
    active: bool = True


class AgentSkillForm(Asked):
    skill_id: int
    level: int = Field(ge=1, le=5)


Places = Annotated[int, Field(ge=0, le=100)]


class CapacityForm(Asked):
    email: Places | None = None
    sms: Places | None = None
    chat: Places | None = None


class AgentForm(Asked):
    name: Name
    email: str = Field(min_length=3, max_length=320)
    role: Literal["agent", "manager", "admin", "auditor"] = "agent"
    active: bool = True
    assigned_only: bool = False
    team_ids: Ids = Field(default_factory=list)
    skills: list[AgentSkillForm] = Field(default_factory=list, max_length=100)
    capacity: CapacityForm = Field(default_factory=CapacityForm)
    password: str | None = Field(None, min_length=1, max_length=200)

    @field_validator("skills")
    @classmethod
    def _each_once(cls, skills: list[AgentSkillForm]) -> list[AgentSkillForm]:
        if len({skill.skill_id for skill in skills}) != len(skills):
            raise ValueError("each skill can be given once")
        return skills


class ValueForm(Asked):
    """How values and tiers are computed; what is not given stays."""

    hour: int | None = Field(None, ge=0, le=23)
    horizon_weeks: int | None = Field(None, ge=1, le=520)
    discount_a_year: float | None = Field(None, ge=0, le=1)
    currency: str | None = Field(None, pattern=_CURRENCY)
    tiers_by: Literal["share", "amount"] | None = None
    silver: float | None = Field(None, gt=0, lt=1e12)
    gold: float | None = Field(None, gt=0, lt=1e12)
    platinum: float | None = Field(None, gt=0, lt=1e12)
    band: float | None = Field(None, ge=0, le=0.5)
    actions: dict[Tier, RetentionAction] | None = None
    rest_days: int | None = Field(None, ge=0, le=3650)


class PoliciesForm(Asked):
    desk_name: Name | None = None
    time_zone: str | None = Field(None, max_length=64)
    public_address: str | None = Field(None, max_length=320)
    reopen_days: int | None = Field(None, ge=0, le=3650)
    close_after_days: int | None = Field(None, ge=0, le=3650)
    chat_silent_minutes: int | None = Field(None, ge=1, le=1440)
    chat_mail_minutes: int | None = Field(None, ge=1, le=1440)
    suggestions_withheld_percent: int | None = Field(None, ge=0, le=MOST_WITHHELD)
    survey_once_in_days: int | None = Field(None, ge=1, le=365)
    agent_minute_cost: float | None = Field(None, ge=0, le=1000)
    currency: str | None = Field(None, pattern=_CURRENCY)
    acknowledgement_text: str | None = Field(None, max_length=5000)
    signature: str | None = Field(None, max_length=5000)
    resolution_reasons: list[Name] | None = Field(None, min_length=1, max_length=50)
    second_factor_roles: list[Role] | None = Field(None, max_length=len(Role))
    value: ValueForm | None = None


def change_of(form: type[BaseModel]) -> type[BaseModel]:
    """The same form for a change: every field may be left out, and what is left out stays.

    A field that is given must hold what the form asks for: null is a value only where the form has it.
    """
    fields: dict[str, Any] = {
        name: (info.rebuild_annotation(), Field(default=None)) for name, info in form.model_fields.items()
    }
    return create_model(f"{form.__name__.removesuffix('Form')}Change", __base__=form, **fields)


def given(form: BaseModel) -> dict[str, Any]:
    """Only what was in the request, as plain values."""
    return form.model_dump(mode="json", exclude_unset=True)


def _a_number(do: str, value: str | int | None) -> int:
    try:
        return int(value or "")
    except ValueError:
        raise ValueError(f"the step {do} needs the number of a row") from None
