"""Web chat as both see it: on a page of another site, in the workspace, and across every loss of the line."""

from __future__ import annotations

import gzip
import re
import time

from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from tests.e2e.barriers import barriers, barriers_in_both
from tests.e2e.conftest import Desk, picture, wait_until_ready
from tests.e2e.shop import SITE, SignIn, Visit, accept, answer, say, write_first
from tests.servers.household import children_of, is_over

SAID = re.compile(r"(?:visitor|agent) says \d")


def type_until(field: Locator, seen: Locator) -> None:
    """Type on until the other side is told: at most every two seconds, and only while it looks there."""
    for _ in range(20):
        field.press_sequentially("It should", delay=300)
        if seen.count():
            return
    expect(seen).to_be_attached()


def said(log: str) -> list[str]:
    return SAID.findall(log)


def test_the_loader_is_small_and_asks_nothing_before_somebody_wants_it(desk: Desk, visit: Visit) -> None:
    heard: list[str] = []
    page = visit(heard)
    page.wait_for_load_state("networkidle")
    loader = f"{desk.url}/static/widget/loader.js"
    assert [url for url in heard if url.startswith(desk.url)] == [loader]
    assert len(gzip.compress(page.request.get(loader).body())) <= 4000

    page.get_by_role("button", name="Open chat").click()
    expect(page.frame_locator("iframe").get_by_role("heading", name="The shop")).to_be_visible()
    assert any("/widget/" in url for url in heard[heard.index(loader) + 1 :])


def test_a_chat_from_the_first_word_to_the_rating(ben: Page, visit: Visit) -> None:
    page = visit()
    frame = write_first(page, "Where is my tea?")
    accept(ben, "Where is my tea?")
    expect(frame.get_by_text("Ben Franklin is here")).to_be_visible()

    type_until(frame.get_by_label("Your message"), ben.get_by_text("is typing").first)
    type_until(ben.get_by_label("Reply to").first, frame.get_by_text("Ben Franklin is typing"))
    answer(ben, "It is on its way.")
    expect(frame.get_by_role("log")).to_contain_text("It is on its way.")
    expect(ben.get_by_role("log").get_by_text("Read", exact=True)).to_be_visible()
    say(frame, "Thank you!")
    expect(ben.get_by_role("log")).to_contain_text("Thank you!")
    picture(page, "chat-visitor")
    picture(ben, "chat-agent")

    frame.get_by_role("button", name="End chat").click()
    frame.locator("label").filter(has_text="5").click()
    frame.get_by_label("What could be better?").fill("More tea.")
    frame.get_by_role("button", name="Send rating").click()
    expect(frame.get_by_text("Thank you for your rating.")).to_be_visible()


def test_the_visitor_sees_what_the_agent_has_read(ben: Page, visit: Visit) -> None:
    frame = write_first(visit(), "Did you read this?")
    accept(ben, "Did you read this?")
    expect(frame.get_by_role("log").get_by_text("Read", exact=True)).to_be_visible()


def test_no_message_is_lost_or_doubled_when_both_lines_are_cut(desk: Desk, ben: Page, visit: Visit) -> None:
    page = visit()
    frame = write_first(page, "visitor says 1")
    accept(ben, "visitor says 1")
    for one in (page, ben):
        one.context.set_offline(True)
    say(frame, "visitor says 2")
    say(frame, "visitor says 3")
    answer(ben, "agent says 1")
    expect(frame.get_by_text("Waiting for the connection").first).to_be_visible()
    # Ben first: an answer that crosses with new words is handed back to him, as in any case.
    ben.context.set_offline(False)
    expect(ben.get_by_text("Kept here")).to_have_count(0)
    page.context.set_offline(False)
    page.reload()
    log = frame.get_by_role("log")
    expect(log).to_contain_text("agent says 1")
    expect(ben.get_by_role("log")).to_contain_text("visitor says 3")

    before = _kill_web(desk)
    answer(ben, "agent says 2")
    expect(log).to_contain_text("agent says 2", timeout=60_000)
    before |= _kill_web(desk)
    say(frame, "visitor says 4")
    expect(ben.get_by_role("log")).to_contain_text("visitor says 4", timeout=60_000)
    expect(log.get_by_text("Waiting for the connection")).to_have_count(0)

    both = [said(log.inner_text()), said(ben.get_by_role("log").inner_text())]
    assert both[0] == both[1]
    assert [text for text in both[0] if "visitor" in text] == [f"visitor says {n}" for n in (1, 2, 3, 4)]
    assert [text for text in both[0] if "agent" in text] == ["agent says 1", "agent says 2"]

    # What a killed server had forked answers for a moment more; the next test begins with one that stays.
    while not all(is_over(number) for number in before):
        time.sleep(0.1)
    wait_until_ready(desk.url)


