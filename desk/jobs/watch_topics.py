"""Which topics rise, since when, and what their newest contacts share; over by itself once they are calm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from desk.actions.insights.topic_alerts import Level, Rise, keep_levels
from desk.insights.bursts import FIRST_DAY, SLACK, Counts, Watched, watched
from desk.insights.languages import language_of
from desk.insights.rising import Asked, Cause, cause_of
from desk.jobs.reading_space import ANALYST, Reading
from desk.store.insights.topics import Told, asked_beside, asked_of, daily_counts, live_topics
from desk.store.policies import policy
from desk.store.unit_of_work import Work

SHOWN = 28
"""Days whose usual level is kept, for the trend of a topic."""

CALM = 2
"""So many days without an alarm end it."""

LEAST_PAST = 14
"""Nothing is unusual before so many days were seen."""

COMPARED = timedelta(days=56)
FEWEST_COMPARED = 20
MOST_COMPARED = 2_000


def watch_topics(reading: Reading, now: datetime) -> int:
    """Compare today with what is usual; how many topics rise."""
    with reading.store.reading(ANALYST, now=now) as work:
        zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
        today = now.astimezone(zone).date()
        first = today - timedelta(days=FIRST_DAY + SHOWN - 1)
        numbers = [topic.id for topic in live_topics(work.session)]
        counts = _counts(work, numbers, first, zone)
        seen = watched(counts)
        rises = []
        for row, number in enumerate(numbers):
            began = _began(counts, seen, row)
            if began is not None:
                cause = _cause(work, number, _midnight(first + timedelta(days=began), zone))
                asked, usual = counts[row, began:].sum(), seen.expected[row, began:].sum()
                day = first + timedelta(days=began)
                rises.append(Rise(number, day, int(asked), float(usual), cause))
        levels = [_level(number, counts, seen, row) for row, number in enumerate(numbers)]
    with reading.store.unit_of_work(ANALYST, now=now) as work:
        keep_levels(work, today, levels, rises)
    return len(rises)


def _counts(work: Work, numbers: Sequence[int], first: date, zone: ZoneInfo) -> Counts:
    days = [(first + timedelta(days=number)).isoformat() for number in range(FIRST_DAY + SHOWN)]
    counted = daily_counts(work.session, _midnight(first, zone), work.now, zone.key)
    rows = [[counted.get(number, {}).get(day, 0) for day in days] for number in numbers]
    return np.array(rows, np.int64).reshape(len(numbers), len(days))


def _began(counts: Counts, seen: Watched, row: int) -> int | None:
    """The day since which the topic has been above its level, where it rises now."""
    days = np.flatnonzero(counts.sum(0))
    alarms = np.flatnonzero(seen.alarms[row, -CALM:])
    if not len(days) or counts.shape[1] - days[0] < LEAST_PAST or not len(alarms):
        return None
    began: int = counts.shape[1] - CALM + int(alarms[0])
    while began > FIRST_DAY and (seen.alarms[row, began - 1] or seen.excess[row, began - 1] > SLACK):
        began -= 1
    return began


def _cause(work: Work, number: int, since: datetime) -> Cause | None:
    """Told from the topic's own past; where it has hardly any, from what else is asked now."""
    now = work.now
    rising = asked_of(work.session, number, since, now, MOST_COMPARED)
    others = asked_of(work.session, number, since - COMPARED, since, MOST_COMPARED)
    if len(others) < FEWEST_COMPARED:
        others = asked_beside(work.session, number, since, now, MOST_COMPARED)
    return cause_of([_asked(one) for one in rising], [_asked(one) for one in others])


def _asked(told: Told) -> Asked:
    marks = {("channel", told.channel), *(("tag", tag) for tag in told.tags)}
    if told.product:
        marks.add(("product", told.product))
    return Asked(told.text, language_of(told.text, told.language), frozenset(marks))


def _level(number: int, counts: Counts, seen: Watched, row: int) -> Level:
    usual = seen.level[row, -SHOWN:].tolist()
    return Level(
        number,
        counts[row, -SHOWN:].tolist(),
        [None if np.isnan(one) else round(one, 2) for one in usual],
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
