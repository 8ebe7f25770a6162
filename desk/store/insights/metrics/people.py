"""How those who work here are used: neither idle nor worn out."""

from __future__ import annotations

from desk.store.insights.metrics.metric import OF_CASE, OF_NOBODY, OWNER, Fold, Group, Unit, metric


@metric(Group.PEOPLE, Unit.SHARE, Fold.RATIO, more_is_better=True, narrows=())
def occupancy() -> str:
    """Occupancy.

    available time with at least one case in hand / available time

    Of everybody who was available, day by day. A written case is in hand from its acceptance until it is
    resolved or given back, also while its customer is asked something: for mail this is an upper bound of
    the time worked. Above 0.85 to 0.9 for weeks, people wear out.

    Source: ICMI, occupancy; COPC warns of high values. In hand instead of handled is ours, for handle time
    is only known of chats.
    """
    return f"""
        WITH told AS (
          SELECT agent_id, since, coalesce(until, :now) AS until FROM presence_spans
          WHERE state = 'available' AND since < :until AND (until IS NULL OR until > :begin)
        ), days AS (
          SELECT greatest(day AT TIME ZONE :zone, CAST(:begin AS timestamptz)) AS at,
            tstzrange(greatest(day AT TIME ZONE :zone, CAST(:begin AS timestamptz)),
              least((day + interval '1 day') AT TIME ZONE :zone, CAST(:until AS timestamptz))) AS span
          FROM generate_series(date_trunc('day', CAST(:begin AS timestamptz) AT TIME ZONE :zone),
            CAST(:until AS timestamptz) AT TIME ZONE :zone - interval '1 microsecond', interval '1 day') day
        ), here AS (
          SELECT t.agent_id, d.at, d.span, range_agg(tstzrange(t.since, t.until) * d.span) AS spans
          FROM told t JOIN days d ON tstzrange(t.since, t.until) && d.span
          WHERE t.since < t.until GROUP BY 1, 2, 3
        ), busy AS MATERIALIZED (
          SELECT agent_id, range_agg(tstzrange(assigned_at, coalesce(ended_at, :now))) AS spans
          FROM assignments WHERE assigned_at < :until AND coalesce(ended_at, :now) > :begin
            AND assigned_at < coalesce(ended_at, :now)
          GROUP BY agent_id
        )
        SELECT h.at, {OF_NOBODY},
          (SELECT coalesce(sum(extract(epoch FROM upper(r) - lower(r))), 0)
            FROM unnest(h.spans * b.spans) r)::float AS value,
          (SELECT coalesce(sum(extract(epoch FROM upper(r) - lower(r))), 0) FROM unnest(h.spans) r) AS weight
        FROM here h LEFT JOIN busy b USING (agent_id)
    """


@metric(Group.PEOPLE, Unit.SECONDS, Fold.RATIO, more_is_better=False)
def chat_handle_time() -> str:
    """Average handle time of chats (AHT).

    sum of (chat ended - agent joined) / chats ended that an agent had joined

    From joining to the end, without writing up, also while other chats went on beside it. A chat counts by
    the day it ended.

    Source: ICMI, average handle time, less after-contact work, which is not kept.
    """
    return f"""
        SELECT h.ended_at AS at, extract(epoch FROM h.ended_at - h.joined_at)::float AS value,
          1.0::float AS weight, {OF_CASE}
        FROM chats h JOIN conversations v ON v.id = h.conversation_id
          LEFT JOIN cases c ON c.id = v.case_id {OWNER}
        WHERE h.ended_at >= :begin AND h.ended_at < :until AND h.joined_at <= h.ended_at
    """


@metric(Group.PEOPLE, Unit.SHARE, Fold.RATIO, more_is_better=True)
def offers_taken() -> str:
    """Offers taken.

    offers accepted / offers accepted, declined or lapsed

    An offer counts by the moment it ended; one that was withdrawn says nothing of the agent.

    Source: the acceptance rate of omnichannel routing as Salesforce and Zendesk report it.
    """
    return f"""
        SELECT o.ended_at AS at, (o.state = 'accepted')::int::float AS value, 1.0::float AS weight, {OF_CASE}
        FROM offers o LEFT JOIN cases c ON c.id = o.case_id {OWNER}
        WHERE o.ended_at >= :begin AND o.ended_at < :until AND o.state IN ('accepted', 'declined', 'lapsed')
    """
