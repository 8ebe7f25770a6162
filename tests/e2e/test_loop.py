"""The loop: a rush is seen, becomes a proposal, an article, an answer to whoever writes, and fewer questions.

The rush is the demo's own traffic, told to burst one of its questions, through the door for mail; it is read
as the analyst reads. On a desk of its own, since it tells of the weeks to come: time is handed in, not waited
for.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from desk.actions.knowledge.collections import new_collection
from desk.actions.messages.reply import Reply, Then, send_reply
from desk.demo.people import Person, people
from desk.demo.questions import filled, questions
from desk.demo.shop import HELP
from desk.demo.traffic import Customers, hand_over
from desk.insights.cleaning import question_of
from desk.jobs.make_proposals import make_proposals
from desk.jobs.measure_effects import measure_effects
from desk.jobs.read_questions import read_questions
from desk.jobs.reading_space import Reading
from desk.jobs.watch_topics import watch_topics
from desk.model.case import Case
from desk.model.customer import Customer
from desk.model.inbound import ChannelKind
from desk.model.masking import spoken
from tests.chat import a_chat_channel
from tests.e2e.barriers import barriers
from tests.e2e.conftest import Desk, a_desk, picture
from tests.integration.topics.planted import a_space, counted
from tests.people import STAGE, a_channel

SignIn = Callable[..., Page]
BEFORE, AFTER = 63, 45
ASKED = 40
SUBJECT = "Do you deliver to the islands?"
SCRIPT = next(one for one in questions() if one.subject == SUBJECT)
TOPICS = [f"{one}{other}" for one in ("island", "birch", "cedar", "daisy", "elder") for other in "vwxyz"]
LABEL = "How does the islandv work?"
NOW = datetime.now(UTC)
FIRST = NOW - timedelta(days=BEFORE)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with a_desk(tmp_path_factory.mktemp("loop")) as running:
        yield running


@pytest.fixture(scope="module")
def signed_in() -> dict[str, Any]:
    return {}


@pytest.fixture(scope="module")
def topics(desk: Desk) -> list[int]:
    """Nine weeks of everyday questions; then the demo's customers all ask of the islands."""
    store, cast = desk.household.store, desk.cast
    says = [_as_asked(person) for person in people() if person.language == SCRIPT.language][:8]
    with store.unit_of_work(STAGE, now=FIRST) as work:
        numbers = a_space(work, TOPICS, {TOPICS[0]: says})
        support = work.session.merge(cast.support)
        a_channel(work, "help-centre", kind=ChannelKind.FORM, queue=support)
        a_channel(work, HELP, queue=support).config = {
            "smtp": {"host": "127.0.0.1", "port": desk.sink.port, "tls": "plain", "username": ""}
        }
    counted(store, numbers, np.random.default_rng(7).poisson(6, (len(TOPICS), BEFORE)), FIRST)
    with store.unit_of_work(cast.actor(cast.sam), now=NOW) as work:
        new_collection(work, title="Delivery")
    for mail in Customers(dice=Random(7)).rush(SUBJECT, ASKED):
        assert hand_over(desk.household.settings, mail)
    return numbers


@pytest.fixture(scope="module")
def rush(desk: Desk, topics: list[int]) -> datetime:
    """When all that was asked had become cases, was answered by three people, and had been read."""
    store, cast = desk.household.store, desk.cast
    cases = _cases(desk)
    for number, (case_id, customer) in enumerate(cases):
        agent = (cast.ada, cast.sam, cast.ida)[number % 3]
        said = SCRIPT.we[0].format(first=customer.split()[0], agent=agent.name)
        with store.unit_of_work(cast.actor(agent)) as work:
            send_reply(work, case_id, Reply(text=said, client_id=f"rush {case_id}", then=Then.RESOLVE))
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def widget(desk: Desk) -> str:
    return a_chat_channel(desk.household.store, desk.cast).address


def test_a_rush_becomes_an_article_and_the_question_goes_away(
    desk: Desk, topics: list[int], rush: datetime, widget: str, sign_in: SignIn
) -> None:
    store = desk.household.store
    reading = Reading(store, lambda: None)
    # What was said within the last minute may not be the whole of it yet.
    later = rush + timedelta(minutes=2)
    assert read_questions(reading, later) >= ASKED
    assert watch_topics(reading, later) == 1
    sam = sign_in("sam", path="/desk/questions")
    alert = sam.get_by_role("status").filter(has_text="usual level")
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text(LABEL)
    picture(sam, "loop-1-alert")

    make_proposals(reading, later)
    sam.goto("/desk/proposals")
    sam.get_by_role("region", name="New").get_by_role("link").filter(has_text=f"centre: {LABEL}").click()
    dialog = sam.get_by_role("dialog", name=LABEL)
    expect(dialog.get_by_role("region", name="The draft")).to_contain_text("The ferry adds one day")
    picture(sam, "loop-2-proposal")

    dialog.get_by_label("Collection").select_option("Delivery")
    dialog.get_by_role("button", name="Make the article").click()
    title = re.compile("islands")
    expect(sam.get_by_label("Title", exact=True)).to_have_value(title)
    sam.get_by_role("button", name="Publish", exact=True).click()
    expect(sam.get_by_text("Published. Customers can read it.")).to_be_visible()
    picture(sam, "loop-3-article")

    _suggested_while_somebody_writes(sam, widget)

    rates = np.full((len(TOPICS), AFTER), 6.0)
    rates[0] = 2
    counted(store, topics, np.random.default_rng(8).poisson(rates), NOW + timedelta(days=1))
    measure_effects(store, NOW + timedelta(days=AFTER))
    sam.goto("/desk/proposals")
    sam.get_by_role("region", name="Proven").first.get_by_role("link").filter(has_text=LABEL).click()
    effect = sam.get_by_role("dialog").get_by_role("region", name="Did it work?")
    expect(effect).to_contain_text("fewer (95 % interval:")
    expect(effect).to_contain_text("neither chance nor a trend")
    picture(sam, "loop-5-effect")


def _suggested_while_somebody_writes(sam: Page, widget: str) -> None:
    """In the widget: what is read most at first, and what answers the message that is being written."""
    customer = sam.context.new_page()
    customer.goto(f"/widget/{widget}")
    expect(customer.get_by_role("region", name="Read most").get_by_role("link")).to_have_count(1)
    customer.get_by_role("button", name="Send us a message").click()
    customer.get_by_label("Your message").fill("do you deliver to the islands")
    found = customer.get_by_role("region", name="Does one of these help?")
    expect(found.get_by_role("link", name=re.compile("islands"))).to_be_visible()
    assert barriers(customer) == []
    picture(customer, "loop-4-suggested")
    customer.close()


def _as_asked(person: Person) -> str:
    """What this person asks, as the analyst reads it."""
    return spoken(question_of(filled(SCRIPT.says[0], person), (person.name,)))


def _cases(desk: Desk) -> list[tuple[int, str]]:
    """The cases of the rush, once all mails have become cases, with their customers' names."""
    asked = select(Case.id, Customer.name).join(Customer, Customer.id == Case.customer_id)
    deadline = time.monotonic() + 180
    while True:
        with desk.household.store.reading(STAGE) as work:
            found = work.session.execute(asked.where(Case.subject == SUBJECT).order_by(Case.id)).all()
        if len(found) == ASKED:
            return [(row[0], row[1]) for row in found]
        assert time.monotonic() < deadline, f"{len(found)} of {ASKED} became cases"
        time.sleep(0.2)
