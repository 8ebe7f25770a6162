"""What it costs and brings: contacts for each order, and customers that were about to leave."""

from __future__ import annotations

from desk.store.cases.work import joined, took
from desk.store.insights.metrics.metric import (
    CASE,
    OF_CASE,
    OF_CUSTOMER,
    OWNER,
    TIER,
    Fold,
    Group,
    Unit,
    metric,
)
from desk.store.insights.minute_cost import COST

# Tasks that somebody worked on; who came back unprompted is nobody's doing. One currency: that of the latest
# run of values, for money of two currencies does not add up.
_WORKED = """retention_tasks r JOIN customers u ON u.id = r.customer_id
        WHERE r.closed_at >= :begin AND r.closed_at < :until AND r.outcome <> 'unprompted'"""
_CURRENCY = """r.currency = (SELECT currency FROM value_runs WHERE finished_at IS NOT NULL
          ORDER BY id DESC LIMIT 1)"""

# Asked once a statement, and not case by case.
_MINUTE = f"(SELECT CAST(value #>> '{{}}' AS float8) FROM policies WHERE key = '{COST}')"


@metric(Group.FINANCE, Unit.NUMBER, Fold.RATIO, more_is_better=False, narrows=TIER)
def contact_rate() -> str:
    """Contacts for 100 orders.

    100 x cases that customers opened / orders

    Cases by the day they were opened, orders by the day they were bought; returns are no orders, and cases
    that were merged into others count once.

    Source: contact rate, or contacts per order, as commerce counts it; a case stands for a contact.
    """
    return f"""
        SELECT c.opened_at AS at, 100.0::float AS value, 0.0::float AS weight, {OF_CUSTOMER}
        FROM cases c {OWNER}
        WHERE c.opened_at >= :begin AND c.opened_at < :until AND c.last_inbound_position > 0
          AND c.merged_into_id IS NULL
        UNION ALL
        SELECT min(p.bought_at), 0.0::float, 1.0::float, NULL::bigint, NULL::bigint, NULL::text, u.tier
        FROM purchases p JOIN customers u ON u.id = p.customer_id
        WHERE p.amount > 0 AND p.bought_at >= :begin AND p.bought_at < :until
        GROUP BY p.source, p.customer_id, p.order_number, u.tier
    """


@metric(Group.FINANCE, Unit.MONEY, Fold.RATIO, more_is_better=False, narrows=CASE)
def cost_per_contact() -> str:
    """Cost per contact.

    agent minutes x what a minute costs / cases that customers opened

    By the day the case was opened. Each answer or note takes the time since what was said before it, or since
    the case was taken, 30 minutes at most. What a minute costs is set under Setup, Policies; it
    is the cost of today for all days, and covers work on cases alone.

    Source: cost per contact (ICMI), of direct labour alone.
    """
    return f"""
        SELECT c.opened_at AS at, 1.0::float AS weight, {OF_CASE},
          coalesce(date_part('epoch', {took("c.id")}) / 60, 0) * {_MINUTE} AS value
        FROM cases c {OWNER} {joined("c.id")}
        WHERE c.opened_at >= :begin AND c.opened_at < :until AND c.last_inbound_position > 0
          AND c.merged_into_id IS NULL AND {_MINUTE} > 0
    """


@metric(Group.FINANCE, Unit.SHARE, Fold.RATIO, more_is_better=True, narrows=TIER)
def customers_kept() -> str:
    """Customers kept.

    retention tasks closed as kept / retention tasks closed

    By the day the task was closed. Tasks that closed by themselves, because the customer bought again
    before anybody did anything, do not count. Some of the kept would have stayed anyway.

    Source: save rate of a retention desk.
    """
    return f"""
        SELECT r.closed_at AS at, (r.outcome = 'kept')::int::float AS value, 1.0::float AS weight,
          {OF_CUSTOMER}
        FROM {_WORKED}
    """


@metric(Group.FINANCE, Unit.MONEY, Fold.SUM, more_is_better=True, narrows=TIER)
def value_kept() -> str:
    """Value of the customers kept.

    sum of what was expected of the customer when the task was opened, over tasks closed as kept

    In the currency of the latest run of values; tasks in another currency do not count.

    Source: lifetime value as the page Value tells it.
    """
    return f"""
        SELECT r.closed_at AS at, r.worth::float AS value, 1.0::float AS weight, {OF_CUSTOMER}
        FROM {_WORKED} AND r.outcome = 'kept' AND {_CURRENCY}
    """


@metric(Group.FINANCE, Unit.NUMBER, Fold.RATIO, more_is_better=True, narrows=TIER)
def retention_return() -> str:
    """Return of retention.

    what the kept spent within 90 days after their task was closed / what all closed tasks cost

    Money back for each unit of money, of everything that was tried, also where it failed. It says nothing
    of what the kept would have spent anyway. The last 90 days still grow.

    Source: return on marketing investment without a control group (Farris et al., Marketing Metrics).
    """
    return f"""
        SELECT r.closed_at AS at, coalesce(r.cost, 0) AS weight, {OF_CUSTOMER},
          CASE WHEN r.outcome = 'kept' THEN (SELECT coalesce(sum(p.amount), 0) FROM purchases p
            WHERE p.customer_id = r.customer_id AND p.currency = r.currency AND p.bought_at >= r.closed_at
              AND p.bought_at < r.closed_at + interval '90 days' AND p.bought_at < :now)
            ELSE 0 END::float AS value
        FROM {_WORKED} AND {_CURRENCY}
    """


@metric(Group.FINANCE, Unit.MONEY, Fold.SUM, more_is_better=False)
def sla_penalties() -> str:
    """SLA penalties.

    sum of what missed promises cost

    By the day of the miss, each at what it has come to by now: where it grows with every hour late, it is
    final once its clock has ended. In the currency of the desk's money (the latest run of values, else the
    one that was named), or else of the targets in force; penalties in another currency do not count.

    Source: service credits of a service level agreement (ITIL 4, service level management).
    """
    return f"""
        SELECT k.missed_at AS at, k.penalty::float AS value, 1.0::float AS weight, {OF_CASE}
        FROM sla_clocks k LEFT JOIN cases c ON c.id = k.case_id {OWNER}
        WHERE k.missed_at >= :begin AND k.missed_at < :until AND k.penalty IS NOT NULL
          AND k.penalty_terms ->> 'currency' = coalesce(
            (SELECT currency FROM value_runs WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT 1),
            (SELECT nullif(value #>> '{{}}', '') FROM policies WHERE key = 'currency'),
            (SELECT t -> 'penalty' ->> 'currency' FROM sla_policies p, jsonb_array_elements(p.targets) AS t
              WHERE p.active AND jsonb_typeof(t -> 'penalty') = 'object' LIMIT 1))
    """
