"""The loop: a rush is seen, becomes a proposal, an article, an answer to whoever writes, and fewer questions.

On a desk of its own, since it tells of the weeks to come: time is handed in, not waited for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from desk.actions.collections import new_collection
from desk.jobs.make_proposals import make_proposals
from desk.jobs.measure_effects import measure_effects
from desk.jobs.reading_space import Reading
from desk.jobs.watch_topics import watch_topics
from desk.model.inbound import ChannelKind
from tests.chat import a_chat_channel
from tests.e2e.barriers import barriers
from tests.e2e.conftest import Desk, a_desk, picture
from tests.integration.topics.planted import SHOE, a_space, asked, counted
from tests.people import STAGE, a_channel

SignIn = Callable[..., Page]
BEFORE, AFTER = 63, 45
TOPICS = [f"{one}{other}" for one in ("apple", "birch", "cedar", "daisy", "elder") for other in "vwxyz"]
LABEL = "How does the applev work?"
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
    """Nine weeks of everyday questions; in the last two days everybody asks the same and is told the same."""
    store, cast = desk.household.store, desk.cast
    with store.unit_of_work(STAGE, now=FIRST) as work:
        numbers = a_space(work, TOPICS)
        a_channel(work, "help-centre", kind=ChannelKind.FORM, queue=work.session.merge(cast.support))
    counted(store, numbers, np.random.default_rng(7).poisson(6, (len(TOPICS), BEFORE)), FIRST)
    with store.unit_of_work(cast.actor(cast.sam), now=NOW) as work:
        new_collection(work, title="Shoes and sizes")
        asked(
            work, cast, numbers[0], TOPICS[0], 60, NOW - timedelta(hours=45), answer=SHOE,
            agents=[cast.ada, cast.ben, cast.sam], apart=timedelta(minutes=40),
        )  # fmt: skip
    return numbers


@pytest.fixture(scope="module")
def widget(desk: Desk) -> str:
    return a_chat_channel(desk.household.store, desk.cast).address


def test_a_rush_becomes_an_article_and_the_question_goes_away(
    desk: Desk, topics: list[int], widget: str, sign_in: SignIn
) -> None:
    store = desk.household.store
    reading = Reading(store, lambda: None)
    watch_topics(reading, NOW)
    sam = sign_in("sam", path="/desk/questions")
    alert = sam.get_by_role("status").filter(has_text="usual level")
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text(LABEL)
    picture(sam, "loop-1-alert")

    make_proposals(reading, NOW)
    sam.goto("/desk/proposals")
    sam.get_by_role("region", name="New").get_by_role("link").filter(has_text=f"centre: {LABEL}").click()
    dialog = sam.get_by_role("dialog", name=LABEL)
    expect(dialog.get_by_role("region", name="The draft")).to_contain_text("You can send it back")
    picture(sam, "loop-2-proposal")

    dialog.get_by_label("Collection").select_option("Shoes and sizes")
    dialog.get_by_role("button", name="Make the article").click()
    title = re.compile("How does the applev work")
    expect(sam.get_by_label("Title", exact=True)).to_have_value(title, timeout=15_000)
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
    customer.get_by_label("Your message").fill("how does the applev work")
    found = customer.get_by_role("region", name="Does one of these help?")
    expect(found.get_by_role("link", name=re.compile("applev"))).to_be_visible()
    assert barriers(customer) == []
    picture(customer, "loop-4-suggested")
    customer.close()
