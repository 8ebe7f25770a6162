"""The desk's own days as they were, to be tried under other policies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from desk.actions.routing.floor import Floor, as_it_begins, policy_in_force, the_floor
from desk.model.errors import Invalid, NotFound
from desk.model.permission import Permission
from desk.routing.floor import agent_at_work, topic_of
from desk.routing.kept import KeptContact, Span
from desk.routing.policy import Policy
from desk.routing.policy_text import read_policy
from desk.routing.simulation.reading_off import KeptAgent, ReadOff, read_off
from desk.routing.simulation.scenario import TopicOverflow, TopicSecondLevel
from desk.sla.calendars import hours_in
from desk.store.policies import policy
from desk.store.routing.policies import kept_body
from desk.store.routing.presence_spans import available_spans
from desk.store.routing.replay import contacts_recorded, queue_rules
from desk.store.unit_of_work import Work

MOST_DAYS = 92
FINISHING = timedelta(days=1)
"""Who came late on the last day is answered by those who were at work on the next."""


def recorded_days(work: Work, first: date, last: date) -> ReadOff:
    """The days from `first` to `last`, both included, in the desk's time zone, as a scenario.

    Agents have the skills and places of today, and are at work when they were available. Raises
    Invalid in words for a period that cannot be, or in which nobody came or nobody was at work.
    """
    work.require(Permission.READ_SETUP)
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    begin, end = _period(first, last, zone, work.now)
    floor = the_floor(work)
    rules = queue_rules(work.session)
    return read_off(
        f"{first} to {last}",
        list(contacts_kept(work, floor, begin, end, named=floor.queue_of)),
        _agents(work, floor, begin, end),
        days=[minutes_since(begin, _midnight(day, zone)) for day in _days(first, last)],
        minutes=minutes_since(begin, end),
        policy=floor.policy,
        overflow=_overflow(floor, begin, end),
        pulled={floor.names[row.id]: row.pull_limit for row in rules if row.pull},
        second_level=_second_level(floor, rules, begin, end),
    )


def policy_kept(work: Work, name: str) -> Policy:
    """`in-force`, or `version:3`: a version of the desk, under that name. Raises Invalid, NotFound."""
    work.require(Permission.READ_SETUP)
    if name == "in-force":
        found = policy_in_force(work)
        return replace(found.policy, name=f"in force (version {found.version})")
    number = name.removeprefix("version:")
    if not number.isdecimal():
        raise Invalid(f"“{name}” names no version; write version:3 for the third.", "policy")
    if int(number) == 0:
        return replace(as_it_begins().policy, name="version 0")
    body = kept_body(work.session, min(int(number), 2**63 - 1))
    if body is None:
        raise NotFound(f"There is no routing policy {number}.")
    return replace(read_policy(body), name=f"version {number}")


def check_period(work: Work, first: date, last: date) -> None:
    """Raises Invalid in words for days that cannot be replayed."""
    _period(first, last, ZoneInfo(policy(work.session, "time_zone", "UTC")), work.now)


def _period(first: date, last: date, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    if first > last:
        raise Invalid(f"The period begins on {first} and ends before, on {last}.", "replay")
    today = now.astimezone(zone).date()
    if last > today:
        raise Invalid(f"{last} lies in the future; there is nothing recorded of it yet.", "replay")
    if (last - first).days >= MOST_DAYS:
        raise Invalid(f"At most {MOST_DAYS} days can be replayed at once.", "replay")
    return _midnight(first, zone), min(now, _midnight(last + timedelta(days=1), zone))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=count) for count in range((last - first).days + 1))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def minutes_since(begin: datetime, moment: datetime) -> float:
    """Minutes between two moments."""
    # By the clock of the world: between two moments of one zone Python would count by the wall.
    return (moment.timestamp() - begin.timestamp()) / 60


def contacts_kept(
    work: Work, floor: Floor, begin: datetime, end: datetime, *, named: Callable[[str], str]
) -> Iterator[KeptContact]:
    """What customers opened in [`begin`, `end`), in minutes since `begin`; topics are `named` so."""

    def at(moment: datetime | None) -> float | None:
        return None if moment is None else minutes_since(begin, moment)

    for row in contacts_recorded(work.session, begin, end):
        live = floor.policy.rule(row.channel).live
        begun, done = map(at, (row.joined_at, row.gone_at) if live else (row.assigned_at, row.answered_at))
        yield KeptContact(
            number=row.id,
            at=minutes_since(begin, row.opened_at),
            channel=row.channel,
            topic=named(topic_of(row.queue_id)),
            tier=row.tier,
            worth=row.worth,
            target=_target(row),
            agent_id=row.agent_id,
            worked=None if begun is None or done is None else (begun, done),
            left_at=at(row.gone_at) if row.joined_at is None else None,
            came_back=row.came_back,
            hard_after=_hard_after(row, live),
        )


def _hard_after(row: Any, live: bool) -> float | None:  # a row of the store's
    """A chat goes on at the second level, so that its minutes are measured as one."""
    if row.hard_at is None:
        return None
    return 0.0 if live or row.looked_at is None else minutes_since(row.looked_at, row.hard_at)


def _overflow(floor: Floor, begin: datetime, end: datetime) -> dict[str, TopicOverflow]:
    """Who helps out where, as the queues are set up today."""
    return {
        floor.names[queue_id]: TopicOverflow(
            floor.names[helper["id"]],
            helper["minutes"],
            _closed(helper["calendar"] or "", begin, end + FINISHING),
        )
        for queue_id, helper in floor.helped.items()
    }


def _second_level(
    floor: Floor, rules: Sequence[Row[Any]], begin: datetime, end: datetime
) -> dict[str, TopicSecondLevel]:
    """What is raised to which queue, as they are set up today."""
    return {
        floor.names[row.id]: TopicSecondLevel(
            floor.names[row.to_queue_id],
            row.minutes,
            closed=_closed(row.hours, begin, end + FINISHING) if row.minutes else (),
        )
        for row in rules
        if row.to_queue_id is not None
    }


def _closed(hours: str, begin: datetime, end: datetime) -> tuple[Span, ...]:
    """When a calendar is closed, in minutes since `begin`."""
    return tuple(
        (minutes_since(begin, closes), minutes_since(begin, opens))
        for closes, opens in hours_in(hours).closed_within(begin, end)
    )


def _target(row: Any) -> float | None:  # a row of the store's
    """Minutes by the wall from the arrival to the moment that was promised."""
    if row.target is None or row.calendar is None:
        return None
    due = hours_in(row.calendar).after(row.started_at, row.target)
    return minutes_since(row.opened_at, due)


def _agents(work: Work, floor: Floor, begin: datetime, end: datetime) -> list[KeptAgent]:
    shifts: Mapping[int, list[Span]] = defaultdict(list)
    for span in available_spans(work.session, begin, end + FINISHING, now=work.now):
        shifts[span.agent_id].append((minutes_since(begin, span.since), minutes_since(begin, span.until)))
    asked = {None: (), **floor.skills}
    learns, rates = (replace(floor.policy, learnt_speeds=learnt) for learnt in (True, False))
    found = []
    for candidate in floor.candidates:
        agent, rated = (agent_at_work(candidate, asked, one) for one in (learns, rates))
        found.append(
            KeptAgent(
                agent_id=candidate.agent_id,
                name=candidate.name,
                speeds={floor.queue_of(topic): skill.speed for topic, skill in agent.skills.items()},
                levels={floor.queue_of(topic): skill.margin + 1 for topic, skill in agent.skills.items()},
                limits=agent.limits,
                shifts=_joined(shifts.get(candidate.agent_id, [])),
                rated={floor.queue_of(topic): skill.speed for topic, skill in rated.skills.items()},
            )
        )
    return found


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Spans that touch are one: nobody goes and comes at the same moment."""
    found: list[Span] = []
    for since, until in spans:
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(until, found[-1][1]))
        else:
            found.append((since, until))
    return found