def _kill_web(desk: Desk) -> set[int]:
    """SIGKILL the server; the processes that it had forked."""
    forked = children_of(desk.household.process("web"))
    desk.household.kill("web")
    return forked


def test_another_visitor_sees_nothing_of_it(visit: Visit) -> None:
    first, second = visit(), visit()
    frame = write_first(first, "This is between us.")
    expect(frame.get_by_role("log").get_by_text("Sent", exact=True)).to_be_visible()
    other = write_first(second, "Hello?")
    expect(other.get_by_role("log").get_by_text("Sent", exact=True)).to_be_visible()
    expect(other.get_by_role("log")).not_to_contain_text("between us")
    expect(frame.get_by_role("log")).not_to_contain_text("Hello?")

    first.reload()
    expect(frame.get_by_role("log")).to_contain_text("This is between us.")


def test_a_chat_is_had_by_keyboard_alone(visit: Visit) -> None:
    page = visit()
    frame = page.frame_locator("iframe")
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(frame.get_by_role("heading", name="The shop")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(frame.get_by_role("button", name="Send us a message")).to_be_focused()
    page.keyboard.press("Enter")
    expect(frame.get_by_label("Name")).to_be_visible()
    _tab_to(page, frame, "Name")
    page.keyboard.type("Cleo")
    page.keyboard.press("Enter")
    _tab_to(page, frame, "Your message")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    expect(frame.get_by_role("log")).to_contain_text("By keyboard")

    page.keyboard.press("Escape")
    button = page.get_by_role("button", name="Open chat")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


def _tab_to(page: Page, frame: FrameLocator, label: str) -> None:
    """Tab on until the field has the focus; it must be reached."""
    field = frame.get_by_label(label)
    expect(field).to_be_visible()
    for _ in range(8):
        if field.evaluate("field => field === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(field).to_be_focused()


def test_the_widget_has_no_barrier(desk: Desk, browser: Browser, chat_id: int) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 700})
    page.goto(f"{desk.url}/widget/{SITE}")
    page.get_by_role("button", name="Send us a message").wait_for()
    assert barriers(page) == []
    page.get_by_role("button", name="Send us a message").click()
    page.get_by_label("Name").fill("Cleo")
    assert barriers(page) == []
    page.locator("form.pre button").click()
    page.get_by_label("Your message").fill("Can everybody read this?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text("Sent", exact=True)).to_be_visible()
    assert barriers_in_both(page, "widget") == []
    page.get_by_role("button", name="End chat").click()
    page.locator("label").filter(has_text="4").click()
    assert barriers_in_both(page, "widget-rating") == []
    page.close()


def test_the_preview_shows_what_is_typed_and_sends_nothing(sign_in: SignIn, chat_id: int) -> None:
    page = sign_in("ida", path=f"/desk/setup/channels?row={chat_id}")
    preview = page.frame_locator("iframe")
    expect(preview.get_by_role("heading", name="The shop")).to_be_visible()
    heard: list[str] = []
    page.on("request", lambda asked: heard.append(f"{asked.method} {asked.url}"))
    page.get_by_label("Title").fill("Ask us anything")
    page.get_by_label("Greeting").fill("What may we brew?")
    page.get_by_label("Email address").select_option("required")

    expect(preview.get_by_role("heading", name="Ask us anything")).to_be_visible()
    expect(preview.get_by_text("What may we brew?")).to_be_visible()
    preview.get_by_role("button", name="Send us a message").click()
    expect(preview.get_by_label("Email")).to_be_visible()
    picture(page, "chat-preview")
    assert barriers(page) == []
    assert [line for line in heard if "/widget/" in line or "socket.io" in line] == []
