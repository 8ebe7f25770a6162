"""Did it work? The planned looks at what is in effect, each once its weeks are over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from desk.actions.insights.proposal_found import Read, keep_reading
from desk.insights import looks
from desk.insights.looks import NEAREST, WEEKS, Look, day_of, look_at
from desk.insights.vectors import Vectors
from desk.jobs.reading_space import ANALYST
from desk.model.proposal import Proposal
from desk.model.topic import counted_for
from desk.store.insights.proposals import in_effect, readings_of, topics_touched
from desk.store.insights.topics import bursts_of, daily_counts, every_topic, known_centres, live_topics
from desk.store.policies import policy
from desk.store.unit_of_work import Store, Work

DAYS_BACK = 182
"""How far back contacts are counted: half a year says what is usual."""

SHOWN_WEEKS = 13


@dataclass(frozen=True)
class History:
    """Contacts of every live topic a day (rows as `numbers`, the last column yesterday), with its centre;
    `untouched` are rows of topics without a change of their own or an alarm."""

    numbers: list[int]
    counts: NDArray[np.int64]
    first: date
    untouched: list[int]
    centres: Mapping[int, Vectors]
    names: Mapping[int, str]

    def weekly(self, number: int) -> list[int]:
        """Contacts a week, the newest last."""
        row = self.counts[self.numbers.index(number)]
        weeks = min(SHOWN_WEEKS, len(row) // 7)
        return [int(one) for one in row[len(row) - 7 * weeks :].reshape(weeks, 7).sum(1)]

    def cosine(self, one: int, other: int) -> float:
        """How near two topics are; 0 where that is not known."""
        if one not in self.centres or other not in self.centres:
            return 0.0
        return float(self.centres[one] @ self.centres[other])

    def near(self, number: int) -> list[int]:
        """Rows of the nearest topics."""
        others = sorted(
            (row for row, other in enumerate(self.numbers) if other != number and other in self.centres),
            key=lambda row: -self.cosine(number, self.numbers[row]),
        )
        return others[:NEAREST] if number in self.centres else []

    def detectable(self, number: int) -> float | None:
        """The smallest fall that would be found."""
        row = self.numbers.index(number)
        return looks.detectable(self.counts, row, self.untouched, self.near(number))


def measure_effects(store: Store, now: datetime) -> int:
    """Look at what is in effect; how many looks were due. A late one sees what it would have seen in time."""
    with store.reading(ANALYST, now=now) as work:
        due = [read for proposal in in_effect(work.session) for read in _due(work, proposal)]
    kept = 0
    for proposal_id, changed, weeks in due:
        with store.reading(ANALYST, now=now) as work:
            until = changed + timedelta(days=day_of(weeks))
            read = _read(work, proposal_id, changed, weeks, history_of(work, until))
        with store.unit_of_work(ANALYST, now=now) as work:
            keep_reading(work, read)
        kept += 1
    return kept


def history_of(work: Work, until: date | None = None) -> History:
    """What was asked a day, up to before `until`, or today."""
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    until = until or work.now.astimezone(zone).date()
    topics = live_topics(work.session)
    numbers = [topic.id for topic in topics]
    first = until - timedelta(days=DAYS_BACK)
    counted = daily_counts(work.session, _midnight(first, zone), _midnight(until, zone), zone.key)
    seen = min((day for days in counted.values() for day in days), default=until.isoformat())
    first = max(first, date.fromisoformat(seen))
    days = [(first + timedelta(days=number)).isoformat() for number in range((until - first).days)]
    rows = [[counted.get(number, {}).get(day, 0) for day in days] for number in numbers]
    followed = counted_for(every_topic(work.session))
    changed = {followed.get(number) or number for number in topics_touched(work.session)}
    touched = changed | set(bursts_of(work.session, first))
    model = next((topic.model for topic in topics if topic.model), "")
    known = known_centres(work.session, model)
    return History(
        numbers=numbers,
        counts=np.array(rows, np.int64).reshape(len(numbers), len(days)),
        first=first,
        untouched=[row for row, number in enumerate(numbers) if number not in touched],
        centres=dict(zip(known.ids, known.centres, strict=True)),
        names={topic.id: topic.name for topic in topics},
    )


def _due(work: Work, proposal: Proposal) -> list[tuple[int, date, int]]:
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    today = work.now.astimezone(zone).date()
    since = proposal.in_effect_from
    assert since is not None, "what is in effect is so since a day"
    done = {reading.weeks for reading in readings_of(work.session, proposal.id)}
    return [
        (proposal.id, since, weeks)
        for weeks in WEEKS
        if weeks not in done and since + timedelta(days=day_of(weeks)) <= today
    ]


def _read(work: Work, proposal_id: int, since: date, weeks: int, history: History) -> Read:
    proposal = work.session.get_one(Proposal, proposal_id)
    changed = (since - history.first).days
    # What was merged since counts for the topic into which it went, before the change and after it.
    number = counted_for(every_topic(work.session)).get(proposal.topic_id) or proposal.topic_id
    if number not in history.numbers:
        look = Look(weeks, False, "Not proven: its topic is none any more.")
    elif changed < 0:
        look = Look(weeks, False, "Not proven: nothing was counted before the change.")
    else:
        row = history.numbers.index(number)
        near = history.near(number)
        untouched = [one for one in history.untouched if one != row]
        look = look_at(
            history.counts, row, changed, untouched, near, weeks, _burst(work, number, history, changed)
        )
    effect = look.effect
    return Read(
        proposal_id=proposal_id,
        read_on=since + timedelta(days=day_of(weeks)),
        weeks=weeks,
        proven=look.proven,
        ends=weeks == WEEKS[-1],
        change=effect.change if effect else None,
        low=effect.low if effect else None,
        high=effect.high if effect else None,
        p=effect.p if effect else None,
        detail=_detail(look, history, number, changed),
    )


def _burst(work: Work, number: int, history: History, changed: int) -> list[int]:
    """Days before the change on which the topic rose above its level: what was high falls by itself."""
    found = bursts_of(work.session, history.first).get(number, [])
    days: set[int] = set()
    for began, ended in found:
        begin = max(0, (began - history.first).days)
        end = (ended - history.first).days if ended else changed
        days.update(range(begin, min(end, changed)))
    return sorted(days)


def _detail(look: Look, history: History, number: int, changed: int) -> dict[str, Any]:
    start = history.first + timedelta(days=changed % 7)
    names = [history.names[history.numbers[row]] for row in history.near(number)]
    return {
        "why": look.why,
        "moved": look.moved,
        "near": names,
        "controls": look.effect.controls if look.effect else 0,
        "effect": asdict(look.effect) if look.effect else None,
        "chart": {
            "first": start.isoformat(),
            "topic": look.topic_shares,
            "controls": look.control_shares,
            "before": look.weeks_before,
        },
    }


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
