"""Calibration: two judge one case, each alone, and then see both judgements side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from desk.model.case import Case
from desk.model.coaching import Calibration, CalibrationReview
from desk.model.message import Message
from tests.e2e.barriers import barriers_in_both
from tests.e2e.conftest import Desk
from tests.people import STAGE, a_case

SignIn = Callable[..., Page]
CRITERIA = ("Understood the question", "Right and complete", "Clear, with a next step", "Tone")


@pytest.fixture
def case_id(desk: Desk) -> Iterator[int]:
    """For this test alone: others count the cases of the desk that they share."""
    cast = desk.cast
    with desk.household.store.unit_of_work(STAGE) as work:
        number = a_case(
            work, cast.cleo, "To be judged", queue=cast.support, assignee=cast.ada, text="Where?"
        ).id
    yield number
    with desk.household.store.unit_of_work(STAGE) as work:
        for row in (CalibrationReview, Calibration):
            work.session.execute(delete(row))
        work.session.execute(delete(Message).where(Message.case_id == number))
        work.session.execute(delete(Case).where(Case.id == number))


def judge(page: Page, *, tone: int) -> None:
    """All is met; `tone` counts the levels from 0."""
    form = page.get_by_role("form", name="Your judgement")
    for name in CRITERIA:
        form.get_by_role("group", name=name).get_by_role("radio").nth(tone if name == "Tone" else 2).check()
    form.get_by_role("button", name="Give judgement").click()


def test_two_judge_alone_and_compare(desk: Desk, sign_in: SignIn, case_id: int) -> None:
    sam, ida = sign_in("sam", path="/desk/coaching"), sign_in("ida", path="/desk/mine")
    expect(sam.get_by_role("link", name="Calibration")).to_be_visible()
    sam.get_by_role("link", name="Calibration").click()
    expect(sam.get_by_text("Nothing to compare yet")).to_be_visible()
    sam.get_by_role("button", name="Judge a case together").first.click()
    dialog = sam.get_by_role("dialog")
    dialog.get_by_label("Number of the case").fill(f"#{case_id}")
    dialog.get_by_role("button", name="Whose work is it?").click()
    expect(dialog).to_contain_text("Work of Ada Lovelace")
    dialog.get_by_label("Judged with").select_option("Ida Rhodes")
    dialog.get_by_role("button", name="Ask").click()
    judge(sam, tone=0)
    expect(sam.get_by_role("alert")).to_have_text("Judge each criterion.")
    sam.get_by_role("group", name="As we agreed to work").get_by_role("radio", name="Not tried").check()
    sam.get_by_label("What did you go by?").fill("No greeting.")
    assert barriers_in_both(sam, "calibration-judging") == []
    sam.get_by_role("button", name="Give judgement").click()
    expect(sam.get_by_text("Waits for Ida Rhodes")).to_be_visible()

    told = ida.get_by_role("status").filter(has_text=f"Sam Beckett asks you to judge case #{case_id}")
    expect(told.first).to_be_visible()
    ida.get_by_role("link", name="Open", exact=True).click()
    expect(ida.get_by_text("Sam Beckett has judged already.")).to_be_visible()
    expect(ida.get_by_text("No greeting.")).to_have_count(0)
    ida.get_by_role("group", name="As we agreed to work").get_by_role("radio", name="Not tried").check()
    judge(ida, tone=2)

    for page in (ida, sam):
        expect(page.get_by_text("4 of 5 the same")).to_be_visible()
        expect(page.get_by_role("row", name="Tone")).to_contain_text("Differs")
        expect(page.get_by_text("No greeting.")).to_be_visible()
    ida.get_by_label("What we agreed on").fill("A greeting is part of it.")
    ida.get_by_role("button", name="Keep").click()
    expect(ida.get_by_text("Kept")).to_be_visible()
    assert barriers_in_both(ida, "calibration") == []
