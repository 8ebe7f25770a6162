"""What goes together in cases, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Blueprint
from pydantic import Field, StringConstraints

from desk.actions.insights.correlations import correlations_shown, together_shown
from desk.http.entrance import Asked, allow, query, reading
from desk.model.permission import Permission

blueprint = Blueprint("correlations", __name__)


class OpenedAsked(Asked):
    """Cases opened within so many days up to today, in the desk's zone."""

    days: int = Field(91, ge=7, le=366)


class PairAsked(OpenedAsked):
    """A fact with its value, and an outcome, as they were listed."""

    fact: Literal["channel", "tier", "level", "queue", "category", "topic", "weekday"]
    value: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    outcome: Literal["reopened", "missed", "low_score", "long", "again"]


@blueprint.get("/correlations")
@allow(Permission.WATCH_FLOOR)
@query(OpenedAsked)
def shown(query: OpenedAsked) -> dict[str, Any]:
    """Pairs of a fact and an outcome that are worth a look."""
    with reading() as w:
        return correlations_shown(w, query.days)


@blueprint.get("/correlations/cases")
@allow(Permission.WATCH_FLOOR)
@query(PairAsked)
def behind(query: PairAsked) -> dict[str, Any]:
    """The cases that have both."""
    with reading() as w:
        return together_shown(w, **query.model_dump())
