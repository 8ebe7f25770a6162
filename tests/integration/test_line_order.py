"""The database sorts a line as the decision does, whatever the policy."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from desk.actions.chat.visitors import make_visitor
from desk.actions.routing.floor import PolicyInForce, the_floor
from desk.model.case import Case, Priority
from desk.model.channel import Channel
from desk.model.chat import Chat
from desk.model.customer import Customer, Tier
from desk.model.inbound import ChannelKind
from desk.model.worth import CustomerValue, ValueRun
from desk.routing.floor import minute, waiting_case
from desk.routing.known_policies import FIRST, POLICIES
from desk.routing.policy import Policy
from desk.routing.scale import scale_of
from desk.routing.standing import standing_at
from desk.store.routing.queues import hold_waiting, place_in_line
from desk.store.unit_of_work import Store, Work
from tests.people import STAGE, Cast, a_case, a_channel, a_conversation, a_customer, minutes

NOW = minutes(600)


def is_worth(work: Work, customer: Customer, worth: float) -> None:
    """A run has found what the customer is worth beside the mean."""
    run = ValueRun(asked_at=NOW, asked_by="test")
    work.session.add(run)
    work.session.flush()
    none = Decimal(0)
    found = CustomerValue(
        customer_id=customer.id, run_id=run.id, worth=worth,
        recency=0, frequency=0, r=0, f=0, m=0, alive=0, purchases=0, above=0,
        monetary=none, value=none, low=none, high=none,
        prior=False, spends_less=False, fell_silent=False,
    )  # fmt: skip
    work.session.add(found)


def leaves(work: Work, case: Case, widget: Channel, at: datetime) -> None:
    """The case is a chat whose visitor has gone."""
    _, visitor = make_visitor(work, widget)
    conversation = a_conversation(work, case, widget)
    chat = Chat(
        conversation_id=conversation.id,
        visitor_id=visitor.id,
        begun_at=at,
        last_visitor_at=at,
        visitor_seen_at=at,
    )
    chat.leave(at)
    work.session.add(chat)


@pytest.mark.parametrize("policy", [FIRST, *POLICIES.values()], ids=lambda policy: policy.name)
@pytest.mark.parametrize("channel", [ChannelKind.EMAIL, ChannelKind.CHAT])
def test_a_line_stands_in_the_database_as_in_the_decision(
    store: Store, cast: Cast, policy: Policy, channel: ChannelKind
) -> None:
    dice = random.Random(7)
    with store.unit_of_work(STAGE, now=NOW) as work:
        widget = a_channel(work, "shop", kind=ChannelKind.CHAT, queue=cast.support)
        for number, tier in enumerate(Tier):
            customer = a_customer(work, f"{tier} customer", f"c{number}@example.org", tier=tier)
            if number % 2:
                is_worth(work, customer, dice.choice([0.0, 0.4, 1.0, 20.0]))
            for priority in Priority:
                since = NOW - timedelta(seconds=dice.randrange(1, 36_000))
                case = a_case(work, customer, queue=cast.support, at=since)
                case.priority = priority
                case.channel = channel
                if dice.random() < 0.5:
                    case.due_at = since + timedelta(minutes=dice.randrange(1, 600))
                if channel is ChannelKind.CHAT and dice.random() < 0.5:
                    leaves(work, case, widget, since + timedelta(seconds=dice.randrange(0, 600)))
        work.session.flush()

        in_force = PolicyInForce(1, policy, scale_of(policy, ChannelKind, Tier, Priority))
        lines = [(cast.support.id, channel)]
        rows = hold_waiting(work.session, lines, scale=in_force.scale, now=NOW, most=100)
        floor = the_floor(work)
        cases = {row.id: waiting_case(floor.in_line(row), (), {}, policy) for row in rows}
        scores = {c.case_id: standing_at(c, policy, minute(NOW)).score(minute(NOW)) for c in cases.values()}

        assert len(rows) == len(Tier) * len(Priority)
        expected = sorted(cases, key=lambda n: (-round(scores[n], 6), cases[n].since, n))
        assert [row.id for row in rows] == expected
        places = [
            place_in_line(work.session, n, cast.support.id, channel, scale=in_force.scale, now=NOW)
            for n in expected
        ]
        assert places == [(place, len(rows)) for place in range(1, len(rows) + 1)]
