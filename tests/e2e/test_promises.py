"""A promise before everybody's eyes: its badge turns red at its moment, and the case says why."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from desk.actions.clocks.targets import change_targets
from desk.model.permission import system
from tests.e2e.barriers import barriers
from tests.e2e.conftest import Desk, picture

SignIn = Callable[..., Page]
Promise = Callable[[int], None]
PROMISED = 20


@pytest.fixture
def promise(desk: Desk) -> Iterator[Promise]:
    """Promises a first answer within so many seconds, for as long as the test lasts."""

    def until(seconds: int) -> None:
        with desk.household.store.unit_of_work(system("test")) as work:
            change_targets(work, [{"first_response": seconds, "resolution": 86_400}])

    yield until
    with desk.household.store.unit_of_work(system("test")) as work:
        change_targets(work, [])


def test_a_breach_turns_red_without_a_reload(desk: Desk, sign_in: SignIn, promise: Promise) -> None:
    promise(PROMISED)
    page = sign_in("sam", path="/desk/all")
    page.evaluate("window.stayed = true")
    desk.receive("cleo@example.org", "Where is my kettle?", "It has not come yet.")
    came = time.monotonic()
    row = page.locator(".row", has_text="Where is my kettle?")
    badge = row.locator(".sla")
    expect(row).to_be_visible()
    # On a machine that takes longer to show it than was promised, it is late from the first.
    assert badge.get_attribute("data-state") in ("runs", "soon") or time.monotonic() > came + PROMISED / 2
    expect(badge).to_have_attribute("data-state", "late", timeout=60_000)
    expect(badge).to_contain_text("First reply late by")
    expect(badge).to_have_class(re.compile(r"\bbad\b"))
    assert page.evaluate("window.stayed"), "the page was not loaded anew"
    row.get_by_role("link").click()
    head = page.locator("header.head .sla")
    expect(head).to_contain_text("First reply late by")
    picture(page, "promise-late")
    page.keyboard.press("Shift+U")
    ledger = page.get_by_role("dialog", name="Promises: what is due and why")
    expect(ledger).to_contain_text("Its time was up.")
    expect(ledger.get_by_role("region", name="First reply")).to_contain_text("Missed")
    picture(page, "promise-ledger")
    assert barriers(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Due soon").click()
    expect(page.locator(".row").first).to_contain_text("Where is my kettle?")


def test_a_manager_promises_and_sees_what_was_kept(desk: Desk, sign_in: SignIn, promise: Promise) -> None:
    promise(10)
    desk.receive("cleo@example.org", "Where is my toaster?", "It has not come yet.")
    page = sign_in("sam", path="/desk/all")
    badge = page.locator(".row", has_text="Where is my toaster?").locator(".sla")
    expect(badge).to_have_attribute("data-state", "late", timeout=60_000)
    page.goto("/desk/setup/targets")
    page.get_by_role("button", name="Add a target").click()
    line = page.get_by_role("group", name="Target 2")
    line.get_by_role("button", name="Gold").click()
    page.get_by_role("button", name="Move target 2 up").click()
    page.get_by_role("button", name="Save the targets").click()
    expect(page.get_by_role("region", name="Versions")).to_contain_text("Holds now")
    assert barriers(page) == []
    picture(page, "targets")
    page.goto(f"{desk.url}/desk/setup/calendars?row=new")
    page.get_by_label("Name").fill("Office")
    page.get_by_label("When somebody is there").select_option("week")
    page.get_by_label("Public holidays of").fill("DE")
    page.get_by_label("Special days").fill("2026-12-24 09:00-12:00 Christmas Eve")
    picture(page, "calendar")
    assert barriers(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Office")).to_be_visible()
    page.goto(f"{desk.url}/desk/promises")
    expect(page.get_by_role("heading", name="Promises")).to_be_visible()
    missed = page.locator("tr", has_text="First reply").get_by_role("button").last
    expect(missed).to_be_visible()
    picture(page, "promises")
    assert barriers(page) == []
    missed.click()
    expect(page.get_by_role("dialog")).to_contain_text("Where is my toaster?")
