"""axe on every page, in light and in dark; a picture of each is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from desk.actions.setup.policies import change_policies
from desk.model.permission import Role
from tests.e2e.barriers import barriers_in_both
from tests.e2e.conftest import PASSWORD, Desk

SignIn = Callable[..., Page]

PAGES = {
    "inbox": "/desk/mine",
    "unassigned": "/desk/unassigned",
    "search": "/desk/search?q=order",
    "new": "/desk/new",
    "quarantine": "/desk/quarantine",
    "preferences": "/desk/preferences",
    "setup": "/desk/setup",
    "audit": "/desk/audit",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_barrier(desk: Desk, sign_in: SignIn, name: str) -> None:
    page = sign_in("ida", path=PAGES[name])
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert barriers_in_both(page, name) == []


def test_an_open_case_has_no_barrier(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Ann <ann@example.org>", "Open for all", "Hello, can everybody read this?")
    page = sign_in("ida", path="/desk/all")
    page.get_by_role("link", name="Open for all").first.click()
    expect(page.get_by_role("log")).to_contain_text("can everybody read this?")
    assert barriers_in_both(page, "case") == []


def test_the_sign_in_page_has_no_barrier(desk: Desk, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{desk.url}/sign-in")
    assert barriers_in_both(page, "sign-in") == []
    page.close()


def test_setting_up_a_second_factor_has_no_barrier(desk: Desk, browser: Browser) -> None:
    _ask_for_second_factor(desk, [Role.AUDITOR])
    page = browser.new_page()
    page.goto(f"{desk.url}/sign-in")
    page.get_by_label("Email address").fill(desk.cast.otto.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Set up your second factor")).to_be_visible()
    assert barriers_in_both(page, "second-factor") == []
    _ask_for_second_factor(desk, [])
    page.close()


def _ask_for_second_factor(desk: Desk, roles: list[Role]) -> None:
    with desk.household.store.unit_of_work(desk.cast.actor(desk.cast.ida)) as work:
        change_policies(work, {"second_factor_roles": roles})
