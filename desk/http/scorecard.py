"""The scorecard over HTTP: metrics and their definitions, goals, and the cases behind a figure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from flask import Blueprint, Response, stream_with_context

from desk.actions.exports import note_export
from desk.actions.insights import scorecard
from desk.http.entrance import allow, body, query, reading, work
from desk.http.files import disposition
from desk.http.schemas.scorecard import GoalForm, GroupQuery, ScorecardQuery
from desk.model.permission import Permission

blueprint = Blueprint("scorecard", __name__)


@blueprint.get("/reports/metrics")
@allow(Permission.WATCH_FLOOR)
def defined() -> dict[str, Any]:
    """How every metric is defined, and what cannot be told."""
    with reading() as w:
        return scorecard.metrics_shown(w)


@blueprint.get("/reports/scorecard")
@allow(Permission.WATCH_FLOOR)
@query(GroupQuery)
def shown(query: GroupQuery) -> dict[str, Any]:
    """Every metric with its figure, its goal and its last 13 weeks."""
    with reading() as w:
        asked = scorecard.scorecard_asked(w, **query.model_dump(exclude={"group"}))
        return scorecard.scorecard_shown(w, asked, query.group)


@blueprint.get("/reports/scorecard/<key>/cases")
@allow(Permission.WATCH_FLOOR)
@query(ScorecardQuery)
def behind(key: str, query: ScorecardQuery) -> dict[str, Any]:
    """The cases behind a figure, the worst first."""
    with reading() as w:
        return scorecard.behind_shown(w, key, scorecard.scorecard_asked(w, **query.model_dump()))


@blueprint.get("/reports/scorecard/<key>/goals")
@allow(Permission.WATCH_FLOOR)
def goals(key: str) -> dict[str, Any]:
    """Every goal that a metric had, with who set it and when."""
    with reading() as w:
        return scorecard.goals_shown(w, key)


@blueprint.put("/reports/scorecard/<key>/goal")
@allow(Permission.EDIT_POLICIES)
@body(GoalForm)
def aimed(key: str, body: GoalForm) -> dict[str, Any]:
    """Set what a metric should reach, who answers for it, and how often it is looked at."""
    with work() as w:
        return scorecard.set_goal(w, key, target=body.target, owner_id=body.owner_id, rhythm=body.rhythm)


@blueprint.get("/exports/scorecard.csv")
@allow(Permission.EXPORT)
@query(ScorecardQuery)
def export(query: ScorecardQuery) -> Response:
    """The scorecard as CSV, with a column for each week."""
    with work() as w:
        asked = scorecard.scorecard_asked(w, **query.model_dump())
        note_export(w, "scorecard", query.model_dump(mode="json", exclude_none=True))

    def rows() -> Iterator[str]:
        with ExitStack() as stack:
            yield from scorecard.scorecard_as_csv(stack.enter_context(reading()), asked)

    response = Response(stream_with_context(rows()), mimetype="text/csv")
    response.headers["Content-Disposition"] = disposition("scorecard.csv", inline=False)
    return response
