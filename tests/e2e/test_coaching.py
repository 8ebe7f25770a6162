"""Coaching: a manager looks, reads, and writes a goal; the agent sees it and answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select, update

from desk.actions.routing.handling import learning_is_due
from desk.actions.routing.staffing_ahead import keep_ahead
from desk.model.case import Case
from desk.model.coaching import CoachingEntry
from desk.model.reminder import Reminder
from desk.routing.ahead import Ahead, DayForecast
from desk.routing.simulation.scenario import ScenarioChannel
from desk.store.unit_of_work import Work
from tests.coached import like_cases, no_cases_like_these
from tests.e2e.barriers import barriers
from tests.e2e.conftest import Desk, picture
from tests.people import STAGE

SignIn = Callable[..., Page]
SLOTS = 48


def a_week_ahead(work: Work) -> Ahead:
    """Twelve mails each half past nine."""
    slots = [0.0] * SLOTS
    slots[19] = 12.0
    low, high = ([round(of * share) for of in slots] for share in (1 / 3, 5 / 3))
    mail = ScenarioChannel(share=1.0, work_minutes=7.0, targets={"bronze": 240.0})
    first, of = work.now.date() - timedelta(days=1), {"email": tuple(slots)}
    days = [
        DayForecast(first + timedelta(days=n), tuple(slots), tuple(low), tuple(high), of) for n in range(10)
    ]
    return Ahead(tuple(days), {"email": mail}, (1.0, 1.5, 1.8))


def looked_back(desk: Desk) -> bool:
    """The desk has looked back for today; it does not do so again, and leaves a forecast as it is."""
    with desk.household.store.reading(STAGE) as work:
        return not learning_is_due(work)


@pytest.fixture
def worked(desk: Desk) -> Iterator[None]:
    """For this test alone: others count the cases and topics of the desk that they share."""
    ends = time.monotonic() + 120
    while not looked_back(desk):
        assert time.monotonic() < ends, "the desk did not look back"
        time.sleep(0.2)
    with desk.household.store.unit_of_work(STAGE) as work:
        topic_id = like_cases(work, desk.cast)
        keep_ahead(work, a_week_ahead(work))
    yield
    with desk.household.store.unit_of_work(STAGE) as work:
        work.session.execute(delete(CoachingEntry).where(CoachingEntry.answers_id.is_not(None)))
        work.session.execute(delete(CoachingEntry))
        work.session.execute(delete(Reminder))
        no_cases_like_these(work, topic_id)


def test_a_goal_is_written_beside_the_figures_and_the_agent_answers(
    desk: Desk, sign_in: SignIn, worked: None
) -> None:
    page = sign_in("sam", path="/desk/coaching")
    expect(page.get_by_text("Whose coaching?")).to_be_visible()
    page.get_by_role("navigation", name="Whom you coach").get_by_role("link", name="Ada Lovelace").click()
    table = page.get_by_role("region", name="Beside colleagues on like cases")
    row = table.locator("tr", has=page.get_by_role("button", name="Where is it?"))
    expect(row).to_contain_text("4 h 5 min, colleagues 2 h 1 min")
    expect(row).to_contain_text("Worth reading")
    expect(row).to_contain_text("Too few to say")
    row.get_by_role("button").click()
    drawn = page.get_by_role("region", name="Cases to read")
    expect(drawn.get_by_role("link").filter(has_text="Parcel")).to_have_count(5)
    drawn.get_by_role("button", name="together with another reviewer").first.click()
    asked = page.get_by_role("dialog", name="Judge a case together")
    expect(asked).to_contain_text("Work of Ada Lovelace")
    expect(asked.get_by_label("Judged with")).to_contain_text("Ida Rhodes")
    assert barriers(page) == []
    page.keyboard.press("Escape")
    talks = page.get_by_role("region", name="Notes and goals")
    talks.get_by_text("Goal", exact=True).click()
    talks.get_by_label("What did you see, and what would help?").fill("Say where it is at once.")
    talks.get_by_role("button", name="Write").click()
    expect(talks.get_by_role("listitem")).to_contain_text("Say where it is at once.")
    picture(page, "coaching-light")
    assert barriers(page) == []
    page.goto("/desk/correlations")
    expect(page.get_by_role("heading", name="Correlations", level=1)).to_be_visible()
    found = page.get_by_role("region", name="Worth a look")
    expect(found.or_(page.get_by_text("Nothing stands out"))).to_be_visible()
    picture(page, "correlations")
    assert barriers(page) == []
    page.goto("/desk/diary")
    page.get_by_label("Whose").select_option("Ada Lovelace")
    expect(page.get_by_role("region", name="Answers that come due")).to_be_visible()
    assert barriers(page) == []
    page.get_by_text("Day", exact=True).click()
    page.get_by_role("button", name="The day before").click()
    expect(page.get_by_role("button", name="Today")).to_be_enabled()
    expect(page.get_by_role("region", name="Presence")).to_be_visible()
    picture(page, "diary")
    assert barriers(page) == []
    page.goto("/desk/staffing")
    expect(page.get_by_role("img", name="between 4 and 20 contacts")).to_be_visible()
    page.get_by_role("radio").nth(4).check(force=True)
    expect(page.get_by_role("row", name="09:30")).to_contain_text("4 to 20")
    picture(page, "staffing")
    assert barriers(page) == []
    agent = sign_in("ada", dark=True, path="/desk/mine")
    agent.keyboard.type("gt")
    expect(agent.get_by_role("heading", name="My coaching", level=1)).to_be_visible()
    mine = agent.get_by_role("region", name="Notes and goals")
    mine.get_by_role("button", name="Answer").click()
    mine.get_by_label("Answer to Sam Beckett").fill("I will.")
    mine.get_by_role("button", name="Answer").click()
    expect(mine.get_by_role("listitem")).to_contain_text("I will.")
    expect(mine.get_by_role("button", name="Reached")).to_have_count(0)
    picture(agent, "coaching-dark")
    assert barriers(agent) == []
    agent.keyboard.type("gy")
    expect(agent.get_by_role("heading", name="My day", level=1)).to_be_visible()
    assert barriers(agent) == []
    mine = agent.get_by_role("region", name="Reminders")
    mine.get_by_role("button", name="New reminder").click()
    agent.get_by_label("Of what").fill("Ring Cleo")
    assert barriers(agent) == []
    agent.get_by_role("button", name="Remind me").click()
    mine.get_by_role("button", name="Done: Ring Cleo").click()
    expect(mine.get_by_role("listitem")).to_have_count(0)
    agent.keyboard.press("z")
    expect(mine.get_by_role("listitem")).to_contain_text("Ring Cleo")
    with desk.household.store.unit_of_work(STAGE) as work:
        work.session.execute(update(Reminder).values(at=work.now))
    expect(agent.get_by_role("status").get_by_text("Reminder: Ring Cleo")).to_be_visible()
    expect(mine.locator("time.bad")).to_be_visible()
    picture(agent, "reminders")
    assert barriers(agent) == []
    page.goto(f"/desk/diary/{desk.cast.ada.id}")
    theirs = page.get_by_role("region", name="Reminders")
    expect(theirs).to_contain_text("1 reminder, which only they read; 1 of them due")
    expect(page.get_by_text("Ring Cleo")).to_have_count(0)
    with desk.household.store.reading(STAGE) as work:
        case = work.session.scalars(select(Case).where(Case.assignee_id == desk.cast.ada.id).limit(1)).one()
        path, subject = f"/desk/cases/{case.id}", case.subject
    agent.goto(path)
    expect(agent.get_by_role("heading", name=subject)).to_be_visible()
    agent.keyboard.press("Shift+B")
    expect(agent.get_by_label("Of what")).to_have_value(subject)
    picture(agent, "remind-case")
    assert barriers(agent) == []
    agent.get_by_role("button", name="Remind me").click()
    expect(agent.get_by_text("You will be reminded")).to_be_visible()
