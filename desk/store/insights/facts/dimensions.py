"""Who, where, about what and when: what facts are sliced by."""

from __future__ import annotations

from desk.store.insights.facts.table import Table, columns

DIMENSIONS = (
    Table(
        "dim_date",
        "Every day from the first message or case to today, in the desk's time zone",
        columns(
            """
            date date the day; facts name days by it
            year number calendar year
            quarter number 1 to 4
            month number 1 to 12
            day number day of the month
            iso_year number year of the ISO week
            iso_week number ISO 8601 week, 1 to 53
            weekday number 1 is Monday
            is_weekend yes_no Saturday or Sunday
            """
        ),
        """
        SELECT day::date AS date, extract(year FROM day)::int AS year,
          extract(quarter FROM day)::int AS quarter, extract(month FROM day)::int AS month,
          extract(day FROM day)::int AS day,
          extract(isoyear FROM day)::int AS iso_year, extract(week FROM day)::int AS iso_week,
          extract(isodow FROM day)::int AS weekday, extract(isodow FROM day) > 5 AS is_weekend
        FROM (SELECT least((SELECT min(at) FROM messages), (SELECT min(opened_at) FROM cases)) AS first_at,
            greatest((SELECT max(at) FROM messages), (SELECT max(opened_at) FROM cases), now()) AS last_at) b,
          generate_series(date_trunc('day', coalesce(first_at, last_at) AT TIME ZONE %(zone)s),
            last_at AT TIME ZONE %(zone)s, interval '1 day') day
        """,
    ),
    Table(
        "dim_customer",
        "Customers as they are now; without their names unless asked for, and never with an address",
        columns(
            """
            customer_id number the customer
            name text* how they are called
            tier text bronze, silver, gold or platinum
            organisation_id number whom they belong to
            language text language they write in, where it is known
            created_at moment when they were first seen
            merged_into_id number the customer they turned out to be
            lifetime_value money what they are expected to spend within the horizon
            currency text of the lifetime value
            """
        ),
        """
        SELECT id AS customer_id, name, tier, organisation_id, language, created_at, merged_into_id,
          lifetime_value, currency
        FROM customers ORDER BY id
        """,
    ),
    Table(
        "dim_agent",
        "Those who work here; without their names unless asked for",
        columns(
            """
            agent_id number the agent
            name text* how they are called
            role text agent, manager, admin or auditor
            is_active yes_no may sign in
            created_at moment since when they are here
            """
        ),
        """
        SELECT id AS agent_id, name, role, disabled_at IS NULL AS is_active, created_at
        FROM agents ORDER BY id
        """,
    ),
    Table(
        "dim_queue",
        "Where work waits",
        columns(
            """
            queue_id number the queue
            name text its name
            is_active yes_no takes work
            """
        ),
        "SELECT id AS queue_id, name, active AS is_active FROM queues ORDER BY id",
    ),
    Table(
        "dim_channel",
        "The doors by which customers reach the desk",
        columns(
            """
            channel_id number the channel
            kind text email, sms, chat, form or api
            name text its name
            """
        ),
        "SELECT id AS channel_id, kind, name FROM channels ORDER BY id",
    ),
    Table(
        "dim_topic",
        "What customers ask about; names are masked as questions are",
        columns(
            """
            topic_id number the topic
            name text its name
            area text the family it belongs to
            state text proposed, active, merged, retired or not_a_topic
            merged_into_id number the topic it was merged into
            facet_of_id number the topic it is a part of
            created_at moment when it was found
            """
        ),
        """
        SELECT id AS topic_id, name, area, state, merged_into_id, facet_of_id, created_at
        FROM topics ORDER BY id
        """,
    ),
)
