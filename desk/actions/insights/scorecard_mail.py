"""The scorecard by mail: on Monday morning, whoever answers for a goal is told how it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from desk.actions.insights.mondays import DAYS, looked_at_on, mail_to_one_of_us, monday_due
from desk.actions.insights.scorecard import scorecard_asked
from desk.insights.scorecard import told, verdict
from desk.store.holds import hold
from desk.store.insights.goals import owned_goals
from desk.store.insights.metrics import METRICS
from desk.store.insights.metrics.figures import Asked, figures, give_room
from desk.store.insights.minute_cost import currency_of
from desk.store.policies import set_policies
from desk.store.unit_of_work import Work

KIND = "scorecard"
MAILED = "scorecard_mailed"


def mail_scorecards(work: Work, *, page: str) -> int:
    """Once a Monday, from seven on in the desk's zone: a mail to each owner of goals that are looked at
    today; how many. Weekly goals every Monday, monthly ones on the first of a month, quarterly ones on the
    first of a quarter, each over the days before it. `page` is where the scorecard is found.
    """
    hold(work.session, MAILED)
    monday = monday_due(work, MAILED)
    if monday is None:
        return 0
    set_policies(work.session, {MAILED: monday.isoformat()})
    give_room(work.session)
    rhythms = looked_at_on(monday)
    goals = [goal for goal in owned_goals(work.session) if goal["rhythm"] in rhythms]
    owners = dict.fromkeys((goal["email"], goal["owner"]) for goal in goals)
    asked = {
        rhythm: scorecard_asked(work, last=monday - timedelta(days=1), days=DAYS[rhythm])
        for rhythm in rhythms
    }
    mailed = 0
    for email, name in owners:
        lines = [_line(work, goal, asked[goal["rhythm"]]) for goal in goals if goal["email"] == email]
        subject = f"Scorecard of {monday:%d %B %Y}"
        mailed += mail_to_one_of_us(work, email, KIND, subject, _letter(name, lines, monday, page))
    return mailed


def _line(work: Work, goal: Mapping[str, Any], asked: Asked) -> str:
    metric = METRICS[goal["metric"]]
    point = figures(work.session, metric, asked)[0]
    currency = currency_of(work.session) or ""
    days = DAYS[goal["rhythm"]]
    if point.value is None:
        return f"- {metric.title}: no figures in the last {days} days"
    line = f"- {metric.title}: {told(point.value, metric.unit, currency)} in the last {days} days"
    if goal["target"] is None:
        return line
    bound = "at least" if metric.more_is_better else "at most"
    judged = verdict(point.value, goal["target"], more_is_better=metric.more_is_better)
    return f"{line}; the target is {bound} {told(goal['target'], metric.unit, currency)}: {judged}"


def _letter(name: str, lines: Sequence[str], monday: date, page: str) -> str:
    listed = "\n".join(lines)
    return f"Hello {name},\n\nthis is how your goals stand on {monday:%d %B %Y}.\n\n{listed}\n\n{page}\n"
