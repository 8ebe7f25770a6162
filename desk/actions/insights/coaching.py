"""Coaching: an agent's work beside colleagues on like cases, cases to read together, and what was said.

It is between the agent and the managers of a team they share; nobody else reads it, auditors neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from desk.actions.cases.access import case_for
from desk.actions.insights.question_report import period_asked
from desk.actions.setup.audit import audit
from desk.insights.peers import Beside, beside_peers
from desk.model.agent import Agent
from desk.model.coaching import CoachingEntry, EntryKind, GoalOutcome, Measure
from desk.model.errors import Forbidden, Invalid, NotFound
from desk.model.permission import Permission
from desk.store.insights.coaching import cells_of, drawn_cases, entries_about, team_of
from desk.store.insights.question_figures import Period
from desk.store.insights.topics import get_topic, names_of
from desk.store.sight import seen_among
from desk.store.unit_of_work import Work

USUAL_DAYS = 91
DRAWN_AT_ONCE = 5
MOST_ENTRIES = 200


def coached_by_me(work: Work) -> dict[str, Any]:
    """`{rows}`: whom the manager coaches, by name, and nothing else of them."""
    work.require(Permission.COACH)
    return {"rows": [{"id": one.id, "name": one.name} for one in _team(work)], "next": None}


def coaching_shown(work: Work, agent_id: int, days: int | None) -> dict[str, Any]:
    """`{agent, since, until, may_coach, looks, rows, entries}`; a row a topic, those with most cases first,
    and one of all topics before them. Reading another's is noted in the audit log."""
    agent = _agent_for(work, agent_id)
    if work.actor.agent_id != agent_id:
        audit(work, "coaching read", f"agent:{agent_id}", {"days": days or USUAL_DAYS})
    period = period_asked(work, days=days or USUAL_DAYS)
    found = beside_peers(cells_of(work.session, period.since, period.until))
    mine = [one for one in found if one.agent_id == agent_id]
    names = names_of(work.session, {one.topic_id for one in mine if one.topic_id is not None})
    return {
        "agent": {"id": agent.id, "name": agent.name},
        "since": period.since,
        "until": period.until,
        "may_coach": _coaches(work, agent_id),
        "looks": sum(not one.few for one in found),
        "rows": _by_topic(mine, names),
        "entries": entries_about(work.session, agent_id, MOST_ENTRIES),
    }


def cases_to_read(
    work: Work, agent_id: int, *, days: int | None, topic_id: int | None, draw: int
) -> dict[str, Any]:
    """Five cases that the agent resolved, drawn by lot and not by how they went: the same five for both who
    read them, until the week is over; `draw` 1 for the next five, and so on."""
    _agent_for(work, agent_id)
    period = period_asked(work, days=days or USUAL_DAYS)
    rows = drawn_cases(
        work.session,
        period.since,
        period.until,
        agent_id=agent_id,
        topic_id=topic_id,
        seed=_seed(period, agent_id),
        limit=DRAWN_AT_ONCE + 1,
        offset=draw * DRAWN_AT_ONCE,
    )
    more, rows = len(rows) > DRAWN_AT_ONCE, rows[:DRAWN_AT_ONCE]
    seen = seen_among(work.session, work.actor, [row["case_id"] for row in rows])
    names = names_of(work.session, {row["topic_id"] for row in rows})
    kept = [row | {"topic": names.get(row["topic_id"], "")} for row in rows if row["case_id"] in seen]
    return {"rows": kept, "next": draw + 1 if more else None}


