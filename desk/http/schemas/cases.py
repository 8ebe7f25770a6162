"""What may be asked of cases."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator

from desk.actions.cases.bulk import MOST, BulkChange
from desk.actions.cases.edits import CaseEdit
from desk.actions.messages.opening import FirstLetter
from desk.http.asked import Asked
from desk.http.schemas.moments import Moment
from desk.http.schemas.templates import TemplateAsked
from desk.model.case import CaseStatus, LinkKind, Priority
from desk.store.cases.lists import TABS, VIEWS, CaseFilter

Key = Annotated[int, Field(ge=1, lt=2**63)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=998)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=320)]
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,43}$")]


class Narrowed(Asked):
    """What narrows a list; also what a saved view holds."""

    status: CaseStatus | None = None
    queue_id: Key | None = None
    assignee_id: Key | None = None
    tag: Tag | None = None
    priority: Priority | None = None
    category_id: Key | None = None
    q: Annotated[str, StringConstraints(max_length=400)] | None = None
    topic_id: Key | None = None
    billable: bool | None = None


class Listed(Narrowed):
    """One list: a view, a tab of it, and what narrows it."""

    view: str = Field("all", max_length=40, pattern=r"^[a-z]+(:[0-9]{1,18})?$")
    tab: str = "open"

    @field_validator("view")
    @classmethod
    def _known_view(cls, view: str) -> str:
        name, colon, _ = view.partition(":")
        if name not in VIEWS or bool(colon) != (name in ("queue", "saved")):
            raise ValueError(f"a view is one of {', '.join(VIEWS)}; queue and saved with a number")
        return view

    @field_validator("tab")
    @classmethod
    def _known_tab(cls, tab: str) -> str:
        if tab not in TABS:
            raise ValueError(f"a tab is one of {', '.join(TABS)}")
        return tab

    def wanted(self, saved: dict[str, Any] | None = None) -> CaseFilter:
        """The filter; `saved` is what a saved view holds, narrowed further by what is given here."""
        name, _, number = self.view.partition(":")
        narrowed = Narrowed.model_validate(saved or {}).model_dump(exclude_none=True)
        narrowed |= {
            field: value
            for field, value in self.model_dump(exclude_none=True).items()
            if field in Narrowed.model_fields
        }
        if name == "queue":
            narrowed["queue_id"] = int(number)
        return CaseFilter(view="all" if name in ("queue", "saved") else name, tab=self.tab, **narrowed)

    @property
    def saved_id(self) -> int | None:
        name, _, number = self.view.partition(":")
        return int(number) if name == "saved" else None


class ListedPage(Listed):
    cursor: str | None = Field(None, max_length=120)
    limit: int = Field(100, ge=1, le=200)


class Page(Asked):
    cursor: str | None = Field(None, max_length=120)
    limit: int = Field(50, ge=1, le=200)


class Begun(Asked):
    """A letter to a customer that begins a case, by mail or by text; the same `client_id` again is the same.

    For a text: `agreed` where they told the agent that they may be texted; the subject may be left out, and
    the words where it carries files, or is a `template`.
    """

    channel_id: Key
    to: list[Address] = Field(min_length=1, max_length=50)
    cc: list[Address] = Field(default=[], max_length=50)
    subject: Annotated[str, StringConstraints(strip_whitespace=True, max_length=998)] = ""
    text: str = Field("", max_length=200_000)
    queue_id: Key | None = None
    client_id: str = Field(min_length=1, max_length=64)
    agreed: bool = False
    files: list[str] = Field(default=[], max_length=50)
    template: TemplateAsked | None = None

    def letter(self, *, files_served: bool) -> FirstLetter:
        """What to do; `files_served` says whether a provider can fetch files from this desk."""
        return FirstLetter(
            self.channel_id,
            self.to,
            self.subject,
            self.text,
            self.client_id,
            cc=self.cc,
            queue_id=self.queue_id,
            agreed=self.agreed,
            file_tokens=self.files,
            files_served=files_served,
            template=self.template.use() if self.template else None,
        )


class Edited(Asked):
    """The fields that change; `version`, where given, is the one that the screen shows."""

    version: int | None = None
    subject: Line | None = None
    priority: Priority | None = None
    category_id: Key | None = None
    tags: list[Tag] | None = Field(None, max_length=60)
    queue_id: Key | None = None
    level: Literal[1, 2] | None = None
    fields: dict[Annotated[str, StringConstraints(max_length=40)], Any] | None = Field(None, max_length=100)

    @field_validator("subject", "priority", "tags", "level", "fields")
    @classmethod
    def _not_empty(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("this cannot be empty")
        return value

    def edit(self) -> CaseEdit:
        given = self.model_fields_set - {"version"}
        return CaseEdit(frozenset(given), **{name: getattr(self, name) for name in given})


class Assigned(Asked):
    agent_id: Key | None


class Resolved(Asked):
    reason: Reason | None = None


class Snoozed(Asked):
    until: Moment


class Nothing(Asked):
    """A deed that needs no word."""


class ReadTo(Asked):
    position: int = Field(ge=0, lt=2**63)


class Linked(Asked):
    case_id: Key
    kind: LinkKind


class MergedInto(Asked):
    into: Key


class Divided(Asked):
    message_ids: list[Key] = Field(min_length=1, max_length=1000)
    subject: Annotated[str, StringConstraints(strip_whitespace=True, max_length=998)] = ""


class Drafted(Asked):
    text: str = Field(max_length=200_000)
    files: list[Token] = Field(default=[], max_length=50)
    to: list[Address] | None = Field(None, max_length=50)
    cc: list[Address] | None = Field(None, max_length=50)


class BulkWanted(Asked):
    assignee_id: Key | None = None
    status: Literal[CaseStatus.RESOLVED, CaseStatus.OPEN, CaseStatus.ON_HOLD] | None = None
    reason: Reason | None = None
    snoozed_until: Moment | None = None
    priority: Priority | None = None
    queue_id: Key | None = None
    add_tags: list[Tag] = Field(default=[], max_length=30)
    remove_tags: list[Tag] = Field(default=[], max_length=30)

    @field_validator("status", "priority")
    @classmethod
    def _not_empty(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("this cannot be empty")
        return value


class Bulk(Asked):
    ids: list[Key] = Field(min_length=1, max_length=MOST)
    change: BulkWanted

    def wanted(self) -> BulkChange:
        given = self.change.model_fields_set
        return BulkChange(frozenset(given), **{name: getattr(self.change, name) for name in given})


class ViewForm(Asked):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    shared: bool = False
    filter: Narrowed = Field(default_factory=Narrowed)


class ViewChange(Asked):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)] | None = None
    shared: bool | None = None
    filter: Narrowed | None = None

    def changes(self) -> dict[str, Any]:
        """What was given, as it is stored."""
        return {
            name: value.model_dump(mode="json", exclude_none=True) if isinstance(value, Narrowed) else value
            for name in self.model_fields_set
            if (value := getattr(self, name)) is not None
        }
