"""The whole job without a mouse."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Desk, open_case, picture

SignIn = Callable[..., Page]


def test_a_case_is_found_taken_answered_and_resolved_by_keys_alone(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Kim <kim@example.org>", "Keys only", "Can you do this without a mouse?")
    page = sign_in("ada")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()

    page.keyboard.type("gu")
    expect(page.get_by_role("link", name="Keys only").first).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("Keys only")
    expect(page.get_by_role("option", name="Keys only").first).to_be_visible()
    picture(page, "palette")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Keys only")).to_be_visible()
    expect(page.get_by_role("group", name="Kind of message")).to_be_visible()

    page.keyboard.press("i")
    expect(page.get_by_text("Assigned to").first).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.type("Yes.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("log")).to_contain_text("Yes.")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.get_by_text("Resolved").first).to_be_visible()


def test_the_sheet_of_keys_opens_and_closes(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("ada")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    picture(page, "shortcuts")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_next_key_leads_to_what_took_the_place_of_an_answered_case(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("ada", path="/desk/unassigned")
    for n in ("Third", "Second", "First"):
        desk.receive("Kim <kim@example.org>", f"{n} of a pile", "One of three.")
        expect(page.get_by_role("link", name=f"{n} of a pile")).to_be_visible(timeout=60_000)
    open_case(page, "First of a pile")

    page.keyboard.press("r")
    page.keyboard.type("Done.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("link", name="First of a pile")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("j")

    expect(page.get_by_role("heading", name="Second of a pile")).to_be_visible()


def test_a_menu_in_a_low_window_is_reached_to_its_end(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("ada", path="/desk/unassigned")
    desk.receive("Kim <kim@example.org>", "Seen at 200 %", "The window is low.")
    open_case(page, "Seen at 200 %")
    page.set_viewport_size({"width": 1440, "height": 420})

    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menu", name="More").press("End")

    expect(page.get_by_role("menuitem", name="Case history")).to_be_in_viewport()
