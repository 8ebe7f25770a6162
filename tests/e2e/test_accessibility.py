"""axe on every page, in light and in dark; a picture of each is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Desk, picture

SignIn = Callable[..., Page]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}

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


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_barrier(desk: Desk, sign_in: SignIn, name: str, dark: bool) -> None:
    page = sign_in("ida", dark=dark, path=PAGES[name])
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    picture(page, f"{name}-{'dark' if dark else 'light'}")
    assert barriers(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_an_open_case_has_no_barrier(desk: Desk, sign_in: SignIn, dark: bool) -> None:
    desk.receive("Ann <ann@example.org>", "Open for all", "Hello, can everybody read this?")
    page = sign_in("ida", dark=dark, path="/desk/all")
    page.get_by_role("link", name="Open for all").first.click(timeout=20_000)
    expect(page.get_by_role("log")).to_contain_text("can everybody read this?")
    picture(page, f"case-{'dark' if dark else 'light'}")
    assert barriers(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_sign_in_page_has_no_barrier(desk: Desk, browser: Browser, dark: bool) -> None:
    page = browser.new_page(color_scheme="dark" if dark else "light")
    page.goto(f"{desk.url}/sign-in")
    picture(page, f"sign-in-{'dark' if dark else 'light'}")
    assert barriers(page) == []
    page.close()


def barriers(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]
