"""What customers ask, over HTTP: figures of topics, the cases behind them, and what persons say of topics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, stream_with_context
from pydantic import Field, StringConstraints

from desk.actions.exports import note_export
from desk.actions.insights import topics
from desk.actions.insights.question_report import (
    behind_shown,
    period_asked,
    questions_as_csv,
    questions_shown,
    run_plain,
    standing_shown,
    topic_shown,
)
from desk.actions.insights.topic_alerts import see_alert
from desk.actions.insights.topic_runs import ask_for_topics
from desk.http.entrance import Asked, allow, body, query, reading, work
from desk.http.files import disposition
from desk.http.schemas.cases import Key
from desk.model.customer import Tier
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission
from desk.model.topic import TopicEvent

blueprint = Blueprint("questions", __name__)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class PeriodAsked(Asked):
    """Days are those of the desk's zone; `days` counts back from the last one. Else the last fortnight."""

    first: date | None = None
    last: date | None = None
    days: int | None = Field(None, ge=1, le=400)
    queue_id: Key | None = None
    channel: ChannelKind | None = None
    tier: Tier | None = None
    language: Annotated[str, StringConstraints(max_length=12)] | None = None


class BehindAsked(PeriodAsked):
    """`topic_id` 0 for questions of no topic; without it all."""

    topic_id: int | None = Field(None, ge=0, lt=2**63)
    measure: Literal["questions", "person", "minutes", "missed", "repeat", "risk", "beyond"] = "questions"

    @property
    def period(self) -> dict[str, Any]:
        return self.model_dump(exclude={"topic_id", "measure"})


class TopicForm(Asked):
    """The name that a person gives, or the area; an empty area leaves it to the next discovery."""

    name: Name | None = None
    area: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None


class MergeForm(Asked):
    into_id: Key


class SplitForm(Asked):
    """What holds the words becomes a topic of this name."""

    name: Name
    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=100)]


@blueprint.get("/questions")
@allow(Permission.WATCH_FLOOR)
@query(PeriodAsked)
def shown(query: PeriodAsked) -> dict[str, Any]:
    """Figures of a period and the one before: of all questions, of every topic, day by day, with alerts."""
    with reading() as w:
        return questions_shown(w, period_asked(w, **query.model_dump()))


@blueprint.get("/questions/cases")
@allow(Permission.WATCH_FLOOR)
@query(BehindAsked)
def behind(query: BehindAsked) -> dict[str, Any]:
    """The questions behind a number with their cases, the latest first; of minutes what took most."""
    with reading() as w:
        period = period_asked(w, **query.period)
        return {"rows": behind_shown(w, period, query.topic_id, query.measure), "next": None}


@blueprint.get("/exports/questions.csv")
@allow(Permission.EXPORT)
@query(PeriodAsked)
def as_table(query: PeriodAsked) -> Response:
    """A line a topic, as CSV."""
    with work() as w:
        period = period_asked(w, **query.model_dump())
        note_export(w, "questions", query.model_dump(mode="json", exclude_none=True))

    def rows() -> Iterator[str]:
        with ExitStack() as stack:
            yield from questions_as_csv(stack.enter_context(reading()), period)

    response = Response(stream_with_context(rows()), mimetype="text/csv")
    response.headers["Content-Disposition"] = disposition("questions.csv", inline=False)
    return response


@blueprint.post("/topic-runs")
@allow(Permission.EDIT_POLICIES)
def ask() -> tuple[dict[str, Any], int]:
    """Find all topics anew, soon; the run that waits already is as good."""
    with work() as w:
        return run_plain(ask_for_topics(w)), 202


@blueprint.get("/topic-runs")
@allow(Permission.WATCH_FLOOR)
def standing() -> dict[str, Any]:
    """How far the desk is: what was read, what is needed before topics are found, and the last discovery."""
    with reading() as w:
        return standing_shown(w)


@blueprint.get("/topics/<int:topic_id>")
@allow(Permission.WATCH_FLOOR)
def one(topic_id: int) -> dict[str, Any]:
    """One topic with quotes, its usual level, its facets, and what became of it."""
    with reading() as w:
        return topic_shown(w, topic_id)


@blueprint.patch("/topics/<int:topic_id>")
@allow(Permission.EDIT_POLICIES)
@body(TopicForm)
def changed(topic_id: int, body: TopicForm) -> dict[str, Any]:
    """Another name, or another area; `event_id` takes the last of both back."""
    with work() as w:
        event = None
        if body.name is not None:
            event = topics.rename_topic(w, topic_id, body.name)
        if body.area is not None:
            event = topics.move_to_area(w, topic_id, body.area)
        return {"topic_id": topic_id, "event_id": event.id if event else None}


@blueprint.put("/topics/<int:topic_id>/acceptance")
@allow(Permission.EDIT_POLICIES)
def accepted(topic_id: int) -> dict[str, Any]:
    """What was proposed is a topic; a facet becomes one of its own."""
    with work() as w:
        return _done(topics.accept_topic(w, topic_id))


@blueprint.put("/topics/<int:topic_id>/rejection")
@allow(Permission.EDIT_POLICIES)
def rejected(topic_id: int) -> dict[str, Any]:
    """It is not a topic, now and later."""
    with work() as w:
        return _done(topics.reject_topic(w, topic_id))


@blueprint.put("/topics/<int:topic_id>/merge")
@allow(Permission.EDIT_POLICIES)
@body(MergeForm)
def merged(topic_id: int, body: MergeForm) -> dict[str, Any]:
    """Count all of it for another topic, now and later."""
    with work() as w:
        return _done(topics.merge_topics(w, topic_id, body.into_id))


@blueprint.post("/topics/<int:topic_id>/splits")
@allow(Permission.EDIT_POLICIES)
@body(SplitForm)
def divided(topic_id: int, body: SplitForm) -> tuple[dict[str, Any], int]:
    """Questions that hold the words are a topic of their own; its number is `topic_id`."""
    with work() as w:
        return _done(topics.split_topic(w, topic_id, body.name, body.words)), 201


@blueprint.delete("/topic-events/<int:event_id>")
@allow(Permission.EDIT_POLICIES)
def taken_back(event_id: int) -> None:
    """As it was before this change."""
    with work() as w:
        topics.take_back(w, event_id)


@blueprint.put("/topic-alerts/<int:alert_id>/seen")
@allow(Permission.EDIT_POLICIES)
def seen(alert_id: int) -> None:
    """It stands no more above the page."""
    with work() as w:
        see_alert(w, alert_id)


def _done(event: TopicEvent) -> dict[str, Any]:
    return {"topic_id": event.topic_id, "event_id": event.id}
