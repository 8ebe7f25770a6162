"""Canned replies: the few names that a text may hold, filled in for one case."""

from __future__ import annotations

import re
from collections.abc import Mapping

from desk.model.case import Case
from desk.model.customer import Customer
from desk.store.policies import policy
from desk.store.unit_of_work import Work

PLACEHOLDERS = (
    "customer.name",
    "customer.first_name",
    "case.number",
    "case.subject",
    "agent.name",
    "agent.first_name",
    "desk.name",
)
"""Every name that means something; the workspace fills the same ones."""

_PLACEHOLDER = re.compile(r"\{\{\s*([a-z_.]{1,40})\s*\}\}")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced, in one pass: what a value holds is never looked into.

    An unknown name, and one without a value, stays as written, for the agent to see.
    """
    return _PLACEHOLDER.sub(lambda found: values.get(found.group(1)) or found.group(0), text)


def values_for(work: Work, case: Case) -> dict[str, str]:
    """What the placeholders mean in this case, written by this actor."""
    customer = work.session.get_one(Customer, case.customer_id)
    return {
        "customer.name": customer.name,
        "customer.first_name": _first(customer.name),
        "case.number": str(case.id),
        "case.subject": case.subject,
        "agent.name": work.actor.name,
        "agent.first_name": _first(work.actor.name),
        "desk.name": policy(work.session, "desk_name", "Desk"),
    }


def _first(name: str) -> str:
    return name.split()[0] if name.split() else ""
