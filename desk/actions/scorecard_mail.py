"""The scorecard by mail: on Monday morning, whoever answers for a goal is told how it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desk.actions.scorecard import scorecard_asked
from desk.channels.email.compose import new_message_id
from desk.insights.scorecard import told, verdict
from desk.model.goal import Rhythm
from desk.model.transit import Outbox
from desk.store.goals import owned_goals
from desk.store.holds import hold
from desk.store.metrics import METRICS
from desk.store.metrics.figures import Asked, figures, give_room
from desk.store.minute_cost import currency_of
from desk.store.policies import policy, set_policies
from desk.store.portal import channel_to
from desk.store.unit_of_work import Work

KIND = "scorecard"
HOUR = 7
LATEST = timedelta(days=1)
"""A desk that slept through Monday says nothing on Wednesday."""

MAILED = "scorecard_mailed"
DAYS: Mapping[Rhythm, int] = {Rhythm.WEEKLY: 7, Rhythm.MONTHLY: 28, Rhythm.QUARTERLY: 91}


def mail_scorecards(work: Work, *, page: str) -> int:
    """Once a Monday, from seven on in the desk's zone: a mail to each owner of goals that are looked at
    today; how many. Weekly goals every Monday, monthly ones on the first of a month, quarterly ones on the
    first of a quarter, each over the days before it. `page` is where the scorecard is found.
    """
    hold(work.session, MAILED)
    monday = monday_due(work)
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
        mailed += _mail(work, email, _letter(name, lines, monday, page), monday)
    return mailed


def monday_due(work: Work) -> date | None:
    """Today, where its scorecards are to be mailed and are not yet."""
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    today = work.now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    due = datetime.combine(monday, time(HOUR), zone)
    if not due <= work.now < due + LATEST or policy(work.session, MAILED, "") >= monday.isoformat():
        return None
    return monday


def looked_at_on(monday: date) -> Sequence[Rhythm]:
    """The rhythms whose goals are looked at on this Monday."""
    if monday.day > 7:
        return (Rhythm.WEEKLY,)
    if monday.month not in (1, 4, 7, 10):
        return (Rhythm.WEEKLY, Rhythm.MONTHLY)
    return (Rhythm.WEEKLY, Rhythm.MONTHLY, Rhythm.QUARTERLY)


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


def _mail(work: Work, address: str, text: str, monday: date) -> int:
    channel = channel_to(work.session, address)
    if channel is None:
        return 0
    work.session.add(
        Outbox(
            channel_id=channel.id,
            kind=KIND,
            internet_id=new_message_id(channel.address.rpartition("@")[2]),
            recipients={address: {"state": "queued"}},
            queued_at=work.now,
            not_before=work.now,
            content={"subject": f"Scorecard of {monday:%d %B %Y}", "text": text},
        )
    )
    return 1
