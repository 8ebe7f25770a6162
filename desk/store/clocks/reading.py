"""Clocks and what they run by, read: the promise that holds for a case, its clocks, and what time moves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Text, cast, or_, select, text
from sqlalchemy.orm import Session

from desk.model.case import Case
from desk.model.customer import Tier
from desk.model.sla import CalendarVersion, ClockKind, Phase, SlaClock, SlaEntry, SlaPolicy
from desk.store.line import Line, Statement


@dataclass(frozen=True, slots=True)
class Promise:
    """What holds for a case now: the active policy, the hours of its queue, its customer's tier.

    `targets` and `hours` are the JSON that is kept; `has_clocks` is whether the case has any. Without a
    policy nothing is promised; without a calendar every minute counts.
    """

    policy_id: int | None
    targets: str
    calendar_version_id: int | None
    calendar_id: int | None
    calendar_name: str
    calendar_since: datetime | None
    hours: str
    tier: Tier
    has_clocks: bool


_PROMISE = Statement(
    """
    SELECT p.id AS policy_id, coalesce(p.targets::text, '[]') AS targets, v.id AS calendar_version_id,
      k.id AS calendar_id, coalesce(k.name, '') AS calendar_name, v.at AS calendar_since,
      coalesce(v.content::text, '') AS hours,
      coalesce((SELECT f.tier FROM customers u JOIN customers f ON f.id = coalesce(u.merged_into_id, u.id)
         WHERE u.id = :customer_id), 'bronze') AS tier,
      EXISTS (SELECT 1 FROM sla_clocks c WHERE c.case_id = :case_id) AS has_clocks
    FROM (SELECT) one
    LEFT JOIN sla_policies p ON p.active
    LEFT JOIN calendars k ON k.id = coalesce(
      (SELECT q.calendar_id FROM queues q WHERE q.id = :queue_id),
      (SELECT d.id FROM calendars d WHERE d.is_default))
    LEFT JOIN calendar_versions v ON v.calendar_id = k.id AND v.is_current
    """
)


def promise_for(line: Line, *, queue_id: int | None, customer_id: int, case_id: int | None = None) -> Promise:
    """What is promised to a case in this queue, of this customer; and whether it has clocks."""
    # By the line, which flushes nothing: what the deed has still to write plays no part here.
    asked = {"queue_id": queue_id, "customer_id": customer_id, "case_id": case_id}
    (row,) = line.ask(_PROMISE, asked)
    return Promise(**{**row._asdict(), "tier": Tier(row.tier)})


_PROMISES = Statement(
    """
    SELECT p.id AS policy_id, coalesce(p.targets::text, '[]') AS targets, v.id AS calendar_version_id,
      k.id AS calendar_id, coalesce(k.name, '') AS calendar_name, v.at AS calendar_since,
      coalesce(v.content::text, '') AS hours, coalesce(k.is_default, false) AS is_default,
      (SELECT coalesce(array_agg(q.id), '{}') FROM queues q WHERE q.calendar_id = k.id) AS queue_ids
    FROM (SELECT) one
    LEFT JOIN sla_policies p ON p.active
    LEFT JOIN calendars k ON true
    LEFT JOIN calendar_versions v ON v.calendar_id = k.id AND v.is_current
    """
)


def foresee_promises(line: Line) -> None:
    """Have come with the next question what `promise_once` will want to know."""
    line.foresee(_PROMISES)


def promise_once(line: Line, *, queue_id: int | None, tier: str, has_clocks: bool = False) -> Promise:
    """As `promise_for`, to a case of which the rest is known; asked once in a unit of work, however many
    cases it is about.
    """
    rows = line.ask_once(_PROMISES)
    holds = next((row for row in rows if queue_id in row.queue_ids), None)
    holds = holds or next((row for row in rows if row.is_default), None)
    return Promise(
        policy_id=rows[0].policy_id,
        targets=rows[0].targets,
        calendar_version_id=holds and holds.calendar_version_id,
        calendar_id=holds and holds.calendar_id,
        calendar_name=holds.calendar_name if holds else "",
        calendar_since=holds and holds.calendar_since,
        hours=holds.hours if holds else "",
        tier=Tier(tier),
        has_clocks=has_clocks,
    )


def clocks_of(session: Session, case_ids: Collection[int]) -> Sequence[SlaClock]:
    """The clocks of the cases that a deed may still move: all but the responses that were met.

    Whoever writes clocks holds the row of their case.
    """
    return session.scalars(
        select(SlaClock)
        .where(
            SlaClock.case_id.in_(sorted(case_ids)),
            or_(SlaClock.phase != Phase.MET, SlaClock.kind == ClockKind.RESOLUTION),
        )
        .order_by(SlaClock.id)
        .execution_options(populate_existing=True)
    ).all()


def clocks_numbered(session: Session, clock_ids: Collection[int]) -> Sequence[SlaClock]:
    """Clocks by their numbers, whatever became of them."""
    return session.scalars(
        select(SlaClock)
        .where(SlaClock.id.in_(sorted(clock_ids)))
        .order_by(SlaClock.id)
        .execution_options(populate_existing=True)
    ).all()


def every_clock_of(session: Session, case_id: int) -> Sequence[SlaClock]:
    """All clocks of a case, those that ended as well, in the order in which they started."""
    return session.scalars(select(SlaClock).where(SlaClock.case_id == case_id).order_by(SlaClock.id)).all()


def ledger_of(session: Session, clock_ids: Collection[int]) -> Sequence[SlaEntry]:
    """The ledgers of the clocks, each in its order."""
    return session.scalars(
        select(SlaEntry)
        .where(SlaEntry.clock_id.in_(list(clock_ids)))
        .order_by(SlaEntry.clock_id, SlaEntry.id)
    ).all()


def entries_about(
    session: Session, case_ids: Collection[int], *, message_id: int | None = None, move_id: str | None = None
) -> Sequence[SlaEntry]:
    """The entries of these cases' clocks that came of a message, or of a merge or split."""
    came_of = SlaEntry.message_id == message_id if message_id is not None else SlaEntry.move_id == move_id
    return session.scalars(
        select(SlaEntry)
        .join(SlaClock, SlaClock.id == SlaEntry.clock_id)
        .where(SlaClock.case_id.in_(list(case_ids)), came_of)
        .order_by(SlaEntry.id)
    ).all()


