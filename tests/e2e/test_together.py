"""Two people in one case see each other, and never answer twice; what the line drops is not lost."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Desk, open_case, picture

SignIn = Callable[..., Page]


def test_a_second_agent_in_the_same_case_is_seen(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Noor <noor@example.org>", "Seen by two", "Who answers first?")
    ada, sam = sign_in("ada", path="/desk/all"), sign_in("sam", path="/desk/all")
    open_case(ada, "Seen by two")
    open_case(sam, "Seen by two")

    expect(ada.get_by_text("Sam Beckett is viewing")).to_be_visible()
    picture(ada, "seen-by-two")


def test_an_answer_to_a_case_that_moved_on_is_refused_and_kept(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Liv <liv@example.org>", "Moved on", "First words.")
    ada, sam = sign_in("ada", path="/desk/all"), sign_in("sam", path="/desk/all")
    open_case(ada, "Moved on")
    open_case(sam, "Moved on")
    # Ada's line is down while Sam answers: her page cannot know better.
    ada.context.set_offline(True)
    ada.keyboard.press("r")
    ada.keyboard.type("My own answer.")
    ada.keyboard.press("Control+Enter")
    sam.keyboard.press("n")
    sam.keyboard.type("I called her already.")
    sam.keyboard.press("Control+Enter")
    expect(sam.get_by_role("log")).to_contain_text("I called her already.")

    ada.context.set_offline(False)

    expect(ada.get_by_role("log")).to_contain_text("I called her already.")


def test_offline_says_so_and_keeps_the_draft(desk: Desk, sign_in: SignIn) -> None:
    desk.receive("Bo <bo@example.org>", "Line drops", "Hello?")
    page = sign_in("ada", path="/desk/all")
    open_case(page, "Line drops")
    page.keyboard.press("r")
    page.keyboard.type("Half a sentence")
    page.context.set_offline(True)

    expect(page.get_by_text("You are offline.").first).to_be_visible()
    picture(page, "offline")
    page.context.set_offline(False)
    page.reload()

    expect(page.get_by_label("Reply to Bo")).to_have_value("Half a sentence")