def say_in_coaching(
    work: Work,
    agent_id: int,
    kind: EntryKind,
    text: str,
    *,
    case_id: int | None = None,
    topic_id: int | None = None,
    answers_id: int | None = None,
    due_on: date | None = None,
) -> CoachingEntry:
    """A note or a goal of the manager's, or an answer of the agent's. Raises Forbidden, NotFound, Invalid."""
    _agent_for(work, agent_id)
    if work.actor.agent_id is None:
        raise Forbidden("Coaching is said by a person.")
    if kind is not EntryKind.ANSWER and not _coaches(work, agent_id):
        raise Forbidden("Notes and goals are the manager's to write; you can answer them.")
    if due_on is not None and kind is not EntryKind.GOAL:
        raise Invalid("Only a goal has a day.", "due_on")
    if case_id is not None:
        case_for(work, case_id, to=Permission.READ_CASES)
    if topic_id is not None:
        get_topic(work.session, topic_id)
    if (answers_id is not None) != (kind is EntryKind.ANSWER):
        raise Invalid("An answer answers an entry, and nothing else does.", "answers_id")
    if answers_id is not None:
        _entry_for(work, answers_id, agent_id)
    entry = CoachingEntry(
        agent_id=agent_id,
        author_id=work.actor.agent_id,
        kind=kind,
        text=text,
        at=work.now,
        case_id=case_id,
        topic_id=topic_id,
        answers_id=answers_id,
        due_on=due_on,
    )
    work.session.add(entry)
    work.session.flush()
    audit(work, f"coaching {kind.value} written", f"agent:{agent_id}", {"entry_id": entry.id})
    return entry


def end_goal(work: Work, entry_id: int, outcome: GoalOutcome) -> None:
    """The goal was reached, or is given up; the manager says so. Raises NotFound, Forbidden, Invalid."""
    entry = work.session.get(CoachingEntry, entry_id, with_for_update=True)
    if entry is None or not _may_read(work, entry.agent_id):
        raise NotFound(f"There is no entry {entry_id}.")
    if not _coaches(work, entry.agent_id):
        raise Forbidden("Whether a goal is reached is the manager's to say; you can answer it.")
    entry.end(outcome, work.now)
    audit(work, f"coaching goal {outcome.value}", f"agent:{entry.agent_id}", {"entry_id": entry.id})


def _agent_for(work: Work, agent_id: int) -> Agent:
    agent = work.session.get(Agent, agent_id)
    if agent is None or not _may_read(work, agent_id):
        raise NotFound(
            f"No coaching {agent_id} is open to you: it is for the agent and the managers of their team."
        )
    return agent


def _may_read(work: Work, agent_id: int) -> bool:
    return work.actor.agent_id == agent_id or _coaches(work, agent_id)


def _coaches(work: Work, agent_id: int) -> bool:
    """Nobody coaches themself."""
    return work.actor.may(Permission.COACH) and any(one.id == agent_id for one in _team(work))


def _team(work: Work) -> Sequence[Agent]:
    return team_of(work.session, work.actor.agent_id) if work.actor.agent_id is not None else ()


def _entry_for(work: Work, entry_id: int, agent_id: int) -> CoachingEntry:
    entry = work.session.get(CoachingEntry, entry_id)
    if entry is None or entry.agent_id != agent_id:
        raise Invalid(f"There is no entry {entry_id} to answer here.", "answers_id")
    return entry


def _seed(period: Period, agent_id: int) -> str:
    year, week, _ = period.until.isocalendar()
    return f"{year}-{week} {agent_id}"


def _by_topic(mine: Sequence[Beside], names: dict[int, str]) -> list[dict[str, Any]]:
    rows: dict[int | None, dict[str, Any]] = {}
    for one in mine:
        name = names.get(one.topic_id, "") if one.topic_id is not None else None
        row = rows.setdefault(one.topic_id, {"topic_id": one.topic_id, "topic": name, "cases": 0})
        row["cases"] = max(row["cases"], one.cases)
        row[one.measure.value] = _plain(one)
    for row in rows.values():
        for measure in Measure:
            row.setdefault(measure.value, None)
    return sorted(rows.values(), key=lambda row: (row["topic_id"] is not None, -row["cases"], row["topic"]))


def _plain(one: Beside) -> dict[str, Any]:
    """What is too few to be told has no figure, not even here."""
    if one.few:
        return {"few": True, "cases": one.cases}
    return {
        "few": False,
        "cases": one.cases,
        "peers": one.peers,
        "mine": one.mine,
        "theirs": one.theirs,
        "difference": one.difference,
        "low": one.low,
        "high": one.high,
        "stands_out": one.stands_out,
        "better": (one.difference > 0) == one.measure.more_is_better,
    }
