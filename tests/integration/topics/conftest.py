"""A shop where four kinds of questions were asked for weeks, read by their words alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from desk.actions.insights.topic_runs import ask_for_topics, begin_run
from desk.jobs.find_topics import find_topics
from desk.jobs.read_questions import read_questions
from desk.jobs.reading_space import Reading
from desk.model.case import Case
from desk.model.customer import Customer
from desk.model.inbound import ChannelKind
from desk.model.message import AuthorKind, Message, MessageKind
from desk.store.unit_of_work import Store
from tests.people import MORNING, STAGE, Cast
from tests.security.conftest import app, as_agent, settings
from tests.unit.insights.asked import QUESTIONS

__all__ = ["app", "as_agent", "asked_for_weeks", "reading", "settings"]

EVENING = MORNING + timedelta(days=60)
"""When everything that `asked_for_weeks` says was said."""


@pytest.fixture
def reading(store: Store) -> Reading:
    """How this shop's questions are read: as they are spelt."""
    return Reading(store, lambda: None)


@pytest.fixture
def asked_for_weeks(store: Store, cast: Cast, reading: Reading) -> Reading:
    """Every question was asked once, four a day, and topics were found."""
    ask(store, cast, QUESTIONS, MORNING, timedelta(hours=6))
    find(reading, EVENING)
    return reading


def ask(
    store: Store, cast: Cast, texts: Sequence[str], first: datetime, apart: timedelta = timedelta()
) -> list[int]:
    """A case for each, of a customer of its own, all at once; the numbers of the cases."""
    moments = [first + number * apart for number in range(len(texts))]
    with store.unit_of_work(STAGE, now=first) as work:
        customers = [Customer(created_at=at) for at in moments]
        work.session.add_all(customers)
        work.session.flush()
        cases = [
            Case(
                customer_id=customer.id, subject="Question", channel=ChannelKind.EMAIL, opened_at=at,
                last_at=at, queue_id=cast.support.id, last_position=1, last_inbound_position=1,
            )
            for customer, at in zip(customers, moments, strict=True)
        ]  # fmt: skip
        work.session.add_all(cases)
        work.session.flush()
        work.session.add_all(
            Message(
                case_id=case.id, position=1, kind=MessageKind.INBOUND, author_kind=AuthorKind.CUSTOMER,
                at=case.opened_at, visible_to_customer=True, text=text, reply=text,
            )
            for case, text in zip(cases, texts, strict=True)
        )  # fmt: skip
        return [case.id for case in cases]


def find(reading: Reading, now: datetime) -> int:
    """Everything is read, and all topics found anew; how many."""
    read_questions(reading, now)
    with reading.store.unit_of_work(STAGE, now=now) as work:
        ask_for_topics(work)
        run = begin_run(work)
    assert run is not None
    return find_topics(reading, run.id, now)
