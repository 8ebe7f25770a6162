"""The kinds of setup: what each row holds, what must be true of it, and what keeps it from being deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, update
from sqlalchemy.orm import InstrumentedAttribute

from desk.model.agent import Agent, CannedReply, Macro, Skill, Team, TeamMember
from desk.model.case import Case, Category, CustomField
from desk.model.channel import Channel
from desk.model.errors import Invalid
from desk.model.queue import Queue, QueueSkill, QueueTeam
from desk.model.record import Record
from desk.model.rule import TriageRule
from desk.store.setup import Part, count_where
from desk.store.unit_of_work import Work

Check = Callable[[Work, Any, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Hold:
    """Rows that point here keep a row from being deleted; the sentences say how many and what to do."""

    rows: Callable[[Any], ColumnElement[bool]]
    one: str
    many: str


@dataclass(frozen=True)
class Kind:
    """One kind of setup row. `names` maps our words to columns where they differ; `refers` our words
    to the nouns they point to; `check` raises Invalid for a row that cannot be, before it is kept.
    """

    noun: type[Record]
    word: str
    title: str
    columns: tuple[str, ...]
    order: tuple[str, ...] = ("id",)
    names: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    refers: Mapping[str, type[Record]] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()
    check: Check | None = None
    leave: Check | None = None
    dated: bool = False

    @property
    def table(self) -> str:
        return str(self.noun.__tablename__)

    def column(self, name: str) -> str:
        return self.names.get(name, name)


def _one_default(work: Work, queue: Queue, values: Mapping[str, Any]) -> None:
    """There is exactly one default queue, and it is on: no case may fall between the queues."""
    others = and_(Queue.is_default, Queue.id != (queue.id or 0))
    if values.get("default"):
        work.session.execute(update(Queue).where(others).values(is_default=False))
    elif count_where(work.session, others) == 0:
        if "default" in values and queue.id is not None:
            raise Invalid("Make another queue the default one instead.", "default")
        queue.is_default = True
    if queue.is_default and not queue.active:
        raise Invalid(
            f"{queue.name} takes what no rule places. Make another queue the default one first.", "active"
        )


def _a_queue_that_can_be(work: Work, queue: Queue, values: Mapping[str, Any]) -> None:
    _one_default(work, queue, values)
    _overflow_that_can_be(work, queue)
    if queue.id is not None and queue.second_level_queue_id == queue.id:
        raise Invalid(f"{queue.name} is the first level here. Choose another queue.", "second_level_queue_id")


def _overflow_that_can_be(work: Work, queue: Queue) -> None:
    """Nobody helps out in what is not offered, and no queue helps itself, by whatever way."""
    field = "overflow_queue_id"
    if queue.pull and count_where(work.session, Queue.overflow_queue_id == (queue.id or 0)):
        raise Invalid(f"Other queues overflow to {queue.name}, so its cases have to be offered.", "pull")
    if queue.overflow_queue_id is None:
        return
    if queue.pull:
        raise Invalid(
            "Nothing of a queue that agents take from themselves is offered: it has no overflow.", field
        )
    helper = work.session.get(Queue, queue.overflow_queue_id)
    if helper is not None and helper.pull:
        raise Invalid(
            f"Agents take the cases of {helper.name} themselves. Choose a queue that is offered.", field
        )
    way: list[Queue] = []
    while helper is not None and helper not in way:
        way.append(helper)
        if helper.id == queue.id:
            names = " → ".join([queue.name, *(one.name for one in way)])
            raise Invalid(f"{queue.name} would overflow to itself: {names}. Choose another.", field)
        beyond = helper.overflow_queue_id
        helper = None if beyond is None else work.session.get(Queue, beyond)


def _not_the_default(_work: Work, queue: Queue, _values: Mapping[str, Any]) -> None:
    if queue.is_default:
        raise Invalid(
            f"{queue.name} cannot be deleted: it is the default queue. Make another one the default."
        )


def _two_levels(work: Work, category: Category, _values: Mapping[str, Any]) -> None:
    if category.parent_id is None:
        return
    parent = work.session.get_one(Category, category.parent_id)
    if parent.id == category.id or parent.parent_id is not None:
        raise Invalid("Categories are two levels deep: choose a category without a parent.", "parent_id")
    if category.id is not None and count_where(work.session, Category.parent_id == category.id):
        raise Invalid(f"{category.name} has categories below it, and cannot go below another.", "parent_id")


def _known_key(work: Work, custom: CustomField, values: Mapping[str, Any]) -> None:
    if custom.kind == "choice" and not custom.options:
        raise Invalid("A choice needs options to choose from.", "options")
    if custom.id is None or not ({"key", "kind"} & values.keys()):
        return
    kept = work.session.get_one(CustomField, custom.id)
    if (values.get("key", kept.key), values.get("kind", kept.kind)) == (kept.key, kept.kind):
        return
    if count_where(work.session, Case.fields.has_key(kept.key)):
        raise Invalid(
            "Cases hold values of this field: its key and kind stay. Make a new field instead.", "key"
        )


def _a_step_that_can_be(work: Work, macro: Macro, _values: Mapping[str, Any]) -> None:
    """A step names a queue or a category that is there."""
    nouns: dict[str, type[Record]] = {"set_queue": Queue, "set_category": Category}
    for step in macro.steps:
        noun = nouns.get(step["do"])
        if noun is not None and work.session.get(noun, int(step["value"])) is None:
            raise Invalid(f"The step “{step['do']}” names {step['value']}, which is not there.", "steps")


def _pointing(column: InstrumentedAttribute[Any], one: str, many: str) -> Hold:
    """The rows that name the row's number in a column."""
    return Hold(lambda row: column == row.id, one, many)


