"""What happened: cases, contacts, messages, stints, promises, scores and questions, a row each."""

from __future__ import annotations

from desk.store.insights.facts.table import Table, columns
from desk.store.insights.scores import ASKED, SCORES

HAPPENINGS = (
    Table(
        "fact_case",
        "One row a case, as it is now",
        columns(
            """
            case_id number the case
            customer_id number whose it is
            queue_id number where it waits or waited
            agent_id number who has it, or had it last
            channel_kind text email, sms, chat, form or api
            priority text low, normal, high or urgent
            level number first or second
            status text open, waiting, on_hold, snoozed, resolved or closed
            category text its category
            opened_at moment when it was opened
            opened_on date the day of it
            first_replied_at moment the first answer by a person
            first_response_seconds real from the opening to that answer, by the clock on the wall
            resolved_at moment the last resolution; empty while it is open
            resolved_on date the day of it
            resolution_seconds real from the opening to that resolution
            closed_at moment when the grace window was over
            merged_into_id number the case it was merged into
            follows_id number the case it follows
            received number messages of the customer, automatic ones left out
            answers number messages of agents to the customer
            reopens number how often a resolution was taken back
            """
        ),
        """
        SELECT c.id AS case_id, c.customer_id, c.queue_id, c.assignee_id AS agent_id,
          c.channel AS channel_kind, c.priority, c.level, c.status, g.name AS category, c.opened_at,
          (c.opened_at AT TIME ZONE %(zone)s)::date AS opened_on, c.first_replied_at,
          extract(epoch FROM c.first_replied_at - c.opened_at)::float AS first_response_seconds,
          c.resolved_at, (c.resolved_at AT TIME ZONE %(zone)s)::date AS resolved_on,
          extract(epoch FROM c.resolved_at - c.opened_at)::float AS resolution_seconds, c.closed_at,
          c.merged_into_id, c.follows_id, coalesce(m.received, 0) AS received,
          coalesce(m.answers, 0) AS answers, coalesce(h.reopens, 0) AS reopens
        FROM cases c LEFT JOIN categories g ON g.id = c.category_id
          LEFT JOIN (SELECT case_id,
              count(*) FILTER (WHERE kind = 'inbound' AND author_kind = 'customer' AND automatic IS NULL)
                AS received,
              count(*) FILTER (WHERE kind = 'outbound' AND author_kind = 'agent') AS answers
            FROM messages GROUP BY case_id) m ON m.case_id = c.id
          LEFT JOIN (SELECT case_id, count(*) AS reopens FROM case_changes
            WHERE what = 'status' AND before = '"resolved"' AND after <> '"closed"'
            GROUP BY case_id) h ON h.case_id = c.id
        ORDER BY c.id
        """,
    ),
    Table(
        "fact_contact",
        "One row a contact: a customer opened a case, or wrote again after it was resolved",
        columns(
            """
            message_id number the message that began it
            case_id number the case it is in
            customer_id number who turned to us
            channel_id number through which door
            channel_kind text of the case
            ordinal number which contact of the case it is, from 1
            contacted_at moment when
            contacted_on date the day of it
            answered_at moment the next answer by a person
            answer_seconds real from the contact to that answer
            topic_id number what its first question is about, where it is known
            """
        ),
        """
        WITH told AS (
          SELECT case_id, at, id AS message_id, 0 AS resolved FROM messages
          WHERE kind = 'inbound' AND author_kind = 'customer' AND automatic IS NULL
          UNION ALL
          SELECT case_id, at, NULL, 1 FROM case_changes WHERE what = 'status' AND after = '"resolved"'
        ), counted AS (
          SELECT case_id, at, message_id,
            sum(resolved) OVER (PARTITION BY case_id ORDER BY at, resolved DESC, message_id) AS turn
          FROM told
        ), begun AS (
          SELECT DISTINCT ON (case_id, turn) case_id, at, message_id FROM counted
          WHERE message_id IS NOT NULL ORDER BY case_id, turn, at, message_id
        )
        SELECT b.message_id, b.case_id, c.customer_id, m.channel_id, c.channel AS channel_kind,
          row_number() OVER (PARTITION BY b.case_id ORDER BY b.at, b.message_id) AS ordinal,
          b.at AS contacted_at, (b.at AT TIME ZONE %(zone)s)::date AS contacted_on, a.answered_at,
          extract(epoch FROM a.answered_at - b.at)::float AS answer_seconds, q.topic_id
        FROM begun b JOIN messages m ON m.id = b.message_id JOIN cases c ON c.id = b.case_id
          LEFT JOIN LATERAL (SELECT o.at AS answered_at FROM messages o WHERE o.case_id = b.case_id
            AND o.position > m.position AND o.kind = 'outbound' AND o.author_kind = 'agent'
            ORDER BY o.position LIMIT 1) a ON true
          LEFT JOIN questions q ON q.message_id = b.message_id AND q.ordinal = 0
        """,
    ),
    Table(
        "fact_message",
        "One row a message, without its words",
        columns(
            """
            message_id number the message
            case_id number the case it is in
            channel_id number through which door
            agent_id number who wrote it, if one of us
            kind text inbound, outbound, note or event
            author_kind text customer, agent, third_party or system
            said_at moment when
            said_on date the day of it
            is_automatic yes_no an out-of-office or the like
            is_visible yes_no the customer sees it
            characters number how long it is
            state text where an outbound one stands
            """
        ),
        """
        SELECT id AS message_id, case_id, channel_id, agent_id, kind, author_kind, at AS said_at,
          (at AT TIME ZONE %(zone)s)::date AS said_on, automatic IS NOT NULL AS is_automatic,
          visible_to_customer AS is_visible, length(reply) AS characters, state
        FROM messages ORDER BY id
        """,
    ),
    Table(
        "fact_stint",
        "One row a stint: an agent had a case in hand",
        columns(
            """
            assignment_id number the stint
            case_id number the case
            agent_id number who had it
            assigned_at moment from when
            assigned_on date the day of it
            ended_at moment until when; empty while it goes on
            held_seconds real how long, by the clock on the wall
            """
        ),
        """
        SELECT id AS assignment_id, case_id, agent_id, assigned_at,
          (assigned_at AT TIME ZONE %(zone)s)::date AS assigned_on, ended_at,
          extract(epoch FROM ended_at - assigned_at)::float AS held_seconds
        FROM assignments ORDER BY id
        """,
    ),
    Table(
        "fact_promise",
        "One row a clock: a promise of time",
        columns(
            """
            clock_id number the clock
            case_id number the case
            kind text first_response, next_response or resolution
            tier text of the customer when it was started
            phase text running, paused, met or cancelled
            started_at moment from when
            started_on date the day of it
            target_seconds real working time that was promised; empty where nothing was
            used_seconds real working time it took
            missed_at moment when the target was used up; empty if it was kept
            ended_at moment until when
            """
        ),
        """
        SELECT id AS clock_id, case_id, kind, tier, phase, started_at,
          (started_at AT TIME ZONE %(zone)s)::date AS started_on,
          extract(epoch FROM target)::float AS target_seconds,
          extract(epoch FROM used)::float AS used_seconds, missed_at, ended_at
        FROM sla_clocks ORDER BY id
        """,
    ),
    Table(
        "fact_score",
        "One row a score that a customer gave, in a chat or when asked by mail or text",
        columns(
            """
            case_id number the case
            way text chat, email or sms
            conversation_id number the chat's conversation; empty for the others
            score number 1 to 5
            effort number 1 to 7, how much they agree that it was made easy; chats do not ask for it
            scored_at moment when
            scored_on date the day of it
            """
        ),
        f"""
        SELECT s.case_id, s.way, s.conversation_id, s.score, s.effort, s.scored_at,
          (s.scored_at AT TIME ZONE %(zone)s)::date AS scored_on
        FROM {SCORES} s ORDER BY s.scored_at, s.case_id
        """,  # noqa: S608 - put together from constants
    ),
    Table(
        "fact_survey",
        "One row a customer who was asked how it went, in a chat, by mail or by text",
        columns(
            """
            case_id number the case
            way text chat, email or sms
            asked_at moment when
            asked_on date the day of it
            answered_at moment when they answered; empty where they did not
            """
        ),
        f"""
        SELECT s.case_id, s.way, s.asked_at, (s.asked_at AT TIME ZONE %(zone)s)::date AS asked_on,
          s.scored_at AS answered_at
        FROM {ASKED} s ORDER BY s.asked_at, s.case_id
        """,  # noqa: S608 - put together from constants
    ),
    Table(
        "fact_question",
        "One row a question that was read in a contact, without its words",
        columns(
            """
            question_id number the question
            message_id number the message it was read in
            case_id number the case
            ordinal number which question of the message, from 0
            topic_id number what it is about; empty for none
            asked_at moment when
            asked_on date the day of it
            channel_kind text email, sms, chat, form or api
            is_sure yes_no within reach of its topic
            by_person yes_no a person put it there
            """
        ),
        """
        SELECT id AS question_id, message_id, case_id, ordinal, topic_id, asked_at,
          (asked_at AT TIME ZONE %(zone)s)::date AS asked_on, channel_kind, sure AS is_sure, by_person
        FROM questions ORDER BY id
        """,
    ),
)