def hours_kept(session: Session, version_ids: Collection[int]) -> dict[int, str]:
    """The hours of versions of calendars, as JSON."""
    content = cast(CalendarVersion.content, Text)
    rows = session.execute(
        select(CalendarVersion.id, content).where(CalendarVersion.id.in_(list(version_ids)))
    )
    return {row[0]: row[1] for row in rows}


def targets_kept(session: Session, policy_ids: Collection[int]) -> dict[int, str]:
    """The targets of versions of the policy, as JSON."""
    rows = session.execute(
        select(SlaPolicy.id, cast(SlaPolicy.targets, Text)).where(SlaPolicy.id.in_(list(policy_ids)))
    )
    return {row[0]: row[1] for row in rows}


def calendar_of_version(session: Session, version_id: int) -> int | None:
    """The calendar that a version belongs to."""
    return session.scalar(select(CalendarVersion.calendar_id).where(CalendarVersion.id == version_id))


def due_of(session: Session, case_id: int) -> datetime | None:
    """When the first of the case's running clocks is due, or was; None while none with a target runs."""
    return session.scalar(select(Case.due_at).where(Case.id == case_id))


def next_wake(session: Session) -> datetime | None:
    """When time next moves a clock; in the past where it has not been noted yet."""
    return session.scalar(
        select(SlaClock.wakes_at).where(SlaClock.wakes_at.is_not(None)).order_by(SlaClock.wakes_at).limit(1)
    )


