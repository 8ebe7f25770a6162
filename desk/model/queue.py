"""A queue is where work waits: the skills it asks, how long an offer stands, and the hours it works."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.model.record import Key, Record
from desk.model.survey import Asking


class Queue(Record):
    """`give_back_minutes`: for so long an agent may leave a customer of this queue waiting, in working time,
    before the case goes to somebody else; 0 is for ever. Of a `pull` queue nothing is offered: its agents
    take the next case themselves, while they have fewer than `pull_limit` of it at hand (0 is without limit).
    What has waited for `overflow_minutes` (0 is never), or waits while the queue is closed or nobody of it is
    here, may also be taken by those who work the `overflow_queue_id`. What is unresolved for
    `second_level_minutes`, or was reopened `second_level_reopens` times (0 is never), is raised to the second
    level, and goes to the `second_level_queue_id`, where there is one. Of whose resolved cases the customer
    is asked how it went, `survey` says.
    """

    __tablename__ = "queues"
    __table_args__ = (
        Index("uq_queues_default", "is_default", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[Key] = mapped_column(init=False)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime]
    description: Mapped[str] = mapped_column(String(300), default="")
    offer_seconds: Mapped[int] = mapped_column(default=45)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    is_default: Mapped[bool] = mapped_column(default=False)
    wrap_up_seconds: Mapped[int] = mapped_column(default=30)
    give_back_minutes: Mapped[int] = mapped_column(default=0)
    pull: Mapped[bool] = mapped_column(default=False)
    pull_limit: Mapped[int] = mapped_column(default=0)
    overflow_queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id"), default=None)
    overflow_minutes: Mapped[int] = mapped_column(default=0)
    second_level_minutes: Mapped[int] = mapped_column(default=0)
    second_level_reopens: Mapped[int] = mapped_column(default=0)
    second_level_queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id"), default=None)
    calendar_id: Mapped[int | None] = mapped_column(ForeignKey("calendars.id"), default=None)
    survey: Mapped[Asking] = mapped_column(default=Asking.NOBODY)


class QueueSkill(Record):
    """A skill that a queue asks for, and how good one must be at it (1 to 5)."""

    __tablename__ = "queue_skills"

    queue_id: Mapped[int] = mapped_column(ForeignKey("queues.id"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id"), primary_key=True)
    minimum: Mapped[int] = mapped_column(default=1)


class QueueTeam(Record):
    """A team that works a queue: its members may see the cases in it and be offered them."""

    __tablename__ = "queue_teams"

    queue_id: Mapped[int] = mapped_column(ForeignKey("queues.id"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True, index=True)
