"""A shop where four kinds of questions were asked for weeks, read by their words alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from desk.actions.topic_runs import ask_for_topics, begin_run
from desk.jobs.find_topics import find_topics
from desk.jobs.read_questions import read_questions
from desk.jobs.reading_space import Reading
from desk.store.unit_of_work import Store
from tests.people import MORNING, STAGE, Cast, a_case, a_customer
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
    """A case for each, of a customer of its own; the numbers of the cases."""
    with store.unit_of_work(STAGE, now=first) as work:
        return [
            a_case(
                work, a_customer(work, "", f"{first.timestamp():.0f}-{number}@example.org"),
                queue=cast.support, text=text, at=first + number * apart,
            ).id
            for number, text in enumerate(texts)
        ]  # fmt: skip


def find(reading: Reading, now: datetime) -> int:
    """Everything is read, and all topics found anew; how many."""
    read_questions(reading, now)
    with reading.store.unit_of_work(STAGE, now=now) as work:
        ask_for_topics(work)
        run = begin_run(work)
    assert run is not None
    return find_topics(reading, run.id, now)
