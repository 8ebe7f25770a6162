"""Work that is offered makes itself heard: once in all tabs, and for whoever looks elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.barriers import barriers
from tests.e2e.conftest import Desk, picture
from tests.e2e.shop import be_present, give_what_waits_to_sam

PAUSE_MS = 600
"""Longer than an offer takes no answer, for whoever is typing."""

SignIn = Callable[..., Page]
MARKED = re.compile(r"^\(1\) ")

# The loudspeaker and the desktop, as a browser without either would have them: each keeps what it was given.
WORLD = """
  window.heard = []; window.noticed = []
  window.AudioContext = class {
    state = 'running'; currentTime = 0; destination = {}
    resume() { window.heard.push('tone'); return Promise.resolve() }
    close() { return Promise.resolve() }
  }
  const node = class { gain = { linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} }
    connect(to) { return to } start() {} stop() {} }
  window.OscillatorNode = window.GainNode = node
  window.Notification = class extends EventTarget {
    static permission = 'granted'
    static requestPermission() { return Promise.resolve('granted') }
    constructor(title) { super(); window.noticed.push(title) }
    close() {}
  }
  document.hasFocus = () => window.name !== 'elsewhere'
"""


@pytest.fixture
def ada(desk: Desk, sign_in: SignIn) -> Iterator[Page]:
    """Ada at work, nothing waits; afterwards she takes no more: no offer disturbs what others test."""
    give_what_waits_to_sam(desk)
    page = sign_in("ada", path="/desk/mine")
    page.context.add_init_script(WORLD)
    page.reload()
    be_present(page, "available")
    yield page
    be_present(page, "away")


def settle(page: Page, reached: Callable[[], bool]) -> None:
    """Give the page time, half a minute at most, until this holds."""
    for _ in range(300):
        if reached():
            return
        page.wait_for_timeout(100)


def heard_in(*tabs: Page) -> int:
    """How often these tabs rang."""
    return sum(len(tab.evaluate("heard")) for tab in tabs)


def test_an_offer_rings_once_and_is_accepted_with_enter(desk: Desk, ada: Page) -> None:
    second = ada.context.new_page()
    second.goto("/desk/preferences")
    expect(second.get_by_role("heading", name="Preferences")).to_be_visible()
    desk.receive("Rita <rita@example.org>", "Please ring", "Does anybody hear me?")

    for tab in (ada, second):
        expect(tab.get_by_role("alertdialog")).to_contain_text("Please ring")
        expect(tab).to_have_title(MARKED)
    settle(ada, lambda: heard_in(ada, second) > 0)
    ada.wait_for_timeout(600)  # longer than the tabs listen to each other
    assert heard_in(ada, second) == 1
    assert ada.evaluate("noticed") == second.evaluate("noticed") == []

    ada.keyboard.press("Enter")
    expect(ada.get_by_role("heading", name="Please ring")).to_be_visible()
    expect(ada).not_to_have_title(MARKED)


def test_an_offer_is_declined_with_escape(desk: Desk, ada: Page) -> None:
    desk.receive("Rolf <rolf@example.org>", "Not for me", "Is anybody there?")
    expect(ada.get_by_role("alertdialog")).to_contain_text("Not for me")
    picture(ada, "offer")
    assert barriers(ada) == []
    ada.wait_for_timeout(PAUSE_MS)
    ada.keyboard.type("No space of a sentence is an answer.")
    expect(ada.get_by_role("alertdialog")).to_contain_text("Not for me")
    ada.wait_for_timeout(PAUSE_MS)
    ada.keyboard.press("Escape")
    expect(ada.get_by_role("alertdialog")).to_have_count(0)


def test_several_offers_stand_side_by_side_and_are_taken_at_once(desk: Desk, ada: Page) -> None:
    be_present(ada, "away")
    for name in ("Rosa", "Ruth", "Rune"):
        desk.receive(f"{name} <{name}@example.org>", f"From {name}", "There are three of us.")
    be_present(ada, "available")
    offer = ada.get_by_role("alertdialog")
    expect(offer).to_contain_text("2 more wait for you")
    for name in ("Rosa", "Ruth", "Rune"):
        expect(offer).to_contain_text(f"From {name}")
    picture(ada, "offers")
    assert barriers(ada) == []

    offer.get_by_role("button", name="From Ruth").click()
    expect(offer.get_by_role("heading", name="Ruth")).to_be_visible()
    offer.get_by_role("button", name="Decline").click()
    expect(offer).to_contain_text("1 more waits for you")
    ada.wait_for_timeout(PAUSE_MS)
    ada.keyboard.press("Shift+Enter")
    expect(offer).to_have_count(0)
    for name in ("Rosa", "Rune"):
        expect(ada.get_by_role("region", name="Cases")).to_contain_text(f"From {name}")


def test_the_screen_says_when_no_more_work_comes_and_takes_it_back(ada: Page) -> None:
    expect(ada.get_by_role("button", name="Your presence: Available")).to_be_visible()
    be_present(ada, "away")  # as missed offers or another tab would
    expect(ada.get_by_text("no work is offered to you")).to_be_visible()
    expect(ada.get_by_role("button", name="Your presence: Away")).to_be_visible()
    ada.get_by_role("button", name="Undo").click()
    expect(ada.get_by_role("button", name="Your presence: Available")).to_be_visible()


def test_whoever_looks_elsewhere_gets_a_notice_of_the_desktop(desk: Desk, ada: Page) -> None:
    ada.goto("/desk/preferences")
    ada.get_by_label("Desktop notifications").check()
    ada.get_by_role("button", name="Test notification").click()
    assert ada.evaluate("noticed") == ["Work offered"]
    ada.evaluate("window.name = 'elsewhere'")
    desk.receive("Runa <runa@example.org>", "Look here", "Over here!")

    expect(ada.get_by_role("alertdialog")).to_contain_text("Look here")
    settle(ada, lambda: len(ada.evaluate("noticed")) > 1)
    assert ada.evaluate("noticed") == ["Work offered", "Work offered: Runa"]
    ada.wait_for_timeout(PAUSE_MS)
    ada.keyboard.press("Escape")
    ada.get_by_label("Desktop notifications").uncheck()
