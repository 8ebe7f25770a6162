"""A promise before everybody's eyes: its badge turns red at its moment, and the case says why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from desk.actions.targets import change_targets
from desk.model.permission import system
from tests.e2e.conftest import Desk, picture
from tests.e2e.test_accessibility import barriers

SignIn = Callable[..., Page]


@pytest.fixture
def promised(desk: Desk) -> Iterator[None]:
    """Thirty seconds until the first answer."""
    store = desk.household.store
    with store.unit_of_work(system("test")) as work:
        change_targets(work, [{"first_response": 30, "resolution": 86_400}])
    yield
    with store.unit_of_work(system("test")) as work:
        change_targets(work, [])


def test_a_breach_turns_red_without_a_reload(desk: Desk, sign_in: SignIn, promised: None) -> None:
    page = sign_in("sam", path="/desk/all")
    page.evaluate("window.stayed = true")
    desk.receive("cleo@example.org", "Where is my kettle?", "It has not come yet.")
    row = page.locator(".row", has_text="Where is my kettle?")
    badge = row.locator(".sla")
    expect(row).to_be_visible(timeout=25_000)
    assert badge.get_attribute("data-state") in ("runs", "soon")
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
