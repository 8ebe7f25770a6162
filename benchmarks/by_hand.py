"""The pages of `benchmarks.lists` written by hand: SQL behind bare Flask routes, without sessions or rights.

Each route answers the question that ours answers, with the same rows under names of their own, as
somebody would write it who needs this one page and nothing else: one connection, prepared
statements, no layers. What is not there is what a desk adds: who asks, what they may see, who else
is looking, why a case waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
from flask import Flask, jsonify
from flask.json.provider import DefaultJSONProvider
from flask.testing import FlaskClient
from psycopg.rows import dict_row

from benchmarks.crowd import LONG_CASE

AGENT = 1
Rows = Callable[..., list[dict[str, Any]]]

_NAME = (
    "coalesce(nullif(k.name, ''), (SELECT value FROM addresses WHERE customer_id = k.id ORDER BY id LIMIT 1))"
)
_LIST = f"""
SELECT c.id, left(c.subject, 120) AS subject, {_NAME} AS name, c.customer_id, k.tier, c.channel, c.status,
       c.priority, c.queue_id, c.assignee_id, left(c.preview, 100) AS preview, c.waiting_since, c.last_at,
       c.tags, c.snoozed_until, c.version, c.last_inbound_position > coalesce(r.position, 0) AS unread,
       EXISTS (SELECT FROM drafts d WHERE d.case_id = c.id AND d.agent_id = %(agent)s) AS draft
FROM cases c JOIN customers k ON k.id = c.customer_id
LEFT JOIN case_reads r ON r.case_id = c.id AND r.agent_id = %(agent)s
WHERE c.status IN ('open', 'waiting', 'on_hold') AND c.merged_into_id IS NULL
ORDER BY c.last_at DESC, c.id DESC LIMIT 101
"""
_PER_QUEUE = """
SELECT queue_id, count(*) FILTER (WHERE status <> 'snoozed') AS at_work,
       count(*) FILTER (WHERE status <> 'snoozed' AND assignee_id = %(agent)s) AS mine,
       count(*) FILTER (WHERE status <> 'snoozed' AND assignee_id IS NULL) AS unassigned,
       count(*) FILTER (WHERE status = 'snoozed') AS snoozed
FROM cases WHERE status IN ('open', 'waiting', 'on_hold', 'snoozed') GROUP BY queue_id
"""
_MENTIONS = """
SELECT count(*) AS n FROM cases WHERE status IN ('open', 'waiting', 'on_hold')
AND id IN (SELECT case_id FROM messages WHERE mentions @> jsonb_build_array(%(agent)s::int))
"""
_QUARANTINED = "SELECT count(*) AS n FROM inbox WHERE state = 'quarantined'"

_CASE = f"""
SELECT c.id, c.subject, c.customer_id, c.channel, c.status, c.priority, c.queue_id, c.assignee_id, c.preview,
       c.waiting_since, c.last_at, c.tags, c.snoozed_until, c.version, c.category_id, c.level, c.fields,
       c.opened_at, c.resolved_at, c.resolution_reason, c.follows_id, c.merged_into_id, c.last_position,
       {_NAME} AS name, k.tier, c.last_inbound_position > coalesce(r.position, 0) AS unread
FROM cases c JOIN customers k ON k.id = c.customer_id
LEFT JOIN case_reads r ON r.case_id = c.id AND r.agent_id = %(agent)s WHERE c.id = %(case)s
"""
_THREAD = """
SELECT m.id, m.position, m.kind, m.author_kind, m.author_name, m.author_address, m.agent_id, m.at, m.text,
       m.reply, m.has_html, m.subject, m.recipients_to, m.recipients_cc, m.reply_to, m.state,
       m.state_sentence, m.client_id, m.threading, m.suspicions, m.verdict, m.automatic, m.mentions,
       h.kind AS channel, o.recipients, o.not_before, o.perhaps_twice
FROM messages m LEFT JOIN channels h ON h.id = m.channel_id LEFT JOIN outbox o ON o.message_id = m.id
WHERE m.case_id = %(case)s ORDER BY m.position DESC LIMIT 51
"""
_FILES = """
SELECT message_id, token, name, type, size, inline FROM attachments WHERE message_id = ANY(%(messages)s)
ORDER BY id
"""
_BESIDE_THE_CASE = {
    "watchers": "SELECT agent_id FROM case_watches WHERE case_id = %(case)s ORDER BY agent_id",
    "links": (
        "SELECT l.id, l.kind, o.id AS case_id, o.subject, o.status FROM case_links l JOIN cases o "
        "ON o.id = CASE WHEN l.case_id = %(case)s THEN l.other_id ELSE l.case_id END "
        "WHERE l.case_id = %(case)s OR l.other_id = %(case)s ORDER BY l.id"
    ),
    "drafts": "SELECT kind, content, saved_at FROM drafts WHERE case_id = %(case)s AND agent_id = %(agent)s",
    "assignment": (
        "SELECT assigned_at, reason FROM assignments WHERE case_id = %(case)s AND ended_at IS NULL"
    ),
    "offer": (
        "SELECT o.offered_at, o.expires_at, o.reason, a.name FROM offers o "
        "JOIN agents a ON a.id = o.agent_id WHERE o.case_id = %(case)s AND o.state = 'live'"
    ),
}
_CUSTOMER = """
SELECT k.id, k.name, k.tier, k.language, k.time_zone, k.created_at, k.attributes, k.currency,
       k.merged_into_id, g.id AS organisation_id, g.name AS organisation_name,
       coalesce(k.lifetime_value, p.total) AS lifetime_value, p.last_year AS last_12_months,
       p.n AS purchases_total, (SELECT count(*) FROM cases WHERE customer_id = k.id) AS cases_total
