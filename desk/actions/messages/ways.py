"""Which ways lead to a case's customer, for the composer to show and the reply to take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desk.actions.cases.access import case_for
from desk.actions.messages.arrivals import people_shown
from desk.channels.sms.ways import numbers_of, obstacle_in
from desk.channels.way import Way
from desk.channels.ways import ways
from desk.customers.identity import normal_phone
from desk.model.case import Case
from desk.model.customer import Customer
from desk.model.errors import Invalid
from desk.model.inbound import Participant
from desk.model.permission import Permission
from desk.store.messages.reach import reach_of
from desk.store.unit_of_work import Work


def ways_shown(work: Work, case_id: int) -> list[dict[str, Any]]:
    """Every way to answer the case, the best first, each with why it is offered or cannot be gone."""
    case = case_for(work, case_id, to=Permission.READ_CASES)
    return [
        {
            "channel_id": way.channel_id,
            "kind": way.kind.value,
            "channel": way.channel,
            "to": people_shown(way.to),
            "reason": way.reason,
            "obstacle": way.obstacle,
            "by_template": way.by_template,
        }
        for way in ways_of(work, case)
    ]


def ways_of(work: Work, case: Case) -> list[Way]:
    """Every way to answer the case, the best first."""
    customer = work.session.get_one(Customer, case.customer_id)
    return ways(reach_of(work.session, case, customer.name, work.now))


def way_to(work: Work, case: Case, channel_id: int | None, *, named: bool, by_template: bool = False) -> Way:
    """The way by the channel asked for, or the best one. Raises Invalid where it cannot be gone.

    `named` says that the agent has named whom it goes to, so that no address need be known; `by_template`
    that no free words are sent.
    """
    found = ways_of(work, case)
    if not found:
        raise Invalid("There is no email channel to send it by. An administrator can add one.")
    if channel_id is not None:
        found = [way for way in found if way.channel_id == channel_id]
    if not found:
        raise Invalid("This channel is switched off, or leads to nobody in this case.", "channel_id")
    if by_template and found[0].by_template:
        return found[0]
    if found[0].obstacle and not (named and not found[0].to):
        raise Invalid(found[0].obstacle, "to" if not found[0].to else "channel_id")
    return found[0]


def chosen_number(work: Work, case: Case, way: Way, named: Sequence[str]) -> Participant:
    """The number that the agent named, else the one the way leads to.

    Raises Invalid for more than one, for one that is not the customer's, and where it cannot be texted.
    """
    if not named:
        return way.to[0]
    customer = work.session.get_one(Customer, case.customer_id)
    reach = reach_of(work.session, case, customer.name, work.now)
    number = normal_phone(named[0])
    if len(named) > 1:
        raise Invalid("A text goes to one number.", "to")
    if number not in numbers_of(reach):
        raise Invalid(f"{number} is no number of this customer. Add it to the customer first.", "to")
    obstacle = obstacle_in(reach, way.channel_id, number)
    if obstacle:
        raise Invalid(obstacle, "to")
    return Participant(number, customer.name)
