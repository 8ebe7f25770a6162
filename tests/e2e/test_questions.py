"""What customers ask, before a manager: a rush is seen, explained, followed to its cases, and corrected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from desk.actions.insights.topic_runs import ask_for_topics, begin_run
from desk.jobs.find_topics import find_topics
from desk.jobs.read_questions import read_questions
from desk.jobs.reading_space import Reading
from desk.jobs.watch_topics import watch_topics
from desk.model.case import CaseStatus
from desk.model.message import MessageKind
from tests.e2e.barriers import barriers
from tests.e2e.conftest import PICTURES, Desk, picture
from tests.people import STAGE, a_case, a_customer, a_message
from tests.unit.insights.asked import QUESTIONS, SAID

SignIn = Callable[..., Page]
DAYS = 21


@pytest.fixture(scope="module")
def rush(desk: Desk) -> datetime:
    """Three weeks of everyday questions, and one on which everybody's parcel goes to a lost courier; when."""
    now = datetime.now(UTC)
    first = now - timedelta(days=DAYS, minutes=10)
    everyday = [QUESTIONS[(number * 29) % len(QUESTIONS)] for number in range(8 * DAYS)]
    _asked(desk, everyday, first, timedelta(hours=3))
    reading = Reading(desk.household.store, lambda: None)
    read_questions(reading, now)
    with desk.household.store.unit_of_work(STAGE, now=now) as work:
        ask_for_topics(work)
        run = begin_run(work)
    assert run is not None
    find_topics(reading, run.id, now)
    _asked(
        desk,
        [f"{one}, DHL says delivered" for one in SAID["delivery"]][:30],
        now - timedelta(minutes=5),
        timedelta(seconds=5),
    )
    read_questions(reading, now)
    watch_topics(reading, now)
    return now


def _asked(desk: Desk, texts: list[str], first: datetime, apart: timedelta) -> None:
    cast = desk.cast
    with desk.household.store.unit_of_work(STAGE, now=first) as work:
        # From no address of others': who writes so much in ten minutes wakes nobody for a while.
        asking = a_customer(work, "Ida Quist")
        for number, text in enumerate(texts):
            at = first + number * apart
            case = a_case(
                work,
                asking,
                f"Question {number}",
                queue=cast.billing,
                status=CaseStatus.CLOSED,
                text=text,
                at=at,
            )
            if number % 3:
                answered = at + timedelta(minutes=4)
                a_message(work, case, "We look.", kind=MessageKind.OUTBOUND, agent=cast.ben, at=answered)


def test_a_rush_is_seen_explained_and_followed_to_its_cases(
    desk: Desk, sign_in: SignIn, rush: datetime
) -> None:
    page = sign_in("sam")
    page.keyboard.type("gq")
    expect(page.get_by_role("heading", name="Questions", level=1)).to_be_visible()
    alert = page.get_by_role("status").filter(has_text="usual level").first
    expect(alert).to_contain_text("mention “DHL”")
    expect(page.get_by_role("listbox", name="Topic map")).to_be_visible()
    picture(page, "questions-light")
    assert barriers(page) == []
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    page.screenshot(path=PICTURES / "questions-print.png", full_page=True)
    page.emulate_media(media="screen")

    page.get_by_role("button", name="By mail", exact=True).click()
    letters = page.get_by_role("dialog", name="Questions by mail")
    letters.get_by_role("button", name="Mail it to me").click()
    expect(letters.get_by_role("listitem")).to_contain_text("Every Monday")
    picture(page, "questions-letters")
    assert barriers(page) == []
    letters.get_by_role("button", name="End this mail").click()
    expect(letters.get_by_text("Nothing yet.")).to_be_visible()
    page.keyboard.press("Escape")

    alert.locator("button.see").click()
    behind = page.get_by_role("dialog")
    expect(behind.get_by_role("listitem").first).to_contain_text("DHL says delivered")
    picture(page, "questions-cases")
    assert barriers(page) == []
    behind.get_by_role("listitem").first.get_by_role("link").click()
    expect(page.get_by_role("log")).to_contain_text("DHL says delivered")


def test_the_map_is_walked_by_keys_and_a_topic_is_renamed_and_taken_back(
    desk: Desk, sign_in: SignIn, rush: datetime
) -> None:
    page = sign_in("sam", dark=True, path="/desk/questions?days=28")
    cells = page.get_by_role("listbox", name="Topic map").get_by_role("option")
    expect(cells.first).to_be_visible()
    page.locator("[role=option][tabindex='0']").focus()
    before = page.locator("[role=option][aria-selected='true']").get_attribute("aria-label")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "End"):
        page.keyboard.press(key)
    assert page.locator("[role=option]:focus").get_attribute("aria-label") != before

    card = page.get_by_role("article")
    name = card.get_by_role("heading", level=2).inner_text()
    expect(card.get_by_role("heading", name="In their words")).to_be_visible()
    picture(page, "questions-dark")
    assert barriers(page) == []
    card.get_by_role("button", name="Correct the topic").click()
    page.get_by_role("menuitem", name="Rename…").click()
    page.get_by_role("dialog").get_by_label("Name").fill("What a manager calls it")
    page.get_by_role("button", name="Save").click()
    expect(card.get_by_role("heading", level=2)).to_have_text("What a manager calls it")
    page.get_by_role("button", name="Undo").first.click()
    expect(card.get_by_role("heading", level=2)).to_have_text(name)


def test_an_agent_is_told_whom_the_page_is_for(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("ada", path="/desk/questions")
    expect(page.get_by_text("Managers and auditors see what customers ask.")).to_be_visible()
    expect(page.get_by_role("link", name="Questions")).to_have_count(0)