def _named_in_a_macro(step: str) -> Hold:
    """The macros with a step that names the row's number."""
    return Hold(
        lambda row: Macro.steps.contains([{"do": step, "value": row.id}]),
        "1 macro names it. Change the macro first.",
        "{n} macros name it. Change them first.",
    )


SKILLS_ASKED = Part("skills", QueueSkill, "queue_id", ("skill_id", "minimum"))
TEAMS_OF_QUEUE = Part("team_ids", QueueTeam, "queue_id", ("team_id",))
MEMBERS = Part("member_ids", TeamMember, "team_id", ("agent_id",))
QUEUES_OF_TEAM = Part("queue_ids", QueueTeam, "team_id", ("queue_id",))

QUEUES = Kind(
    noun=Queue,
    word="queue",
    title="name",
    columns=(
        "name",
        "description",
        "offer_seconds",
        "wrap_up_seconds",
        "give_back_minutes",
        "pull",
        "pull_limit",
        "overflow_queue_id",
        "overflow_minutes",
        "second_level_minutes",
        "second_level_reopens",
        "second_level_queue_id",
        "survey",
        "position",
        "active",
        "default",
    ),
    order=("position", "name"),
    names={"default": "is_default"},
    parts=(SKILLS_ASKED, TEAMS_OF_QUEUE),
    refers={"skill_id": Skill, "team_ids": Team, "overflow_queue_id": Queue, "second_level_queue_id": Queue},
    holds=(
        Hold(
            lambda queue: and_(Case.queue_id == queue.id, Case.status.not_in(["resolved", "closed"])),
            "1 open case waits in it. Move it or switch the queue off.",
            "{n} open cases wait in it. Move them or switch the queue off.",
        ),
        _pointing(
            Case.queue_id,
            "1 case was worked in it. Switch the queue off instead.",
            "{n} cases were worked in it. Switch the queue off instead.",
        ),
        _pointing(
            Channel.queue_id,
            "1 channel leads to it. Send the channel elsewhere first.",
            "{n} channels lead to it. Send them elsewhere first.",
        ),
        _pointing(
            TriageRule.queue_id,
            "1 rule leads to it. Change the rule first.",
            "{n} rules lead to it. Change them first.",
        ),
        _pointing(
            Queue.overflow_queue_id,
            "1 queue overflows to it. Change that queue first.",
            "{n} queues overflow to it. Change them first.",
        ),
        _pointing(
            Queue.second_level_queue_id,
            "1 queue raises cases to it. Change that queue first.",
            "{n} queues raise cases to it. Change them first.",
        ),
        _pointing(
            CannedReply.queue_id,
            "1 canned reply belongs to it. Move the reply first.",
            "{n} canned replies belong to it. Move them first.",
        ),
        _named_in_a_macro("set_queue"),
    ),
    check=_a_queue_that_can_be,
    leave=_not_the_default,
    dated=True,
)
SKILLS = Kind(
    noun=Skill,
    word="skill",
    title="name",
    columns=("name",),
    order=("name",),
    holds=(
        _pointing(
            QueueSkill.skill_id,
            "1 queue asks for it. Change the queue first.",
            "{n} queues ask for it. Change them first.",
        ),
    ),
)
TEAMS = Kind(
    noun=Team,
    word="team",
    title="name",
    columns=("name",),
    order=("name",),
    parts=(MEMBERS, QUEUES_OF_TEAM),
    refers={"member_ids": Agent, "queue_ids": Queue},
)
CATEGORIES = Kind(
    noun=Category,
    word="category",
    title="name",
    columns=("name", "parent_id", "active", "position", "second_level"),
    order=("position", "name"),
    refers={"parent_id": Category},
    holds=(
        _pointing(
            Case.category_id,
            "1 case has it. Switch the category off instead.",
            "{n} cases have it. Switch the category off instead.",
        ),
        _pointing(
            Category.parent_id,
            "1 category lies below it. Move that one first.",
            "{n} categories lie below it. Move them first.",
        ),
        _pointing(
            TriageRule.category_id,
            "1 rule sets it. Change the rule first.",
            "{n} rules set it. Change them first.",
        ),
        _named_in_a_macro("set_category"),
    ),
    check=_two_levels,
)
CANNED = Kind(
    noun=CannedReply,
    word="canned reply",
    title="title",
    columns=("key", "title", "text", "queue_id"),
    order=("key",),
    refers={"queue_id": Queue},
)
MACROS = Kind(
    noun=Macro,
    word="macro",
    title="name",
    columns=("name", "steps"),
    order=("name",),
    check=_a_step_that_can_be,
)
RULES = Kind(
    noun=TriageRule,
    word="rule",
    title="name",
    columns=(
        "position",
        "name",
        "active",
        "conditions",
        "all",
        "queue_id",
        "priority",
        "category_id",
        "add_tags",
    ),
    order=("position", "id"),
    names={"all": "match_all"},
    refers={"queue_id": Queue, "category_id": Category},
)
FIELDS = Kind(
    noun=CustomField,
    word="field",
    title="label",
    columns=("key", "label", "kind", "options", "active"),
    order=("label",),
    holds=(
        Hold(
            lambda custom: Case.fields.has_key(custom.key),
            "1 case holds a value of it. Switch the field off instead.",
            "{n} cases hold a value of it. Switch the field off instead.",
        ),
    ),
    check=_known_key,
)