_OUTDATED = """
    k.tier <> coalesce(f.tier, u.tier) OR k.calendar_version_id IS DISTINCT FROM v.id
"""
_WHOSE = """
    JOIN cases c ON c.id = k.case_id
    JOIN customers u ON u.id = c.customer_id
    LEFT JOIN customers f ON f.id = u.merged_into_id
    LEFT JOIN queues q ON q.id = c.queue_id
    LEFT JOIN calendars d ON d.is_default
    LEFT JOIN calendar_versions v ON v.calendar_id = coalesce(q.calendar_id, d.id) AND v.is_current
"""
# Both rows are taken without waiting for either, so that this can never stand in the way of a deed
# that holds its case and wants its clocks; what is held is looked at again a moment later.
_PASSED = text(
    f"""
    SELECT k.id, k.case_id, k.kind, k.wakes_at, k.due_at, c.queue_id, c.assignee_id
    FROM sla_clocks k {_WHOSE}
    WHERE k.wakes_at < :now AND NOT ({_OUTDATED})
    ORDER BY k.wakes_at LIMIT :limit
    FOR NO KEY UPDATE OF c, k SKIP LOCKED
    """  # noqa: S608 - put together from constants of this file
)
_NOTE = text(
    """
    WITH passed AS (
      SELECT * FROM jsonb_to_recordset(CAST(:passed AS jsonb)) AS one(id bigint, kind text, at timestamptz)),
    moved AS (
      UPDATE sla_clocks k SET warned = true, last_at = greatest(last_at, p.at),
        wakes_at = CASE WHEN p.kind = 'warned' THEN k.due_at END,
        missed_at = CASE WHEN p.kind = 'missed' THEN p.at ELSE k.missed_at END,
        missed_after = CASE WHEN p.kind = 'missed' THEN k.target ELSE k.missed_after END,
        penalty = CASE WHEN p.kind = 'missed' THEN CAST(k.penalty_terms ->> 'amount' AS numeric)
          ELSE k.penalty END
      FROM passed p WHERE k.id = p.id RETURNING k.id, k.penalty)
    INSERT INTO sla_entries (clock_id, kind, at, noted_at, cause, sentence, actor, flagged, voids, penalty)
    SELECT p.id, p.kind, p.at, :now, 'time', CASE WHEN p.kind = 'warned' THEN :warned ELSE :missed END,
      :actor, false, '{}', CASE WHEN p.kind = 'missed' THEN m.penalty END
    FROM passed p JOIN moved m ON m.id = p.id ORDER BY p.at, p.id
    """
)
_OUTDATED_CASES = text(
    f"""
    SELECT DISTINCT k.case_id FROM sla_clocks k {_WHOSE}
    WHERE k.phase IN ('running', 'paused') AND k.case_id > :after AND ({_OUTDATED})
    ORDER BY k.case_id LIMIT :limit
    """  # noqa: S608
)


def passed_by(session: Session, now: datetime, limit: int) -> Sequence[Row[tuple[int, ...]]]:
    """Clocks that time has moved: `(id, case_id, kind, wakes_at, due_at, queue_id, assignee_id)`, the
    earliest first, with their rows and those of their cases held.

    Left out is what somebody holds at this moment, and clocks whose calendar or tier has changed since
    they were aimed: those are aimed anew first (`outdated_cases`).
    """
    return session.connection().execute(_PASSED, {"now": now, "limit": limit}).all()


def note_passed(session: Session, passed: str, now: datetime, actor: str, warned: str, missed: str) -> None:
    """Write down what time did: `passed` is JSON of `{id, kind, at}`, kind `warned` or `missed`."""
    asked = {"passed": passed, "now": now, "actor": actor, "warned": warned, "missed": missed}
    session.connection().execute(_NOTE, asked)


def outdated_cases(session: Session, limit: int, *, after: int = 0) -> Sequence[int]:
    """Cases after a number with open clocks that run by another calendar or tier than holds now."""
    return session.scalars(_OUTDATED_CASES, {"limit": limit, "after": after}).all()
