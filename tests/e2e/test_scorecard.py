"""How the desk does: a manager aims, finds the cases behind a figure, and asks the facts in SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from desk.jobs.keep_facts import keep_facts
from desk.model.case import CaseChange
from desk.model.message import MessageKind
from desk.model.queue import Queue
from desk.store.insights.facts import kept
from tests.e2e.barriers import barriers, barriers_in_both
from tests.e2e.conftest import Desk, picture
from tests.people import STAGE, a_case, a_customer, a_message

SignIn = Callable[..., Page]


@pytest.fixture
def idle_queue(desk: Desk) -> Iterator[str]:
    """The name of a queue in which nothing ever happened."""
    name = "Spare parts"
    with desk.household.store.unit_of_work(STAGE) as work:
        work.session.add(Queue(name=name, created_at=work.now))
    yield name
    with desk.household.store.unit_of_work(STAGE) as work:
        work.session.execute(delete(Queue).where(Queue.name == name))


@pytest.fixture
def quarter(desk: Desk) -> None:
    """Thirteen weeks of cases that are solved faster and faster; one of them took the longest."""
    dice, now = Random(3), datetime.now(UTC)
    with desk.household.store.unit_of_work(STAGE, now=now - timedelta(days=100)) as work:
        for week in range(13):
            for number in range(6):
                opened = now - timedelta(days=7 * (12 - week) + 2 + dice.random())
                slow = week == 12 and number == 0
                subject = "Where is my grinder?" if slow else f"Question {week} of {number}"
                who = a_customer(work, f"Customer {week} {number}")
                case = a_case(work, who, subject, at=opened, text="Hello?")
                case.first_replied_at = opened + timedelta(hours=1)
                a_message(work, case, "Here.", kind=MessageKind.OUTBOUND, at=case.first_replied_at)
                hours = 40 if slow else 28 - 2 * week + dice.uniform(0, 2)
                case.resolve(opened + timedelta(hours=hours), "Solved")
                work.session.add(
                    CaseChange(
                        case_id=case.id, at=opened + timedelta(hours=hours), actor="t", sentence="…",
                        what="status", before="waiting", after="resolved",
                    )
                )  # fmt: skip


def test_a_manager_aims_and_looks_behind_a_figure(
    desk: Desk, sign_in: SignIn, quarter: None, idle_queue: str
) -> None:
    page = sign_in("sam", path="/desk/all")
    page.keyboard.type("gc")
    expect(page.get_by_role("heading", name="Scorecard", level=1)).to_be_visible()
    process = page.get_by_role("region", name="Process")
    row = process.locator("tr", has=page.get_by_role("button", name="Resolution time"))
    expect(row).to_contain_text("observations")
    expect(row).to_contain_text("Better")
    row.get_by_role("button").press("Enter")
    dialog = page.get_by_role("dialog", name="Resolution time")
    expect(dialog).to_contain_text("median of (last resolution - opening of the case)")
    behind = dialog.get_by_role("region", name="Cases, the worst first")
    expect(behind.get_by_role("link").filter(has_text="Where is my grinder?")).to_be_visible()
    dialog.get_by_label("Target, in minutes").fill("soon")
    dialog.get_by_role("button", name="Set the goal").click()
    expect(dialog).to_contain_text("Write a number from 0 on.")
    dialog.get_by_label("Target, in minutes").fill("2880")
    dialog.get_by_label("Answers for it").select_option("Ada Lovelace")
    dialog.get_by_role("button", name="Set the goal").click()
    expect(dialog).to_contain_text("2 d, set by Sam Beckett")
    picture(page, "scorecard-metric")
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(row).to_contain_text("Met")
    expect(row).to_contain_text("Ada Lovelace")
    picture(page, "scorecard-light")
    assert barriers(page) == []
    page.get_by_role("combobox", name="Queue").select_option(idle_queue)
    expect(row).to_contain_text("No figures in these days")
    page.get_by_role("link", name="Definitions").click()
    expect(page.get_by_role("region", name="What is not told")).to_contain_text("Handle time")
    picture(page, "metrics")
    assert barriers(page) == []


def test_the_scorecard_is_readable_in_the_dark_on_paper_and_closed_to_agents(
    desk: Desk, sign_in: SignIn
) -> None:
    dark = sign_in("sam", dark=True, path="/desk/scorecard")
    expect(dark.get_by_role("region", name="Finance")).to_be_visible()
    picture(dark, "scorecard-dark")
    assert barriers(dark) == []
    dark.emulate_media(media="print")
    expect(dark.get_by_role("navigation")).to_be_hidden()
    expect(dark.get_by_role("region", name="Finance")).to_be_visible()
    picture(dark, "scorecard-paper")
    agent = sign_in("ada", path="/desk/scorecard")
    expect(agent.get_by_text("Managers and auditors see the scorecard.")).to_be_visible()
    expect(agent.get_by_role("link", name="Scorecard")).to_have_count(0)


@pytest.fixture
def case_of_facts(desk: Desk) -> int:
    """The number of a case of a winter's noon, which is among the facts that the desk keeps."""
    noon, home = datetime(2026, 1, 15, 12, tzinfo=UTC), desk.household.settings.home
    with desk.household.store.unit_of_work(STAGE) as work:
        case = a_case(work, a_customer(work, "Win Ter"), "Is it open at noon?", at=noon).id
    kept.want_newer(home)
    assert keep_facts(desk.household.store, home, datetime.now(UTC)) > 0
    return case


def test_a_manager_asks_the_facts_in_sql(desk: Desk, sign_in: SignIn, case_of_facts: int) -> None:
    page = sign_in("sam", path="/desk/all")
    page.keyboard.type("gx")
    query, said = page.get_by_label("Query", exact=True), page.locator("form").get_by_role("status")
    answer = page.get_by_role("region", name="Answer")
    page.get_by_role("button", name="How long do customers wait for a first answer?").click()
    expect(query).to_have_value(re.compile("median_minutes"))
    query.press("Control+Enter")
    expect(answer.get_by_role("columnheader", name="median_minutes")).to_be_visible()

    begun = "SELECT opened_at, -1.50::DECIMAL(9, 2) AS money FROM fact_case WHERE "
    query.fill(f"{begun} = {case_of_facts}")
    query.evaluate("(field, at) => field.setSelectionRange(at, at)", len(begun))
    page.get_by_text("fact_case", exact=True).first.click()
    page.get_by_role("button", name="case_id", exact=True).click()
    expect(query).to_be_focused()
    query.press("Control+Enter")
    expect(answer.get_by_role("cell", name="2026-01-15 13:00:00")).to_be_visible()
    expect(answer.get_by_role("columnheader").first).to_contain_text("Europe/Stockholm")
    with page.expect_download() as told:
        answer.get_by_role("button", name="Download the answer as CSV").click()
    assert "2026-01-15T12:00:00Z,-1.50" in told.value.path().read_text()

    query.fill("SELECT case_id,\n  nothing FROM fact_case")
    query.press("Control+Enter")
    page.get_by_role("button", name="Line 2, column 3").click()
    selected = "field => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert query.evaluate(selected) == "nothing"
    # The last answer stands below what is wrong now.
    assert barriers_in_both(page, "explore") == []
    query.fill("SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7")
    query.press("Control+Enter")
    page.get_by_role("button", name="Cancel").click()
    expect(said).to_have_text("Cancelled.")
    page.reload()
    expect(query).to_have_value(re.compile("range = 7"))
    agent = sign_in("ada", path="/desk/explore")
    expect(agent.get_by_text("Managers, admins and auditors ask the facts.")).to_be_visible()
