"""Runs that find topics: asked for by a person, by the night, by the month, or because there is enough."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from desk.actions.customers.worth import last_hour
from desk.model.permission import Permission
from desk.model.topic import RunKind, TopicRun
from desk.store.insights.questions import count_questions
from desk.store.insights.topics import last_run, newest_space, waiting_run
from desk.store.policies import policy
from desk.store.unit_of_work import Work

FEWEST = 200
"""So many questions before topics are looked for."""

GROWN = 2
"""A discovery among so many times as many questions as the last one had finds more."""

GROWS_TO = 10_000
"""From here on the month is soon enough."""

EVERY = timedelta(days=30)
AGAIN_AFTER_TROUBLE = timedelta(days=1)
NIGHTLY_HOUR = 2


def ask_for_topics(work: Work) -> TopicRun:
    """Find all topics anew, soon; the run that waits already is as good."""
    work.require(Permission.EDIT_POLICIES)
    waiting = last_run(work.session, RunKind.DISCOVERY)
    if waiting is not None and waiting.finished_at is None:
        return waiting
    return _asked(work, RunKind.DISCOVERY)


def ask_for_night(work: Work) -> TopicRun:
    """Look for new topics in what fits none."""
    work.require(Permission.EDIT_POLICIES)
    return _asked(work, RunKind.NIGHTLY)


def ask_due(work: Work) -> TopicRun | None:
    """Ask for the run that is due now, if one is."""
    last = last_run(work.session, RunKind.DISCOVERY)
    if last is not None and last.finished_at is None:
        return None
    if _discovery_is_due(work, last):
        return _asked(work, RunKind.DISCOVERY)
    night = last_run(work.session, RunKind.NIGHTLY)
    due = last_hour(work.now, NIGHTLY_HOUR, ZoneInfo(policy(work.session, "time_zone", "UTC")))
    found = max((run.asked_at for run in (last, night) if run), default=None)
    if found is None or found >= due or newest_space(work.session) is None:
        return None
    return _asked(work, RunKind.NIGHTLY)


def begin_run(work: Work) -> TopicRun | None:
    """Take the run that waits into our hands; None when there is none."""
    run = waiting_run(work.session, work.now, lock=True)
    if run is not None:
        run.started_at = work.now
    return run


def _discovery_is_due(work: Work, last: TopicRun | None) -> bool:
    count = count_questions(work.session)
    if count < FEWEST:
        return False
    if last is None:
        return True
    since = work.now - last.asked_at
    if last.problem:
        return since >= AGAIN_AFTER_TROUBLE
    return since >= EVERY or (last.questions < GROWS_TO and count >= GROWN * last.questions)


def _asked(work: Work, kind: RunKind) -> TopicRun:
    run = TopicRun(kind=kind, asked_at=work.now, agent_id=work.actor.agent_id)
    work.session.add(run)
    work.session.flush()
    return run
