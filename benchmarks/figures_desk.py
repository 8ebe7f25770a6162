"""A crowd of cases with what figures are told from: stints, resolutions, questions, a minute's cost."""

from __future__ import annotations

from sqlalchemy import text

from desk.model.permission import system
from desk.store.unit_of_work import Store

TOPICS = 40

# Five agents are there for eight hours a day. Every case was taken up after a minute and answered after two.
# History was resolved, half of it before its customer wrote again and half an hour after its opening; one in
# twenty was resolved twice. It was closed after two weeks, where these are over.
_WORKED = (
    """
    INSERT INTO assignments (case_id, agent_id, assigned_at, ended_at, reason, given_back)
    SELECT id, 1 + id % 5, opened_at + interval '1 minute',
      CASE WHEN status = 'closed' THEN opened_at + interval '1 hour' END, '{}', false FROM cases
    """,
    """
    INSERT INTO presence_spans (agent_id, state, since, until)
    SELECT a.id, 'available', day + interval '8 hours', day + interval '16 hours'
    FROM agents a, generate_series(date_trunc('day', now()) - interval '91 days', now() - interval '1 day',
      interval '1 day') AS day
    WHERE a.id <= 5
    """,
    """
    UPDATE cases SET first_replied_at = opened_at + interval '2 minutes',
      last_at = opened_at + interval '1 hour',
      resolved_at = CASE WHEN status = 'closed'
        THEN opened_at + CASE WHEN id % 2 = 0 THEN interval '150 seconds' ELSE interval '1 hour' END END,
      closed_at = CASE WHEN status = 'closed' AND opened_at < now() - interval '15 days'
        THEN opened_at + interval '14 days' END,
      status = CASE WHEN status = 'closed' AND opened_at >= now() - interval '15 days'
        THEN 'resolved' ELSE status END
    """,
    """
    INSERT INTO case_changes (case_id, at, actor, sentence, what, before, after)
    SELECT id, resolved_at - n * interval '10 seconds', 'agent:1', '…', 'status',
      CASE WHEN n = 1 THEN '"resolved"' ELSE '"open"' END::jsonb,
      CASE WHEN n = 1 THEN '"open"' ELSE '"resolved"' END::jsonb
    FROM cases CROSS JOIN generate_series(2, 0, -1) AS n
    WHERE resolved_at IS NOT NULL AND (n = 0 OR id % 20 = 0)
    ORDER BY id, n DESC
    """,
    """
    INSERT INTO topics (name, state, created_at, updated_at, name_by_person, area, area_by_person,
                        made_by_person, words, examples, reach, model)
    SELECT 'Topic ' || n, 'active', now(), now(), false, '', false, false, '[]', '[]', 0.5, ''
    FROM generate_series(1, CAST(:topics AS int)) AS n
    """,
    """
    INSERT INTO questions (case_id, message_id, ordinal, asked_at, channel_kind, text, words_hash, topic_id,
                           found_id, sure, by_person, language_known)
    SELECT m.case_id, m.id, 0, m.at, 'email', left(m.text, 60), md5(m.text), t.id, t.id, true, false, true
    FROM messages m
      JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM topics) t ON t.n = 1 + m.case_id % :topics
    WHERE m.position = 1 ORDER BY m.at DESC LIMIT CAST(:questions AS int)
    """,
    """
    INSERT INTO policies (key, value) VALUES ('agent_minute_cost', '0.8'), ('currency', '"EUR"')
    ON CONFLICT (key) DO UPDATE SET value = excluded.value
    """,
)


def work_through(store: Store, questions: int) -> None:
    """Let the cases of the crowd have been worked on; the latest `questions` contacts have a topic."""
    with store.unit_of_work(system("benchmark")) as work:
        work.session.execute(text("SET LOCAL statement_timeout = 0"))
        work.session.execute(text("SET LOCAL synchronous_commit = off"))
        for statement in _WORKED:
            bound = {
                name: value
                for name, value in {"topics": TOPICS, "questions": questions}.items()
                if f":{name}" in statement
            }
            work.session.execute(text(statement), bound)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
