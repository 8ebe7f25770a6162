"""Every metric of the desk: one function each, whose docstring is what people read about it."""

from __future__ import annotations

from collections.abc import Mapping

from desk.store.insights.metrics import customers, finance, people, process
from desk.store.insights.metrics.metric import Metric

METRICS: Mapping[str, Metric] = {
    one.key: one
    for one in (
        customers.first_contact_resolution,
        customers.satisfaction,
        customers.satisfaction_response,
        customers.effort,
        customers.helpful_articles,
        customers.deflection,
        customers.self_service,
        process.first_response,
        process.next_response,
        process.resolution_time,
        process.sla_attainment,
        process.reopened,
        process.backlog,
        process.old_backlog,
        process.speed_of_answer,
        process.abandonment,
        people.occupancy,
        people.chat_handle_time,
        people.offers_taken,
        finance.contact_rate,
        finance.cost_per_contact,
        finance.customers_kept,
        finance.value_kept,
        finance.retention_return,
        finance.sla_penalties,
    )
}
"""In the order of the scorecard: customers, process, people, finance."""

MISSING: Mapping[str, str] = {
    "Handle time of written cases": "How long an agent has a case is kept; how long it was worked on is not.",
}
"""What is asked of a contact centre and cannot be told from what is kept; never shown as a number."""
