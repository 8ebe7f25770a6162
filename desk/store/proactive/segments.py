"""Whom a proactive message concerns at this moment, who of them may be told, and why the others may not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from desk.model.customer import AddressKind
from desk.model.proactive import ProactiveMessage, Segment
from desk.store.proactive.campaigns import topic_now


@dataclass(frozen=True, slots=True)
class Reachable:
    """What a message can reach: addresses of a kind, consent under a name, numbers that begin in one of some
    ways, and have said STOP to none of the senders."""

    kind: AddressKind = AddressKind.EMAIL
    consent: str = "email"
    beginnings: tuple[str, ...] = ("",)
    senders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """What is asked of everybody: does `message` concern them as the `segment` has it, and may they be told
    it `by` this way? `needs` are the placeholders of its texts."""

    message: ProactiveMessage
    segment: Segment
    by: Reachable
    needs: set[str]


def concerned(session: Session, telling: Telling, now: datetime, *, limit: int) -> Sequence[Any]:
    """`{customer_id, name, language, time_zone, about, number, product, address}` of those who may be told
    now, each once."""
    judged = _JUDGED[telling.segment.kind]
    question = f"{judged} SELECT * FROM judged WHERE {_MAY} ORDER BY customer_id LIMIT :limit"
    return session.execute(text(question), _asked(session, telling, now) | {"limit": limit}).all()


def reach_counted(session: Session, telling: Telling, now: datetime) -> dict[str, int]:
    """How many it concerns, how many of them may be told, and why the others may not; each counts for the
    first reason."""
    question = text(f"{_JUDGED[telling.segment.kind]} {_COUNTED}")
    return dict(session.execute(question, _asked(session, telling, now)).one()._mapping)


def _asked(session: Session, telling: Telling, now: datetime) -> dict[str, Any]:
    message, segment, by, needs = telling.message, telling.segment, telling.by, telling.needs
    words = segment.words.strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return {
        "message": message.id,
        "kind": by.kind.value,
        "consent": by.consent,
        "beginnings": [f"{one}%" for one in by.beginnings],
        "senders": list(by.senders),
        "topic": topic_now(session, message),
        "words": f"%{words}%",
        "statuses": list(segment.statuses),
        "any_status": not segment.statuses,
        "oldest": now - timedelta(days=segment.younger_than_days),
        "youngest": now - timedelta(days=segment.older_than_days),
        "silent_since": now - timedelta(days=segment.silent_days),
        "told_since": now - timedelta(days=message.once_in_days),
        "asked_since": now - timedelta(days=message.within_days),
        "needs_name": bool(needs & {"customer.name", "customer.first_name"}),
        "needs_order": bool(needs & {"order.number", "order.product"}),
    }


# All of the following is put together from constants of this file alone.
# ruff: noqa: S608
_ORDERS = """
    SELECT DISTINCT ON (p.customer_id) p.customer_id, p.order_number AS about, p.order_number AS number,
      p.description AS product
    FROM purchases p WHERE p.amount > 0 AND p.bought_at > :oldest AND p.bought_at <= :youngest AND {}
    ORDER BY p.customer_id, p.bought_at DESC
"""
_UNDER_WAY = "p.status = ANY(:statuses)"
_SEGMENTS = {
    "bought": f"concerned AS ({_ORDERS.format('p.description ILIKE :words')})",
    "late_order": f"concerned AS ({_ORDERS.format(_UNDER_WAY)})",
    "awaiting": f"""
      orders AS ({_ORDERS.format(f"(:any_status OR {_UNDER_WAY})")}),
      waiting AS (
        SELECT DISTINCT ON (c.customer_id) c.customer_id, 'case ' || c.id AS about, NULL AS number,
          NULL AS product
        FROM cases c
        WHERE c.merged_into_id IS NULL AND c.resolved_at IS NULL AND c.closed_at IS NULL
          AND c.opened_at > :oldest AND c.opened_at <= :silent_since
        ORDER BY c.customer_id, c.opened_at DESC),
      either AS (
        SELECT * FROM orders
        UNION ALL
        SELECT * FROM waiting w WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = w.customer_id)),
      concerned AS (
        SELECT * FROM either e
        WHERE NOT EXISTS (SELECT FROM cases k JOIN messages m ON m.case_id = k.id
          WHERE k.customer_id = e.customer_id AND m.kind = 'outbound' AND m.at > :silent_since))""",
}
_JUDGED = {
    kind: f"""
    WITH {concerned},
    judged AS (
      SELECT s.*, c.name, c.language, c.time_zone, a.value AS address,
        coalesce(k.granted, false) AND NOT EXISTS (SELECT FROM suppressions x WHERE x.number = a.value
          AND x.stopped AND x.sender = ANY(CAST(:senders AS text[]))) AS agreed,
        EXISTS (SELECT FROM proactive_recipients r JOIN customers f ON f.id = r.customer_id
          WHERE coalesce(f.merged_into_id, f.id) = c.id
            AND (r.due_at > :told_since OR r.message_id = :message AND r.about = s.about)) AS told,
        EXISTS (SELECT FROM cases o JOIN questions q ON q.case_id = o.id
          WHERE o.customer_id = c.id AND q.topic_id = :topic AND q.asked_at > :asked_since) AS asked,
        coalesce((NOT :needs_name OR btrim(c.name) <> '')
          AND (NOT :needs_order OR btrim(s.number) <> '' AND btrim(s.product) <> ''), false) AS has_all
      FROM concerned s JOIN customers c ON c.id = s.customer_id AND c.merged_into_id IS NULL
        LEFT JOIN consents k ON k.customer_id = c.id AND k.channel = :consent
        LEFT JOIN LATERAL (SELECT value FROM addresses WHERE customer_id = c.id AND kind = :kind
          AND value LIKE ANY(CAST(:beginnings AS text[])) AND verified_at IS NOT NULL AND trouble IS NULL
          ORDER BY id LIMIT 1) a ON true
    )"""
    for kind, concerned in _SEGMENTS.items()
}
_MAY = "address IS NOT NULL AND agreed AND NOT told AND NOT asked AND has_all"
_COUNTED = f"""
    SELECT count(*) AS concerned, count(*) FILTER (WHERE {_MAY}) AS may,
      count(*) FILTER (WHERE address IS NULL) AS no_address,
      count(*) FILTER (WHERE address IS NOT NULL AND NOT agreed) AS no_consent,
      count(*) FILTER (WHERE address IS NOT NULL AND agreed AND told) AS told_lately,
      count(*) FILTER (WHERE address IS NOT NULL AND agreed AND NOT told AND asked) AS asked_already,
      count(*) FILTER (WHERE address IS NOT NULL AND agreed AND NOT told AND NOT asked AND NOT has_all)
        AS lacks
    FROM judged
"""
