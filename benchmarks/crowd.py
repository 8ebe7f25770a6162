"""A desk with very many cases, written by the database itself: what lists and search are measured on."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from desk.model.access import ApiToken
from desk.model.agent import Agent, Team, TeamMember
from desk.model.channel import Channel
from desk.model.inbound import ChannelKind
from desk.model.permission import Permission, Role, system
from desk.model.queue import Queue, QueueTeam
from desk.store.people.sessions import hash_of
from desk.store.unit_of_work import Store

SECRET = "a-benchmark-secret-of-no-worth"
MESSAGES_A_CASE = 5
LONG_CASE = 1
LONG_CASE_MESSAGES = 500

_WORDS = (
    "order invoice parcel delivery refund grinder machine filter coupon address return warranty payment "
    "leak noise broken late wrong size colour subscription account password email coffee beans water scale"
)

# One row in eight is still work; the rest is history, as on a desk of some years.
_CASES = """
INSERT INTO cases (customer_id, subject, channel, opened_at, last_at, status, priority, queue_id, assignee_id,
                   level, level_by_hand, tags, fields, waiting_since, preview,
                   last_position, last_inbound_position, version)
SELECT 1 + n % :customers, 'Question about ' || w[1 + n % 28] || ' and ' || w[1 + (n / 28) % 28], 'email',
       now() - n * interval '20 seconds', now() - n * interval '20 seconds',
       CASE WHEN n % 8 = 0 THEN 'open' WHEN n % 8 = 1 THEN 'waiting' ELSE 'closed' END, 'normal',
       1 + n % 4, CASE WHEN n % 16 < 9 THEN 1 + n % 5 END, 1, false, '{}', '{}',
       CASE WHEN n % 8 = 0 THEN now() - n * interval '20 seconds' END,
       'Where is my ' || w[1 + n % 28], :each, :each - 1, 1
FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n, string_to_array(:words, ' ') AS w
"""
_MESSAGES = """
INSERT INTO messages (case_id, position, kind, author_kind, at, visible_to_customer, author_name, text, reply,
                      has_html, recipients_to, recipients_cc, reply_to, verdict, suspicions, mentions)
SELECT c.id, p, CASE WHEN p % 2 = 1 THEN 'inbound' ELSE 'outbound' END,
       CASE WHEN p % 2 = 1 THEN 'customer' ELSE 'agent' END, c.opened_at + p * interval '1 minute',
       true, 'Somebody', body, body, false, '[]', '[]', '[]', 'none', '{}', '[]'
FROM cases c, generate_series(1, CAST(:each AS int)) AS p, string_to_array(:words, ' ') AS w,
     LATERAL (SELECT 'Hello, my ' || w[1 + (c.id + p) % 28] || ' has a problem with the '
              || w[1 + (c.id * 7 + p) % 28]
              || ' since yesterday, number ' || c.id || '. Please look at it.' AS body) AS b
WHERE c.id > :known
"""


def people(store: Store) -> int:
    """Agents, queues, customers and a bearer token; the number of customers."""
    now = datetime.now(UTC)
    with store.unit_of_work(system("benchmark")) as work:
        team = Team(name="All")
        agents = [
            Agent(name=f"Agent {n}", email=f"a{n}@bench.example", role=Role.AGENT, created_at=now)
            for n in range(5)
        ]
        queues = [Queue(name=f"Queue {n}", created_at=now) for n in range(4)]
        work.session.add_all([team, *agents, *queues])
        work.session.flush()
        work.session.add_all(TeamMember(team_id=team.id, agent_id=agent.id) for agent in agents)
        work.session.add_all(QueueTeam(queue_id=queue.id, team_id=team.id) for queue in queues)
        work.session.add(
            ApiToken(
                name="benchmark",
                prefix=SECRET[:8],
                secret_hash=hash_of(SECRET),
                agent_id=agents[0].id,
                scopes=[permission.value for permission in Permission],
                created_at=now,
            )
        )
        work.session.add(
            Channel(kind=ChannelKind.EMAIL, name="Help", address="help@bench.example", created_at=now)
        )
        work.session.execute(
            text(
                "INSERT INTO customers (name, created_at, tier, attributes, currency) "
                "SELECT 'Customer ' || n, now(), 'bronze', '{}', 'EUR' FROM generate_series(1, 20000) AS n"
            )
        )
    return 20_000


def crowd(store: Store, customers: int, *, first: int, last: int) -> None:
    """Cases `first` to `last` with their messages, then fresh statistics; nothing is left to be written."""
    with store.unit_of_work(system("benchmark")) as work:
        work.session.execute(text("SET LOCAL statement_timeout = 0"))
        work.session.execute(text("SET LOCAL synchronous_commit = off"))
        known = work.session.scalar(text("SELECT coalesce(max(id), 0) FROM cases"))
        values = {"words": _WORDS, "each": MESSAGES_A_CASE}
        work.session.execute(text(_CASES), {**values, "first": first, "last": last, "customers": customers})
        work.session.execute(text(_MESSAGES), {**values, "known": known})
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
        # Back in the pool it is like any other.
        connection.execute(text("RESET statement_timeout"))


_MORE_MESSAGES = """
INSERT INTO messages (case_id, position, kind, author_kind, at, visible_to_customer, author_name, text, reply,
                      author_address, has_html, recipients_to, recipients_cc, reply_to, verdict, suspicions,
                      mentions)
SELECT :case, p, 'inbound', 'customer', now(), true, 'Somebody', body, body, 'somebody@bench.test',
       false, '[{"address": "help@bench.example", "name": "Help"}]', '[]', '[]', 'pass', '{}', '[]'
FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS p, repeat('More of it. ', 40) AS body
"""
_BESIDE = (
    """
    INSERT INTO addresses (customer_id, kind, value, created_at, verified_at)
    SELECT customer_id, 'email', 'somebody@bench.test', now(), now() FROM cases WHERE id = :case
    """,
    """
    INSERT INTO purchases (customer_id, order_number, description, amount, currency, bought_at, status, line)
    SELECT customer_id, 'C-' || n, 'A grinder', 10 + n, 'EUR', now() - n * interval '40 days', 'delivered', 1
    FROM cases, generate_series(1, 12) AS n WHERE id = :case
    """,
    """
    INSERT INTO attachments (token, name, type, size, sha256, created_at, message_id, inline)
    SELECT 'bench-' || id, 'receipt.pdf', 'application/pdf', 20000, repeat('0', 64), now(), id, false
    FROM messages WHERE case_id = :case AND position % 5 = 0
    """,
    """
    INSERT INTO drafts (case_id, agent_id, kind, content, saved_at)
    VALUES (:case, 1, 'reply', '{"text": "Dear customer"}', now())
    """,
)


def lengthen(store: Store) -> None:
    """One case grows to 500 messages with files; its customer has an address, purchases and a draft."""
    with store.unit_of_work(system("benchmark")) as work:
        work.session.execute(
            text(_MORE_MESSAGES),
            {"case": LONG_CASE, "first": MESSAGES_A_CASE + 1, "last": LONG_CASE_MESSAGES},
        )
        work.session.execute(
            text("UPDATE cases SET last_position = :last WHERE id = :case"),
            {"case": LONG_CASE, "last": LONG_CASE_MESSAGES},
        )
        for statement in _BESIDE:
            work.session.execute(text(statement), {"case": LONG_CASE})
