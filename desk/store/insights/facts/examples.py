"""Queries to begin with: each answers what is asked at every desk, and shows how tables are joined."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """`title` is the question in words, `sql` one SELECT over the tables of facts."""

    title: str
    sql: str


EXAMPLES = (
    Example(
        "How long do customers wait for a first answer?",
        """\
-- The last 13 weeks; in nine of ten cases it took no longer than nine_of_ten.
SELECT q.name AS queue, c.channel_kind AS channel, count(*) AS cases,
  count(first_replied_at) AS answered,
  round(median(first_response_seconds) / 60, 1) AS median_minutes,
  round(quantile_cont(first_response_seconds, 0.9) / 60, 1) AS nine_of_ten
FROM fact_case c LEFT JOIN dim_queue q USING (queue_id)
WHERE opened_on >= current_date - 91
GROUP BY ALL ORDER BY cases DESC""",
    ),
    Example(
        "When do they write?",
        """\
-- Hours are UTC; timezone('Europe/Paris', contacted_at) would be those of Paris.
SELECT hour(contacted_at) AS hour,
  count(*) FILTER (d.weekday = 1) AS mon, count(*) FILTER (d.weekday = 2) AS tue,
  count(*) FILTER (d.weekday = 3) AS wed, count(*) FILTER (d.weekday = 4) AS thu,
  count(*) FILTER (d.weekday = 5) AS fri, count(*) FILTER (d.weekday = 6) AS sat,
  count(*) FILTER (d.weekday = 7) AS sun
FROM fact_contact k JOIN dim_date d ON d.date = k.contacted_on
WHERE contacted_on >= current_date - 91
GROUP BY ALL ORDER BY hour""",
    ),
    Example(
        "Which topics make them write again?",
        """\
-- A contact that is not the first of its case: it was resolved, and they came back.
SELECT t.area, t.name AS topic, count(*) AS contacts,
  count(*) FILTER (k.ordinal > 1) AS again,
  round(100.0 * count(*) FILTER (k.ordinal > 1) / count(*), 1) AS percent_again
FROM fact_contact k JOIN dim_topic t USING (topic_id)
GROUP BY ALL HAVING contacts >= 10
ORDER BY percent_again DESC LIMIT 30""",
    ),
    Example(
        "Which promises are missed?",
        """\
SELECT tier, kind, count(*) AS promises, count(missed_at) AS missed,
  round(100.0 * count(missed_at) / count(*), 1) AS percent_missed,
  round(median(used_seconds / target_seconds) * 100) AS percent_of_target_used
FROM fact_promise
WHERE target_seconds IS NOT NULL AND phase <> 'cancelled'
GROUP BY ALL ORDER BY missed DESC""",
    ),
    Example(
        "Does it matter how often a case changes hands?",
        """\
WITH hands AS (
  SELECT case_id, count(DISTINCT agent_id) AS agents, sum(held_seconds) / 3600 AS held_hours
  FROM fact_stint GROUP BY case_id
)
SELECT least(agents, 4) AS agents, count(*) AS cases,
  round(median(held_hours), 1) AS median_hours_held,
  round(100.0 * count(*) FILTER (reopens > 0) / count(*), 1) AS percent_reopened
FROM fact_case JOIN hands USING (case_id)
WHERE resolved_at IS NOT NULL
GROUP BY ALL ORDER BY 1""",
    ),
    Example(
        "Do valuable customers ask more?",
        """\
WITH asked AS (
  SELECT customer_id, count(*) AS contacts FROM fact_contact
  WHERE contacted_on >= current_date - 91 GROUP BY customer_id
)
SELECT tier, count(*) AS customers, count(contacts) AS who_asked,
  round(coalesce(sum(contacts), 0) / count(*), 2) AS contacts_each,
  currency, sum(lifetime_value) AS lifetime_value
FROM dim_customer LEFT JOIN asked USING (customer_id)
WHERE merged_into_id IS NULL
GROUP BY ALL ORDER BY contacts_each DESC""",
    ),
)