FROM customers k LEFT JOIN organisations g ON g.id = k.organisation_id, LATERAL (
    SELECT count(*) AS n, sum(amount) FILTER (WHERE currency = k.currency) AS total,
           sum(amount) FILTER (WHERE currency = k.currency AND bought_at > now() - interval '1 year')
             AS last_year
    FROM purchases WHERE customer_id = k.id) p
WHERE k.id = %(customer)s
"""
_BESIDE_THE_CUSTOMER = {
    "addresses": (
        "SELECT id, kind, value, verified_at IS NOT NULL AS verified, trouble FROM addresses "
        "WHERE customer_id = %(customer)s ORDER BY id"
    ),
    "consent": (
        "SELECT channel, granted, at, source FROM consents WHERE customer_id = %(customer)s ORDER BY channel"
    ),
    "purchases": (
        "SELECT id, order_number, description, amount, currency, status, bought_at FROM purchases "
        "WHERE customer_id = %(customer)s ORDER BY bought_at DESC, id DESC LIMIT 10"
    ),
    "cases": (
        "SELECT id, subject, status, opened_at FROM cases WHERE customer_id = %(customer)s "
        "ORDER BY opened_at DESC, id DESC LIMIT 10"
    ),
    "proposals": (
        "SELECT p.id, o.id AS other_id, o.name AS other_name, p.proof FROM merge_proposals p "
        "JOIN customers o ON o.id = "
        "CASE WHEN p.customer_id = %(customer)s THEN p.other_id ELSE p.customer_id END "
        "WHERE (p.customer_id = %(customer)s OR p.other_id = %(customer)s) AND p.dismissed_at IS NULL "
        "AND o.merged_into_id IS NULL ORDER BY p.id"
    ),
    "merges": (
        "SELECT m.id, o.name AS other_name, m.at FROM customer_merges m JOIN customers o "
        "ON o.id = m.merged_id WHERE m.into_id = %(customer)s AND m.undone_at IS NULL ORDER BY m.id DESC"
    ),
}
_SEARCH = """
SELECT m.id AS message_id, m.case_id, m.position, m.at, coalesce(m.author_name, m.author_address) AS author,
       coalesce(m.subject, c.subject) AS subject,
       ts_headline('simple', left(m.reply, 20000), q, 'MaxWords=28,MinWords=12,ShortWord=2,MaxFragments=1')
         AS snippet
FROM messages m JOIN cases c ON c.id = m.case_id, to_tsquery('simple', %(words)s) q
WHERE m.search @@ q AND m.kind <> 'event' ORDER BY m.id DESC LIMIT 21
"""


def by_hand(url: str, words: str) -> FlaskClient:
    """A client of the hand-written pages: `/inbox`, `/counters`, `/case`, `/search`."""
    app = _Bare("by hand")
    connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)

    def rows(statement: str, **values: Any) -> list[dict[str, Any]]:
        return connection.execute(statement, {"agent": AGENT, **values}).fetchall()

    pages: Mapping[str, Callable[[], dict[str, Any]]] = {
        "inbox": lambda: {"rows": rows(_LIST)[:100]},
        "counters": lambda: _counters(rows),
        "case": lambda: _case(rows, LONG_CASE),
        "search": lambda: {"messages": rows(_SEARCH, words=words)[:20]},
    }
    app.add_url_rule("/<name>", view_func=lambda name: jsonify(pages[name]()))
    return app.test_client()


class _Json(DefaultJSONProvider):
    sort_keys = False

    @staticmethod
    def default(value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime) else str(Decimal(value))


class _Bare(Flask):
    json_provider_class = _Json


def _counters(rows: Rows) -> dict[str, Any]:
    queues = rows(_PER_QUEUE)
    return {
        "mine": sum(queue["mine"] for queue in queues),
        "unassigned": sum(queue["unassigned"] for queue in queues),
        "mentions": rows(_MENTIONS)[0]["n"],
        "snoozed": sum(queue["snoozed"] for queue in queues),
        "all_open": sum(queue["at_work"] for queue in queues),
        "queues": {str(queue["queue_id"]): queue["at_work"] for queue in queues},
        "quarantine": rows(_QUARANTINED)[0]["n"],
    }


def _case(rows: Rows, number: int) -> dict[str, Any]:
    case = rows(_CASE, case=number)[0]
    thread = rows(_THREAD, case=number)
    files: dict[int, list[dict[str, Any]]] = {}
    for file in rows(_FILES, messages=[message["id"] for message in thread]):
        files.setdefault(file.pop("message_id"), []).append(file)
    messages = [message | {"files": files.get(message["id"], [])} for message in reversed(thread[:50])]
    customer = rows(_CUSTOMER, customer=case["customer_id"])[0]
    return {
        "case": case,
        "messages": messages,
        "older": len(thread) > len(messages),
        **{name: rows(statement, case=number) for name, statement in _BESIDE_THE_CASE.items()},
        "customer": customer
        | {
            name: rows(statement, customer=customer["id"]) for name, statement in _BESIDE_THE_CUSTOMER.items()
        },
    }
